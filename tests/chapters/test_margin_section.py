"""What customers bring in: does the customer grow, and what are today's customers worth?"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.outlook.paid import paid
from stammkunde.report.words import Words
from stammkunde.result import Status
from stammkunde.study import read_spells
from stammkunde.survival.projection.worth import discount
from tests.chapters.futures import INTEREST, TARIFF, TERMS, check, numbers
from tests.chapters.lives import PURCHASES, said, study, untraced

FILE = '[contracts]\nfile = "c.csv"\nperson = "who"\nstart = "begin"\nend = "last"\n'
EARNED = FILE + 'margin = "earned"\n'
CLOSE = date(2025, 1, 1)
LONG = pytest.mark.long


def contracts(count=1500, *, small=0.05, large=0.01, again=0.0, grows=0.0, seed=4, blank=0.0):
    """Return contracts of small and large customers with hazards of their own.

    Most large ones have the tariff "plus", most small ones the other.
    A share `again` of those who leave comes back after 60 days; the margin then has grown by
    `grows` a year. A share `blank` of margins is not known.
    """
    rng = np.random.default_rng(seed)
    rows = ["who,begin,last,tariff,earned"]
    for i in range(count):
        begin = date(2015, 1, 1) + timedelta(days=int(rng.integers(0, 3600)))
        size = int(rng.integers(2))
        tariff = ("basic", "plus")[size if rng.random() < 0.8 else 1 - size]
        earned, hazard = 10.0 + 20 * size + rng.uniform(-2, 2), (small, large)[size]
        for _ in range(4):
            gone = begin + timedelta(days=int(30.4 * rng.geometric(hazard) - 1 if hazard else 9999))
            last = gone.isoformat() if gone < CLOSE else ""
            told = "" if rng.random() < blank else f"{earned:.2f}"
            rows.append(f"p{i},{begin},{last},{tariff},{told}")
            start = gone + timedelta(days=60)
            if not last or start >= CLOSE or rng.random() >= again:
                break
            earned *= 1 + grows * (start - begin).days / 365.25
            begin = start
    return "\n".join(rows) + "\n"


def delivered(folder, text, *, more=TARIFF, data=EARNED, **rest):
    asked = study(folder, data=data, more=more, **rest)
    (folder / "data/raw/muster/c.csv").write_text(text, encoding="utf-8")
    return asked, read_spells(asked)


def worth(folder, text, **rest):
    asked, spells = delivered(folder, text, **rest)
    found = tell.read_outlook(asked, spells)
    return asked, spells, found, tell.worth(asked, spells, found)


@pytest.mark.long
def test_the_large_stay_and_nobody_grows(tmp_path):
    asked, spells = delivered(tmp_path, contracts(again=0.5))
    section = tell.margin(asked, spells)
    check([section])
    own = numbers(section)
    assert own["outlook.margin.total.1.37"].low > 0
    assert own["outlook.margin.growth.share.1.37"].value == 0
    assert own["outlook.margin.growth.share.1.37"].reason == "no_spread"
    assert own["outlook.margin.sorting.share.1.37"].value == 1
    parts = [own[f"outlook.margin.{n}.1.37"].value for n in ("leaving", "observed", "total")]
    assert parts[0] + parts[1] == pytest.approx(parts[2], abs=1e-12)
    assert own["outlook.margin.unit.13"].unit == "EUR"
    assert "None of the difference is growth" in said(section)
    assert "ist nichts Wachstum" in said(section, "de_DE")
    assert "100%" not in said(section)
    assert section.findings[1].assumptions == ("growth_as_between_contracts",)
    assert [f.status for f in section.findings] == [Status.MEASURED, Status.ESTIMATED]


@pytest.mark.long
def test_what_grows_from_contract_to_contract_is_told_as_a_share(tmp_path):
    asked, spells = delivered(tmp_path, contracts(2500, again=0.7, grows=0.05))
    section = tell.margin(asked, spells)
    check([section])
    own = numbers(section)
    year, share = own["outlook.margin.between.year"], own["outlook.margin.growth.share.1.37"]
    assert 0 < year.low < year.value < 2.5
    assert 0 < share.low < share.value < 1
    assert own["outlook.margin.sorting.share.1.37"].high == 1 - share.low
    assert "is growth of the single customer" in said(section)
    assert "Wachstum des einzelnen Kunden" in said(section, "de_DE")


def test_without_second_contracts_growth_cannot_be_known(tmp_path):
    asked, spells = delivered(tmp_path, contracts())
    section = tell.margin(asked, spells)
    check([section])
    (_, growth) = section.findings
    assert growth.status is Status.NOT_IDENTIFIABLE
    assert growth.missing == ("margin_over_time",)
    assert "nothing else could be seen" in said(section)
    assert not [r for r in section.results if "growth" in r.id]


@pytest.mark.long
def test_means_that_fall_or_stay_level_are_said(tmp_path):
    for name, rates, told in (
        ("fall", {"small": 0.01, "large": 0.06}, "bring in only"),
        ("level", {"small": 0.02, "large": 0.02}, "does not demonstrably depend"),
    ):
        section = tell.margin(*delivered(tmp_path / name, contracts(**rates)))
        check([section])
        assert told in said(section)
        assert len(section.findings) == (2 if name == "fall" else 1)


@pytest.mark.long
def test_unknown_margins_are_counted_and_not_zero(tmp_path):
    asked, spells, found, section = worth(tmp_path, contracts(blank=0.3), more=TARIFF + INTEREST)
    margin = tell.margin(asked, spells)
    check([margin, section])
    words = Words("en_GB")
    assert "no margin is known" in words.say(margin.findings[0].remarks[0])
    assert "no margin is known" in words.say(section.findings[0].remarks[0])
    known, all_ = numbers(section), numbers(tell.base(asked, found))
    share = known["outlook.base.value.customers"].value / all_["outlook.base.customers"].value
    assert 0.62 < share < 0.78
    assert 20 < known["outlook.base.value.margin"].value < 32


@pytest.mark.long
def test_the_value_is_each_margin_times_the_months_that_are_projected(tmp_path):
    """One after another: every customer there, his margin, the money's curve from his tenure on."""
    asked, spells, found, section = worth(tmp_path, contracts(600), more=INTEREST)
    check([section])
    own = numbers(section)
    frame = spells.to_frame()
    there = frame[(frame.end == "censored") & frame.margin.notnull()]
    (cell,) = paid(asked, spells, found, ())[()].values()
    v, total, plain = discount("month", 0.08), 0.0, 0.0
    for tenure, cents in zip(there.exit, there.margin, strict=True):
        shares = [p.value[tenure : tenure + 120] / p.value[tenure] for p in cell.part.look.parts]
        ahead = sum(w * s for w, s in zip(cell.part.look.weights, shares, strict=True))
        total += cents / 100 * float((ahead * v ** np.arange(120)).sum())
        plain += cents / 100 * float(ahead.sum())
    assert own["outlook.base.value.120"].value == pytest.approx(total, rel=1e-9)
    assert own["outlook.base.value.undiscounted.120"].value == pytest.approx(plain, rel=1e-9)
    assert own["outlook.base.value.each.120"].value == pytest.approx(total / len(there), rel=1e-9)
    hazard = (frame.end != "censored").sum() / (frame.exit - frame.entry).sum()
    keep = (1 - hazard) * v
    usual = there.margin.sum() / 100 * (1 - keep**120) / (1 - keep)
    assert own["outlook.base.value.usual.120"].value == pytest.approx(usual, rel=1e-9)
    assert own["outlook.base.value.120"].low < total < own["outlook.base.value.120"].high


@LONG
def test_money_is_projected_and_not_heads(tmp_path):
    """Large customers stay longer: the value of all is that of the groups, projected apart."""
    asked, _, found, section = worth(tmp_path, contracts(4000), more=TARIFF + INTEREST)
    check([section])
    own = numbers(section)["outlook.base.value.120"]
    apart = numbers(section, tariff="(together)")["outlook.base.value.120"]
    assert own.low < apart.value < own.high
    heads = numbers(tell.base(asked, found))["outlook.base.discounted.120"]
    mean = numbers(section)["outlook.base.value.margin"].value
    count = numbers(section)["outlook.base.value.customers"].value
    assert heads.value * mean * count < own.low
    assert "gives less than the projection" in said(section)
    (table,) = section.tables
    assert table.rows[1][2] + table.rows[2][2] == table.rows[3][2] == table.rows[0][2]


@LONG
def test_customers_under_several_terms_are_valued_together(tmp_path):
    _, _, found, section = worth(tmp_path, contracts(3000), more=TARIFF + TERMS + INTEREST)
    check([section])
    assert len(found.base) == 2
    finding = section.findings[0]
    assert finding.importance >= 0.35
    assert finding.questions == (4,)
    assert {"margin_stays", "interest_as_declared", "family_holds"} <= set(finding.assumptions)
    assert "Today's customers are worth" in said(section)
    assert "Die heutigen Kunden sind" in said(section, "de_DE")


@pytest.mark.long
def test_without_interest_nothing_is_discounted(tmp_path):
    section = worth(tmp_path, contracts(800))[3]
    check([section])
    assert "Nothing is discounted" in said(section)
    assert "outlook.base.value.undiscounted.120" not in numbers(section)


@pytest.mark.long
def test_what_is_not_declared_is_left_out(tmp_path):
    asked, spells, found, section = worth(tmp_path / "bare", contracts(300), data=FILE)
    assert section.left_out.key == "worth.left_out.undeclared"
    assert section.needed
    margin = tell.margin(asked, spells)
    assert (margin.left_out.key, margin.needed) == ("margin.left_out.undeclared", False)
    check([section, margin])
    bought = study(tmp_path / "bought", data=PURCHASES)
    assert not tell.worth(bought, spells, found).needed


@LONG
@pytest.mark.parametrize(
    "text",
    [
        contracts(1),
        contracts(12),
        contracts(300, small=0.0, large=0.0),
        contracts(300, small=0.999, large=0.999),
        contracts(300, blank=1.0),
        contracts(400).replace(",1", ",-1"),
        "\n".join(["who,begin,last,tariff,earned"] + [f"p{i},2023-06-01,,basic,0"
                                                      for i in range(300)]),
    ],
    ids=["one", "few", "nobody leaves", "all leave", "none known", "losses", "nothing"],
)  # fmt: skip
def test_little_gives_sentences(tmp_path, text):
    asked, spells, _, section = worth(tmp_path, text, more=TARIFF + INTEREST)
    margin = tell.margin(asked, spells)
    check([section, margin])
    assert untraced(section) == untraced(margin) == []
    assert all(s.findings or s.left_out for s in (section, margin))
