"""The market of purchases without a contract: new customers, as far as they were observed.

Who has gone is told by the lapse rule, and nothing is projected beyond what was counted. What a
customer brings in a month is what all paid in that month of tenure by all still there. Who has
lapsed may come back: that is told from all spells up to the horizon after a customer's first day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.chapters.outlook.plan import reach_of
from stammkunde.chapters.outlook.read import MOST_LEVELS
from stammkunde.chapters.parts import assumptions
from stammkunde.chapters.policies.market.cells import MANY, TOO_FEW, causes_of
from stammkunde.chapters.policies.market.contracts import (
    DISCOUNTED,
    NO_MARGIN,
    RETURNERS_ALIKE,
    coming_back,
    common,
)
from stammkunde.chapters.policies.market.law import moves_of
from stammkunde.chapters.policies.market.money import SERVED, acquisition, serve
from stammkunde.chapters.policies.market.numbers import A_COUNT, Number, central, mean
from stammkunde.chapters.policies.market.signing import (
    ALIKE,
    AS_BEFORE,
    AT_CENTRAL,
    of_dates,
    returns_of,
    signups_of,
    who_returns,
)
from stammkunde.chapters.policies.read import Basis, Part, Undecided
from stammkunde.draws import BLOCKS
from stammkunde.policy.declared import SettingToml
from stammkunde.policy.offers import Market, Segment
from stammkunde.result import Estimate, Status
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.study import Study, read_purchases
from stammkunde.survival.buying.spending import spending, up_to
from stammkunde.survival.formulas import hazard
from stammkunde.survival.persons.again import Again
from stammkunde.survival.persons.arrivals import Sums
from stammkunde.survival.persons.later import later_ratio
from stammkunde.survival.projection.worth import still_there
from stammkunde.survival.table import LifeTable, life_table, life_tables

UNSEEN, NO_FIRST = "horizon_unseen", "first_purchases_unknown"
SHARE_AT_CENTRAL = "margin_share_at_central"


@dataclass(frozen=True, kw_only=True)
class Buyers:
    """New customers of a level: counts by block and unit up to the horizon, and their money.

    `at_risk` [256, H] and `left` [C, 256, H] are of first spells, `there` and `cents` (paid)
    [256, H] of all spells.
    """

    level: str
    at_risk: np.ndarray
    left: np.ndarray
    there: np.ndarray
    cents: np.ndarray
    signups: Number
    acquisition: Number
    serve: Number

    def hazards(self, weights: np.ndarray | None) -> np.ndarray:
        """Return the share that leaves by cause and unit [..., C, H]."""
        n = _summed(self.at_risk, weights)
        return hazard(n[..., None, :], np.moveaxis(_summed(self.left, weights), 0, -2))

    def paid(self, weights: np.ndarray | None) -> np.ndarray:
        """Return what one still there pays in each unit [..., H]."""
        return hazard(_summed(self.there, weights), _summed(self.cents, weights)) / 100


def _summed(counts: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Return counts [..., 256, H] over all blocks, or under weights, draws before the last axis."""
    return np.asarray(counts.sum(axis=-2) if weights is None else weights @ counts)


def bought_market(
    study: Study, spells: Spells, beside: Beside, setting: SettingToml
) -> Basis | Undecided:
    """Return the market of new customers who buy without a contract, or why it cannot be told."""
    lacks = _lacks(study, setting)
    if lacks is not None:
        return lacks
    first = spells.first()
    if not first.spells:
        return Undecided(TOO_FEW, "nobody was at risk")
    tables = _tables(study, first, setting.segments)
    if isinstance(tables, Undecided):
        return tables
    reach = min(reach_of(study, t) for t in tables.values())
    if setting.horizon > reach:
        return _too_far(reach)
    causes = causes_of(study, tables.values())
    whole = up_to(spells, setting.horizon)
    every = _every(whole, setting.segments)
    buyers = _buyers(study, (first, whole), beside, setting, (tables, every), causes)
    share = central(study, setting.margin_share or 0.0)
    back = who_returns(whole, causes, setting.segments)
    ratio = None if back is None else later_ratio((every[n], tables[n]) for n in tables)

    def market(weights: np.ndarray | None) -> Market:
        chance = returns_of(back, weights)
        alone = (_segment(b, setting, share, weights) for b in buyers)
        segments = tuple(replace(coming_back(s, ratio), returns=chance) for s in alone)
        return Market(causes, segments, **common(study, setting), group=setting.segments)

    return Basis(
        market=market(None),
        under=lambda weights, family: market(weights),
        parts=tuple(_part(study, b, share) for b in buyers),
        families=(),
        observed=reach,
        left=int(still_there(life_table(spells)).sum()),
        assumptions=(*_comes_back(back, ratio), *_rests_on(study, setting)),
    )


def _too_far(reach: int) -> Undecided:
    return Undecided(
        UNSEEN,
        f"customers were observed for {reach} months, and a lapse rule is not projected: "
        f"setting.horizon is at most {reach}",
    )


def _lacks(study: Study, setting: SettingToml) -> Undecided | None:
    """Return what is not told that has to be."""
    table = study.toml.data.transactions
    if table is None or not table.first_purchases:
        return Undecided(NO_FIRST, "it is not known when customers began")
    if setting.margin_share is None or not table.amount:
        return Undecided(NO_MARGIN, "`setting.margin_share` and amounts of purchases are needed")
    return None


def _comes_back(back: Again | None, ratio: float | None) -> tuple[str, ...]:
    """Return what is assumed of who comes back."""
    alike = () if back is None else (ALIKE,)
    return alike if ratio is None else (*alike, RETURNERS_ALIKE)


def _rests_on(study: Study, setting: SettingToml) -> tuple[str, ...]:
    named = [AS_BEFORE] if setting.signups is None else []
    named += [AT_CENTRAL] if isinstance(setting.signups, str) else []
    named += [SHARE_AT_CENTRAL] if isinstance(setting.margin_share, str) else []
    named += [SERVED] if setting.serve is None and setting.service else []
    named += [DISCOUNTED] if study.toml.data.money.interest else []
    return (*named, *assumptions(study))


def _tables(study: Study, first: Spells, group: str) -> dict[str, LifeTable] | Undecided:
    """Return the tables of the levels with as many persons as may be shown."""
    if not group:
        return {"": life_table(first)}
    found = life_tables(first, by=group)
    order = {level: i for i, level in enumerate(first.groups[group].levels)}
    levels = sorted(found, key=lambda n: (order.get(n, len(order)), n))
    if len(levels) > MOST_LEVELS:
        return Undecided(MANY, f"`{group}` has more than {MOST_LEVELS} levels")
    least = study.toml.report.smallest_group
    shown = {n: found[n] for n in levels if n != MISSING and found[n].persons.sum() >= least}
    return shown or Undecided(TOO_FEW, f"no level of `{group}` has {least} persons")


def _every(whole: Spells, group: str) -> dict[str, LifeTable]:
    """Return the tables of all spells by level."""
    return life_tables(whole, by=group) if group else {"": life_table(whole)}


def _buyers(
    study: Study,
    spells: tuple[Spells, Spells],
    beside: Beside,
    setting: SettingToml,
    tables: tuple[Mapping[str, LifeTable], Mapping[str, LifeTable]],
    causes: Sequence[str],
) -> list[Buyers]:
    """Return the buyers by level, of the first and of all spells and their tables."""
    (first, whole), (firsts, every) = spells, tables
    by, span = setting.segments, setting.horizon
    paid = spending(read_purchases(study), whole, by)
    rates = signups_of(study, setting, of_dates(study, first, by, [*firsts]))
    cost = acquisition(study, setting, first)
    service = serve(study, setting, beside, first, (by,) if by else ())
    none = np.zeros((BLOCKS, 0), dtype=np.int64)
    return [
        Buyers(
            level=level,
            at_risk=table.at_risk[0][:, :span],
            left=moves_of(table, causes)[..., :span],
            there=_long(every[level].at_risk[0], span),
            cents=_long(paid.get(level, none), span),
            signups=rates[level],
            acquisition=cost(level),
            serve=service((level,) if by else ()),
        )
        for level, table in firsts.items()
    ]


def _long(counts: np.ndarray, span: int) -> np.ndarray:
    """Return counts cut or filled up with nothing to `span` units."""
    short = max(span - counts.shape[-1], 0)
    return np.pad(counts[:, :span], [(0, 0), (0, short)])


def _segment(b: Buyers, setting: SettingToml, share: float, weights: np.ndarray | None) -> Segment:
    paid, signing = b.paid(weights), b.signups.under(weights)
    return Segment(
        name=b.level,
        hazards=b.hazards(weights),
        margin=share * paid,
        price=paid,
        inflow=b.signups.name or signing[..., None] * np.ones(setting.horizon),
        acquisition=b.acquisition.given,
        serve=b.serve.given,
        handling=setting.handling,
        rules=b.level,
    )


def _part(study: Study, b: Buyers, share: float) -> Part:
    """Return what was counted; the margin is the mean over all months up to the horizon."""
    currency = study.toml.data.money.currency
    sums = Sums(number=b.there.sum(axis=-1), total=b.cents.sum(axis=-1))
    spent = mean(
        sums, currency, "paid by customer months up to the horizon", 100 / share, counted=False
    )
    none = Estimate(value=0.0, unit=currency, method="nobody was at risk", reason=A_COUNT)
    # the share of what is paid is typed or assumed, however well the payments are counted
    earned = none if spent is None else replace(spent.estimate, status=Status.ASSUMED)
    return Part(
        name=b.level,
        level=b.level,
        terms="",
        customers=0,
        margin=earned,
        signups=b.signups.estimate,
        acquisition=b.acquisition.pointed,
        serve=b.serve.pointed,
    )
