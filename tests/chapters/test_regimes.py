"""Where declared terms changed: today's terms lead, and nothing compares old contracts with new."""

from datetime import date

import pytest

import stammkunde as sk
from stammkunde import chapters as tell
from stammkunde.chapters.lifetimes.regimes import COHORTS_ALIKE, Regimes
from stammkunde.report.words import Words
from stammkunde.result import Status
from tests.chapters.lives import PURCHASES, is_sayable, said, study, table, untraced
from tests.kernel.dated import made

OLD, NEW = "2015-01-01", "2020-01-01"
SIGNED = (date(2015, 1, 1), date(2020, 1, 1))
TERMS = f"""
[[terms]]
signed_from = {OLD}
minimum_months = 24
renewal_months = 12
[[terms]]
signed_from = {NEW}
notice_days = 14
"""
STEADY, QUICK = table([0.01] * 72), table([0.04] * 48)


def asked(folder, **more):
    return study(folder, more=TERMS, **more)


def under(old=STEADY, new=QUICK):
    known = {OLD: old, NEW: new}
    return Regimes({n: t for n, t in known.items() if t is not None}, SIGNED)


def whole(found):
    tables = [*found.tables.values()]
    return sum(tables[1:], tables[0])


def sections(folder, found, **more):
    asked_of, lives = asked(folder, **more), whole(found)
    given = tell.seen_from(asked_of, lives)
    curve = sk.kaplan_meier(lives, given=given)
    return (
        tell.how_long(asked_of, curve, given, found),
        tell.further(asked_of, lives, found),
        tell.when(asked_of, lives, given, found),
    )


def results(section, **group):
    return {r.id.removeprefix("lifetimes."): r for r in section.results if r.group == group}


def test_those_under_todays_terms_lead_with_the_kernels_numbers(tmp_path):
    section, _, _ = sections(tmp_path, under())
    first, second = section.findings[:2]
    curve = sk.kaplan_meier(QUICK)
    found = results(section, terms=NEW)
    assert found["survival.12"].estimate.value == curve.at(12).value
    assert found["rmst.48"].estimate.value == curve.rmst(48).value
    assert (first.importance, second.importance) == (0.8, 0.75)
    assert first.status is Status.MEASURED
    assert first.sentence.values["s"].value == curve.at(12).value
    assert second.sentence.values["mean"].low == curve.rmst(48).low
    assert max(f.importance for f in section.findings[2:]) < 0.35
    assert untraced(section) == []
    assert is_sayable(section)


def test_the_headline_is_todays_and_names_the_earlier(tmp_path):
    section, _, _ = sections(tmp_path, under())
    lead = max(section.findings, key=lambda f: f.importance)
    told = Words("en_GB").say(lead.headline)
    assert told == (
        "Under today's terms 61% of customers are still there after 12 months, under the earlier "
        "ones 89%."
    )
    (picture,) = [f for f in section.figures if f.first_page]
    assert picture.id == "lifetimes.terms"
    assert len(picture.lines) == 3


def test_all_together_are_stated_behind_as_an_assumption(tmp_path):
    found = under()
    for section in sections(tmp_path, found):
        pooled = [r.estimate for r in section.results if not r.group]
        counts = [e for e in pooled if e.unit == "count"]
        assert pooled
        assert all(COHORTS_ALIKE in e.assumptions for e in pooled if e not in counts)
        assert all(e.status is Status.ESTIMATED for e in pooled)
    section, _, _ = sections(tmp_path, found)
    own = results(section)["survival.12"].estimate
    assert own.value == sk.kaplan_meier(whole(found)).at(12).value
    (mixed,) = [f for f in section.findings if f.id == "lifetimes.survival"]
    assert COHORTS_ALIKE in mixed.assumptions
    assert Words("en_GB").say(mixed.sentence).startswith("Old and new terms mixed: After 12 months")


def test_the_difference_from_earlier_terms_is_the_kernels(tmp_path):
    section, _, _ = sections(tmp_path, under())
    found = results(section, terms=f"{NEW} - earlier")["difference.terms"].estimate
    one, two = sk.kaplan_meier(QUICK), sk.kaplan_meier(STEADY)
    gap = sk.rmst_difference(one, two, 48)
    assert (found.value, found.low, found.high) == (gap.value, gap.low, gap.high)


VERDICTS = {
    "Under earlier terms it was": (STEADY, QUICK),
    "months more than under earlier terms": (table([0.04] * 72), table([0.01] * 48)),
    "A difference from earlier terms": (table([0.02] * 72), table([0.02] * 48)),
    "too few were observed from the start": (table([0.02] * 72, late=30), table([0.02] * 48)),
    "are still there after 12 months.": (STEADY, table([0.04] * 12)),
    "is not measured": (STEADY, table([0.04] * 8)),
    "too few who began under them": (STEADY, None),
}


@pytest.mark.parametrize("says", VERDICTS)
def test_each_sentence_on_terms_is_reached(tmp_path, says):
    section, *others = sections(tmp_path, under(*VERDICTS[says]))
    assert says in said(section)
    assert untraced(section) == []
    assert all(is_sayable(s) for s in (section, *others))
    assert sum(f.first_page for f in section.figures) == 1


def test_no_two_tables_have_one_name(tmp_path):
    for section in sections(tmp_path, under()):
        names = [t.id for t in section.tables] + [f.table.id for f in section.figures]
        assert len(names) == len(set(names))


def test_where_todays_were_too_short_observed_all_together_lead_as_a_forecast(tmp_path):
    section, _, _ = sections(tmp_path, under(new=table([0.04] * 8)))
    lead = max(section.findings, key=lambda f: f.importance)
    assert lead.id == "lifetimes.survival"
    assert lead.assumptions == (COHORTS_ALIKE,)


def test_loyalty_does_not_grow_by_mixing_contracts(tmp_path):
    """A constant hazard under either terms: all together grow, each under its own does not."""
    lives = whole(under())
    crude = tell.further(asked(tmp_path), lives)
    assert "That is" in said(crude)
    _, section, _ = sections(tmp_path, under())
    assert "A difference is not established" in said(section)
    assert said(section).startswith("Under today's terms (from 1\xa0January\xa02020): Of those")
    found = results(section, terms=NEW)["further.difference"]
    assert found.estimate.low < 0 < found.estimate.high
    assert found.naive > 0.05
    remarks = [Words("en_GB").say(r) for r in section.findings[0].remarks]
    assert any(r.startswith("Over all terms together it would be") for r in remarks)
    assert untraced(section) == []
    assert is_sayable(section)


def test_earlier_terms_are_told_where_todays_were_observed_too_short(tmp_path):
    _, section, _ = sections(tmp_path, under(new=table([0.04] * 20)))
    assert said(section).startswith("Under the terms from 1\xa0January\xa02015 to 31\xa0December")
    remarks = [r.key for r in section.findings[0].remarks]
    assert "terms.further.not_today" in remarks


def test_under_no_terms_long_enough_it_is_refused(tmp_path):
    found = under(table([0.02] * 40, late=20), table([0.04] * 20))
    _, section, _ = sections(tmp_path, found)
    (finding,) = section.findings
    assert finding.status is Status.NOT_IDENTIFIABLE
    assert "these data do not say" in said(section)
    assert is_sayable(section)


def test_contract_events_are_those_of_the_terms(tmp_path):
    old = table([0.005] * 23 + [0.2] + [0.005] * 11 + [0.2] + [0.005] * 36)
    found = under(old, table([0.02] * 48))
    _, _, section = sections(tmp_path, found)
    today, mixed = (Words("en_GB").say(f.sentence) for f in section.findings)
    assert today.startswith("Under today's terms (from 1\xa0January\xa02020): No single unit")
    assert mixed.startswith("Old and new terms mixed: In months 24 and 36, ")
    own = results(section, terms=NEW)
    assert own["hazard.24"].estimate.value == sk.hazard(found.tables[NEW]).at(24).value
    assert len({f.id for f in section.figures}) == 2


def test_spells_are_told_apart_by_their_first_day(tmp_path):
    contracts = [(f"a{i}", date(2018, 1, 1 + i), date(2019, 1, 1 + i)) for i in range(20)]
    later = [(f"b{i}", date(2020, 2, 1 + i), None) for i in range(20)]
    found = tell.regimes(asked(tmp_path), made(contracts + later))
    assert {n: int(t.persons.sum()) for n, t in found.tables.items()} == {OLD: 20, NEW: 20}
    assert found.today == NEW
    assert tell.regimes(asked(tmp_path), made(later)) is None
    assert tell.regimes(asked(tmp_path), made(contracts[:9] + later)) is None
    early = tell.regimes(asked(tmp_path), made(contracts))
    assert [*early.tables] == [OLD]


def test_without_terms_nothing_changes(tmp_path):
    contracts = [(f"a{i}", date(2018, 1, 1 + i), date(2019, 1, 1 + i)) for i in range(20)]
    assert tell.regimes(study(tmp_path), made(contracts)) is None
    assert tell.regimes(asked(tmp_path, data=PURCHASES), made(contracts)) is None


def test_terms_before_the_first_declared_and_between_have_names(tmp_path):
    days = (date(2015, 1, 1), date(2018, 1, 1), date(2020, 1, 1))
    tables = {"before": STEADY, "2015-01-01": STEADY, "2018-01-01": STEADY, NEW: QUICK}
    found = Regimes(tables, days)
    section, onward, _ = sections(tmp_path, found)
    words = Words("en_GB")
    names = [words.text(row[0]) for row in section.tables[0].rows]
    assert names == [
        "today's terms (from 1\xa0January\xa02020)",
        "terms from 1\xa0January\xa02018 to 31\xa0December\xa02019",
        "terms from 1\xa0January\xa02015 to 31\xa0December\xa02017",
        "terms before 1\xa0January\xa02015",
        "all terms together",
    ]
    assert len({words.text(d.group) for d in onward.figures[0].dots}) == 4


DEGENERATE = {
    "one customer each": (table([1.0], 1), table([1.0], 1)),
    "all censored": (table([0.0] * 60, 300), table([0.0] * 40, 300)),
    "all leave in month one": (table([1.0], 300), table([1.0], 300)),
    "few under today's": (STEADY, table([0.1] * 30, 12)),
    "nobody seen from the start": (table([0.02] * 60, late=30), table([0.02] * 40, late=10)),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_data_give_sentences(tmp_path, case):
    for section in sections(tmp_path, under(*DEGENERATE[case])):
        assert is_sayable(section)
        assert section.findings or section.left_out
