"""The picture of how alike the arms are: levels in their order, the named one always drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from stammkunde.chapters.exhibit import Figure
from stammkunde.chapters.offers.doubts.doubted import doubts
from stammkunde.chapters.reasons.names import begin_of
from stammkunde.evidence.asking.made import CONTROL, TREATED
from stammkunde.evidence.doubt.balance import Balance
from stammkunde.report.words import Words
from stammkunde.study import Study
from tests.chapters.doubted import changed, client_in

Row = tuple[str, float, float]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return client_in(tmp_path_factory.mktemp("balance"))


def drawn(client: Study, levels: Mapping[str, Sequence[Row]]) -> tuple[Figure, str]:
    """Return the picture of levels with differences before and after, and what the section says."""
    rows = [
        (column, level, 0.3, 0.2, 0.25, 0.25, 0.25, before, after)
        for column, own in levels.items()
        for level, before, after in own
    ]
    names = ("column", "level", "treated", "control", "treated_weighted", "control_weighted")
    table = pd.DataFrame(rows, columns=[*names, "everybody", "before", "after"])
    unlike = Balance(treated=TREATED, control=CONTROL, table=table)
    section = doubts(client, changed("column", unlike=unlike))
    finding = next(f for f in section.findings if f.id.endswith(".alike"))
    figure = next(f for f in section.figures if f.kind == "balance")
    return figure, Words("en_GB").say(finding.sentence)


def shown(figure: Figure) -> list[str]:
    return [Words("en_GB").text(row.label) for row in figure.balanced]


def test_numbers_and_bands_stand_in_their_order(client: Study) -> None:
    tenure = [(n, 0.05, 0.01) for n in ("10", "13", "3")]
    bands = [(n, 0.05, 0.01) for n in (">= 12", "5 to < 12", "< 5", "(missing)")]
    figure, _ = drawn(client, {"tenure": tenure, "band": bands})
    assert shown(figure)[:3] == ["3", "10", "13"]
    assert shown(figure)[3:] == ["< 5", "5 to < 12", ">= 12", "(missing)"]
    assert [begin_of(n) for n in ("-2", "2 to < 3", ">= 4.5")] == [-2.0, 2.0, 4.5]


def test_of_two_levels_the_named_one_is_drawn(client: Study) -> None:
    other = [(n, 0.01, 0.01) for n in ("x", "y", "z")]
    figure, told = drawn(client, {"two": [("a", 0.3, 0.01), ("b", -0.4, 0.01)], "three": other})
    assert shown(figure) == ["b", "x", "y", "z"]
    assert "b" in told
    # one is named of before, the other of after
    figure, _ = drawn(client, {"two": [("a", 0.3, 0.3), ("b", -0.4, 0.2)], "three": other})
    assert shown(figure) == ["a", "b", "x", "y", "z"]
    figure, _ = drawn(
        client,
        {"two": [("a", 0.01, 0.01), ("b", -0.01, 0.01)], "three": [("x", 0.2, 0.1), *other[1:]]},
    )
    assert shown(figure) == ["a", "x", "y", "z"]
