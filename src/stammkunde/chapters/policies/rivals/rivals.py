"""What the rivals' answer leaves of an offer, in the client's own money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import amount, results, unit
from stammkunde.chapters.policies.numbers import spread
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.rivals.competing import Competing, competing
from stammkunde.policy.rivals import Response, poached, promised, surfed, switched
from stammkunde.result import Estimate, Finding, Sentence, Status

ID = "policy.rivals"
POACHING, SWITCHING, PROMISE, SURFING = "poaching", "switching", "promise", "surfing"
# one cost of leaving for everybody, where the ledger has evenly spread ones
ONE_COST = "switching_cost_at_its_mean"
# what is told of a game, by the name that a response gives it
NUMBERS = {
    "frozen": "total_frozen",
    "after": "total_after",
    "own": "from_own",
    "won": "from_rival",
    "rebate": "rebate",
    "switching": "switching",
    "trap": "trap",
}
# changes against today's price, which hang on the margin alone, and the prices themselves
CHANGES = {"loyal_change": "loyal_price", "newcomer_change": "newcomer_price"}
PRICES = ("loyal_price", "newcomer_price")
TABLE = ("own", "won", "rebate", *CHANGES, "switching", "trap")
IMPORTANCE = {POACHING: 0.2, SURFING: 0.2, SWITCHING: 0.12, PROMISE: 0.1}


@dataclass(frozen=True, kw_only=True)
class Played:
    """A game as it is told: its numbers by name, money in the client's currency."""

    game: str
    numbers: Mapping[str, Estimate]
    assumptions: tuple[str, ...]
    words: Mapping[str, object]

    @property
    def kind(self) -> str:
        """Return what becomes of the gain: "nobody" comes, "trap", "keeps", or "open"."""
        frozen, after = self.numbers["frozen"], self.numbers["after"]
        if (frozen.value or 0.0) <= 0:
            return "nobody"
        return _sign(after, "keeps", "trap")


def rivals(decision: Decision) -> Section:
    """Return the section on the games in which rivals answer, as far as a market is declared.

    Everything in it is a scenario. Left out where the TOML has no `[rival]`, or where a month
    brings nothing or more than its price in some draw.
    """
    heading = Sentence("rivals.heading")
    toml = decision.study.toml.rival
    if toml is None:
        why = Sentence("rivals.left_out.absent")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    given = competing(decision, toml)
    if not given.is_playable:
        return Section(id=ID, heading=heading, left_out=Sentence("rivals.left_out.margin"))
    told = [_told(decision, given, r) for r in _games(given)]
    if not told:
        return Section(id=ID, heading=heading, left_out=Sentence("rivals.left_out.interest"))
    numbers = _given(given, decision.currency)
    return Section(
        id=ID,
        heading=heading,
        findings=[_finding(t) for t in told],
        tables=[_table(told, numbers, given), _prices(told)],
        paragraphs=[Sentence(f"rivals.method.{'two' if given.firms == 2 else 'many'}")],
        results=[
            *results("policy.rival", numbers),
            *(r for t in told for r in results(f"policy.rival.{t.game}", t.numbers)),
        ],
    )


def _games(given: Competing) -> list[Response]:
    """Return the games that fit the number of firms, each with draws on its axis."""
    market, cost = given.market, given.switching_cost
    if given.firms > 2:
        # a market that goes on for ever has a value only with some interest
        if (market.patience >= 1).any():
            return []
        return [surfed(market, switching_max=cost, firms=given.firms)]
    mean = poached(market, switching_cost=cost / 2)
    return [
        replace(mean, assumptions=(*mean.assumptions, ONE_COST)),
        switched(market, switching_max=cost),
        promised(market),
    ]


def _told(decision: Decision, given: Competing, response: Response) -> Played:
    found = response.estimates()
    names = NUMBERS | ({n: n for n in PRICES} if given.known else {})
    numbers = {n: _named(found[of], decision.currency) for n, of in names.items()}
    for name, of in CHANGES.items():
        change = np.asarray(getattr(response, of) - response.price)
        numbers[name] = spread(
            change,
            decision.currency,
            Status.ASSUMED,
            estimand=f"{of} less today's in the games with rivals",
        )
    words = {
        **{n: numbers[n] for n in ("frozen", "after", "own", "won")},
        "months": given.months * response.periods,
        "units": unit("month", given.months * response.periods, "dative"),
        "firms": given.firms,
    }
    return Played(
        game=response.game, numbers=numbers, assumptions=response.assumptions, words=words
    )


def _named(e: Estimate, currency: str) -> Estimate:
    return e if e.unit == "share" else replace(e, unit=currency)


def _finding(told: Played) -> Finding:
    return Finding(
        id=f"policy.rival.{told.game}",
        status=Status.ASSUMED,
        sentence=Sentence(f"rivals.{told.game}.{told.kind}", told.words),
        assumptions=told.assumptions,
        importance=IMPORTANCE[told.game],
        table=ID,
    )


def _table(told: Sequence[Played], numbers: Mapping[str, Estimate], given: Competing) -> Table:
    words = {
        **numbers,
        "heads": amount("customers", given.heads),
        "months": given.months,
        "units": unit("month", given.months, "dative"),
    }
    columns = [Column("rivals.column.game", "text"), Column("rivals.column.frozen", "money0")]
    columns += [Column("rivals.column.after", "money0"), Column("rivals.column.wins", "text")]
    return Table(
        id=ID,
        caption=Sentence("rivals.caption.games"),
        columns=columns,
        rows=[(_name(t), t.numbers["frozen"], t.numbers["after"], _wins(t)) for t in told],
        note=Sentence("rivals.note", words),
    )


def _prices(told: Sequence[Played]) -> Table:
    """Return what each own customer brings and pays after the answer, for the workbook."""
    names = [*TABLE, *(n for n in PRICES if all(n in t.numbers for t in told))]
    forms = {n: "percent0" if n in ("switching", "trap") else "money2" for n in names}
    return Table(
        id=f"{ID}.prices",
        caption=Sentence("rivals.caption.prices"),
        columns=[
            Column("rivals.column.game", "text"),
            *(Column(f"rivals.column.{n}", form) for n, form in forms.items()),
        ],
        rows=[(_name(t), *(t.numbers[n] for n in names)) for t in told],
        in_report=False,
    )


def _name(told: Played) -> Sentence:
    return Sentence(f"rivals.game.{told.game}", told.words)


def _wins(told: Played) -> Sentence:
    """Return who gains by it all: what firms of equal size lose, customers pay less."""
    return Sentence(f"rivals.wins.{_sign(told.numbers['after'], 'firms', 'customers')}")


def _sign(e: Estimate, above: str, below: str) -> str:
    if e.low is None or e.high is None:
        value = e.value or 0.0
        return above if value > 0 else below if value < 0 else "open"
    return above if e.low > 0 else below if e.high < 0 else "open"


def _given(given: Competing, currency: str) -> dict[str, Estimate]:
    """Return what the games were played with."""
    drawn = {
        "margin": np.asarray(given.market.margin),
        "switching_cost": given.switching_cost,
    } | ({"price": np.asarray(given.market.price)} if given.known else {})
    return {
        n: spread(x, currency, Status.ASSUMED, estimand=f"{n} in the games with rivals")
        for n, x in drawn.items()
    }
