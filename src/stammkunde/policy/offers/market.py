"""What all policies share: customers by segment, their money, and how they leave and come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest, several
from stammkunde.policy.engine.given import counts, lasting, numbers, positive, shares
from stammkunde.policy.offers.given import (
    ANY,
    Amount,
    Draws,
    Ratio,
    Share,
    check_fields,
    resolve,
    under,
)


@dataclass(frozen=True, eq=False)
class Complaints:
    """How customers complain: the share of a month's customers, the share of these answered well.

    A share `fades` of those who have complained, or been answered, forgets it in a month.
    `complained` and `recovered` [C] multiply a neutral customer's hazards.
    """

    complains: Share
    answered: Share
    fades: Share
    complained: ArrayLike
    recovered: ArrayLike

    def __post_init__(self) -> None:
        """Refuse shares beyond 0 and 1."""
        check_fields(self)


@dataclass(frozen=True, eq=False)
class Segment:
    """Customers of one kind at list price; T is at least the horizon H.

    `hazards` [C, T] or [B, C, T] by cause and unit of tenure. `margin` a unit before rebates, and
    the list `price`: a number, an assumption, or [T] or [B, T] by unit. `serve` costs a unit,
    `acquisition` a sign-up from outside, `handling` one of a returner. `inflow` signs up by month:
    a number, an assumption, [H] or [B, H]. `returns` [C, L] or [B, C, L]: the share of the leavers
    by cause who come back as new, by lag. `gone` [C, G], G at most L, had left before today and
    are still away, by cause and whole units since: they come back as these leavers do, and are none
    of the `inflow`. `there` [G] are today's customers by completed units; T is then at least
    G - 1 + H. `today` are their hazards where these are others'. Leavers who come back have hazards
    times `returners`, at most until all leave. `rules` is the name under which policies and effects
    know the segment, by default its own: several segments may obey the rules of one.
    """

    name: str
    hazards: ArrayLike
    margin: str | ArrayLike
    price: str | ArrayLike
    inflow: str | ArrayLike = 0.0
    acquisition: Amount = 0.0
    serve: Amount = 0.0
    handling: Amount = 0.0
    returns: ArrayLike | None = None
    returners: Ratio = 1.0
    gone: ArrayLike = ()
    there: ArrayLike = ()
    today: ArrayLike | None = None
    complaints: Complaints | None = None
    rules: str = ""

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        check_fields(self)

    @property
    def known_as(self) -> str:
        """Return the name under which policies and effects know it."""
        return self.rules or self.name


@dataclass(frozen=True, eq=False)
class Market:
    """The segments and what they have in common; ParameterError for what cannot be.

    `interest` is yearly; money is paid at the beginning of a month, at its end with `arrears`;
    `by_month` [H] multiplies all money of a month (prices with their validity, inflation). `group`
    is the column whose levels the segments' rules are, as effects by segment know them.
    """

    causes: tuple[str, ...]
    segments: tuple[Segment, ...]
    horizon: int
    interest: float = 0.0
    arrears: bool = False
    by_month: ArrayLike | None = None
    group: str = ""

    def __post_init__(self) -> None:
        """Refuse segments twice, a horizon below 1, and hazards shaped otherwise."""
        several(self.causes, "causes")
        with under("horizon"):
            positive(self.horizon)
        if not self.interest > -1:
            raise ParameterError(
                f"it is {self.interest}", where="interest", remedy="A year's interest is above -1."
            )
        names = self.names
        if not names or len(set(names)) < len(names):
            raise ParameterError(
                "there is no segment" if not names else "two segments have the same name",
                where="segments",
                remedy="Name each segment once, and one at least.",
            )
        for k, s in enumerate(self.segments):
            with under(f"segments[{k}]"):
                _check(s, len(self.causes), self.horizon)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the segments."""
        return tuple(s.name for s in self.segments)

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the names under which policies know the segments, each once."""
        return tuple(dict.fromkeys(s.known_as for s in self.segments))

    @property
    def v(self) -> float:
        """Return the present value of a euro paid a month later."""
        return float((1 + self.interest) ** (-1 / 12))

    def places(self, causes: Sequence[str]) -> list[int]:
        """Return where causes stand; all for none; ParameterError for an unknown one."""
        for cause in causes:
            if cause not in self.causes:
                raise ParameterError(
                    f'nobody leaves for "{cause}"',
                    where="causes",
                    remedy=nearest(cause, self.causes),
                )
        return [k for k, c in enumerate(self.causes) if c in causes or not causes]

    def part(self, draws: slice) -> Market:
        """Return the same market for a slice of the draws."""
        return replace(self, segments=tuple(_part(s, draws) for s in self.segments))

    def drawn(self) -> int:
        """Return how many draws the segments' arrays hold; 1 where they hold none."""
        return max((_drawn(s) for s in self.segments), default=1)


def by_unit(given: str | ArrayLike, draws: Draws, length: int, what: str) -> np.ndarray:
    """Return money or persons by unit or month [..., length] of what was typed, drawn or given."""
    with under(what):
        if isinstance(given, str):
            return np.asarray(resolve(given, draws, ANY)[..., None] * np.ones(length))
        return lasting(numbers(given, "it"), length, "it")


# fields by the axes that a single draw of them has
AXES = {"hazards": 2, "today": 2, "returns": 2, "margin": 1, "price": 1, "inflow": 1}


def _arrays(segment: Segment) -> dict[str, np.ndarray]:
    """Return those arrays of a segment that hold draws."""
    found = {}
    for name, axes in AXES.items():
        given: Any = getattr(segment, name)
        if given is not None and not isinstance(given, str) and np.ndim(given) > axes:
            found[name] = np.asarray(given, dtype=float)
    return found


def _drawn(segment: Segment) -> int:
    return max((len(a) for a in _arrays(segment).values()), default=1)


def _part(segment: Segment, draws: slice) -> Segment:
    cut: dict[str, Any] = {n: a[draws] for n, a in _arrays(segment).items() if len(a) > 1}
    return replace(segment, **cut)


def _check(segment: Segment, causes: int, horizon: int) -> None:
    for name in ("hazards", "today"):
        given = getattr(segment, name)
        if given is not None:
            with under(name):
                _check_hazards(given, causes, horizon)
    with under("there"):
        heads = counts(segment.there, "the number of customers")
        if heads.ndim != 1:
            raise ParameterError(
                f"it is shaped {heads.shape}", remedy="Give a number for each tenure so far."
            )
    if segment.returns is not None:
        with under("returns"):
            chance = shares(segment.returns, "a chance of coming back")
            if chance.ndim < 2 or chance.shape[-2] != causes:
                raise ParameterError(
                    f"it is shaped {chance.shape}", remedy="Its last axes are causes and lags."
                )
    with under("gone"):
        _check_gone(segment, causes)
    if not isinstance(segment.inflow, str):
        with under("inflow"):
            lasting(counts(segment.inflow, "the inflow"), horizon, "the inflow")


def _check_gone(segment: Segment, causes: int) -> None:
    heads = counts(segment.gone, "the number of who had left")
    if not heads.size:
        return
    if heads.ndim != 2 or len(heads) != causes:
        raise ParameterError(
            f"it is shaped {heads.shape} for {causes} causes",
            remedy="Give a number for each cause and each unit since leaving.",
        )
    lags = 0 if segment.returns is None else np.shape(segment.returns)[-1]
    if heads.shape[-1] > lags:
        raise ParameterError(
            f"some had left {heads.shape[-1] - 1} units ago, and chances of coming back are known "
            f"for {lags} lags",
            remedy="Count only who may still come back by `returns`.",
        )


def _check_hazards(given: ArrayLike, causes: int, horizon: int) -> None:
    array = shares(given, "a hazard")
    if array.ndim < 2 or array.shape[-2] != causes or array.shape[-1] < horizon:
        raise ParameterError(
            f"it is shaped {array.shape} for {causes} causes and a horizon of {horizon}",
            remedy="Its last axes are causes and units of tenure, at least as many as the horizon.",
        )
