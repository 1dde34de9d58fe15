"""The league of policies: mean, interval, chance of being best and regret, shown together.

The policy with the best mean and the one most often best can be different policies, so neither is
shown without the other. Source: Claxton (1999), Journal of Health Economics 18(3), for why the mean
decides and what doubt costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from stammkunde import intervals
from stammkunde.policy.decide.checked import confidence, net_values, place
from stammkunde.result import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

Make = Callable[..., Estimate]
MEAN = "mean and quantiles of joint draws"
COUNTED = "share of joint draws, ties shared; interval of the number of draws only"
REGRET = "mean shortfall from each draw's best; interval of the number of draws only"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one policy stands: `value`, `difference` to the comparator, P(`best`), `regret`.

    The first two carry the doubt about the policies, the last two are averages over that doubt and
    carry only that of the number of draws.
    """

    policy: str
    value: Estimate
    difference: Estimate
    best: Estimate
    regret: Estimate


@dataclass(frozen=True, kw_only=True)
class League:
    """Policies by their mean, the best first, and what perfect information is worth (`evpi`).

    `leaders` have the best mean, `favourites` are best in the largest share of draws: one each but
    for ties.
    """

    standings: tuple[Standing, ...]
    comparator: str
    draws: int
    evpi: Estimate
    leaders: tuple[str, ...]
    favourites: tuple[str, ...]

    @property
    def disagrees(self) -> bool:
        """Return whether no policy has both the best mean and the best chance of being best."""
        return not set(self.leaders) & set(self.favourites)

    def of(self, policy: str) -> Standing:
        """Return where a policy stands; ParameterError for one that is not in the league."""
        return self.standings[place(policy, [s.policy for s in self.standings])]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per policy, the best mean first."""
        import pandas as pd

        rows = []
        for s in self.standings:
            limits = ((e.value, e.low, e.high) for e in (s.value, s.difference))
            rows.append((s.policy, *chain(*limits), s.best.value, s.regret.value))
        apart = ["difference", "difference_low", "difference_high"]
        names = ["policy", "mean", "low", "high", *apart, "best", "regret"]
        return pd.DataFrame(rows, columns=names)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


def league(
    values: ArrayLike,
    names: Sequence[str],
    comparator: str,
    *,
    level: float = 0.95,
    unit: str = "EUR",
    status: Status = Status.ESTIMATED,
    assumptions: tuple[str, ...] = (),
) -> League:
    """Return the league of policies from joint draws of their net values [B, P].

    Differences are taken draw by draw. A draw in which several policies are best counts for each in
    equal parts. The order of the columns changes nothing. ParameterError for draws, names or a
    level that cannot be.
    """
    drawn, known = net_values(values, names)
    against, level = drawn[:, place(comparator, known)], confidence(level)
    best, top, means = shares_best(drawn), drawn.max(axis=1), drawn.mean(axis=0)
    make = partial(Estimate, unit=unit, level=level, status=status, assumptions=assumptions)
    standings = [
        Standing(
            policy=name,
            value=_spread(drawn[:, i], level, partial(make, estimand=f"value of {name}")),
            difference=_spread(
                drawn[:, i] - against, level, partial(make, estimand=f"{name} less {comparator}")
            ),
            best=_chance(best[:, i], level, partial(make, estimand=f"{name} is best")),
            regret=_average(top - drawn[:, i], level, partial(make, estimand=f"regret of {name}")),
        )
        for i, name in enumerate(known)
    ]
    lead = int(means.argmax())
    often = best.mean(axis=0)
    return League(
        standings=tuple(sorted(standings, key=lambda s: (-float(s.value.value or 0.0), s.policy))),
        comparator=comparator,
        draws=len(drawn),
        evpi=_average(
            top - drawn[:, lead], level, partial(make, estimand="value of perfect information")
        ),
        leaders=tuple(n for n, m in zip(known, means, strict=True) if m == means[lead]),
        favourites=tuple(n for n, p in zip(known, often, strict=True) if p == often.max()),
    )


def shares_best(values: np.ndarray) -> np.ndarray:
    """Return by how much of each draw a policy is best [..., P]: 1, or a part where several are.

    The last axis are policies; the parts of a draw add up to 1.
    """
    ahead = values == values.max(axis=-1, keepdims=True)
    return np.asarray(ahead / ahead.sum(axis=-1, keepdims=True))


def _spread(numbers: np.ndarray, level: float, make: Make) -> Estimate:
    """Return the mean of draws and their quantiles."""
    low, high = (float(x) for x in np.quantile(numbers, [(1 - level) / 2, (1 + level) / 2]))
    se = float(numbers.std(ddof=1))
    return make(value=float(numbers.mean()), low=low, high=high, se=se, method=MEAN)


def _average(numbers: np.ndarray, level: float, make: Make) -> Estimate:
    """Return the mean of what cannot be negative, with the error of the number of draws."""
    at, se = float(numbers.mean()), float(numbers.std(ddof=1) / np.sqrt(len(numbers)))
    step = intervals.normal_quantile(level) * se
    return make(value=at, low=max(at - step, 0.0), high=at + step, se=se, method=REGRET)


def _chance(numbers: np.ndarray, level: float, make: Make) -> Estimate:
    """Return a share of draws, with exact limits for the number of draws."""
    at, count = float(numbers.mean()), len(numbers)
    low, high = intervals.clopper_pearson(np.asarray(at * count), count, level)
    se = float(numbers.std(ddof=1) / np.sqrt(count))
    found = make(value=at, low=float(low), high=float(high), se=se, method=COUNTED)
    return replace(found, unit="share")
