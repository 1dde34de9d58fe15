"""What the chapter on policies rests on: the market, the assumptions, and every policy valued.

Nothing here computes: `decision.py` fills these nouns, the sections show them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.decide import League
from stammkunde.policy.ledger import Ledger
from stammkunde.policy.offers import Dialled, Market, Policy, Worth
from stammkunde.result import Estimate, Label
from stammkunde.study import Study


@dataclass(frozen=True, kw_only=True)
class Part:
    """One segment of the market, as counted: `level` of the group and `terms` ("" where none).

    `customers` are there today; `margin` is money a month and customer before rebates, `signups`
    those from outside a month, `acquisition` money per sign-up, `serve` money a month.
    """

    name: str
    level: str
    terms: str
    customers: int
    margin: Estimate
    signups: Estimate
    acquisition: Estimate
    serve: Estimate


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The market as it is observed, under whatever customers get today.

    `market` is at the estimates; `under` returns the same under weights of the persons' blocks
    [B, 256], by one projection family alone where one is named (of `families`). `parts` say what
    was counted, `left` how many of today's customers cannot be projected and are not in it,
    `observed` the last unit of tenure that was counted. `assumptions` are ids.
    """

    market: Market
    under: Callable[[np.ndarray, str], Market]
    parts: tuple[Part, ...]
    families: tuple[str, ...]
    observed: int
    left: int = 0
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Further:
    """Net values [B', P] of the first draws, reckoned otherwise; policies in their order.

    `longer` is within `months`, more than the horizon; None where nothing can be projected so far.
    `reach` is within the horizon, all effects ending ("fades") or going on ("lasts") beyond the
    units in which they were observed; empty where that changes nothing.
    """

    months: int = 0
    longer: np.ndarray | None = None
    reach: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Every policy of a study, valued in the same draws.

    `policies` are in the order of the TOML, with their dials turned (`dialled` by name) and effects
    put in; `comparator` is the name of one of them. `basis` is the market as observed, `market` the
    same at list price and drawn. `drawn` [B] are the ledger's draws by name, `weights` [B, 256]
    those of the persons. `worths` are by policy; `by_month` [B, P, H] the present value of each
    month's money, policies in their order. `model` returns net values [B', P] under assumptions set
    otherwise (arrays [B'] by name, all of the ledger; B' at most B: those draws of the market).
    `beyond` looks further than the horizon, and than effects were observed.
    """

    study: Study
    policies: tuple[Policy, ...]
    comparator: str
    basis: Basis
    market: Market
    ledger: Ledger
    drawn: Mapping[str, np.ndarray]
    weights: np.ndarray
    worths: Mapping[str, Worth]
    league: League
    by_month: np.ndarray
    model: Callable[[Mapping[str, np.ndarray]], np.ndarray]
    by_family: Callable[[str], np.ndarray]
    beyond: Further = field(default_factory=Further)
    dialled: Mapping[str, Dialled] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the policies, in the order of the TOML."""
        return tuple(p.name for p in self.policies)

    @property
    def values(self) -> np.ndarray:
        """Return the net values [B, P], policies in their order."""
        return np.stack([self.worths[n].total for n in self.names], axis=-1)

    @property
    def currency(self) -> str:
        """Return the currency of the study."""
        return self.study.toml.data.money.currency

    def policy(self, name: str) -> Policy:
        """Return the policy of that name; ParameterError for an unknown one."""
        found = next((p for p in self.policies if p.name == name), None)
        if found is None:
            raise ParameterError(
                f'no policy is called "{name}"', remedy=nearest(name, list(self.names))
            )
        return found

    def title(self, name: str) -> Label:
        """Return what a policy is called in reports."""
        return self.policy(name).title or Label(name)


@dataclass(frozen=True)
class Undecided:
    """Why nothing can be compared: the id of the reason, and the same for the log."""

    reason: str
    said: str = ""
