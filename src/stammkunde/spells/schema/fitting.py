"""What is declared about meaning: orders, signs, ranges, and keys that need one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from stammkunde.errors import SchemaError
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import ContractsToml
from stammkunde.spells.spells import CENSORED, COHORT, STATE, UNLISTED

# a cause of this name would read as "still there", or as what no cause lists
RESERVED_CAUSES = (CENSORED, STATE, UNLISTED)
CURRENCY = 3
MOST_MONTHS = 120


def check_meaning(data: DataToml, where: str) -> None:
    """Raise SchemaError unless what the TOML says about meaning fits together."""
    for what, remedy in _misfits(data):
        raise SchemaError(what, where=where, remedy=remedy)


def _misfits(data: DataToml) -> Iterable[tuple[str, str]]:
    """Yield what does not fit, and its remedy."""
    if data.contracts is not None:
        yield from _contracts(data.contracts)
    yield from _spells(data)
    yield from _causes(data)
    yield from _terms(data)
    yield from _amounts(data)
    yield from _alert(data)
    yield from _covariates(data)
    yield from _beside(data)


def _contracts(table: ContractsToml) -> Iterable[tuple[str, str]]:
    if table.end_is == "grace_end" and table.grace_days < 1:
        yield (
            '`contracts.end_is = "grace_end"` needs `grace_days`',
            "Write how many days the period of grace lasts, 1 or more.",
        )
    if table.end_is != "grace_end" and table.grace_days:
        yield (
            f'`contracts.grace_days` does not go with `end_is = "{table.end_is}"`',
            'Leave it out, or write `end_is = "grace_end"`.',
        )


def _spells(data: DataToml) -> Iterable[tuple[str, str]]:
    spells = data.spells
    if spells.merge_gap_days < 0 or spells.return_days < 0:
        yield "`spells.merge_gap_days` or `spells.return_days` is below 0", "Write 0 or more days."
    if 0 < spells.return_days <= spells.merge_gap_days:
        yield (
            "`spells.return_days` is not greater than `spells.merge_gap_days`",
            "A return follows a gap that is longer than those within one spell.",
        )
    if spells.per == "contract" and spells.merge_gap_days:
        yield '`spells.merge_gap_days` needs `per = "person"`', "Write it, or leave the gap out."
    if spells.per == "person" and (data.contracts is None or not data.contracts.person):
        yield (
            '`spells.per = "person"` needs `[contracts]` with the column `person`',
            "Name the column of the customer number, or leave `per` out.",
        )


def _causes(data: DataToml) -> Iterable[tuple[str, str]]:
    if data.causes and (data.contracts is None or not data.contracts.reason):
        yield "`[causes]` needs the column `contracts.reason`", "Name the column of the reasons."
    for name in data.causes:
        if name in RESERVED_CAUSES:
            yield f"a cause cannot be called `{name}`", "Choose another name."
    yield from _twice("reason", {n: c.reasons for n, c in data.causes.items()}, "causes")


def _terms(data: DataToml) -> Iterable[tuple[str, str]]:
    days = [t.signed_from for t in data.terms]
    if any(a >= b for a, b in pairwise(days)):
        yield "`signed_from` of the `[[terms]]` does not rise", "Sort them by day, each day once."
    lengths = [(t.minimum_months, t.renewal_months, t.notice_days) for t in data.terms]
    if any(n < 0 for length in lengths for n in length):
        yield "a length in `[[terms]]` is below 0", "Write 0 where there is none."


def _amounts(data: DataToml) -> Iterable[tuple[str, str]]:
    money, relevant = data.money, data.relevant
    if len(money.currency) != CURRENCY or not (
        money.currency.isalpha() and money.currency.isupper()
    ):
        yield f"`money.currency` is `{money.currency}`", "Write three capitals such as `EUR`."
    if not 0 <= money.vat < 1:
        yield f"`money.vat` is {money.vat:g}", "Write the rate as a share: 0.19 for 19 per cent."
    if money.interest is not None and not 0 <= money.interest < 1:
        yield f"`money.interest` is {money.interest:g}", "Write the rate a year: 0.08 for 8 %."
    if min(relevant.months, relevant.share, relevant.money) <= 0 or relevant.share >= 1:
        yield (
            "an effect in `[relevant]` is not above 0, or `share` is not below 1",
            "Write the smallest effect that would change a decision; 0.02 is two in a hundred.",
        )
    if not 0 <= data.checks.most_rejected <= 1:
        yield "`checks.most_rejected` is no share", "Write 0.05 for five rows in a hundred."


def _alert(data: DataToml) -> Iterable[tuple[str, str]]:
    alert = data.alert
    if alert is None:
        return
    if data.transactions is None or not data.transactions.amount:
        yield "`[alert]` needs the column `transactions.amount`", "Name it, or leave `[alert]` out."
    if not alert.cost > 0:
        yield f"`alert.cost` is {alert.cost:g}", "Write what a contact costs, more than 0."
    for name in ("won_back", "margin_share"):
        share = getattr(alert, name)
        if not 0 < share <= 1:
            yield f"`alert.{name}` is {share:g}", "Write a share above 0, 1 at most: 0.05 for 5 %."
    if not 1 <= alert.months <= MOST_MONTHS:
        yield f"`alert.months` is {alert.months}", f"Write months, 1 to {MOST_MONTHS}."


def _covariates(data: DataToml) -> Iterable[tuple[str, str]]:
    names = [n.lower() for n in (*data.groups, *data.covariates)]
    for name in data.covariates:
        # the month of signing is a column of its own
        if not name.strip() or name.lower() == COHORT or names.count(name.lower()) > 1:
            yield (
                f"a covariate cannot be called `{name}`",
                "Choose another name, no two alike but for capitals, and none of a group.",
            )


def _beside(data: DataToml) -> Iterable[tuple[str, str]]:
    listed = {"events": data.events, "offers": data.offers, "persons": data.persons}
    named = [n for n, t in listed.items() if t is not None]
    if named and not data.table.person:
        yield (
            f"`[{named[0]}]` needs the column `person` in the main table",
            "Name the column of the customer number there.",
        )
    if data.events is not None:
        kinds = {n: k.values for n, k in data.events.kinds.items()}
        yield from _twice("word", kinds, "events.kinds")


def _twice(
    what: str, lists: Mapping[str, tuple[str, ...]], section: str
) -> Iterable[tuple[str, str]]:
    """Yield a word that stands under two names of a section."""
    owner: dict[str, str] = {}
    for name, words in lists.items():
        for word in words:
            other = owner.setdefault(word, name)
            if other != name:
                yield (
                    f"the {what} `{word}` stands in `{section}.{other}` and in `{section}.{name}`",
                    "Leave it in one of them.",
                )
