"""How many customers a pilot needs: to see events, shares or months differ.

All tests are two-sided. Sizes are of both arms together; leading axes of what is put in are kept,
so that draws of a baseline give draws of a size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from stammkunde.errors import ParameterError
from stammkunde.policy.pilot.followed import (
    Meaning,
    checked,
    dealt_share,
    hazards,
    in_sight,
    leaving,
)
from stammkunde.policy.worth.given import Numbers, number, share
from stammkunde.survival import formulas

# what a rounding error may add to a whole number
ROUNDING = 1e-9
LEAST = np.nextafter(0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a pilot shall be able to do.

    `error` is the risk of seeing an effect where there is none (two-sided), `power` the chance of
    seeing one that is there, `treated` the share of those dealt who are treated.
    """

    error: float = 0.05
    power: float = 0.80
    treated: float = 0.5

    def __post_init__(self) -> None:
        dealt_share(self.treated)
        if not (0 < self.error < 1 and self.error / 2 < self.power < 1):
            raise ParameterError(
                f"an error of {self.error:g} with a power of {self.power:g}",
                remedy="Both lie between 0 and 1, and the power above half the error.",
            )

    @property
    def quantiles(self) -> tuple[float, float]:
        """Return the normal quantiles of the error and of the power."""
        return float(-ndtri(self.error / 2)), float(ndtri(self.power))


USUAL = Wanted()


@dataclass(frozen=True)
class Size:
    """The customers of a pilot, `total` of both arms not yet rounded, and the events it waits for.

    `treated`, `control` and `customers` are whole: each arm is rounded up. `events` are None where
    none are waited for.
    """

    total: np.ndarray
    share: float
    events: np.ndarray | None = None

    @property
    def treated(self) -> np.ndarray:
        """Return the customers to be treated."""
        return _up(self.total * self.share)

    @property
    def control(self) -> np.ndarray:
        """Return the customers to be held out."""
        return _up(self.total * (1 - self.share))

    @property
    def customers(self) -> np.ndarray:
        """Return the customers of both arms."""
        return self.treated + self.control


def events_needed(ratio: Numbers, wanted: Wanted = USUAL) -> np.ndarray:
    """Return the events, not rounded, that a log-rank test needs: (z + z)^2 / (p (1 - p) ln^2 HR).

    `ratio` is that of the hazards, p the share treated. ParameterError for a ratio of 1, which no
    number would show. Source: Schoenfeld (1983), Biometrics 39(2):499-503.
    """
    logs = np.log(number("ratio of hazards", ratio, LEAST))
    _differs(logs)
    p = wanted.treated
    return np.asarray(sum(wanted.quantiles) ** 2 / (p * (1 - p) * logs**2))


def by_logrank(
    curve: np.ndarray,
    ratio: Numbers,
    wanted: Wanted = USUAL,
    *,
    seen: np.ndarray | None = None,
    meaning: Meaning = "hazard",
) -> Size:
    """Return the customers among whom a log-rank test sees a ratio of hazards.

    `curve` [..., K + 1] are the shares still there without the offer in the K units for which
    customers are followed, `seen` [..., K] who is in sight (see `followed`), `meaning` what the
    ratio multiplies (see `treated_curve`).
    """
    events = events_needed(ratio, wanted)
    gone = leaving(curve, ratio, share_treated=wanted.treated, seen=seen, meaning=meaning)
    leave = number("share that leaves within the pilot", gone[..., -1], LEAST)
    return Size(np.asarray(events / leave), wanted.treated, events)


def by_shares(
    control: Numbers,
    treated: Numbers,
    wanted: Wanted = USUAL,
    *,
    pooled: bool = True,
    lost: Numbers = 0.0,
) -> Size:
    """Return the customers among whom two shares (who left within the pilot) are seen to differ.

    Per arm, dealt evenly: (z sqrt(2 q (1 - q)) + z sqrt(p1 (1 - p1) + p2 (1 - p2)))^2 / (p1 - p2)^2
    with q the mean of p1 and p2; not `pooled`, both roots are the second. No correction for
    continuity. Of those dealt the share `lost` is not seen to the end.
    """
    first, second = share("share of the control", control), share("share of the treated", treated)
    _differs(first - second)
    p = wanted.treated
    both = (1 - p) * first + p * second
    apart = first * (1 - first) / (1 - p) + second * (1 - second) / p
    alike = both * (1 - both) / (p * (1 - p)) if pooled else apart
    z, z_power = wanted.quantiles
    total = (z * np.sqrt(alike) + z_power * np.sqrt(apart)) ** 2 / (first - second) ** 2
    kept = number("share seen to the end", 1 - share("share lost", lost), LEAST)
    return Size(np.asarray(total / kept), p)


def months_variance(curve: np.ndarray, horizon: int, seen: np.ndarray | None = None) -> np.ndarray:
    """Return the variance [...] of one customer's paid units within the horizon, min(T, K).

    It is that of a mean times the number of customers. With some out of sight (`seen` [..., K], see
    `followed`) it is larger: the sum over t < K of (S(t) + .. + S(K-1))^2 d / (n (n - d)), with n
    and d the shares of those dealt who are at risk and leave in unit t. ParameterError where nobody
    is in sight to the end.
    """
    known = checked(curve)
    if not 1 <= horizon < known.shape[-1] + 1:
        raise ParameterError(
            f"a horizon of {horizon}, and the curve ends with unit {known.shape[-1] - 1}",
            remedy=f"Ask for 1 to {known.shape[-1]}, or give a longer curve.",
        )
    there = in_sight(seen, known.shape[-1] - 1)
    if (there[..., : horizon - 1] <= 0).any():
        raise ParameterError(
            f"nobody is in sight for the first {horizon} units",
            remedy="Close the pilot later, or ask for a shorter horizon.",
        )
    at_risk = known[..., :-1] * there
    leave = at_risk * hazards(known)
    return formulas.restricted_mean_variance(known, at_risk, leave, horizon)


def by_months(
    curve: np.ndarray,
    difference: Numbers,
    horizon: int,
    wanted: Wanted = USUAL,
    *,
    seen: np.ndarray | None = None,
    treated: np.ndarray | None = None,
) -> Size:
    """Return the customers among whom a difference in expected units within the horizon is seen.

    (z + z)^2 (V0 / (1 - p) + V1 / p) / difference^2, with V as in `months_variance`: of `curve`,
    and of the curve of the `treated` where it is known, else of `curve` too. Source: Royston and
    Parmar (2013), BMC Medical Research Methodology 13:152, in whole units.
    """
    apart = number("difference in units", difference)
    _differs(apart)
    spread = _spread(curve, treated, horizon, wanted, seen)
    return Size(np.asarray(sum(wanted.quantiles) ** 2 * spread / apart**2), wanted.treated)


def detectable_months(
    curve: np.ndarray,
    customers: Numbers,
    horizon: int,
    wanted: Wanted = USUAL,
    *,
    seen: np.ndarray | None = None,
) -> np.ndarray:
    """Return the smallest difference in expected units that so many customers would show.

    `customers` of both arms; the rest as in `by_months`.
    """
    spread = _spread(curve, None, horizon, wanted, seen)
    heads = number("number of customers", customers, LEAST)
    return np.asarray(sum(wanted.quantiles) * np.sqrt(spread / heads))


def in_clusters(
    size: Size, members: Numbers, correlation: Numbers, variation: Numbers = 0.0
) -> Size:
    """Return the size where branches, regions or teams are dealt as a whole.

    Times 1 + ((1 + v^2) m - 1) rho, with m `members` of a cluster on average, v the `variation` of
    their number (standard deviation over mean) and rho the `correlation` of customers of one.
    Source: Eldridge, Ashby and Kerry (2006), International Journal of Epidemiology 35(5):1292-1300.
    """
    m = number("number of members", members, 1.0)
    rho = share("correlation within clusters", correlation)
    larger = 1 + ((1 + number("variation of members", variation, 0.0) ** 2) * m - 1) * rho
    events = None if size.events is None else np.asarray(size.events * larger)
    return replace(size, total=np.asarray(size.total * larger), events=events)


def _spread(
    curve: np.ndarray,
    treated: np.ndarray | None,
    horizon: int,
    wanted: Wanted,
    seen: np.ndarray | None,
) -> np.ndarray:
    """Return the variance of a difference in means, times the customers of both arms."""
    own = months_variance(curve, horizon, seen)
    other = own if treated is None else months_variance(treated, horizon, seen)
    return np.asarray(own / (1 - wanted.treated) + other / wanted.treated)


def _differs(apart: np.ndarray) -> None:
    if (np.asarray(apart) == 0).any():
        raise ParameterError(
            "the pilot is to see an effect of nothing", remedy="Name the smallest that matters."
        )


def _up(count: np.ndarray) -> np.ndarray:
    return np.asarray(np.ceil(count - ROUNDING)).astype(int)
