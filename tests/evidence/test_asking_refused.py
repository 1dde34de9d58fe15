"""What data cannot answer is refused with its reason; what is not there is said in a sentence."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from stammkunde.errors import NotObservedError, ParameterError, SchemaError
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import ask
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells
from tests.evidence.asked import CLOSE, OPEN, beside, later, question

Read = tuple[Spells, Beside]
ROWS = ["person", "offer", "start", "last", "arm"]
HAPPENED = ["person", "kind", "day", "value"]


def few(size: int = 240) -> pd.DataFrame:
    """Return contracts of a month or more, begun while observed; every third still runs."""
    rows = []
    for i in range(size):
        day = date(2020, 7, 1) + timedelta(days=3 * (i % 180))
        last = None if i % 3 == 0 else later(day.replace(day=min(day.day, 28)), 1 + i % 17)
        kind, met = "ab"[i % 2], "yn"[i // 2 % 2]
        own = None if last is None or last >= CLOSE else last
        rows.append((f"p{i}", day, own, kind, f"r{i % 24:02}", met))
    return pd.DataFrame(rows, columns=["who", "begin", "end", "kind", "region", "met"])


def read(frame: pd.DataFrame, offers: list[Any] | None = None, events: Any = ()) -> Read:
    spells = spells_from(
        frame, start="begin", end="end", person="who", open=OPEN, close=CLOSE,
        by=("kind", "region", "met"),
    )  # fmt: skip
    tables = (pd.DataFrame(offers or [], columns=ROWS), pd.DataFrame([*events], columns=HAPPENED))
    return spells, beside(*tables)


def refused(asks: QuestionToml, given: Read) -> Answer:
    """Return the answer, which has no number anywhere and shows itself all the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        answer = ask(asks, *given)
    assert answer.refused
    assert answer.share.reason == answer.refused
    assert (answer.months.value, answer.months.low, answer.share.value) == (None, None, None)
    assert answer.refused in answer._repr_html_()
    assert answer.to_frame().iloc[-1].isna().sum() == 3
    return answer


def given_at(frame: pd.DataFrame, months: int, who: slice = slice(None)) -> list[Any]:
    """Return offers begun so many months after the contract, to those who get so far."""
    rows = []
    for p in frame[who].itertuples():
        day = later(p.begin.replace(day=min(p.begin.day, 28)), months)
        if p.end is None or p.end >= day:
            rows.append((p.who, "loyal", day, None, "yes"))
    return rows


def test_an_offer_that_is_nothing_but_a_tenure_band() -> None:
    """All who get so far have it: there is nobody without to compare them with."""
    frame = few().assign(begin=lambda f: [d.replace(day=min(d.day, 28)) for d in f.begin])
    given = read(frame, given_at(frame, 6))
    band = question(offer="loyal", from_unit=7, horizon=12, alike=("kind",))
    assert refused(band, given).refused in ("no_counterpart", "too_few_persons", "not_observed")
    window = replace(band, to_unit=9)
    assert refused(window, given).refused in ("no_counterpart", "too_few_persons", "not_observed")


def test_perfect_separation() -> None:
    frame = few().assign(kind=lambda f: f.met)
    asks = question("y", "n", column="met", alike=("kind",))
    assert refused(asks, read(frame)).refused == "no_counterpart"


def test_three_treated_customers() -> None:
    frame = few()
    frame["met"] = ["y" if i in (1, 4, 10) else "n" for i in range(len(frame))]
    asks = question("y", "n", column="met", alike=("kind",))
    assert refused(asks, read(frame)).refused == "too_few_persons"
    at_six = question(offer="loyal", from_unit=7, horizon=12, alike=("kind",))
    given = read(frame, given_at(frame, 6, slice(3)))
    assert refused(at_six, given).refused in ("too_few_persons", "no_counterpart")


def test_an_arm_all_censored() -> None:
    frame = few()
    frame.loc[frame.met == "y", "end"] = None
    asks = question("y", "n", column="met", alike=("kind",))
    assert refused(asks, read(frame)).refused == "nobody_left_in_an_arm"


def test_a_horizon_that_nobody_was_seen_to_the_end_of() -> None:
    asks = question("y", "n", column="met", alike=("kind",), horizon=40)
    assert refused(asks, read(few())).refused == "not_observed"


def test_regions_of_which_an_arm_has_a_handful() -> None:
    frame = few()
    frame["met"] = ["y" if r < "r09" else "n" for r in frame.region]
    asks = question(
        "y", "n", column="met", day=date(2021, 3, 1), cluster="region", assignment="drawn"
    )
    answer = refused(asks, read(frame))
    assert answer.refused == "too_few_clusters"
    assert answer.trial.clusters == 24


def test_regions_outside_the_arms_do_not_count() -> None:
    """Twelve of 24 regions are in the arms: too few, whatever the others are."""
    frame = few()
    frame["met"] = ["y" if r < "r06" else "n" if r < "r12" else "elsewhere" for r in frame.region]
    asks = question(
        "y", "n", column="met", day=date(2021, 3, 1), cluster="region", assignment="drawn"
    )
    answer = refused(asks, read(frame))
    assert answer.refused == "too_few_clusters"
    assert answer.trial.clusters == 12


CALL = ("p1", "call", date(2021, 1, 5), None, "called")
ABSENT = {
    "an offer that no row names": (
        question(offer="loyal", from_unit=7, alike=("kind",)), "`loyal` does not occur", "`call`"),
    "a word that no row of it has": (
        question("called", "kept", offer="call", on_its_day=True, assignment="drawn"),
        "`kept` does not occur in `call`", "called"),
    "a word that no customer has": (
        question("y", "nn", column="met", alike=("kind",)), "`nn` does not occur in `met`", "`n`"),
    "a word that no customer of the day has": (
        question("yy", "n", column="met", day=date(2021, 3, 1), alike=("kind",)),
        "`yy` does not occur in `met`", "`y`"),
    "a kind of event that never happened": (
        question(event="complain", alike=("kind",)), "`complain` does not occur", "`complaint`"),
    "a value that no event has": (
        question("big", "tiny", event="complaint", alike=("kind",)),
        "`tiny` does not occur", "big"),
    "a level that nobody has": (
        question("y", "n", column="met", alike=("region",), where={"kind": ("a", "c")}),
        "`c` does not occur in `kind`", ""),
    "signed when nobody did": (
        question("y", "n", column="met", alike=("kind",), signed_from=date(2022, 12, 1)),
        "nobody is eligible", "signing"),
}  # fmt: skip


@pytest.fixture(scope="module")
def given() -> Read:
    return read(few(), [CALL], [("p1", "complaint", date(2021, 2, 1), "big")])


@pytest.fixture(scope="module")
def empty(given: Read) -> Read:
    return given[0], beside(pd.DataFrame(columns=ROWS), pd.DataFrame(columns=HAPPENED))


@pytest.mark.parametrize("case", ABSENT)
def test_what_is_not_there_is_said(case: str, given: Read) -> None:
    asks, what, remedy = ABSENT[case]
    kind = NotObservedError if what == "nobody is eligible" else ParameterError
    with pytest.raises(kind) as caught:
        ask(asks, *given)
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.remedy


def test_a_misspelt_word_names_its_key(given: Read) -> None:
    asks = question("y", "nn", column="met", alike=("kind",))
    with pytest.raises(ParameterError, match=r"`question.control.words` \(`asked`\): `nn`"):
        ask(asks, *given)
    nowhere = question("y", "n", column="met", alike=("region",), where={"kind": ("c",)})
    with pytest.raises(ParameterError, match=r"`question.where.kind` \(`asked`\): `c`"):
        ask(nowhere, *given)
    unknown = question(offer="loyal", from_unit=7, alike=("kind",))
    with pytest.raises(ParameterError, match=r"`question\.offer`: `loyal`"):
        ask(unknown, *given)


@pytest.mark.parametrize(
    "asks",
    [
        question(offer="loyal", from_unit=7, alike=("kind",)),
        question("called", "held", offer="call", on_its_day=True, assignment="drawn"),
        question(offer="welcome", alike=("kind",)),
        question(event="complaint", alike=("kind",)),
        question("big", "small", event="complaint", alike=("kind",)),
    ],
    ids=["landmark", "lot", "start", "reaction", "values"],
)
def test_an_empty_table_and_none(asks: QuestionToml, empty: Read) -> None:
    spells, nothing = empty
    with pytest.raises(NotObservedError, match=f"`{asks.about}` does not occur") as caught:
        ask(asks, spells, nothing)
    assert caught.value.remedy
    with pytest.raises(NotObservedError, match=f"no table that tells of `{asks.about}`"):
        ask(asks, spells, Beside())


def test_an_offer_taken_in_another_unit() -> None:
    frame = few()
    asks = question(offer="loyal", from_unit=9, horizon=12, alike=("kind",))
    given = read(frame, given_at(frame, 6))
    with pytest.raises(NotObservedError, match="take `loyal` in unit 9") as caught:
        ask(asks, *given)
    assert "unit 7:" in caught.value.remedy
    with pytest.raises(NotObservedError, match="take `loyal` in units 9 to 11"):
        ask(replace(asks, to_unit=11), *given)
    late = read(frame, [(r[0], r[1], CLOSE, r[3], r[4]) for r in given_at(frame, 6)])
    with pytest.raises(NotObservedError, match="take `loyal` in unit 9") as caught:
        ask(asks, *late)
    assert "Check its days" in caught.value.remedy


def test_an_offer_that_most_took_in_the_unit_after() -> None:
    """Who begins within unit 7 holds it from unit 8 on, and would stand among those without."""
    frame = few().assign(begin=lambda f: [d.replace(day=min(d.day, 25)) for d in f.begin])
    on_the_day = given_at(frame, 6)
    rows = [r if i % 6 == 0 else (*r[:2], r[2] + timedelta(days=2), *r[3:])
            for i, r in enumerate(on_the_day)]  # fmt: skip
    given = read(frame, rows)
    asks = question(offer="loyal", from_unit=7, horizon=12, alike=("kind",))
    with pytest.raises(ParameterError, match=r"only .* from unit 7 on, .* from unit 8; the"):
        ask(asks, *given)
    with pytest.raises(ParameterError, match="count as without") as caught:
        ask(asks, *given)
    assert caught.value.remedy == "Write `from_unit = 8`, or `to_unit = 8` for a window."
    for mended in (replace(asks, from_unit=8), replace(asks, to_unit=8)):
        ask(mended, *given)
    scattered = [r for m in (4, 6, 8, 10) for r in given_at(frame[m // 2 % 4 :: 4], m)]
    with pytest.raises(ParameterError, match="hold it from one of the units 6 to 7 on") as caught:
        ask(replace(asks, from_unit=6, to_unit=7), *read(frame, scattered))
    assert caught.value.remedy == "Write `to_unit = 11` for a window."


def test_an_offer_of_sign_up_that_begins_later() -> None:
    frame = few().assign(begin=lambda f: [d.replace(day=min(d.day, 25)) for d in f.begin])
    asks = question(offer="loyal", horizon=12, alike=("kind",))
    late = given_at(frame, 6)
    with pytest.raises(ParameterError, match="no row of `loyal` holds from sign-up; ") as caught:
        ask(asks, *read(frame, late))
    assert caught.value.remedy == "Write `on_its_day = true`, or `from_unit`."
    some = late + given_at(frame, 0, slice(9))
    with pytest.raises(ParameterError, match="only 9 hold it from sign-up; the others would"):
        ask(asks, *read(frame, some))
    ask(asks, *read(frame, given_at(frame, 0, slice(120))))


@pytest.mark.parametrize("unit", [1, 7])
def test_an_offer_whose_rows_say_several_words_of_which_none_is_named(unit: int) -> None:
    """Those who declined would count as treated."""
    frame = few().assign(begin=lambda f: [d.replace(day=min(d.day, 25)) for d in f.begin])
    rows = given_at(frame, unit - 1, slice(160))
    told = [(*r[:4], "declined" if i % 3 else "taken") for i, r in enumerate(rows)]
    asks = question(offer="loyal", from_unit=unit, horizon=12, alike=("kind",))
    with pytest.raises(ParameterError, match="`declined`, `taken`, and all would count") as caught:
        ask(asks, *read(frame, told))
    assert "`question.treated.words` (`asked`)" in str(caught.value)
    ask(replace(asks, treated=replace(asks.treated, words=("taken",))), *read(frame, told))


def test_an_unknown_kind_of_what_happened_lately(given: Read) -> None:
    asks = question(event="complaint", alike=("kind",), lately={"calls": 2})
    with pytest.raises(ParameterError, match="no events of the kind `calls`"):
        ask(asks, *given)


def test_a_question_that_no_design_answers(given: Read) -> None:
    with pytest.raises(SchemaError, match=r"`question.control.words` \(`asked`\)"):
        ask(question("y", column="met", alike=("kind",)), *given)
