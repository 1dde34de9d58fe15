"""Who gains by an offer, in the report: every sentence is reached, and every number is a result."""

from dataclasses import replace
from datetime import date

import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.offers.gains import COST
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.question import ArmToml, QuestionToml
from stammkunde.evidence.asking.stakes import ALIKE_EARNED
from stammkunde.report.sentences import languages, leaves, sentences
from stammkunde.report.words import Words
from stammkunde.result import Status
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said, study
from tests.evidence.gaining import HORIZON, lot

KINDS = """
[groups.kind]
column = "kind"
title = { de = "Art", en = "kind" }
[groups.kind.levels]
a = { de = "große", en = "large" }
b = { de = "mittlere", en = "medium" }
c = { de = "kleine", en = "small" }
[groups.way]
column = "way"
title = { de = "Weg", en = "way" }
[covariates.team]
column = "team"
title = { de = "Gruppe", en = "team" }
"""
TITLE = {"de": "Anruf", "en": "call"}
UNLIKE = {("a",): -0.08, ("b",): 0.0, ("c",): 0.08}
HARMED = {("a",): 0.04, ("b",): 0.05, ("c",): 0.06}
SMALL = {("a",): -0.02, ("b",): -0.02, ("c",): -0.02}
HELPED = {("a",): -0.08, ("b",): -0.07, ("c",): -0.06}
NOTHING = {("a",): 0.0, ("b",): 0.0, ("c",): 0.0}
BOTH = {(k, w): c for k, c in zip("abc", (-0.08, 0.0, 0.05), strict=True) for w in "xy"}
REACHED: set[str] = set()


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """The study of a TOML that asks one question by segment; answers are made beside it."""
    made = study(tmp_path_factory.mktemp("asked"), more=KINDS)
    return replace(made, toml=replace(made.toml, question=(question(),)))


def question(design="lot", by=("kind",), **keys):
    arms = {n: ArmToml(title={"de": n, "en": n}, words=(n,)) for n in ("treated", "control")}
    how = {
        "lot": {"offer": "call", "on_its_day": True},
        "start": {"column": "way"},
        "landmark": {"offer": "call", "from_unit": 7},
        "day": {"column": "way", "day": date(2024, 1, 1)},
    }[design]
    return QuestionToml(
        name="call", title=TITLE, horizon=HORIZON, assignment="drawn", by=by, **arms, **how, **keys
    )


def answer(made, *, money=True, design="lot"):
    """Return the answer by segment of made customers; what else there is of it is the first's."""
    one = next(iter(made.compared.values()))
    return Answer(
        estimand=estimand_of(question(design)),
        months=one.months,
        share=one.share,
        compared=one,
        trial=None,
        steps=(),
        segments=made.segments(),
        gains=made.gains(money=money),
    )


def section(asked, made, **keys):
    own = (question(keys.get("design", "lot")),)
    asked = replace(asked, toml=replace(asked.toml, question=own))
    found = tell.who_gains(asked, {"call": answer(made, **keys)})
    assert len(found) == 1
    check(found)
    for finding in found[0].findings:
        note(finding.sentence)
    for figure in found[0].figures:
        note([figure.title, figure.note])
    note([t.caption for t in found[0].tables])
    return found[0]


def note(thing):
    """Remember which sentences were said, also within others."""
    if isinstance(thing, list):
        for part in thing:
            note(part)
    elif hasattr(thing, "key") and hasattr(thing, "values"):
        REACHED.add(thing.key)
        for part in thing.values.values():
            note(part)


def keys(found):
    return {f.id: f.sentence.key for f in found.findings}


def test_segments_that_differ_and_a_choice_that_pays(asked):
    made = lot(UNLIKE, size=2500, euro=2)
    found = section(asked, made)
    assert keys(found) == {
        "offers.call.worth": "gains.worth.money.pays",
        "offers.call.segments": "gains.segments.differ",
    }
    gains, told = made.gains(), numbers(found)
    worth = {n: told[f"offers.call.worth.{n}"] for n in ("everyone", "risk", "best", "gain")}
    for name, e in worth.items():
        assert (e.value, e.low, e.unit) == (gains.rules[name].value, gains.rules[name].low, "EUR")
    gap = told["offers.call.worth.gain_over_risk"]
    assert gap.value == pytest.approx(worth["best"].value - worth["risk"].value)
    assert set(worth["gain"].assumptions) >= {ALIKE_EARNED, COST}
    for g in gains.segments:
        own = numbers(found, kind=g.levels[0])
        assert own["offers.call.segment.gain"].value == g.each.value
        assert own["offers.call.segment.months"].value == g.months.value
    english, german = said(found), said(found, "de_DE")
    assert "longer with it in the segment “kind: large”" in english
    assert "sooner with it in the segment “kind: small”" in english
    assert "in der Gruppe „Art: große“" in german


def test_everybody_harmed(asked):
    found = section(asked, lot(HARMED, size=2500))
    assert keys(found) == {
        "offers.call.worth": "gains.worth.money.lost",
        "offers.call.segments": "gains.segments.alike",
    }
    assert "leave sooner with it in every segment" in said(found)


def test_months_gained_that_cost_more_than_they_earn(asked):
    found = section(asked, lot(SMALL, size=2500, euro=40))
    assert keys(found)["offers.call.worth"] == "gains.worth.money.nobody"
    assert "per customer and costs €40.00" in said(found)


def test_a_choice_on_noise_is_said_to_be_open(asked):
    found = section(asked, lot(NOTHING, size=700, euro=0.5))
    assert keys(found)["offers.call.worth"] == "gains.worth.money.open"


@pytest.mark.parametrize("money", [True, False])
def test_where_nobody_seems_to_gain_and_chance_explains_it_that_is_open(asked, money):
    told = answer(lot(HARMED, size=2500), money=money)
    low = {n: replace(e, value=-99.0, low=-999.0, high=9.0) for n, e in told.gains.rules.items()}
    (found,) = tell.who_gains(asked, {"call": replace(told, gains=replace(told.gains, rules=low))})
    check([found])
    note([f.sentence for f in found.findings])
    kind = "money" if money else "months"
    assert keys(found)["offers.call.worth"] == f"gains.worth.{kind}.unclear"
    assert max(f.importance for f in found.findings) < 0.35


@pytest.mark.parametrize("money", [True, False])
def test_where_every_segment_gains_nobody_need_be_chosen(asked, money):
    found = section(asked, lot(HELPED, size=2500, euro=1), money=money)
    kind = "money" if money else "months"
    assert keys(found)["offers.call.worth"] == f"gains.worth.{kind}.all"
    starts = "Call: it pays to give it to everyone." if money else "Call: everyone gains."
    assert starts in said(found)


def test_a_choice_may_be_found_to_lose(asked):
    made = lot(NOTHING, size=700, euro=0.5)
    whole = answer(made)
    for sign, key in ((-1, "loses"), (1, "pays")):
        for money in (True, False):
            gains = made.gains(money=money)
            rules = {
                n: replace(e, value=sign * 50.0, low=sign * 50 - 9.0, high=sign * 50 + 9.0)
                for n, e in gains.rules.items()
            }
            # where it is certain to be worth it for everyone nobody is chosen
            rules["everyone"] = replace(rules["everyone"], value=2.0, low=-9.0, high=13.0)
            told = replace(whole, gains=replace(gains, rules=rules))
            found = tell.who_gains(asked, {"call": told})[0]
            kind = "money" if money else "months"
            assert keys(found)["offers.call.worth"] == f"gains.worth.{kind}.{key}"
            check([found])
            for finding in found.findings:
                note(finding.sentence)


@pytest.mark.parametrize(
    ("changes", "key"), [(HARMED, "lost"), (UNLIKE, "pays"), (NOTHING, "open")]
)
def test_without_money_gains_are_months(asked, changes, key):
    size = 700 if key == "open" else 2500
    found = section(asked, lot(changes, size=size), money=False)
    assert keys(found)["offers.call.worth"] == f"gains.worth.months.{key}"
    assert {t.id for t in found.tables} <= {"offers.gains.call"}
    assert "cannot be told" in said(found)


def test_choosing_by_risk_may_do_better_or_worse(asked):
    made = lot(UNLIKE, size=2500, euro=2)
    for money in (True, False):
        gains = made.gains(money=money)
        rules = dict(gains.rules)
        gap = gains.over_risk
        assert gap.value == pytest.approx(rules["best"].value - rules["risk"].value)
        for at in (-50.0, 0.0, 50.0):
            moved = replace(gap, value=at, low=at - 9, high=at + 9)
            told = replace(answer(made), gains=replace(gains, over_risk=moved))
            found = tell.who_gains(asked, {"call": told})[0]
            check([found])
            note([f.sentence for f in found.findings])


def test_two_columns_are_crossed_under_headings(asked):
    found = section(asked, lot(BOTH, columns=("kind", "way"), size=1200))
    dots = found.figures[0].dots
    assert [Words("en_GB").text(d.group) for d in dots[:3]] == ["kind: large"] * 2 + [
        "kind: medium"
    ]
    assert "“kind: large · way: x”" in said(found)


def test_three_columns_have_whole_names(asked):
    three = {(k, w, "t"): c for (k, w), c in BOTH.items()}
    found = section(asked, lot(three, columns=("kind", "way", "team"), size=400))
    assert Words("de_DE").text(found.figures[0].dots[0].label) == "Art: große · Weg: x · Gruppe: t"


def test_a_segment_of_few_is_told_of_and_one_of_very_few_is_hidden(asked):
    sizes = [900, 900, 40, 6]
    made = lot({("a",): -0.03, ("b",): 0.0, ("c",): 0.0, ("d",): 0.0}, sizes=sizes)
    found = section(asked, made)
    assert "Nothing can be told of: “kind: small”" in said(found)
    rows = found.figures[0].table.rows
    assert len(rows) == 3
    assert "Segments of very few customers are not shown: 1" in Words("en_GB").say(
        found.figures[0].note
    )
    assert numbers(found, kind="d") == {}


def test_newcomers_that_an_offer_brought_are_not_counted(asked):
    made = lot(UNLIKE, size=900)
    remarks = [f.remarks for f in section(asked, made, design="start").findings]
    assert "gains.newcomers" in {r.key for some in remarks for r in some}


def test_a_policy_of_a_day_is_given_to_nobody(asked):
    found = section(asked, lot(UNLIKE, size=900), design="day", money=False)
    assert [*keys(found)] == ["offers.call.segments"]


def test_a_question_that_has_no_segments_to_tell_of_is_named(asked):
    two = (question(), replace(question(), name="other", title={"de": "Brief", "en": "letter"}))
    both = replace(asked, toml=replace(asked.toml, question=two))
    (found,) = tell.who_gains(both, {"call": answer(lot(UNLIKE, size=900)), "other": "no_events"})
    check([found])
    assert "Not to be answered by segment: letter." in said(found)
    assert found.findings[-1].status == Status.NOT_IDENTIFIABLE


def test_no_segments_asked_for_and_none_that_can_be_told(asked):
    plain = replace(asked, toml=replace(asked.toml, question=(question(by=()),)))
    assert tell.who_gains(plain, {}) == []
    for lacking in ({}, {"call": "no_offers"}):
        (found,) = tell.who_gains(asked, lacking)
        check([found])
        assert found.left_out is not None
    few = lot({("a",): 0.0, ("b",): 0.0}, sizes=[900, 900])
    hidden = replace(answer(few), gains=replace(few.gains(), segments=few.gains().segments[:1]))
    (found,) = tell.who_gains(asked, {"call": hidden})
    assert found.left_out is not None


def test_every_sentence_was_said():
    known = {k for k, _ in leaves(sentences("en")["gains"], "gains.")}
    shown = {k for k in known if k.split(".")[1] in ("segments", "longer", "shorter", "open",
             "worth", "risky", "figure", "source")}  # fmt: skip
    assert shown - REACHED == set()
    assert known == {k for k, _ in leaves(sentences("de")["gains"], "gains.")}
    assert len(languages()) == 2
