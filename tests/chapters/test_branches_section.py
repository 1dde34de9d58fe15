"""Lost to a branch or to the brand, in the report: counted by hand, and on little data."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.buying.read import Buying
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Status
from stammkunde.survival.buying import transfers, transfers_by_place
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.shops import TOML, shop
from tests.chapters.test_dated import spoken

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

PLACED = TOML.replace('amount = "paid"', 'amount = "paid"\nplace = "where"')


def visits(moves, persons=400, places=("north", "south", "east")):
    """Return two visits of each customer: `moves(i)` says where the second is, "" for none.

    The first ones are in January 2023 at the places in turn; the second come in July.
    """
    rows = ["who,day,paid,where"]
    for i in range(persons):
        home = places[i % len(places)]
        rows.append(f"{i},2023-01-{1 + i % 28:02},10,{home}")
        where = moves(i, home)
        rows += [f"{i},2023-06-{1 + i % 28:02},10,{where}"] if where else []
    return "\n".join(rows) + "\n"


def told(folder, text, toml=PLACED):
    asked, found = shop(folder, text, toml=toml)
    section = tell.branches(asked, found)
    check([section])
    return asked, found, section


def test_transfers_are_counted_by_hand(tmp_path):
    """A fourth moves to the west, a fourth comes again, all are lost after their last visit."""
    places = ("north", "south", "east")
    text = visits(lambda i, home: ("west", home, "", "")[i // 3 % 4], 480, places)
    _, found, section = told(tmp_path, text)
    own = numbers(section)
    # 120 moved, 480 were lost after the visit that was the last, at whatever branch
    assert own["buying.branches.by_rule"].value == pytest.approx(120 / 600)
    assert own["buying.branches.settled"].value == pytest.approx(120 / 600)
    assert (own["buying.branches.settled"].status, own["buying.branches.settled"].assumptions) == (
        Status.ESTIMATED,
        ("lapse_rule",),
    )
    north, west = (numbers(section, branch=b) for b in ("north", "west"))
    assert north["buying.branches.settled"].value == pytest.approx(40 / 160)
    assert west["buying.branches.settled"].value == 0
    (main, apart) = section.findings
    assert (main.claims, main.importance) == (("A13",), 0.5)
    assert apart.sentence.key == "branches.apart"
    assert "20.0%" in said(section)
    kernel = transfers(found.purchases, 184)
    assert own["buying.branches.settled"].low == kernel.settled.low


def test_who_comes_back_late_is_lost_by_the_rule_only(tmp_path):
    """Half come back after the gap, elsewhere."""
    text = visits(lambda i, home: "")
    late = "".join(f"{i},2023-10-01,10,west\n" for i in range(0, 400, 2))
    _, found, section = told(tmp_path, text + late)
    own = numbers(section)
    # 400 first visits and 200 second ones are lost by the rule, of which 200 came back elsewhere
    assert own["buying.branches.by_rule"].value == 0
    assert own["buying.branches.settled"].value == pytest.approx(200 / 600)
    whole = transfers(found.purchases, 184)
    assert (whole.moved, whole.lost, whole.back, whole.persons) == (0, 600, 200, 400)


def test_branches_add_up_to_the_brand(tmp_path):
    rng = np.random.default_rng(4)
    text = visits(lambda i, home: ["", home, "west"][int(rng.integers(3))], 600)
    _, found, section = told(tmp_path, text)
    whole = transfers(found.purchases, 184)
    parts = transfers_by_place(found.purchases, 184)
    assert list(parts) == ["east", "north", "south", "west"]
    for name in ("moved", "lost", "back"):
        assert sum(getattr(p, name) for p in parts.values()) == getattr(whole, name)
    (table,) = section.tables
    assert [row[0] for row in table.rows[1:]] == [d.label for d in sorted_dots(section)]
    assert table.rows[0][2] == sum(row[2] for row in table.rows[1:])


def sorted_dots(section):
    return sorted(section.figures[0].dots, key=lambda d: d.label.key)


def test_branches_that_are_alike_are_not_told_apart(tmp_path):
    rng = np.random.default_rng(9)
    places = ("a", "b", "c", "d")
    text = visits(lambda i, home: places[(i + 1) % 4] if rng.random() < 0.2 else "", 800, places)
    *_, section = told(tmp_path, text)
    assert section.findings[1].sentence.key == "branches.alike"


def test_small_branches_are_not_shown(tmp_path):
    text = visits(lambda i, home: "south" if i % 4 == 0 else "", 200, ("north",))
    few = "".join(f"k{i},2023-01-05,10,tiny\n" for i in range(5))
    *_, section = told(tmp_path, text + few)
    assert "tiny" not in str(section.tables[0].rows)
    assert "tiny" not in str(section.results)


def test_many_branches_are_a_table_without_a_picture(tmp_path):
    places = tuple(f"p{i:02}" for i in range(20))
    text = visits(lambda i, home: places[i % 7] if i % 5 == 0 else "", 3000, places)
    *_, section = told(tmp_path, text)
    assert section.figures == []
    assert len(section.tables[0].rows) == 21


def test_what_does_not_apply_is_not_needed(tmp_path):
    text = visits(lambda i, home: "")
    asked, found, section = told(tmp_path, text, toml=TOML)
    assert (section.left_out.key, section.needed) == ("branches.left_out.no_places", False)
    contracts = tell.branches(asked, Buying(why="no_purchases"))
    assert (contracts.left_out.key, contracts.needed) == ("branches.left_out.no_purchases", False)
    bare = replace(asked, toml=replace(asked.toml, data=replace(asked.toml.data, lapse=None)))
    assert tell.branches(bare, found).left_out.key == "branches.left_out.no_purchases"
    for language in languages():
        assert all(spoken(contracts, Words(language)))


LITTLE = {
    "one customer": (visits(lambda i, home: "", 1), "too_few"),
    "five": (visits(lambda i, home: "west", 5), "too_few"),
    "one branch": (visits(lambda i, home: "", 300, ("north",)), "one_place"),
    "nobody lost yet": (
        "who,day,paid,where\n" + "".join(f"{i},2024-12-0{i % 9 + 1},1,x\n" for i in range(90)),
        "too_few",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("case", LITTLE)
def test_little_data_are_left_out_in_words(tmp_path, case):
    text, why = LITTLE[case]
    *_, section = told(tmp_path, text)
    assert section.left_out.key == f"branches.left_out.{why}"


def test_all_who_move_stay_with_the_brand(tmp_path):
    """Everybody moves to and fro until the end: nobody is lost."""
    days = [f"{y}-{m:02}-15" for y in (2023, 2024) for m in (1, 4, 7, 10)] + ["2024-12-15"]
    rows = [f"{i},{d},5,{'ab'[k % 2]}" for i in range(60) for k, d in enumerate(days)]
    *_, section = told(tmp_path, "who,day,paid,where\n" + "\n".join(rows) + "\n")
    assert numbers(section)["buying.branches.settled"].value == 1
