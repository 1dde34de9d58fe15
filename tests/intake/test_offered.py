"""The unit that a draft asks about is the one in which most took the offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
import pytest

from stammkunde.evidence.staying.uptake import uptake_of
from stammkunde.evidence.units import holds
from stammkunde.intake.columns import Column, Looked
from stammkunde.intake.offered import Window, usual_window
from stammkunde.intake.questions import sections
from stammkunde.intake.roles import Table
from stammkunde.intake.toml import written
from stammkunde.spells.schema.tables import Delivery
from tests.evidence.asked import World, later, world

START = date(2020, 1, 15)


def table(section: str, **columns: Sequence[object]) -> Table:
    """Return a table as looked at, days typed."""
    rows = len(next(iter(columns.values())))
    made = {
        n: Column(
            name=n,
            kind="date" if n in ("start", "date") else "text",
            rows=rows,
            filled=sum(c is not None for c in cells),
            distinct=len({*cells}),
            levels={},
            cells=tuple(cells),
        )
        for n, cells in columns.items()
    }
    looked = Looked(delivery=Delivery(file=f"{section}.csv"), rows=rows, columns=made)
    return Table(section=section, looked=looked, roles={n: n for n in columns})


def window(months: Sequence[int], **more: Sequence[object]) -> Window | None:
    """Return the window of an offer taken so many months after sign-up, one customer each."""
    people = [f"p{i}" for i in range(len(months))]
    main = table("contracts", person=people, start=[START] * len(months))
    days = [later(START, m) for m in months]
    offers = table("offers", person=people, start=days, offer=["A"] * len(months), **more)
    return usual_window(main, offers, "A", ("yes",) if more else ())


def test_by_hand() -> None:
    # on the day so many months after the first one it counts from unit m + 1 on
    assert window([12] * 9 + [3]) == Window(first=13, last=13)
    assert window([0] * 5 + [7] * 4) == Window(first=1, last=1)
    # who took it before is none of those who can take it then; of the rest half did then
    assert window([2] * 2 + [6] * 3 + [8, 9, 10]) == Window(first=7, last=7)
    # three of ten: nine of those from then on had it by unit 12
    assert window([6] * 3 + [7, 7, 8, 8, 9, 11, 20]) == Window(first=7, last=12)
    assert window([]) is None
    assert window([40, 50]) is None


def test_the_words_of_those_who_took_it_count_alone() -> None:
    assert window([3, 3, 3, 12, 12], arm=["no"] * 3 + ["yes"] * 2) == Window(first=13, last=13)


def test_purchases_begin_with_the_first() -> None:
    days = [later(START, m) for m in (5, 0, 9)]
    main = table("transactions", person=["a"] * 3, date=days)
    offers = table("offers", person=["a", "b"], start=[later(START, 4)] * 2, offer=["A", "A"])
    assert usual_window(main, offers, "A") == Window(first=5, last=5)


@pytest.mark.parametrize(
    ("offer", "word"), [("loyal", "yes"), ("window", "yes"), ("welcome", "no")]
)
def test_it_is_what_a_question_counts(offer: str, word: str) -> None:
    """Of contracts without gaps in observation, the kernel's uptake has the same mode."""
    whole: World = world(300)
    c, o = whole.contracts, whole.offers
    main = table("contracts", person=[*c.who], start=[*c.begin])
    rows = table("offers", person=[*o.person], start=[*o.start], offer=[*o.offer], arm=[*o.arm])
    found = usual_window(main, rows, offer, (word,))
    spells, beside = whole.read()
    assert beside.offers is not None
    own = beside.offers.relation
    own = own.filter((own.offer == offer) & (own.arm == word))
    counts = uptake_of(spells, holds(spells, own), reach=36).counts
    by_unit: pd.Series[int] = counts[counts.taken > 0].groupby("taken")["n"].sum()
    assert found is not None
    most = int(by_unit.idxmax())
    assert found == Window(first=most, last=most)


def test_the_draft_says_it() -> None:
    def drafted(months: Sequence[int]) -> str:
        people = [f"p{i}" for i in range(len(months))]
        main = table("contracts", person=people, start=[START] * len(months))
        days = [later(START, m) for m in months]
        offers = table("offers", person=people, start=days, offer=["A"] * len(months))
        return written(sections([main, offers], ["kind"])[0])

    assert "# from_unit = 19" in drafted([18] * 5)
    assert "to_unit" not in drafted([18] * 5)
    spread = drafted([3, 3, 4, 5, 6, 6])
    assert "# from_unit = 4" in spread
    assert "# to_unit = 7" in spread
    assert "from_unit" not in drafted([0] * 5)
    assert "# from_unit = 13" in drafted([])
