"""Keys of a client's TOML that do not fit together are refused, each with its remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from stammkunde.errors import SchemaError
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.fitting import check_meaning
from stammkunde.spells.schema.meaning import (
    AlertToml,
    CauseToml,
    ChecksToml,
    CovariateToml,
    GroupToml,
    MoneyToml,
    RelevantToml,
    SpellsToml,
    TermToml,
    WindowToml,
)
from stammkunde.spells.schema.tables import (
    ContractsToml,
    Delivery,
    EventKindToml,
    EventsToml,
    PersonsToml,
    TransactionsToml,
)

PERSON = SpellsToml(per="person")
PERSONS = PersonsToml(delivery=Delivery(file="persons.csv"), customer="number", person="household")
CAUSES = {"moved": CauseToml(reasons=("Umzug",), title={"en": "moved"})}
CONTRACTS = ContractsToml(delivery=Delivery(file="c"), person="p", start="a", end="b", reason="r")
ALERT = AlertToml(cost=1.5, won_back=0.05, margin_share=0.3, says={})
BOUGHT = {
    "contracts": None,
    "transactions": TransactionsToml(
        delivery=Delivery(file="t"), person="p", date="d", amount="money"
    ),
}
BAD = {
    "end_is = .grace_end.` needs `grace_days": {
        "contracts": ContractsToml(
            delivery=Delivery(file="c"), start="a", end="b", end_is="grace_end"
        )
    },
    "`contracts.grace_days` does not go with `end_is = .notice.`": {
        "contracts": ContractsToml(
            delivery=Delivery(file="c"), start="a", end="b", end_is="notice", grace_days=3
        )
    },
    "is below 0": {"spells": SpellsToml(return_days=-1)},
    "is not greater than `spells.merge_gap_days`": {
        "spells": SpellsToml(per="person", merge_gap_days=10, return_days=10)
    },
    "needs `per = .person.`": {"spells": SpellsToml(merge_gap_days=10)},
    "needs `\\[contracts\\]` with the column `person`": {
        "contracts": ContractsToml(delivery=Delivery(file="c"), start="a", end="b"),
        "spells": PERSON,
    },
    "`\\[causes\\]` needs the column": {
        "contracts": ContractsToml(delivery=Delivery(file="c"), start="a", end="b"),
        "causes": CAUSES,
    },
    "a cause cannot be called `unlisted`": {
        "causes": {"unlisted": CauseToml(reasons=("x",), title={})}
    },
    "the reason `Umzug` stands in `causes.moved` and in `causes.other`": {
        "causes": {**CAUSES, "other": CauseToml(reasons=("Umzug",), title={})}
    },
    "`signed_from` of the `\\[\\[terms\\]\\]` does not rise": {
        "terms": (TermToml(signed_from=date(2022, 1, 1)), TermToml(signed_from=date(2021, 1, 1)))
    },
    "a length in `\\[\\[terms\\]\\]` is below 0": {
        "terms": (TermToml(signed_from=date(2022, 1, 1), notice_days=-1),)
    },
    "`money.currency` is `euro`": {"money": MoneyToml(currency="euro")},
    "`money.vat` is 19": {"money": MoneyToml(vat=19.0)},
    "`\\[alert\\]` needs the column `transactions.amount`": {"alert": ALERT},
    "`alert.cost` is 0": {"alert": replace(ALERT, cost=0.0), **BOUGHT},
    "`alert.won_back` is 1.2": {"alert": replace(ALERT, won_back=1.2), **BOUGHT},
    "`alert.margin_share` is 0": {"alert": replace(ALERT, margin_share=0.0), **BOUGHT},
    "`alert.months` is 0": {"alert": replace(ALERT, months=0), **BOUGHT},
    "an effect in `\\[relevant\\]`": {"relevant": RelevantToml(share=0.0)},
    "`checks.most_rejected` is no share": {"checks": ChecksToml(most_rejected=5.0)},
    "a covariate cannot be called `AGE`": {
        "groups": {"age": GroupToml(column="x", title={})},
        "covariates": {"AGE": CovariateToml(column="x", title={})},
    },
    "a covariate cannot be called `Cohort`": {
        "covariates": {"Cohort": CovariateToml(column="x", title={})},
    },
    "`\\[persons\\]` needs the column `person` in the main table": {
        "contracts": ContractsToml(delivery=Delivery(file="c"), start="a", end="b"),
        "persons": PERSONS,
    },
    "the word `W` stands in `events.kinds.a` and in `events.kinds.b`": {
        "events": EventsToml(
            delivery=Delivery(file="e"),
            person="p",
            date="d",
            kind="k",
            kinds={"a": EventKindToml(values=("W",)), "b": EventKindToml(values=("W",))},
        )
    },
}


@pytest.mark.parametrize("message", BAD)
def test_what_does_not_fit_is_said_with_a_remedy(message):
    keys = {"contracts": CONTRACTS} | BAD[message]
    with pytest.raises(SchemaError, match=message) as error:
        check_meaning(DataToml(window=WindowToml(close=date(2021, 1, 1)), **keys), "test.toml")
    assert error.value.remedy.endswith(".")


def test_what_fits_passes():
    terms = (TermToml(signed_from=date(2020, 1, 1), minimum_months=24),)
    data = DataToml(contracts=CONTRACTS, causes=CAUSES, terms=terms, spells=PERSON)
    check_meaning(data, "test.toml")
    check_meaning(
        replace(data, alert=ALERT, terms=(), causes={}, spells=SpellsToml(), **BOUGHT), ""
    )
