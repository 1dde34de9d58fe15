"""An answer: the right number, the usual one, how they come apart, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.gains import Gains
from stammkunde.evidence.dates.calendar import EventStudy
from stammkunde.evidence.doubt.balance import Balance
from stammkunde.evidence.doubt.bounds import Bounds
from stammkunde.evidence.doubt.negative import NegativeControl
from stammkunde.evidence.doubt.permutation import Permuted
from stammkunde.evidence.doubt.positivity import Positivity
from stammkunde.evidence.doubt.sensitivity import EValue
from stammkunde.evidence.doubt.tipping import Tipping
from stammkunde.evidence.effect import Effect
from stammkunde.evidence.trial import Compared, Trial
from stammkunde.result import Estimate, said, table_html
from stammkunde.spells.spells import Spells


@dataclass(frozen=True, kw_only=True)
class Step:
    """A comparison on the way from the usual number to the right one.

    `name`: "ever" (who ever had it less all others, from sign-up), "before" (the treated after
    less before), "all" (the arms as they are, from time zero), "alike" (made alike: the answer;
    of a landmark the effect among those still there), "sign_up" (the same, of everybody signing up)
    or "drawn" (arms that a lot dealt). `months` counts expected units, within the estimand's
    horizon unless the step is a landmark's. `sizes` of "ever": how many had it, how many others.
    """

    name: str
    months: Estimate
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """How wrong an answer would have to be, and whether there are signs of it.

    `unlike`: how alike the arms are, before and after weighting. `alone`: who has no counterpart.
    `tip`: how unequal in something unrecorded the arms would have to be, in standard deviations,
    `common` the same of something that half of the customers have; `hidden`, where the interval
    holds no difference at all, how unequal in such a thing for a relevant one to be hidden.
    `strength`: the E-value of leaving. `untouched`: differences in causes that the offer cannot
    touch. `dealt`: the arms' names dealt anew among those alike. `around`: the months around the
    day of a policy, `before` those before it taken together. `bounds`: what is left where there is
    no answer. What a design does not have is None or empty.
    """

    unlike: Balance | None = None
    alone: Positivity | None = None
    tip: Tipping | None = None
    common: Tipping | None = None
    hidden: Tipping | None = None
    strength: EValue | None = None
    untouched: tuple[NegativeControl, ...] = ()
    dealt: Permuted | None = None
    around: EventStudy | None = None
    before: NegativeControl | None = None
    bounds: Bounds | None = None


@dataclass(frozen=True, kw_only=True)
class Segment:
    """The answer in a segment, counted by itself (`own`) and drawn towards the others' (`shrunk`).

    A segment is a level of a column, or a combination of the levels of all `columns`.
    """

    columns: tuple[str, ...]
    levels: tuple[str, ...]
    own: Estimate
    shrunk: Estimate

    @property
    def column(self) -> str:
        """Return the column, or all of them."""
        return " × ".join(self.columns)

    @property
    def level(self) -> str:
        """Return the level, or those of all columns."""
        return " × ".join(self.levels)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a question.

    `months` and `share` are the differences asked for (`refused` in `compared.adequacy` says why
    they have no value). `compared` are the arms from time zero on, `trial` where they come from,
    and `counted` the subjects behind it (rows of `baseline_trial`) with what is `known` of each
    cell, where the design has them; `subjects` are the spells that they were counted from. `steps`
    lead from the usual number, the first, to the answer. `still_there` is, of a landmark, the share
    of all who get so far. `gains` say in which segments it pays, where there are some.
    """

    estimand: Estimand
    months: Estimate
    share: Estimate
    compared: Compared
    trial: Trial
    steps: tuple[Step, ...]
    doubts: Doubts = field(default_factory=Doubts)
    still_there: Estimate | None = None
    segments: tuple[Segment, ...] = ()
    gains: Gains | None = None
    effect: Effect | None = None
    counted: pd.DataFrame | None = field(default=None, repr=False)
    known: pd.DataFrame | None = field(default=None, repr=False)
    subjects: Spells | None = field(default=None, repr=False, compare=False)

    @property
    def usual(self) -> Estimate:
        """Return the number that the usual analysis prints."""
        return self.steps[0].months

    @property
    def refused(self) -> str:
        """Return why these data cannot answer; "" where they do."""
        return "" if self.months.value is not None else self.months.reason

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step, the usual number first."""
        rows = [(s.name, s.months.value, s.months.low, s.months.high) for s in self.steps]
        return pd.DataFrame(rows, columns=["step", "value", "low", "high"])

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {s.name: said(s.months) for s in self.steps}
        return table_html(rows, self.estimand.name)
