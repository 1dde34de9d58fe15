"""What a finance department follows month by month: streams, heads, present values, sheets."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import openpyxl
import pytest

from stammkunde.chapters.policies.book.by_month import by_month
from stammkunde.chapters.policies.book.described import described
from stammkunde.chapters.policies.book.ledger_shown import assumed
from stammkunde.chapters.policies.book.market_shown import market_shown
from stammkunde.chapters.policies.book.means import at_means
from stammkunde.policy.offers import (
    Stream,
    worth,
)
from stammkunde.report.dress import facts
from stammkunde.report.words import Words
from stammkunde.report.workbook import workbook
from stammkunde.result import Status
from tests.chapters.lives import is_sayable
from tests.chapters.policies.booking import (
    RICH,
    decision,
    in_market,
    months,
    table,
    told,
)
from tests.report import making

CASES = {
    "in advance": {},
    "in arrears": {"arrears": True},
    "without interest": {"interest": 0.0},
    "with inflation": {"by_month": 1.02 ** (np.arange(60) / 12), "arrears": True},
}


@pytest.mark.parametrize("case", CASES)
def test_the_last_cumulative_is_the_worth_at_the_means_to_the_cent(tmp_path, case):
    found = in_market(decision(tmp_path, RICH), **CASES[case])
    section = by_month(found)
    known = {r.id: r.estimate.value for r in section.results}
    cumulative = months(section, found.names, "cumulative")
    for name, row, given in zip(
        found.names, cumulative, at_means(found).policies.values(), strict=True
    ):
        kernel = worth(given)
        assert row[-1] == pytest.approx(float(np.ravel(kernel.total)[0]), abs=0.005)
        assert known[f"policy.stream.{name}.value"] == pytest.approx(row[-1], abs=0.005)
        assert known[f"policy.stream.{name}.spend"] == pytest.approx(
            float(np.ravel(kernel.spend)[0]), abs=0.005
        )
        for stream in Stream:
            own = float(np.ravel(getattr(kernel, stream))[0])
            assert known[f"policy.stream.{name}.{stream}"] == pytest.approx(own, abs=0.005)


@pytest.mark.parametrize("case", CASES)
def test_every_month_can_be_reckoned_from_its_row(tmp_path, case):
    found = in_market(decision(tmp_path, RICH), **CASES[case])
    section = by_month(found)

    def own(heading):
        return months(section, found.names, heading)

    streams = ("margin after cost to serve", "acquisition", "rebates", "handling of returners")
    parts = [own(f"{s} (EUR)") for s in (*streams, "care and win-back")]
    net, late = own("net"), own("of which due at the month’s end")
    assert net == pytest.approx(np.sum(parts, axis=0), abs=1e-6)
    present = (net - late) * own("factor") + late * own("factor at the month’s end")
    assert own("present value") == pytest.approx(present, abs=1e-6)
    assert own("cumulative") == pytest.approx(np.cumsum(present, axis=1), abs=1e-5)
    assert own("factor")[:, 1:] == pytest.approx(own("factor at the month’s end")[:, :-1])
    ahead = own("cumulative, less the comparator’s")
    assert ahead == pytest.approx(own("cumulative") - own("cumulative")[0], abs=1e-6)
    assert not ahead[0].any()
    stays = own("customers") - own("leavers")
    come = own("sign-ups") + own("come again")
    assert own("customers")[:, 1:] == pytest.approx(stays[:, :-1] + come[:, 1:], abs=1e-9)
    ends = [float(np.ravel(worth(a).customers)[0]) for a in at_means(found).policies.values()]
    assert stays[:, -1] == pytest.approx(np.array(ends))
    # what win-back costs falls due when customers leave, and in arrears the margin does
    rich = found.names.index("rich")
    assert (late[rich] != 0).all()
    assert bool(late[0].any()) is bool(found.basis.market.arrears)


def test_segments_add_up_to_the_policy(tmp_path):
    found = in_market(decision(tmp_path, RICH))
    section = by_month(found)
    known = {r.id: r.estimate for r in section.results}
    shown = table(section, "policy.segments")
    rows = np.array([row[2:] for row in shown.rows]).reshape(len(found.names), 2, -1)
    for name, apart in zip(found.names, rows, strict=True):
        *parts, total, spent = apart.sum(axis=0)
        assert total == pytest.approx(sum(parts))
        assert total == pytest.approx(known[f"policy.stream.{name}.value"].value)
        assert spent == pytest.approx(known[f"policy.stream.{name}.spend"].value)
    assert known["policy.stream.rich.value"].status is Status.ASSUMED
    drawn = found.league.of("rich").value
    assert known["policy.stream.rich.value"].assumptions == drawn.assumptions


def test_the_report_goes_from_margin_to_value_beside_the_draws(tmp_path):
    found = decision(tmp_path)
    shown = table(by_month(found), "policy.streams")
    heads = [Words("en_GB").heading(c.heading) for c in shown.columns]
    # nobody comes back and nobody is cared for: streams of nothing are not shown
    assert heads[1:5] == ["margin", "acquisition", "rebates", "value at the means"]
    assert told(shown.caption, found).endswith("present values in thousand EUR")
    for row, standing in zip(shown.rows, found.league.standings, strict=True):
        _, *parts, total, drawn, apart = row
        assert total == pytest.approx(sum(parts))
        assert drawn * 1000 == pytest.approx(standing.value.value)
        if standing.policy == "today":
            assert apart is None
        else:
            whole = standing.difference
            assert apart.value * 1000 == pytest.approx(whole.value)
            assert [apart.low, apart.high] == pytest.approx([whole.low / 1000, whole.high / 1000])
    titles = dict(zip((s.policy for s in found.league.standings), shown.rows, strict=True))
    assert told(titles["today"][0], found) == "as today (comparator)"
    assert told(titles["today"][0], found, "de_DE") == "wie heute (Vergleichsregel)"
    assert shown.in_report


def test_small_sums_are_not_told_in_thousands(tmp_path):
    found = decision(tmp_path)
    few = [replace(s, inflow=0.1, there=np.array([20.0])) for s in found.basis.market.segments]
    market = replace(found.basis.market, segments=tuple(few))
    section = by_month(replace(found, basis=replace(found.basis, market=market)))
    shown = table(section, "policy.streams")
    assert told(shown.caption, found).endswith("present values in EUR")
    known = {r.id: r.estimate.value for r in section.results}
    last = [row for row in shown.rows if told(row[0], found) == "no rebate"]
    assert last[0][4] == pytest.approx(known["policy.stream.nothing.value"])


SECTIONS = (assumed, described, market_shown, by_month)


def test_everything_can_be_said_and_written_into_a_workbook(tmp_path):
    found = in_market(decision(tmp_path, RICH))
    sections = [shown(found) for shown in SECTIONS]
    assert all(is_sayable(s) for s in sections)
    for locale in ("en_GB", "de_DE"):
        words = Words(locale)
        sheets = [sheet for s in sections for sheet in facts(s, words)["sheets"]]
        book = openpyxl.load_workbook(BytesIO(workbook(sheets, making.cover(), words)))
        assert book.sheetnames[1:] == [s["id"] for s in sheets]
        page = book["policy.monthly"]
        heads = [cell.value for cell in page[3]]
        last = heads.index({"en_GB": "cumulative, EUR", "de_DE": "aufgelaufen, EUR"}[locale]) + 1
        total = by_month(found).results[6].estimate
        assert page.cell(3 + 60, last).value == pytest.approx(total.value, abs=0.005)
    assert [r.id for s in sections for r in s.results if r.estimate.value is None] == []


def test_more_of_one_policy_changes_no_other_s_months(tmp_path):
    one = by_month(decision(tmp_path))
    other = by_month(decision(tmp_path, RICH))
    few, many = (months(s, names, "present value")[:4] for s, names in (
        (one, ("today", "nothing", "loyalty", "for_all")),
        (other, ("today", "nothing", "loyalty", "for_all", "rich")),
    ))  # fmt: skip
    assert np.array_equal(few, many)
