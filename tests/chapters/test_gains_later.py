"""What an offer is worth beyond the horizon, as the report says it; and newcomers told once."""

from dataclasses import replace

import pytest

from stammkunde import chapters as tell
from stammkunde.evidence.asking.later import EFFECT_ENDS, NO_INTEREST, NOT_PROJECTED
from stammkunde.evidence.asking.stakes import FOR_GOOD
from stammkunde.report.sentences import leaves, sentences
from stammkunde.report.words import Words
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said, study
from tests.chapters.test_gains import HARMED, HELPED, KINDS, UNLIKE, answer, question
from tests.evidence.gaining import lot
from tests.evidence.test_gains_after import rest

REACHED: set[str] = set()


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    made = study(tmp_path_factory.mktemp("later"), more=KINDS)
    return replace(made, toml=replace(made.toml, question=(question(),)))


def section(asked, told):
    (found,) = tell.who_gains(asked, {"call": told})
    check([found])
    for finding in found.findings:
        for sentence in (finding.sentence, *finding.remarks):
            note(sentence)
    return found


def note(sentence):
    REACHED.add(sentence.key)
    for part in sentence.values.values():
        if hasattr(part, "key") and hasattr(part, "values"):
            note(part)


def beyond(made, at, **keys):
    """Return the answer of made customers where what follows the horizon is known."""
    stakes = replace(made.stakes, later=rest(at, at, made), **keys)
    return answer(replace(made, stakes=stakes))


def worth(found):
    return next(f for f in found.findings if f.id == "offers.call.worth")


def remarks(found):
    return {s.key for s in worth(found).remarks}


def test_both_parts_are_said_and_are_results(asked):
    made = lot(HARMED, size=2500)
    found = section(asked, beyond(made, 9.0, discount=0.99))
    own, told = worth(found), numbers(found)
    assert EFFECT_ENDS in own.assumptions
    assert remarks(found) == {"gains.parts.everyone.same", "gains.beyond"}
    whole, within, after = (
        told[f"offers.call.worth.everyone{n}"] for n in ("", ".within", ".after")
    )
    assert whole.value == pytest.approx(within.value + after.value)
    assert within.unit == after.unit == "EUR"
    parts = own.remarks[0]
    assert "falls to the first 6 months, which are counted" in Words("en_GB").say(parts)
    assert "auf die Zeit danach, die hochgerechnet ist" in Words("de_DE").say(parts)
    english, german = said(found), said(found, "de_DE")
    assert "within 10 years" in english
    assert "innerhalb von 10 Jahren" in german
    first, second = next(t for t in found.tables if t.id == "offers.gains.worth").rows[:2]
    assert Words("de_DE").text(first[0]) == "Anruf, innerhalb von 10 Jahren"
    assert Words("en_GB").text(second[0]) == "– of which in the first 6 months"
    assert (first[1].value, second[1].value) == (whole.value, within.value)
    for g in answer(made).gains.segments:
        own = numbers(found, kind=g.levels[0])
        cost, gain = (own[f"offers.call.segment.{n}"].value for n in ("cost", "gain"))
        assert own["offers.call.segment.brought"].value == pytest.approx(gain + cost)
        assert own["offers.call.segment.gain.within"].value > gain


def test_what_does_not_pay_within_the_horizon_may_pay_later(asked):
    """Each customer kept is worth forty units: the cost is earned, but only afterwards."""
    found = section(asked, beyond(lot(HELPED, size=2500, euro=30), 40.0))
    assert worth(found).sentence.key == "gains.worth.money.all"
    assert worth(found).sentence.values["parts"].key == "gains.parts.everyone.differ"
    told = said(found)
    assert "The first 6 months alone, which are counted, do not pay" in told
    assert "lohnen sich nicht" in said(found, "de_DE")


def test_of_those_chosen_both_parts_are_said(asked):
    same = section(asked, beyond(lot(UNLIKE, size=2500, euro=2), 2.0))
    assert worth(same).remarks[0].key == "gains.parts.chosen.same"
    other = section(asked, beyond(lot(UNLIKE, size=2500, euro=15), 40.0))
    assert worth(other).sentence.key == "gains.worth.money.pays"
    assert worth(other).sentence.values["parts"].key == "gains.parts.chosen.differ"


@pytest.mark.parametrize(("at", "alone"), [(99.0, "longer"), (0.0, "open")])
def test_the_first_months_alone_may_pay_or_leave_it_open(asked, at, alone):
    told = beyond(lot(HARMED, size=2500), 9.0)
    part = told.gains.within["everyone"]
    within = {**told.gains.within, "everyone": replace(part, value=at, low=at - 9, high=at + 9)}
    found = section(asked, replace(told, gains=replace(told.gains, within=within)))
    assert worth(found).sentence.values["parts"].values["alone"].key == f"gains.alone.{alone}"


def test_an_offer_that_goes_on_costing_is_also_told_as_if_it_ended(asked):
    found = section(asked, beyond(lot(HARMED, size=2500, held=FOR_GOOD), 9.0))
    parts, remark = worth(found).remarks
    assert parts.key == "gains.parts.everyone.same"
    assert remark.values["goes_on"].key == "gains.goes_on"
    ended = numbers(found)["offers.call.worth.everyone.ended"]
    assert remark.values["goes_on"].values["ended"].value == ended.value
    assert ended.value > numbers(found)["offers.call.worth.everyone"].value
    assert "although it goes on costing; if it ended then" in Words("en_GB").say(remark)


@pytest.mark.parametrize("why", [NO_INTEREST, NOT_PROJECTED])
def test_where_nothing_later_can_be_counted_it_is_said_why(asked, why):
    made = lot(HARMED, size=2500)
    found = section(asked, answer(replace(made, stakes=replace(made.stakes, why=why))))
    assert remarks(found) == {f"gains.ends.{why}", "gains.later.shorter"}
    assert worth(found).sentence.values["parts"] == ""
    assert "within 6 months" in said(found)
    assert {n for n in numbers(found) if ".worth." in n} == {
        f"offers.call.worth.{n}" for n in ("everyone", "risk", "best", "gain", "gain_over_risk")
    }
    helped = section(asked, answer(replace(lot(HELPED, size=2500), stakes=made.stakes)))
    assert remarks(helped) == {"gains.later.longer"}


def test_an_offer_for_newcomers_is_told_of_in_its_own_section(asked):
    """Its worth hangs on whom it brought in: here only the months of its segments are told."""
    own = question("start", lasts=3, euro=5.0)
    told = answer(lot(UNLIKE, size=900), money=False, design="start")
    fresh = replace(asked, toml=replace(asked.toml, question=(own,)))
    found = section(fresh, told)
    assert [f.id for f in found.findings] == ["offers.call.segments"]
    assert not found.tables
    assert not [r.id for r in found.results if ".worth." in r.id]
    assert numbers(found, kind="a")["offers.call.segment.months"].value is not None
    (other,) = tell.who_gains(
        replace(fresh, toml=replace(fresh.toml, question=(question("start"),))), {"call": told}
    )
    assert other.findings[0].id == "offers.call.worth"


def test_every_sentence_on_what_comes_later_was_said():
    known = {k for k, _ in leaves(sentences("en")["gains"], "gains.")}
    some = ("later", "parts", "alone", "ends", "reach", "beyond", "goes_on")
    assert {k for k in known if k.split(".")[1] in some} - REACHED == set()
