"""A policy in one segment: the lives, who comes back, who signs up, and what each brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import Base, Life, Pays, Return, existing, life
from stammkunde.policy.offers.coming_back import chances, hop_hazard
from stammkunde.policy.offers.complaining import content, upset
from stammkunde.policy.offers.earlier import back_from_before
from stammkunde.policy.offers.elements import Care, Element, MinimumTerm, WinBack
from stammkunde.policy.offers.given import resolved, under
from stammkunde.policy.offers.hazards import Acts, Scene, acts_of, bound
from stammkunde.policy.offers.market import Segment, by_unit
from stammkunde.policy.offers.money import Stream
from stammkunde.policy.offers.paid import paid
from stammkunde.policy.offers.roles import (
    HOPPED,
    TODAY,
    Role,
    asked_back,
    behaviour_of,
    brings,
    contacts,
    cooling,
    gets,
    hops,
    lift,
    mixed,
    roles,
    taken,
)
from stammkunde.policy.offers.takers import averaged, kinds_of


@dataclass(frozen=True, eq=False)
class Played:
    """One segment under a policy, as the engine takes it.

    `signing` [..., H] sign up from outside by month, `mix` says as what. `after_new` and
    `after_base` are the returns of the leavers of new and of today's customers; `earlier` [..., H]
    had left before today and come back, by the life they begin. `pays` is by stream and life,
    `asked` counts contacts by element and life, `referrals` are by life.
    """

    segment: str
    lives: tuple[Life, ...]
    base: Base | None
    after_new: tuple[Return, ...]
    after_base: tuple[Return, ...]
    earlier: Mapping[str, np.ndarray]
    signing: np.ndarray
    mix: Mapping[str, np.ndarray]
    pays: Mapping[Stream, Mapping[str, Pays]]
    asked: Mapping[str, Mapping[str, Pays]]
    referrals: Mapping[str, np.ndarray]

    def of_new(self, by_life: Mapping[str, Pays]) -> dict[str, Pays]:
        """Return what is known by life without that of today's customers."""
        today = "" if self.base is None else self.base.life.name
        return {n: pays for n, pays in by_life.items() if n != today}


def played(elements: Sequence[Element], segment: Segment, scene: Scene) -> Played:
    """Return what happens in a segment under the elements of a policy that hold in it.

    ParameterError, with the element's key, for rebates above the price, hazards above 1, an unknown
    cause or assumption, and draws beyond what a number may be.
    """
    horizon, draws = scene.market.horizon, scene.draws
    grown = lift(elements, draws)
    own = np.zeros(()) if segment.returns is None else np.asarray(segment.returns, dtype=float)
    kinds = roles(elements, lifted=brings(grown), returning=bool(own.any()))
    with under(segment.name):
        lived = {r.name: _life(r, elements, segment, scene, horizon) for r in kinds}
        base, of_today = _base(elements, segment, scene)
    today = Role(TODAY, base=True)
    staging = (*kinds, today) if base is not None else kinds
    lengths = {r.name: horizon for r in kinds}
    if base is not None:
        lengths[TODAY] = base.life.units
    takers = {n: shares for n, (_, shares) in lived.items()} | {TODAY: of_today}
    by_life = {
        r.name: paid(r, elements, segment, scene, takers[r.name], lengths[r.name]) for r in staging
    }
    signing, mix = _signing(segment, grown, scene)
    after = [
        chances(elements, segment, kinds, scene, base=on) if on is False or base else ()
        for on in (False, True)
    ]
    return Played(
        segment.name,
        tuple(x for x, _ in lived.values()),
        base,
        after[0],
        after[1],
        back_from_before(segment, scene, cooling(elements)),
        signing,
        mix,
        {s: {n: m[s] for n, m in by_life.items() if s in m} for s in Stream},
        _asked(elements, staging, scene, lengths),
        {r.name: x for r in staging if (x := _refers(elements, r, scene)) is not None},
    )


Lived = tuple[Life, dict[str, np.ndarray]]


def _life(
    role: Role, elements: Sequence[Element], segment: Segment, scene: Scene, length: int
) -> Lived:
    """Return the life of a kind of customers, as the policy makes it, and takers by element.

    Kinds of lives, and policies, that elements do the same to share one.
    """
    acts = acts_of(elements, role, scene, length)
    again = not role.outside and not role.base and segment.returners != 1.0
    terms = [e for e in elements if isinstance(e, MinimumTerm) and gets(e, role)]
    hopping = [e for e in elements if hops(e) and role.offered and gets(e, role)]

    def made() -> Lived:
        hazards, takers = _hazards(role, acts, segment, scene, again, length)
        return _ended(role.name, hazards, takers, (terms, hopping, elements), segment, scene)

    if terms or hopping or segment.complaints is not None or scene.reach:
        return made()
    # only the name is another where elements do the same
    key = ("life", role.base, again, length)
    found, takers = scene.effects.once(key, (segment, scene.draws, *acts), made)
    return (found if found.name == role.name else replace(found, name=role.name)), takers


def _hazards(
    role: Role,
    acts: Sequence[Acts],
    segment: Segment,
    scene: Scene,
    again: bool,
    length: int,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    own = segment.today if role.base and segment.today is not None else segment.hazards
    found = np.asarray(own, dtype=float)[..., :length]
    if again:
        found = found * resolved(segment, "returners", scene.draws)[..., None, None]
    if segment.complaints is not None:
        found = content(found, segment, scene)
    # where nearly all leave at once, at the end of a term, a factor on all units, or a draw of an
    # effect, may ask for more than all: then all do. At the estimates that is refused
    return averaged(found, kinds_of(acts), capped=again or np.ndim(segment.hazards) > 2)


def _ended(
    name: str,
    found: np.ndarray,
    takers: dict[str, np.ndarray],
    rules: tuple[Sequence[MinimumTerm], Sequence[Element], Sequence[Element]],
    segment: Segment,
    scene: Scene,
) -> Lived:
    """Return the life of hazards, with terms that hold back leaving, and with who hops."""
    terms, hopping, elements = rules
    causes = scene.market.causes
    for e in terms:
        with under(e.name):
            found = bound(found, e, scene.market.places(e.causes), scene.draws)
    if hopping:
        extra = hop_hazard(found, hopping, elements, segment, scene, takers)
        lead = np.broadcast_shapes(found.shape[:-2], extra.shape[:-1])
        rows = [np.broadcast_to(a, (*lead, *a.shape[-2:])) for a in (found, extra[..., None, :])]
        found, causes = np.concatenate(rows, axis=-2), (*causes, HOPPED)
    if segment.complaints is None:
        return life(name, causes, found), takers
    return upset(name, causes, found, elements, segment, scene), takers


def _base(
    elements: Sequence[Element], segment: Segment, scene: Scene
) -> tuple[Base | None, dict[str, np.ndarray]]:
    """Return today's customers, or None where there are none, and takers by element."""
    heads = np.asarray(segment.there, dtype=float)
    if not heads.any():
        return None, {}
    length = int(np.flatnonzero(heads)[-1]) + scene.market.horizon
    known = np.shape(segment.hazards if segment.today is None else segment.today)[-1]
    if length > known:
        raise ParameterError(
            f"hazards are known for {known} units of tenure, and today's customers reach unit "
            f"{length} within the horizon",
            where="hazards" if segment.today is None else "today",
            remedy="Project them further, or shorten the horizon.",
        )
    of_today, takers = _life(Role(TODAY, base=True), elements, segment, scene, length)
    return existing(of_today, heads, scene.market.horizon), takers


def _signing(
    segment: Segment, grown: np.ndarray | None, scene: Scene
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return sign-ups by month [..., H], and the share of them by life."""
    coming = by_unit(segment.inflow, scene.draws, scene.market.horizon, "inflow")
    return coming if grown is None else coming * grown[..., None], mixed(grown)


def _asked(
    elements: Sequence[Element], staging: Sequence[Role], scene: Scene, lengths: Mapping[str, int]
) -> dict[str, dict[str, Pays]]:
    """Return what counts the contacts of each element that has a capacity, by life."""
    found: dict[str, dict[str, Pays]] = {}
    for e in elements:
        if not isinstance(e, Care | WinBack) or e.capacity is None:
            continue
        each = scene.reached(e)[..., None]
        if isinstance(e, Care):
            found[e.name] = {
                r.name: Pays(each * contacts(e, lengths[r.name])) for r in staging if gets(e, r)
            }
        else:
            found[e.name] = {
                r.name: Pays(at_exit=dict.fromkeys(e.causes, each))
                for r in staging
                if asked_back(e, r.base)
            }
    return found


def _refers(elements: Sequence[Element], role: Role, scene: Scene) -> np.ndarray | None:
    """Return the new customers whom one of a kind brings in a month."""
    found: np.ndarray | None = None
    for e in elements:
        behaviour = behaviour_of(e)
        if behaviour is None or behaviour.referrals == 0.0 or not gets(e, role):
            continue
        own = resolved(behaviour, "referrals", scene.draws)
        got = scene.reached(e) if isinstance(e, Care) else taken(e, scene.draws)
        own = own if got is None else own * got
        found = own if found is None else found + own
    return found
