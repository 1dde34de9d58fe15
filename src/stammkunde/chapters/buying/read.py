"""What is known of customers without a contract: their purchases, and a model of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from stammkunde.chapters.buying.trial import Trial, trial
from stammkunde.errors import NotObservedError
from stammkunde.spells.bought import Purchases
from stammkunde.study import Study, read_purchases
from stammkunde.survival.buying import (
    BgNbd,
    GammaGamma,
    Histories,
    bg_nbd,
    gamma_gamma,
    histories,
)
from stammkunde.survival.curve import TOO_FEW_PERSONS

NO_PURCHASES, FIRST_UNKNOWN, NOBODY = "no_purchases", "first_purchases_unknown", "nobody_bought"
# beyond two years weeks would be too many to be told
MOST_DAYS_IN_WEEKS = 731


@dataclass(frozen=True, kw_only=True)
class Buying:
    """How customers without a contract buy: counted, and a model of them.

    `histories` are those of all persons over all that was observed, with amounts where the TOML
    names their column; `fit` and `spend` are the models of it. `held` are the histories up to
    `until`, the middle of the window, with what was bought afterwards as their hold-out, and
    `before` is the model fitted to them, `tested` how it fared. What cannot be had is None: `why`
    says why there is no `fit`, `untried` why none could be fitted in the middle.
    """

    purchases: Purchases | None = None
    histories: Histories | None = None
    fit: BgNbd | None = None
    spend: GammaGamma | None = None
    held: Histories | None = None
    before: BgNbd | None = None
    until: date | None = None
    tested: Trial | None = None
    why: str = ""
    untried: str = ""


def read_buying(study: Study) -> Buying:
    """Return the purchases of a study and the models fitted to them.

    `why` is "no_purchases" for a client with contracts, "first_purchases_unknown" where nobody
    knows since when somebody had been a customer, "nobody_bought" without a usable row, else the
    reason of the fit.
    """
    data = study.toml.data
    if data.transactions is None:
        return Buying(why=NO_PURCHASES)
    purchases = read_purchases(study)
    found = Buying(purchases=purchases)
    if not purchases.complete:
        return replace(found, why=FIRST_UNKNOWN)
    unit = unit_of(study)
    try:
        counted = histories(purchases, unit=unit)
    except NotObservedError:
        return replace(found, why=NOBODY)
    found = replace(found, histories=counted)
    if counted.persons < study.toml.report.smallest_group:
        return replace(found, why=TOO_FEW_PERSONS)
    fit = bg_nbd(counted)
    if fit.reason:
        return replace(found, why=fit.reason)
    spend = gamma_gamma(counted) if data.transactions.amount else None
    found = replace(found, fit=fit, spend=spend)
    return _held_out(study, found, purchases, unit)


def unit_of(study: Study) -> str:
    """Return the unit in which buying is told: weeks, or the study's own for a longer window."""
    window = study.toml.data.window
    assert window.close is not None
    if window.unit in ("day", "week"):
        return window.unit
    short = window.open and (window.close - window.open).days <= MOST_DAYS_IN_WEEKS
    return "week" if short else window.unit


def _held_out(study: Study, found: Buying, purchases: Purchases, unit: str) -> Buying:
    """Return what is known with the model that would have been fitted in the middle of the window.

    The same without it where nobody had bought by then, or no model could have been fitted.
    """
    opens = study.toml.data.window.open or purchases.relation.day.min().to_pandas()
    until = opens + (purchases.close - opens) // 2
    try:
        held = histories(purchases, until=until, later_until=purchases.close, unit=unit)
    except NotObservedError:
        return found
    before = bg_nbd(held)
    if before.reason:
        return replace(found, untried=before.reason)
    tested = trial(purchases, held, before, until, study.toml.report.smallest_group)
    return replace(found, held=held, before=before, until=until, tested=tested)
