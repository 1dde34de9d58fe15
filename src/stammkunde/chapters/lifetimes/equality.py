"""Are the curves of several groups equal at all? The test's note and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.parts import amount, counted, results
from stammkunde.errors import NotObservedError
from stammkunde.result import Result, Sentence
from stammkunde.study import Study
from stammkunde.survival.contrasts import Test, logrank
from stammkunde.survival.curve import Curve
from stammkunde.survival.table import LifeTable

EARLY = 1.0


def equality(tables: Mapping[str, LifeTable], rho: float = 0.0) -> Test | None:
    """Return the log-rank test of all tables, weighted by `rho`.

    None where they were never at risk together, or are too many for the persons in the smallest.
    """
    try:
        return logrank(list(tables.values()), rho=rho)
    except NotObservedError:
        return None


def equality_note(study: Study, test: Test | None, hidden: int) -> Sentence:
    """Return the note on the log-rank test of the tables shown, and on those not shown."""
    more = _hidden(study, hidden)
    if test is None:
        return Sentence("table.groups.no_test", {"more": more})
    return Sentence("table.groups.note", {**_told(test), "more": more})


def both_note(
    study: Study, test: Test | None, early: Test | None, hidden: int, compared: int
) -> Sentence:
    """Return the same with the test that looks at early leaving beside the plain one.

    `compared` levels are each held against all others: a test of all together needs more persons
    in the smallest than there are levels.
    """
    more = _hidden(study, hidden)
    if test is None or early is None:
        key = "groups.note.each" if compared else "table.groups.no_test"
        return Sentence(key, {"more": more, "levels": compared})
    words = {
        "value": test.statistic,
        **_told(test),
        "early": early.statistic,
        "p_early": p_of(early),
    }
    key = "groups.note.simultaneous" if compared else "groups.note.both"
    return Sentence(key, {**words, "levels": compared, "more": more})


def _hidden(study: Study, hidden: int) -> Sentence | str:
    values: dict[str, object] = {"hidden": hidden, "count": hidden}
    values |= {"few": amount("persons", study.toml.report.smallest_group)}
    return Sentence("table.hidden", values) if hidden else ""


def _told(test: Test) -> dict[str, object]:
    kind = "blocks" if "blocks" in test.method else "plain"
    which = Sentence(f"table.test.{kind}", {"df": test.df, "count": test.df})
    return {"value": test.statistic, "which": which, "p": p_of(test)}


def p_of(test: Test) -> Sentence:
    """Return the words for a p-value: what it is, or what it lies below."""
    small = test.p < 1e-4
    return Sentence("table.p_below" if small else "table.p_is", {"p": max(test.p, 1e-4)})


def test_results(name: str, test: Test | None, curve: Curve) -> list[Result]:
    """Return the statistic and the p-value of a test as results."""
    if test is None:
        return []
    numbers = {f"logrank.{name}": (test.statistic, "chi2"), f"logrank.{name}.p": (test.p, "share")}
    return results(
        "lifetimes",
        {
            key: replace(counted(value, curve, kind), method=f"{test.method}, {test.df} df")
            for key, (value, kind) in numbers.items()
        },
    )
