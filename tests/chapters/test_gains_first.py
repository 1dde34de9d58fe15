"""Which of several offers comes to the first page with what it is worth."""

from dataclasses import replace

import pytest

from stammkunde import chapters as tell
from tests.chapters.lives import study
from tests.chapters.test_gains import HARMED, KINDS, NOTHING, UNLIKE, answer, question
from tests.evidence.gaining import lot


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    made = study(tmp_path_factory.mktemp("first"), more=KINDS)
    return replace(made, toml=replace(made.toml, question=(question(),)))


def test_the_offer_of_most_worth_comes_to_the_first_page(asked):
    names = ("call", "other", "new")
    three = tuple(replace(question(), name=n) for n in names)
    all_three = replace(asked, toml=replace(asked.toml, question=three))
    small, large = answer(lot(UNLIKE, size=2500, euro=2)), answer(lot(HARMED, size=2500, euro=20))
    start = replace(large.estimand, design="start")
    answers = {"call": small, "other": large, "new": replace(large, estimand=start)}
    (found,) = tell.who_gains(all_three, answers)
    weight = {f.id: f.importance for f in found.findings if f.id.endswith(".worth")}
    assert weight == {
        "offers.other.worth": 0.62,
        "offers.call.worth": 0.34,
        "offers.new.worth": 0.34,
    }
    assert found.findings[0].id == "offers.other.worth"
    (found,) = tell.who_gains(asked, {"call": answer(lot(NOTHING, size=700, euro=0.5))})
    assert max(f.importance for f in found.findings) < 0.35
    # segments that may not differ are no picture
    assert not found.figures
    assert "offers.gains.call" in {sheet.id for sheet in found.tables}
