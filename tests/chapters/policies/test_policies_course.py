"""How leads build up: from when on they last, what is told, when a newcomer has paid his way."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.chapters.policies.course.built import NEVER, ahead, built, lasting, payback
from stammkunde.chapters.policies.course.course import course, situation
from stammkunde.chapters.policies.course.course_shown import MOST, drawn
from stammkunde.chapters.policies.course.repaid import repaid
from stammkunde.policy.decide import league
from stammkunde.policy.decide import payback as paid_back
from stammkunde.policy.offers import LoyaltyRebate, Market, NewcomerRebate, Policy, Segment
from stammkunde.report.figures import draw
from stammkunde.report.sentences import leaves, sentences
from stammkunde.report.words import Words
from stammkunde.result import Label, Status
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.policies.made import HORIZON, made_decision, with_status
from tests.patience import examples

MONTHS = np.arange(1, HORIZON + 1)
SLOW = np.where(MONTHS <= 20, -100.0, 100.0)
QUICK = np.where(MONTHS <= 20, 60.0, -60.0)
REACHED: set[str] = set()


@pytest.fixture(scope="module")
def decision(tmp_path_factory):
    return made_decision(tmp_path_factory.mktemp("course"))


def with_months(decision, noise=1.0, **money):
    """Return the decision with other money by month, and noise that differs from draw to draw."""
    count, size = len(decision.weights), len(next(iter(money.values()), MONTHS))
    rng = np.random.default_rng(11)
    months = np.stack(
        [
            np.asarray(money.get(n, np.zeros(size))) + noise * rng.normal(size=(count, 1)) / size
            for n in decision.names
        ],
        axis=1,
    )
    worths = {
        n: replace(decision.worths[n], total=months[:, i].sum(axis=1))
        for i, n in enumerate(decision.names)
    }
    values = np.stack([worths[n].total for n in decision.names], axis=-1)
    standings = league(values, decision.names, decision.comparator, status=Status.ASSUMED)
    market = decision.market if size == HORIZON else replace(decision.market, horizon=size)
    return replace(decision, by_month=months, worths=worths, league=standings, market=market)


def section_of(decision):
    section = course(decision)
    check([section])
    for thing in [f.sentence for f in section.findings] + [f.title for f in section.figures]:
        note(thing)
    return section


def note(thing):
    """Remember which sentences were said, also within others."""
    REACHED.add(thing.key)
    for part in thing.values.values():
        if hasattr(part, "key") and hasattr(part, "values"):
            note(part)


def test_leads_add_up_to_the_difference_of_the_league(decision):
    found = built(decision)
    assert set(found.names) == set(decision.names) - {"today"}
    for name in found.names:
        standing = decision.league.of(name).difference
        assert found.mean(name)[-1] == pytest.approx(standing.value, rel=1e-9)
        assert found.at(name, HORIZON) == standing
        assert found.ends == (12, 24, 36, 48, 60)
        own, other = (decision.names.index(n) for n in (name, "today"))
        apart = (decision.by_month[:, own] - decision.by_month[:, other])[:, :24].sum(axis=1)
        at = found.at(name, 24)
        assert at.value == pytest.approx(apart.mean())
        assert (at.low, at.high) == pytest.approx(tuple(np.quantile(apart, [0.025, 0.975])))
        assert at.status == Status.ASSUMED
    assert not found.mean("today").any()


def test_months_of_few_draws_end_where_all_draws_end_and_come_nearer_before(decision):
    few = replace(decision, by_month=decision.by_month[:60])
    whole, moved = built(decision), built(few)
    for name in whole.names:
        assert moved.mean(name)[-1] == pytest.approx(whole.mean(name)[-1])
        own, other = (decision.names.index(n) for n in (name, "today"))
        raw = np.cumsum(few.by_month[:, own] - few.by_month[:, other], axis=1).mean(axis=0)
        late = slice(36, None)
        off = [np.abs(x - whole.mean(name))[late].mean() for x in (moved.mean(name), raw)]
        assert off[0] < off[1]


def test_a_lead_lasts_from_the_month_after_the_last_one_without():
    known = {
        (1.0, 2.0, 3.0): 1,
        (-1.0, 2.0, 3.0): 2,
        (1.0, -1.0, 3.0): 3,
        (1.0, 2.0, -1.0): np.inf,
        (0.0, 0.0, 5.0): 3,
        (0.0, 0.0, 0.0): np.inf,
        (-5.0, 1e-13, 4.0): 3,
    }
    assert lasting(np.array(list(known))).tolist() == list(known.values())


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12))
@settings(max_examples=examples(200), deadline=None)
def test_from_then_on_the_policy_is_ahead_and_just_before_it_is_not(lead):
    month = float(lasting(np.array(lead, float)))
    if month == np.inf:
        assert lead[-1] <= 0
        return
    assert all(x > 0 for x in lead[int(month) - 1 :])
    assert month == 1 or lead[int(month) - 2] <= 0


def test_a_payback_has_the_interval_of_its_draws_open_where_some_never_come(decision):
    sure = built(with_months(decision, noise=0.0, loyalty=SLOW))
    e = payback(sure, "loyalty")
    assert (e.value, e.low, e.high, e.reason) == (41.0, 41.0, 41.0, "")
    open_ended = payback(built(with_months(decision, noise=3000.0, loyalty=SLOW)), "loyalty")
    assert open_ended.value is not None
    assert open_ended.low < 41
    assert open_ended.high is None
    never = payback(built(with_months(decision, noise=0.0, loyalty=-SLOW)), "loyalty")
    assert (never.value, never.low, never.high, never.reason) == (None, None, None, NEVER)


def test_the_share_of_draws_ahead_counts_ties_by_half(decision):
    level = with_months(decision, noise=0.0)
    assert ahead(level, "loyalty").value == 0.5
    assert ahead(with_months(decision, noise=0.0, loyalty=SLOW), "loyalty").value == 1.0
    own, other = (decision.worths[n].total for n in ("loyalty", "today"))
    assert ahead(decision, "loyalty").value == pytest.approx((own > other).mean())


@pytest.mark.parametrize(
    ("money", "expected", "english"),
    [
        ({"loyalty": SLOW}, "over", "After 41 (95%: 41–41) months “loyalty rebate” is ahead"),
        ({"loyalty": -SLOW + 150}, "start", "from the first month on:** after 12 months by"),
        ({"loyalty": QUICK - 25}, "fades", "most after 20 months"),
        ({"loyalty": -SLOW - 150, "for_all": -400 - SLOW, "nothing": -400 - SLOW}, "behind",
         "On average no policy overtakes “as today” within 60 months"),
    ],
)  # fmt: skip
def test_what_is_told_is_what_happens(decision, money, expected, english):
    low = dict.fromkeys(("for_all", "nothing"), np.full(HORIZON, -500.0))
    made = with_months(decision, noise=1e-6, **low | money)
    assert situation(built(made)) == expected
    section = section_of(made)
    assert english.replace("**", "") in said(section)
    assert section.figures[0].title.key == f"policy_course.figure.{expected}"


def test_within_a_year_no_year_is_told(decision):
    made = with_months(decision, noise=1e-6, loyalty=np.full(9, 10.0))
    section = section_of(made)
    assert section.findings[0].sentence.key == "policy_course.told.start_short"
    assert {r.id for r in section.results} >= {"policy.cumulative.loyalty.9"}
    assert "after 9 months by €90" in said(section)


def test_who_leads_after_a_year_is_told_where_another_does_later(decision):
    made = with_months(decision, noise=1e-6, loyalty=SLOW, for_all=QUICK)
    section = section_of(made)
    early = next(f for f in section.findings if f.id == "policy.course.early")
    text = Words("en_GB").say(early.sentence)
    # 60 a month for 20 months, -100 for as long: level in month 40 of the one, ahead in 36
    sums = np.cumsum(SLOW - QUICK)
    month = int(np.flatnonzero(sums <= 0)[-1]) + 2
    assert "by then “rebate for all” has brought in most, €720 " in text
    assert f"only after {month} months" in text
    same = with_months(decision, noise=1e-6, loyalty=SLOW, for_all=SLOW / 2)
    assert [f.id for f in section_of(same).findings] == ["policy.course", "policy.repaid"]


def test_doubt_is_told_only_where_there_is_any(decision):
    sure = said(section_of(with_months(decision, noise=1e-6, loyalty=SLOW + 200)))
    assert "Certain it is not" not in sure
    assert "Certain it is not" in said(section_of(decision))


def test_results_are_documented_numbers_of_every_policy(decision):
    found = numbers(section_of(decision))
    for name in set(decision.names) - {"today"}:
        for month in (12, 24, 36, 48, 60):
            assert found[f"policy.cumulative.{name}.{month}"].unit == "EUR"
        low, high = (found[f"policy.{k}.{name}"] for k in ("lowest", "highest"))
        assert low.value <= found[f"policy.cumulative.{name}.12"].value <= high.value
        assert found[f"policy.payback.{name}"].unit == "month"
        assert 0 <= found[f"policy.ahead.{name}"].value <= 1
    assert "policy.payback.today" not in found
    assert found["policy.repaid.today"].value >= found["policy.repaid.plain.today"].value
    lines = {r.id: r.as_json() for r in course(decision).results}
    usual = lines["policy.repaid.today"]["naive"]
    assert usual == found["policy.repaid.plain.today"].value


def test_the_status_is_that_of_the_league(decision):
    for status in (Status.ASSUMED, Status.ESTIMATED):
        section = course(with_status(decision, status))
        assert {f.status for f in section.findings} == {status}


@pytest.mark.parametrize("narrow", [False, True])
def test_the_picture_shows_the_best_the_farthest_and_the_comparator(decision, narrow):
    (shown,) = section_of(decision).figures
    assert [w.leads for w in shown.ways].count(True) == 1
    assert not any(shown.ways[-1].value)
    assert Words("en_GB").text(shown.ways[-1].label) == "as today"
    assert [m.at for m in shown.marks] == sorted(m.at for m in shown.marks)
    for language in ("de_DE", "en_GB"):
        assert draw(shown, Words(language), narrow).startswith("<svg ")


def test_no_more_than_five_policies_are_drawn_and_all_stand_in_the_tables(tmp_path):
    more = tuple(
        Policy(f"p{k}", Label(f"p{k}"), (LoyaltyRebate(13, 0.1 * k),)) for k in range(1, 8)
    )
    made = made_decision(tmp_path, proposed=(*more, Policy("today")), draws=120)
    section = section_of(made)
    assert len(section.figures[0].ways) == MOST + 1
    # the smallest rebate is the least bad: it leads the others, which are drawn by their distance
    assert drawn(built(made)) == ("p1", "p4", "p5", "p6", "p7")
    assert "5 of 7 policies" in Words("en_GB").say(section.figures[0].subtitle)
    assert len(section.figures[0].table.rows) == 7 * HORIZON
    assert [len(t.rows) for t in section.tables] == [7, 7, 8]


def one_segment(tmp_path, margin=10.0, acquisition=65.0, hazard=0.1, inflow=3.0):
    """Return a decision on customers who leave alike in each month."""
    made = made_decision(tmp_path, draws=120)
    only = Segment(
        "all",
        np.full((2, HORIZON), hazard / 2),
        margin=margin,
        price=20.0,
        inflow=inflow,
        acquisition=acquisition,
    )
    return replace(made, market=Market(("price", "moved"), (only,), HORIZON, 0.05))


def test_a_newcomer_has_paid_his_way_when_the_textbook_says_so(tmp_path):
    found = repaid(one_segment(tmp_path))["nothing"]
    stays = 0.9 ** np.arange(HORIZON)
    known = paid_back(10.0, stays, 0.05, 65.0)
    assert found.plain.value == known.plain == 7
    assert found.surviving.value == known.surviving
    assert found.discounted.value == known.discounted
    # 10 (1 - .9^n) / .1 >= 65 from n = 10 on, by hand; discounted one month more
    assert (found.surviving.value, found.discounted.value) == (10, 11)


def test_a_rebate_puts_it_off_and_an_outlay_too_high_is_never_back(tmp_path):
    made = one_segment(tmp_path)
    rebate = replace(made, policies=(Policy("today", None, (NewcomerRebate(12, 4.0),)),))
    assert repaid(rebate)["today"].plain.value == 11
    never = repaid(one_segment(tmp_path, acquisition=101.0))["nothing"]
    assert never.plain.value == 11
    assert (never.surviving.value, never.surviving.reason) == (None, "not_repaid")


def test_where_nobody_signs_up_nobody_is_told_of(tmp_path):
    assert repaid(one_segment(tmp_path, inflow=0.0)) == {}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"acquisition": 101.0}, "never"),
        ({"acquisition": 15.0}, "same"),
        ({"acquisition": 6.0}, None),
        ({"acquisition": 65.0}, "later"),
        ({"acquisition": 0.0}, None),
    ],
)
def test_what_a_newcomer_costs_is_told_as_it_is(tmp_path, change, key):
    section = section_of(one_segment(tmp_path, **change))
    told = [f.sentence.key for f in section.findings if f.id == "policy.repaid"]
    assert told == ([f"policy_course.newcomer.{key}"] if key else [])


def test_every_sentence_was_said(decision):
    """Runs last: the tests above reach every finding and title."""
    kinds = ("policy_course.told", "policy_course.newcomer", "policy_course.figure")
    keys = {key for key, _ in leaves(sentences("en")) if key.startswith(kinds)}
    beside = {f"policy_course.figure.{n}" for n in ("subtitle", "some", "note", "alt")}
    assert keys - beside - REACHED == set()
