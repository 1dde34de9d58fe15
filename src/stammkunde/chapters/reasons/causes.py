"""The causes of a study as a reader meets them: merged where few, named, and put in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from stammkunde.chapters.parts import (
    assumptions,
    complement,
    mean_horizon,
    standing,
    too_few,
)
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Label, Sentence, Status
from stammkunde.spells.spells import UNKNOWN, UNLISTED
from stammkunde.study import Study
from stammkunde.survival.causes import aalen_johansen, merge_causes, share_of_leavers
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

Name = Label | Sentence
REST = "(rest)"
# The one cause of note and the few others, which are too few to be told from it.
MOSTLY = "(mostly)"
UNSTATED = (UNKNOWN, UNLISTED)
# More declared causes than these are no longer told apart in a picture.
MOST = 6
# Whether the client can influence a cause: it can, it cannot, or nobody knows.
YES, NO, OPEN = "yes", "no", "open"


@dataclass(frozen=True, kw_only=True)
class Causes:
    """What a section on causes shows: curves by cause within `span`, conditional on `given`.

    `table` and `curves` hold each cause that is shown, and REST, the small ones `merged`; or MOSTLY
    alone, where all but one are small even together. `kinds` says of each whether the client can
    influence it: "yes", "no" or "open". All mappings are in the order in which a reader meets them.
    """

    table: LifeTable
    stay: Curve
    curves: Mapping[str, Curve]
    names: Mapping[str, Name]
    kinds: Mapping[str, str]
    into: Mapping[str, str]
    merged: Sequence[Name]
    span: int
    given: int

    @property
    def seen(self) -> tuple[str, ...]:
        """Return the causes that somebody left for within `span`."""
        return tuple(c for c in self.curves if self.leavers(c))

    @property
    def stated(self) -> tuple[str, ...]:
        """Return those of `seen` that somebody named, the most frequent first."""
        named = [c for c in self.seen if c not in (*UNSTATED, REST)]
        return tuple(sorted(named, key=lambda c: -self.curves[c].value[self.span]))

    def leavers(self, cause: str) -> int:
        """Return how many left for the cause within `span`."""
        return int(self.curves[cause].events[: self.span].sum())

    def of(self, *kinds: str) -> tuple[str, ...]:
        """Return the causes of these kinds that somebody left for within `span`."""
        return tuple(c for c in self.seen if self.kinds[c] in kinds)


def read_causes(study: Study, table: LifeTable, given: int = 0) -> Causes | str:
    """Return the causes of a study, or the id of the sentence on why there is nothing to show.

    Causes that fewer left for than the smallest group that may be shown are merged, with the next
    one where they are still too few, or they would follow from the total; so are the least frequent
    beyond the number that a picture holds.
    """
    if not study.toml.data.causes:
        contracts = study.toml.data.contracts
        return "no_causes" if contracts is not None and contracts.reason else "no_reasons"
    stay = standing(study, kaplan_meier(table, given=given), given)
    if too_few(study, stay, given):
        return "too_few"
    span = mean_horizon(study, stay.observed_to)
    if span <= given:
        span = stay.observed_to
    leavers = _leavers(table, given, span)
    if sum(leavers.values()) < max(FEW_EVENTS, study.toml.report.smallest_group):
        return "few_leavers"
    into = _merged(leavers, study.toml.report.smallest_group)
    whole = merge_causes(table, into)
    found = aalen_johansen(whole, given=given)
    curves = {c: standing(study, curve, given) for c, curve in found.items()}
    kinds = {c: _kind(study, [m for m in leavers if leavers[m] and into.get(m, m) == c])
             for c in curves}  # fmt: skip
    main = max((c for c in leavers if c not in UNSTATED), key=lambda c: leavers[c], default="")
    order = sorted(curves, key=lambda c: ((YES, NO, OPEN).index(kinds[c]), -curves[c].value[span]))
    causes = Causes(
        table=whole,
        stay=stay,
        curves={c: curves[c] for c in order},
        names={c: name_of(study, c, main) for c in order},
        kinds={c: kinds[c] for c in order},
        into=into,
        merged=[
            name_of(study, c) for c, to in into.items() if leavers[c] and (to, c) != (MOSTLY, main)
        ],
        span=span,
        given=given,
    )
    return causes if causes.stated else "unstated"


def name_of(study: Study, cause: str, main: str = "") -> Name:
    """Return a cause's name for readers: its title, or words for what nobody declared.

    `main` is the most frequent of those under MOSTLY.
    """
    if cause == MOSTLY:
        return Sentence("reasons.name.mostly", {"name": name_of(study, main)})
    declared = study.toml.data.causes.get(cause)
    if declared is not None:
        return Label(cause, dict(declared.title))
    return Sentence(f"reasons.name.{'rest' if cause == REST else cause}")


def quoted(names: Sequence[Name]) -> list[Sentence]:
    """Return names in quotation marks."""
    return [Sentence("reasons.quoted", {"name": name}) for name in names]


def share_for(study: Study, found: Causes, causes: Collection[str]) -> Estimate:
    """Return, of those who leave within the span, the share for these causes.

    Where nobody did it is 0, with the upper limit that its complement's exact interval leaves.
    """
    asked = causes or found.seen
    share = share_of_leavers(found.table, asked, found.span, given=found.given)
    share = share if causes else complement(share)
    assumed = assumptions(study)
    status = Status.ESTIMATED if assumed else Status.MEASURED
    return replace(share, status=status, assumptions=assumed)


def _leavers(table: LifeTable, given: int, span: int) -> dict[str, int]:
    counts = table.in_state()[1][..., given:span].sum(axis=(1, 2))
    return {c: int(n) for c, n in zip(table.causes, counts, strict=True)}


def _merged(leavers: Mapping[str, int], least: int) -> dict[str, str]:
    """Return the causes that are shown together, under REST or MOSTLY.

    What takes the small ones with it is the least frequent, but of all the most frequent that
    somebody named comes last, so that it is shown if any can be.
    """
    order = sorted(leavers, key=lambda c: (leavers[c], c))
    named = [c for c in order if c not in UNSTATED and leavers[c] >= least]
    order = [*(c for c in order if c not in named[-1:]), *named[-1:]]
    small = [c for c in order if leavers[c] < least]
    larger = [c for c in order if c not in (*small, *UNSTATED)]
    small += larger[: max(0, len(larger) - MOST)]
    left = [c for c in order if c not in small]
    while left and 0 < sum(leavers[c] for c in small) < least:
        small.append(left.pop(0))
    return dict.fromkeys(small, MOSTLY if named and named[-1] in small else REST)


def _kind(study: Study, causes: Sequence[str]) -> str:
    """Return whether the client can influence all causes, none of them, or nobody knows."""
    declared = study.toml.data.causes
    kinds = {
        OPEN if c in UNSTATED or c not in declared else YES if declared[c].controllable else NO
        for c in causes
    }
    return kinds.pop() if len(kinds) == 1 else OPEN
