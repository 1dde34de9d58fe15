"""What cannot be is refused when the TOML is read: one sentence, with the key's path."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from stammkunde.client import read_client
from stammkunde.errors import SchemaError
from stammkunde.policy.declared import policies_of
from tests.policy.declared.written import CLIENT, POLICIES, edited, toml_of

TABLE = tomllib.loads((Path(__file__).parent / "wrong.toml").read_text(encoding="utf-8"))["wrong"]

EVERYTHING = POLICIES.index('[[policy]]\nname = "everything"')
BOUGHT = """
[client]
name = { de = "Laden", en = "Shop" }
as_of = 2025-12-31

[window]
open = 2020-01-01
close = 2026-01-01

[lapse]
gap_days = 180

[transactions]
file = "einkaeufe.csv"
person = "Kunde"
date = "Tag"
amount = "Betrag"

[setting]
comparator = "today"
horizon = 12
margin_share = 0.3
acquisition = 5

[[policy]]
name = "today"
title = { de = "wie heute", en = "as today" }

[[policy]]
name = "thanks"
title = { de = "Dank", en = "thanks" }

[[policy.rebate_for_all]]
amount = 1

[policy.rebate_for_all.behaviour]
reactions = [{ causes = ["left"], ratio = 0.9 }]
"""
LETTERS = """
[[assumption]]
name = "NAME"
title = { de = "Zahl", en = "number" }
value = 1
low = 0.5
high = 1.5
law = "triangular"
says = { de = "wir", en = "us" }
when = 2026-11-22
why = { de = "Schätzung", en = "a guess" }
"""


def said(text: str) -> str:
    """Return what is said of a wrong TOML."""
    with pytest.raises(SchemaError) as refused:
        toml_of(text)
    return str(refused.value)


def test_the_whole_toml_is_right():
    assert len(policies_of(toml_of(CLIENT + POLICIES))) == 3


@pytest.mark.parametrize(
    "case", TABLE, ids=[f"{k}-{c['said'].split('`')[1]}" for k, c in enumerate(TABLE)]
)
def test_one_wrong_passage_is_named(case):
    assert said(edited(case["passage"], case["instead"])) == case["said"]


@pytest.mark.parametrize(
    ("passage", "instead", "path", "head"),
    [
        ("[[policy.care]]", "[policy.care]", "policy[1].care", "[[policy.care]]"),
        ("[[correlation]]", "[correlation]", "correlation", "[[correlation]]"),
        ("[setting]", "[[setting]]", "setting", "[setting]"),
        ("[rival]", "[[rival]]", "rival", "[rival]"),
    ],
)
def test_a_head_in_the_wrong_brackets_is_told(passage, instead, path, head):
    found = said(edited(passage, instead))
    assert found.startswith(f"stadtwerk.toml: `{path}` is ")
    assert found.endswith(f"Write its head like `{head}`.")


def test_the_first_of_several_faults_is_said():
    both = edited("horizon = 60", "horizon = 601").replace('"everything"', '"Alles"', 1)
    assert said(both).startswith("stadtwerk.toml: `policy[1].name`: ")


@pytest.mark.parametrize("first", ["[[policy]]", "[[assumption]]", "[[correlation]]", "[rival]"])
def test_what_is_said_of_policies_needs_a_setting(first):
    assert said(CLIENT + POLICIES[POLICIES.index(first) :]) == (
        f"stadtwerk.toml: `{first.strip('[]')}`: nothing is said of what all policies have in "
        "common. Add `[setting]` with `comparator`, `horizon` and `acquisition`."
    )


def test_one_policy_cannot_be_compared():
    assert said(CLIENT + POLICIES[:EVERYTHING]) == (
        "stadtwerk.toml: `setting`: there is nothing to compare. Declare two `[[policy]]`s at "
        "least: what customers get now, and what they might get."
    )


def test_a_draw_beyond_what_a_number_may_be_is_refused():
    """Its value and its limits are shares; some draws of the law are not."""
    found = said(edited("won_back = 0.1", 'won_back = "loyalty_ratio"'))
    assert found.startswith(
        'stadtwerk.toml: `policy[1].win_back[0].won_back`: a draw of "loyalty_ratio" is 1.0'
    )
    assert found.endswith("A share lies between 0 and 1: per cent are divided by 100.")


def test_a_rebate_that_may_be_above_the_price_is_refused():
    """Its highest value counts, whether or not one of the draws comes near it."""
    drawn = LETTERS.replace("NAME", "rebate").replace("high = 1.5", "high = 12.01")
    wrong = edited("months = 12\namount = 10", 'months = 12\namount = "rebate"') + drawn
    assert said(wrong) == (
        "stadtwerk.toml: `policy[0].newcomer_rebate[0]`: in unit 1 the rebates add up to 12.01, "
        "and the price is 12. Nobody is paid for being a customer: lower the rebates, or correct "
        "the price."
    )
    within = toml_of(wrong.replace("high = 12.01", "high = 12"))
    assert policies_of(within)[0].elements[0].amount == "rebate"


def test_a_rebate_is_held_against_the_lowest_price_that_is_assumed():
    assumed = LETTERS.replace("NAME", "list_price").replace("value = 1\n", "value = 12\n")
    assumed = assumed.replace("low = 0.5", "low = 10").replace("high = 1.5", "high = 14")
    right = edited("price = 12\n", 'price = "list_price"\n') + assumed
    assert toml_of(right).setting.price == "list_price"
    assert "the rebates add up to 10, and the price is 9.9." in said(
        right.replace("low = 10", "low = 9.9")
    )


def test_a_rebate_and_a_price_that_move_together_are_compared_as_drawn():
    numbers = LETTERS.replace("NAME", "list_price") + LETTERS.replace("NAME", "rebate")
    for before, after in (("value = 1\n", "value = 12\n"), ("0.5", "11"), ("1.5", "14")):
        numbers = numbers.replace(before, after)
    both = edited("price = 12\n", 'price = "list_price"\n') + numbers
    both = both.replace("months = 12\namount = 10", 'months = 12\namount = "rebate"')
    assert "the rebates add up to 14, and the price is 11." in said(both)
    paired = '\n[[correlation]]\nfirst = "list_price"\nsecond = "rebate"\nrho = 1\n'
    assert toml_of(both + paired).setting.price == "list_price"


def test_an_element_taken_over_is_named_where_it_stands():
    """Only with the rebate of the second policy is that of the first one too high."""
    dear = '[[policy.rebate_for_all]]\namount = 8\nname = "more"\n'
    third = 'like = "everything"\nwithout = ["glide_path", "recovery"]\n'
    wrong = edited(third, 'like = "today"\n\n' + dear)
    assert said(wrong) == (
        "stadtwerk.toml: `policy[2].rebate_for_all[0] + policy[0].newcomer_rebate[0]`: in unit 1 "
        "the rebates add up to 18, and the price is 12. Nobody is paid for being a customer: lower "
        "the rebates, or correct the price."
    )


def test_three_correlations_that_cannot_be_are_refused():
    others = "".join(LETTERS.replace("NAME", name) for name in "abc")
    pairs = "".join(
        f'\n[[correlation]]\nfirst = "{x}"\nsecond = "{y}"\nrho = {rho}\n'
        for x, y, rho in (("a", "b", 0.8), ("b", "c", 0.8), ("a", "c", -0.9))
    )
    used = edited("cost = 6\n", 'cost = "a"\n')
    used = used.replace("answered = 0.8\ncost = 2", 'answered = 0.8\ncost = "b"')
    used = used.replace("won_back = 0.1\ncost = 5", 'won_back = 0.1\ncost = "c"')
    assert len(toml_of(used + others).assumption) == 7
    assert said(used + others + pairs) == (
        'stadtwerk.toml: `correlation[3].rho`: "a" and "c" cannot be correlated by -0.9 with the '
        "other correlations as they are. Bring it nearer to what the others imply, or give the "
        "pairs left out."
    )


def test_a_policy_spends_as_one_that_has_no_dial():
    turned = 'like = "everything"\ndial = "call.cost"\nspends_as = "everything"\ndial_to = [0, 9]'
    assert said(edited('like = "everything"', turned)) == (
        'stadtwerk.toml: `policy[2].spends_as`: "everything" has a dial itself. '
        "Name a policy without a dial."
    )


def test_causes_are_those_that_data_can_tell():
    without_reasons = CLIENT.replace('reason = "Grund"\n', "")
    assert said(without_reasons + POLICIES) == (
        "stadtwerk.toml: `policy[1].rebate_for_all[0].behaviour.reactions[0].causes`: nobody "
        'leaves for "price". Known are: `left`.'
    )
    causes = CLIENT.index("[causes.price]"), CLIENT.index("[groups.usage]")
    # each delivered reason is a cause of its own: only the data tell which there are
    as_delivered = CLIENT[: causes[0]] + CLIENT[causes[1] :]
    assert len(policies_of(toml_of(as_delivered + POLICIES))) == 3


def test_an_effect_counts_from_where_its_element_does():
    care = edited("reach = 0.5\n", 'reach = 0.5\nbehaviour = { effect = "loyalty" }\n')
    assert said(care) == (
        'stadtwerk.toml: `policy[1].care[0].behaviour.effect`: the effect of "loyalty" goes by '
        "months from sign-up, this element by those from a contact. Name a question of the same "
        "clock, or assume `reactions`."
    )
    dated = 'offer = "Treuerabatt"\nfrom_unit = 13'
    lot = "[question.treated]\n", '[question.treated]\nwords = ["ja"]\n'
    drawn = edited(dated, 'offer = "Treuerabatt"\non_its_day = true').replace(*lot)
    drawn = drawn.replace("[question.control]\n", '[question.control]\nwords = ["nein"]\n')
    assert said(drawn) == (
        'stadtwerk.toml: `policy[1].loyalty_rebate[0].behaviour.effect`: the effect of "loyalty" '
        "goes by months from a day, this element by those from sign-up. Name a question of the "
        "same clock, or assume `reactions`."
    )
    on_care = drawn.replace('[policy.loyalty_rebate.behaviour]\neffect = "loyalty"\n', "")
    on_care = on_care.replace("reach = 0.5\n", 'reach = 0.5\nbehaviour = { effect = "loyalty" }\n')
    calls = [e for e in policies_of(toml_of(on_care))[1].elements if e.name == "call"]
    assert [e.behaviour.effect for e in calls] == ["loyalty"]


def test_purchases_need_no_price_and_a_share_that_is_margin():
    assert toml_of(BOUGHT).setting.price is None
    assert said(BOUGHT.replace("margin_share = 0.3\n", "")) == (
        "stadtwerk.toml: `setting.margin_share`: nothing tells what a customer earns. "
        "Write the share of what is paid that is left as margin."
    )
    assert said(BOUGHT.replace('amount = "Betrag"\n', "")) == (
        "stadtwerk.toml: `setting.margin_share`: nothing tells what customers pay. "
        "Name `transactions.amount`, or write `margin`: money a month."
    )
    assert said(BOUGHT.replace("= 0.3\n", "= 0.3\nmargin = 2\n")) == (
        "stadtwerk.toml: `setting.margin_share`: `margin` is given too. Give one of them."
    )


def test_a_name_is_an_assumption_or_a_covariate():
    twice = LETTERS.replace("NAME", "kwh")
    assert said(CLIENT + POLICIES + twice) == (
        'stadtwerk.toml: `setting.acquisition`: "kwh" is an assumption and a covariate. '
        "Rename the assumption."
    )


def test_a_file_is_refused_as_a_whole(tmp_path):
    path = tmp_path / "stadtwerk.toml"
    wrong = edited('comparator = "today"', 'comparator = "tody"')
    path.write_text("schema = 1\n" + wrong, encoding="utf-8")
    with pytest.raises(SchemaError) as refused:
        read_client(path)
    assert str(refused.value) == (
        'stadtwerk.toml: `setting.comparator`: no policy is called "tody". Did you mean `today`?'
    )
