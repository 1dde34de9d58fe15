"""Whom to contact, in the report: every sentence is reached, and every number is the kernel's."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.buying.contacts import ONE, OWN, judged, priced, stakes_of
from stammkunde.chapters.buying.read import Buying
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Status
from stammkunde.survival import buying as kernel
from stammkunde.survival.buying import Pair
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.shops import CONTRACTS, TOML, bought, buyer, shop
from tests.chapters.test_dated import spoken

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

RULE = "silent_184"


STAKES = """
[alert]
cost = 2
won_back = 0.2
margin_share = 0.4
[alert.says]
de = "so sagt der Vertrieb"
en = "so says sales"
"""


@pytest.fixture(scope="module")
def true(tmp_path_factory):
    """Customers as the model takes them."""
    return shop(tmp_path_factory.mktemp("true"), bought(buyer(), 2000), toml=TOML + STAKES)


def declared(study, **parts):
    """Return the study with other parts of its TOML."""
    return replace(study, toml=replace(study.toml, data=replace(study.toml.data, **parts)))


def at_stake(true, **numbers):
    """Return the section, and its keys by finding, with other stakes."""
    asked, found = true
    section = tell.lapse_alert(
        declared(asked, alert=replace(asked.toml.data.alert, **numbers)), found
    )
    check([section])
    return section, keys(section)


def keys(section):
    return {f.id: f.sentence.key for f in section.findings}


def worths(true):
    """Return what contact with each customer is expected to bring, in rising order."""
    asked, found = true
    h = found.histories
    brings = kernel.returns(found.fit, found.spend, h, stakes_of(asked, found))
    return np.sort(np.repeat((1 - kernel.chances(found.fit, h)) * brings, h.count)).tolist()


def test_customers_of_the_model_are_told_whom_contact_pays_for(true):
    asked, found = true
    section = tell.lapse_alert(asked, found)
    check([section])
    own = keys(section)
    assert own["buying.alert"] == "alert.pays"
    assert own["buying.alert.tried"] == "alert.tried.hit"
    assert own["buying.alert.one"] == "alert.one"
    assert own["buying.alert.silence"] in ("alert.loses", "alert.instead")
    (main, *_) = section.findings
    assert (main.status, main.questions, main.remarks) == (Status.ASSUMED, (13,), ())
    assert main.importance >= 0.35
    assert {"stakes_as_declared", "won_back_buys_as_before"} <= set(main.assumptions)
    assert "so says sales" in said(section)
    assert "so sagt der Vertrieb" in said(section, "de_DE")
    assert [t.id for t in section.tables] == [
        "buying.alert",
        "buying.alert_caught",
        "buying.alert_tried",
    ]


def test_the_numbers_are_the_kernels(true):
    asked, found = true
    contact = stakes_of(asked, found)
    assert contact == kernel.Contact(2.0, 0.2, 0.4, 365.25 / 7)
    fit, spend, h = found.fit, found.spend, found.histories
    p, brings = kernel.chances(fit, h), kernel.returns(fit, spend, h, contact)
    each = h.count * ((1 - p) * brings - 2)
    section = tell.lapse_alert(asked, found)
    own = numbers(section, rule=OWN)
    who = each > 0
    assert own["buying.alert.contacted"].value == h.count[who].sum()
    assert own["buying.alert.gain"].value == pytest.approx(each[who].sum(), rel=1e-9)
    assert (own["buying.alert.gain"].unit, own["buying.alert.gain"].status) == (
        "EUR",
        Status.ASSUMED,
    )
    quiet = h.length - h.t_x > 184
    rule = numbers(section, rule=RULE)
    assert rule["buying.alert.gain"].value == pytest.approx(each[quiet].sum(), rel=1e-9)
    gone = h.count @ (1 - p)
    assert rule["buying.alert.caught"].value == pytest.approx(
        (h.count * (1 - p))[quiet].sum() / gone, rel=1e-9
    )
    held = found.held
    silent = held.length - held.t_x > 184
    came = held.count[silent & (held.later > 0)].sum() / held.count[silent].sum()
    assert rule["buying.alert.came"].value == came
    assert "buying.alert.at_most" not in rule
    again = numbers(section, rule="repeat_184")
    assert again["buying.alert.at_most"].value < again["buying.alert.contacted"].value * 1e3
    plain = numbers(section)
    assert plain["buying.alert.once"].value == h.count[h.x == 0].sum()
    best = kernel.best_threshold(fit, spend, h, contact)
    assert plain["buying.alert.threshold"].value == best


def test_nothing_gains_more_than_each_by_his_own_worth(true):
    told = priced(*true).told
    gains = {t.choice.key: t.alert.gain.value for t in told}
    assert max(gains, key=gains.get) == OWN
    thresholds = [v for k, v in gains.items() if k.startswith("chance")]
    assert gains[ONE] > max(thresholds) * (1 - 1e-12)


def test_the_picture_compares_rules_that_are_alike(true):
    (figure,) = tell.lapse_alert(*true).figures
    assert figure.reference == 0
    assert len(figure.dots) == 2 + 4 + 1
    assert figure.dots[0].estimate.value == max(d.estimate.value for d in figure.dots)


@pytest.mark.long
def test_the_rule_of_silence_is_judged_by_those_who_bought_again(true):
    """Who bought once buys more often than expected, the others less: together it would agree."""
    asked, found = true
    held = found.held
    found = replace(found, held=replace(held, later=np.where(held.x > 0, 0, 1)))
    section = tell.lapse_alert(asked, found)
    check([section])
    (tried,) = (f for f in section.findings if f.id == "buying.alert.tried_silence")
    pair = priced(asked, found).of("repeat_184").tried
    silent = (held.length - held.t_x > 184) & (held.x > 0)
    assert tried.sentence.key == "alert.tried.fewer"
    assert tried.sentence.values["expected"] == pair.expected
    assert pair.persons == held.count[silent].sum()


@pytest.mark.parametrize(("came", "verdict"), [(1, "more"), (0, "fewer")])
@pytest.mark.long
def test_a_model_that_missed_is_not_trusted(true, came, verdict):
    """All come again in the second half, or nobody does."""
    asked, found = true
    later = np.full(len(found.held.x), came)
    found = replace(found, held=replace(found.held, later=later))
    pair = priced(asked, found).of(OWN).tried
    section = tell.lapse_alert(asked, found)
    check([section])
    assert judged(pair) == verdict
    (main, *_) = section.findings
    assert main.sentence.key == f"alert.doubtful_{verdict}"
    assert "not to be trusted" in said(section)
    assert main.importance < 0.35
    assert [r.key for r in main.remarks] == ["alert.missed"]
    assert "buying.alert.tried" not in keys(section)


def test_where_no_contact_pays_it_says_what_would(true):
    cost = worths(true)[-1] * 1.01
    section, own = at_stake(true, cost=cost)
    assert own["buying.alert"] == "alert.nobody"
    assert section.figures == []
    known = numbers(section)
    assert known["buying.alert.brings"].value == pytest.approx(cost / 1.01)
    assert f"more than {100 * 0.2 * 1.01:.1f}%" in said(section)
    assert known["buying.alert.threshold"].value == 0
    assert numbers(section, rule=OWN)["buying.alert.gain"].reason == "nobody_contacted"


def test_where_winning_all_back_would_not_pay_it_says_so(true):
    _, own = at_stake(true, cost=1e6)
    assert own["buying.alert"] == "alert.never"


def test_fewer_than_may_be_shown_are_not_counted(true):
    section, own = at_stake(true, cost=worths(true)[-5] * (1 - 1e-9))
    assert own["buying.alert"] == "alert.few"
    assert "fewer than 10" in said(section)
    assert not numbers(section, rule=OWN)


def test_without_stakes_it_says_which_numbers_are_needed(true):
    asked, found = declared(true[0], alert=None), true[1]
    section = tell.lapse_alert(asked, found)
    check([section])
    assert keys(section)["buying.alert"] == "alert.no_stakes.rule"
    assert "three numbers" in said(section)
    assert [t.id for t in section.tables] == ["buying.alert_caught", "buying.alert_tried"]
    assert section.figures == []
    assert not [r.id for r in section.results if "gain" in r.id]
    alone = tell.lapse_alert(declared(asked, lapse=None), found)
    check([alone])
    assert keys(alone)["buying.alert"] == "alert.no_stakes.alone"


def test_without_a_mean_of_spend_there_is_no_money(true):
    asked, found = true
    none = replace(found.spend.mean, value=None, reason="mean_spend_is_infinite")
    bought_ = replace(found, spend=replace(found.spend, mean=none))
    section = tell.lapse_alert(asked, bought_)
    check([section])
    assert keys(section)["buying.alert"] == "alert.no_spend.rule"
    alone = tell.lapse_alert(declared(asked, lapse=None), bought_)
    assert keys(alone)["buying.alert"] == "alert.no_spend.alone"


def test_without_a_hold_out_nothing_is_said_of_the_past(true):
    asked, found = true
    section = tell.lapse_alert(asked, replace(found, held=None, before=None))
    check([section])
    assert keys(section)["buying.alert"] == "alert.pays"
    assert not [k for k in keys(section) if "tried" in k]


def test_what_does_not_apply_is_not_needed(tmp_path, true):
    asked, found = true
    contracts = tell.lapse_alert(asked, Buying(why="no_purchases"))
    unknown = tell.lapse_alert(asked, Buying(why="first_purchases_unknown"))
    few = tell.lapse_alert(asked, replace(found, histories=found.histories.where(np.arange(2))))
    sections = (contracts, unknown, few)
    assert [s.left_out.key.rpartition(".")[2] for s in sections] == [
        "no_purchases",
        "no_model",
        "too_few",
    ]
    assert not any(s.needed for s in sections)
    for language in languages():
        assert all(t for s in sections for t in spoken(s, Words(language)))
    bare, nothing = shop(tmp_path, "begin,last\n2023-02-01,\n", toml=CONTRACTS)
    assert not tell.lapse_alert(bare, nothing).needed


@pytest.mark.parametrize(
    ("low", "high", "expected", "verdict"),
    [
        (0.4, 0.5, 0.45, "hit"),
        (0.1, 0.8, 0.45, "open"),
        (0.4, 0.5, 0.3, "more"),
        (0.1, 0.2, 0.3, "fewer"),
        (None, None, 0.3, "open"),
    ],
)
def test_verdicts(low, high, expected, verdict):
    seen = Estimate(value=low, low=low, high=high, unit="share", method="x")
    said_ = Estimate(value=expected, unit="share", method="x")
    pair = Pair(first=0.0, last=1.0, persons=20, expected=said_, observed=seen)
    assert judged(pair) == verdict


LITTLE = {
    "one customer": bought(buyer(), 1),
    "twenty": bought(buyer(), 20),
    "nobody comes again": bought(lambda rng, reach: (), 200),
    "all come every week": bought(lambda rng, reach: range(7, int(reach), 7), 60),
    "one amount": bought(buyer(), 300, amount=lambda rng, n: 10.0),
}


@pytest.mark.long
@pytest.mark.parametrize("case", LITTLE)
def test_little_data_give_sentences(tmp_path, case):
    asked, found = shop(tmp_path, LITTLE[case], toml=TOML + STAKES)
    section = tell.lapse_alert(asked, found)
    check([section])
    assert section.findings or section.left_out
