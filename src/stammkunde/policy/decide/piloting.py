"""How large a pilot should be: what it is worth to all customers, less what it costs.

Source: Willan and Pinto (2005), Statistics in Medicine 24(12), for the expected net benefit of
sampling and its optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError
from stammkunde.policy.decide.checked import at_least, finite
from stammkunde.policy.decide.normal import normal_evpi, normal_evsi
from stammkunde.result import table_html

COARSE = 20_000


class Terms(NamedTuple):
    """What a pilot costs and whom its result serves.

    `population` customers, `cost` per customer in the pilot (both arms), `fixed` cost of holding
    it. With `deducted`, those in the pilot are not among those whom its result serves.
    """

    population: float
    cost: float
    fixed: float = 0.0
    deducted: bool = False


@dataclass(frozen=True, kw_only=True)
class BestPilot:
    """The pilot with the largest net benefit: customers `per_arm` (0: none pays), and its worth.

    `evsi` is per customer, `net` and `cost` the totals.
    """

    per_arm: int
    evsi: float
    net: float
    cost: float

    def _repr_html_(self) -> str:
        return table_html({n: f"{v:.6g}" for n, v in vars(self).items()}, "Pilot")


def enbs(evsi: ArrayLike, per_arm: ArrayLike, terms: Terms) -> np.ndarray:
    """Return the expected net benefit of pilots of two arms with `per_arm` customers each.

    population * evsi - cost * 2 per_arm - fixed, in total money; `evsi` is what the pilot is worth
    per customer. With `deducted` the population is smaller by 2 per_arm. ParameterError for a pilot
    of more customers than there are, and for negative terms.
    """
    n = at_least(per_arm, 0.0, "customers per arm")
    _checked(terms)
    if (2 * n > terms.population).any():
        raise ParameterError(
            f"a pilot of {2 * n.max():g} customers among {terms.population:g}",
            remedy="Ask for fewer per arm.",
        )
    served = terms.population - (2 * n if terms.deducted else 0.0)
    return np.asarray(served * finite(evsi, "values") - terms.cost * 2 * n - terms.fixed)


def best_pilot(mean: float, sd: float, outcome_sd: float, terms: Terms) -> BestPilot:
    """Return the number of customers per arm at which a pilot nets most, where doubt is normal.

    `mean` and `sd` are those of the policies' difference per customer, `outcome_sd` is the standard
    deviation of one customer's outcome. The best whole number of all; 0 where no pilot pays.
    """
    _checked(terms)
    most = int(terms.population // 2)
    perfect = terms.population * float(normal_evpi(mean, sd))
    if terms.cost > 0:
        # beyond this not even perfect information would pay
        most = min(most, int(perfect / (2 * terms.cost)) + 1)
    if most < 1:
        return BestPilot(per_arm=0, evsi=0.0, net=0.0, cost=0.0)

    def best_of(sizes: np.ndarray) -> int:
        return int(np.argmax(enbs(normal_evsi(mean, sd, outcome_sd, sizes), sizes, terms)))

    # worth rises slowly at first, then fast, then slowly: one hill, which a coarse look cannot miss
    coarse = np.unique(np.geomspace(1, most, COARSE).round().astype(int))
    at = best_of(coarse)
    fine = np.arange(coarse[max(at - 1, 0)], coarse[min(at + 1, len(coarse) - 1)] + 1)
    n = int(fine[best_of(fine)])
    evsi = float(normal_evsi(mean, sd, outcome_sd, n))
    net = float(enbs(evsi, n, terms))
    if net <= 0:
        return BestPilot(per_arm=0, evsi=0.0, net=0.0, cost=0.0)
    return BestPilot(per_arm=n, evsi=evsi, net=net, cost=terms.cost * 2 * n + terms.fixed)


def _checked(terms: Terms) -> None:
    at_least(np.array(terms[:3]), 0.0, "the population or a cost of a pilot")
