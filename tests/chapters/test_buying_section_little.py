"""Customers without a contract who are too few or too alike: sentences."""

from dataclasses import replace
from datetime import date

import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.buying.read import Buying
from stammkunde.chapters.declared import declared
from stammkunde.errors import ParameterError, SchemaError
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.study import read_purchases
from tests.chapters.futures import check, numbers
from tests.chapters.shops import CONTRACTS, TOML, bought, buyer, shop
from tests.chapters.test_dated import spoken

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

ALERT = """
[alert]
cost = 1.5
won_back = 0.05
margin_share = 0.3
[alert.says]
de = "sagt wer"
en = "somebody says"
"""


def sections(asked, found):
    return [tell.buying(asked, found), tell.still_there(asked, found)]


def test_few_purchases_are_no_verdict(tmp_path):
    asked, found = shop(tmp_path, bought(buyer(), 60))
    check(sections(asked, found))
    assert found.tested.verdict == "open"
    assert all(p.persons >= 10 for p in (*found.tested.chances, *found.tested.purchases))


def test_spending_that_goes_with_the_number_of_purchases_is_doubted(tmp_path):
    text = bought(buyer(), 400, amount=lambda rng, count: count * float(rng.gamma(4.0)))
    asked, found = shop(tmp_path, text)
    section = tell.still_there(asked, found)
    check([section])
    (money,) = (f for f in section.findings if f.id == "buying.money")
    assert any("correlation" in Words("en_GB").say(r) for r in money.remarks)
    assert numbers(section)["buying.spend.tied"].value == found.spend.with_rate > 0.1


def test_without_amounts_nothing_is_said_of_money(tmp_path):
    toml = TOML.replace('amount = "paid"\n', "")
    asked, found = shop(tmp_path, bought(buyer(), 400), toml=toml)
    section = tell.still_there(asked, found)
    check([section])
    assert found.spend is None
    assert "buying.money" not in [f.id for f in section.findings]
    (ahead,) = (f for f in section.findings if f.id == "buying.ahead")
    assert ahead.missing == ("amounts",)


NOBODY = "who,day,paid\n" + "".join(f"{i},2026-01-01,1\n" for i in range(20))
WHY = {
    "first_purchases_unknown": (
        bought(buyer(), 40),
        TOML.replace("first_purchases = true", "first_purchases = false"),
    ),
    "no_repeat_purchases": (bought(lambda rng, reach: (), 100), TOML),
    "too_few_persons": (bought(buyer(), 8), TOML),
    "nobody_leaves": (bought(buyer(a=1e-9, b=1e9), 300), TOML),
    "nobody_bought": (NOBODY, TOML + "[checks]\nmost_rejected = 1\n"),
    "no_purchases": ("begin,last\n2023-01-01,\n", CONTRACTS),
}


@pytest.mark.parametrize("why", WHY)
def test_without_a_model_both_sections_say_why(tmp_path, why):
    text, toml = WHY[why]
    asked, found = shop(tmp_path, text, toml=toml)
    assert found.why == why
    for section in sections(asked, found):
        assert section.needed == (why != "no_purchases")
        for language in languages():
            assert Words(language).say(section.left_out)


@pytest.mark.parametrize("why", ["too_few_repeat_buyers", "parameters_run_off"])
def test_reasons_of_the_fit_have_sentences(tmp_path, why):
    asked, _ = shop(tmp_path, WHY["too_few_persons"][0])
    for section in sections(asked, Buying(why=why)):
        assert all(Words(language).say(section.left_out) for language in languages())


def test_nothing_bought_in_the_second_half_leaves_the_model_untried(tmp_path):
    asked, found = shop(tmp_path, bought(buyer(), 300, until=date(2023, 12, 1)))
    assert found.fit is not None
    assert found.tested is None
    model, there = sections(asked, found)
    then = "no_fit_then" if found.untried else "no_trial"
    assert model.left_out.key == f"buying.left_out.{then}"
    for reason, key in (("", "no_trial"), ("parameters_run_off", "no_fit_then")):
        other = tell.buying(asked, replace(found, untried=reason)).left_out
        assert other.key == f"buying.left_out.{key}"
        assert all(Words(language).say(other) for language in languages())
    check([there])
    assert "buying.off.untried" in [r.key for r in there.findings[0].remarks]


def test_who_buys_again_in_too_small_numbers_is_not_told_of(tmp_path):
    toml = TOML + "[report]\nsmallest_group = 250\n"
    asked, found = shop(tmp_path, bought(buyer(mean=400.0, a=3.0), 300), toml=toml)
    assert found.histories.repeaters < 250 <= found.histories.persons
    assert tell.still_there(asked, found).left_out.key.endswith("too_few_repeat_buyers")


def test_who_assumes_stakes_is_said_in_every_language_of_the_report(tmp_path):
    with pytest.raises(SchemaError, match="lacks the language `en`"):
        shop(tmp_path, bought(buyer(), 20), toml=TOML + ALERT.replace('en = "somebody says"', ""))


def test_contracts_are_no_purchases(tmp_path):
    asked, _ = shop(tmp_path, WHY["no_purchases"][0], toml=CONTRACTS)
    with pytest.raises(ParameterError, match="these data are not purchases"):
        read_purchases(asked)


def test_the_stakes_of_an_alert_are_told_with_who_says_so(tmp_path):
    asked, _ = shop(tmp_path, bought(buyer(), 20), toml=TOML + ALERT)
    texts = spoken(declared(asked), Words("en_GB"))
    assert any("€1.50" in text and "somebody says" in text for text in texts)
