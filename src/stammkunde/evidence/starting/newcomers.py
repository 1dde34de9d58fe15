"""Newcomer offers: most takers would have come anyway, some come for the offer alone.

What an offer is worth depends on how many of its takers it has induced, which the contracts of a
firm do not tell: here it is an assumption, and the answer is shown for every share (Frangakis and
Rubin 2002; where the offer was drawn by lot among visitors see `visitors`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import ibis
import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates, paired, replicate
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import adequacy
from stammkunde.evidence.arms import Sums
from stammkunde.evidence.starting.start import EVERYBODY, ByColumn, ByOffer, Eligible, subjects
from stammkunde.evidence.trial import Compared, Trial, hazards, replicates_of
from stammkunde.intervals import FEW_EVENTS, student_quantile
from stammkunde.result import Estimate, Status, table_html
from stammkunde.spells.spells import Spells
from stammkunde.survival.contrasts.uneven import TOO_FEW_EVENTS
from stammkunde.survival.curve import TOO_FEW_PERSONS

ALWAYS_LIKE_ALIKE = "always_buyers_stay_like_others_alike"
SHARE_ASSUMED = "induced_share_is_assumed"
NO_WORTH = "no_worth_without_the_offer"
NOTHING_BEFORE = "earlier_contracts_are_all_in_the_data"
SHARES = tuple(float(x) for x in np.linspace(0, 1, 21))


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What a customer is worth: `per_unit` [K] for each unit he pays for, and `once` at the start.

    Present values: interest and the price of the offer are in them.
    """

    per_unit: np.ndarray
    once: float = 0.0

    def of(self, survival: np.ndarray) -> np.ndarray:
        """Return the worth of survival curves [..., K + 1] or longer."""
        return np.asarray(survival[..., : len(self.per_unit)] @ self.per_unit + self.once)


@dataclass(frozen=True, kw_only=True)
class Mix:
    """The worth of a customer: always-buyers without and with the offer, induced ones with it."""

    always_without: float
    always_with: float
    induced: float

    def gain(self, always: float, induced: float) -> float:
        """Return what the offer brings with so many takers of each kind."""
        return induced * self.induced - always * (self.always_without - self.always_with)

    def credited(self, always: float, induced: float) -> float:
        """Return what a ledger credits it with that holds every taker for induced."""
        return induced * self.induced + always * self.always_with

    @property
    def break_even(self) -> float | None:
        """Return the share of induced takers from which it pays; None where it never does."""
        loss = self.always_without - self.always_with
        if loss <= 0:
            return 0.0
        return loss / (loss + self.induced) if self.induced > 0 else None


@dataclass(frozen=True, kw_only=True)
class ByInduced:
    """What the offer brings per taker, by the share of takers that it is assumed to have induced.

    An estimate in `gains` for each of `shares`; `break_even` is the share from which it pays.
    """

    shares: tuple[float, ...]
    gains: tuple[Estimate, ...]
    break_even: Estimate

    def _repr_html_(self) -> str:
        said = [e.reason if e.value is None else f"{e.value:.4g}" for e in self.gains]
        rows = {f"{s:.0%}": text for s, text in zip(self.shares, said, strict=True)}
        return table_html(rows, "Gain per taker by share induced")


def by_induced_share(
    compared: Compared,
    with_offer: Worth,
    without: Worth,
    *,
    shares: Sequence[float] = SHARES,
    unit: str = "month",
) -> ByInduced:
    """Return what an offer brings per taker, for each share of takers that it may have induced.

    `compared` are takers against non-takers weighted to be like them (population "treated"): so do
    always-buyers stay without the offer, it is assumed; induced ones would not have come at all.
    Worth of a taker less (1 - share) times the worth without the offer. `unit` is that of the
    worth. Errors by person blocks (t).
    """
    _check(shares, max(len(with_offer.per_unit), len(without.per_unit)), compared.horizon)
    if compared.adequacy.refused:
        return induced_by_worth(None, compared, shares=shares, unit=unit)
    a, b = (compared.curves[n].replicates for n in (compared.treated, compared.control))
    assert a is not None
    assert b is not None
    worths = paired(a.map(with_offer.of), b.map(without.of), lambda x, y: np.stack([x, y], axis=-1))
    return induced_by_worth(worths, compared, shares=shares, unit=unit)


def induced_by_worth(
    worths: Replicates | None,
    compared: Compared,
    *,
    shares: Sequence[float] = SHARES,
    unit: str = "month",
) -> ByInduced:
    """Return the same from replicates of the worth of a taker, with the offer and without [.., 2].

    None where the comparison is refused: then nothing has a value.
    """
    found = replace(
        compared.months,
        value=None,
        unit=unit,
        method="gain per taker, person blocks",
        assumptions=(ALWAYS_LIKE_ALIKE, *compared.months.assumptions),
        reason=compared.adequacy.refused,
        low=None,
        high=None,
        se=None,
        replicates=None,
    )
    names = [f"gain per taker if {s:.4g} of the takers are induced" for s in shares]
    even = replace(found, unit="share", estimand="break-even share of induced takers")
    if worths is None:
        gains = tuple(replace(found, estimand=n) for n in names)
        return ByInduced(shares=tuple(shares), gains=gains, break_even=even)
    gains = tuple(
        with_error(replace(found, estimand=n), worths.map(partial(_gain, share=s)))
        for n, s in zip(names, shares, strict=True)
    )
    return ByInduced(shares=tuple(shares), gains=gains, break_even=_break_even(even, worths))


def _check(shares: Sequence[float], units: int, horizon: int) -> None:
    if not shares or not all(0 <= s <= 1 for s in shares):
        raise ParameterError("a share of induced takers is not between 0 and 1")
    if units > horizon:
        raise ParameterError(
            f"a worth of more than {horizon} units",
            remedy="Compare the arms within a horizon as long as the worth is counted.",
        )


def with_error(estimate: Estimate, replicates: Replicates) -> Estimate:
    """Return the estimate with value and limits of its replicates (identity, t).

    Without a value where the blocks are too few.
    """
    if not replicates.is_enough:
        return replace(estimate, reason=TOO_FEW_PERSONS)
    value = float(replicates.reweighted(np.ones((1, BLOCKS)))[0])
    se = float(replicates.se())
    step = student_quantile(estimate.level, replicates.smallest) * se
    low, high = value - step, value + step
    return replace(estimate, value=value, low=low, high=high, se=se, replicates=replicates)


def _gain(worths: np.ndarray, share: float) -> np.ndarray:
    return np.asarray(worths[..., 0] - (1 - share) * worths[..., 1])


def _rest_of_ratio(worths: np.ndarray) -> np.ndarray:
    taken, plain = worths[..., 0], worths[..., 1]
    return np.asarray(1 - np.divide(taken, plain, out=np.ones(plain.shape), where=plain > 0))


def _break_even(found: Estimate, worths: Replicates) -> Estimate:
    """Return the share from which the offer pays: 1 less the ratio of worths, cut at 0 and 1."""
    if worths.reweighted(np.ones((1, BLOCKS)))[0, 1] <= 0:
        return replace(found, reason=NO_WORTH, status=Status.NOT_IDENTIFIABLE)
    ratio = worths.map(_rest_of_ratio)
    made = with_error(found, ratio)
    if made.value is None or made.low is None or made.high is None:
        return made
    value, low, high = (float(np.clip(x, 0, 1)) for x in (made.value, made.low, made.high))
    return replace(made, value=value, low=low, high=high)


def expiry_spike(
    trial: Trial, taken: str, plain: str, expiry: int, *, units: int = 2, level: float = 0.95
) -> Estimate:
    """Return how much more of the takers leave in the `units` after the offer has expired.

    The share of those still there after unit `expiry` who leave within so many units, takers less
    others, both weighted as in the trial (population "treated": others to be like the takers). By
    then the arms have lost different people: it says who leaves when, not what the offer did as a
    whole. Errors by person blocks (t); with fewer than 5 leaving then in an arm there is no value.
    """
    if expiry < 0 or units < 1:
        raise ParameterError(
            f"{units} units after unit {expiry}", remedy="Give 0 or more, and 1 or more."
        )
    arms = [trial.arm(n) for n in (taken, plain)]
    here = slice(expiry, expiry + units)
    if expiry + units > min(a.length for a in arms):
        raise NotObservedError(
            f"the trial does not reach {units} units after unit {expiry}",
            remedy="Count it further, or ask for units within its reach.",
        )

    def leaving(sums: Sums) -> np.ndarray:
        return np.asarray(1 - np.prod(1 - hazards(sums).sum(axis=1)[:, here], axis=1))

    one, two = (replicates_of(trial, n, leaving) for n in (taken, plain))
    both = paired(one, two, np.subtract)
    checked = adequacy(
        {a.name: a for a in arms}, trial.shares, without=trial.without, horizon=expiry + units
    )
    events = [int(a.counts.moves[0][:, here].sum()) for a in arms]
    few = TOO_FEW_EVENTS if min(events) < FEW_EVENTS else ""
    reason = checked.refused or few
    found = Estimate(
        value=None,
        level=level,
        unit="share",
        persons=sum(a.persons for a in arms),
        events=sum(events),
        method="difference of shares leaving, person blocks paired",
        status=Status.NOT_IDENTIFIABLE if checked.refused else Status.ESTIMATED,
        estimand=f"leaving in the {units} units after unit {expiry}, difference",
        assumptions=trial.assumptions,
        reason=reason,
    )
    return found if reason else with_error(found, both)


def returners(
    spells: Spells, arms: ByColumn | ByOffer, taken: str, *, eligible: Eligible = EVERYBODY
) -> Estimate:
    """Return the share of an arm's newcomers who had been customers before, under whatever number.

    Spells of the arm that are not the first of their person. A contract that had ended before
    observation began is not in the data: then the share is larger. Clopper and Pearson's limits
    where each person is in it once, or fewer than 5 are returners; else person blocks (t, logit).
    """
    rows, _ = subjects(spells, arms, (), eligible=eligible)
    own = rows.filter(rows.arm == taken)
    again = ibis.ifelse(own.spell > 1, 1, 0).sum().cast("int64")
    query = own.group_by("block").aggregate(n=own.count(), again=again, heads=own.person.nunique())
    frame = query.execute()
    if frame.empty:
        raise NotObservedError(f"nobody is in the arm `{taken}`", remedy="Check its words.")
    counts = np.zeros((3, BLOCKS))
    counts[:, frame.block.to_numpy(int)] = frame[["n", "again", "heads"]].to_numpy(float).T
    n, k, heads = (int(c.sum()) for c in counts)
    found = Estimate(
        value=k / n,
        unit="share",
        persons=heads,
        spells=n,
        events=k,
        method="share of spells, exact limits",
        estimand="newcomers who had been customers before",
        assumptions=(NOTHING_BEFORE,),
    )
    replicates = replicate((counts[1][:, None], counts[0][:, None]), counts[0] > 0, _ratio)
    if heads == n or k < FEW_EVENTS or not replicates.is_enough:
        low, high = (float(x) for x in intervals.clopper_pearson(k, n, found.level))
        return replace(found, low=low, high=high)
    se, quantile = replicates.se(), student_quantile(found.level, replicates.smallest)
    low, high = (float(x) for x in intervals.logit(np.array(k / n), se, quantile, 1.0))
    method = "share of spells, person blocks"
    return replace(found, low=low, high=high, se=float(se), method=method, replicates=replicates)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(part[..., 0] / whole[..., 0])
