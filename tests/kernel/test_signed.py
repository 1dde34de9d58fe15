"""Under which terms a spell began: by its first day, the last terms signed by then."""

from datetime import date

import pytest

from stammkunde.errors import ParameterError
from stammkunde.spells.signed import BEFORE, SIGNED, by_terms
from stammkunde.survival.table import life_table, life_tables
from tests.kernel.dated import made

FROM = (date(2018, 1, 1), date(2019, 3, 1))
CONTRACTS = [
    ("a", date(2017, 12, 31), date(2018, 6, 1)),
    ("b", date(2018, 1, 1), None),
    ("b", date(2019, 2, 28), date(2019, 7, 1)),
    ("c", date(2019, 3, 1), None),
    ("d", date(2020, 5, 5), None),
]


def test_each_spell_is_under_the_terms_of_its_first_day():
    spells = by_terms(made(CONTRACTS), FROM)
    frame = spells.to_frame().sort_values("start")
    expected = [BEFORE, "2018-01-01", "2018-01-01", "2019-03-01", "2019-03-01"]
    assert frame[SIGNED].tolist() == expected


def test_the_tables_of_all_terms_add_up_and_know_that_persons_come_back():
    spells = made(CONTRACTS)
    tables = life_tables(by_terms(spells, FROM), by=SIGNED)
    whole = life_table(spells)
    assert sum(int(t.entered.sum()) for t in tables.values()) == int(whole.entered.sum())
    assert all(t.repeats for t in tables.values())


@pytest.mark.parametrize("days", [(), FROM[::-1], (FROM[0], FROM[0])])
def test_days_that_do_not_rise_are_refused(days):
    with pytest.raises(ParameterError, match="rising"):
        by_terms(made(CONTRACTS), days)
