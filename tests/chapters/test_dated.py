"""Chapter one on dated contracts, which no example client has: every section says something."""

from datetime import date

import numpy as np
import pytest

import stammkunde as sk
from stammkunde import chapters as tell
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.workspace import Workspace

pytestmark = pytest.mark.long

TOML = """
schema = 1

[client]
name = {{ de = "Musterstrom", en = "Musterstrom" }}
as_of = 2024-12-31

[window]
open = {open}
close = 2025-01-01
unit = "{unit}"

[contracts]
file = "contracts.csv"
person = "customer"
start = "begin"
end = "last day"
reason = "why"

[checks]
most_rejected = 0.2

[groups.tariff]
column = "tariff"
title = {{ de = "Tarif", en = "tariff" }}

[report]
horizons = [{horizons}]
"""


def contracts(count, per_person=1, years=5, seed=1):
    """Return rows of contracts with a monthly hazard of about .03, half of them in each tariff."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        begin = date(2020, 1, 1).toordinal() + int(random.integers(0, 365 * years))
        last = begin + int(30 * random.geometric(0.03))
        gone = last < date(2025, 1, 1).toordinal()
        ended = date.fromordinal(last).isoformat() if gone else ""
        tariff = ("Basis", "Plus", "")[i % 3]
        person = f"K{i // per_person}"
        reason = "moved" if gone else ""
        rows.append(f"{person},{date.fromordinal(begin)},{ended},{reason},{tariff}")
    return "customer,begin,last day,why,tariff\n" + "\n".join(rows) + "\n"


def sections(folder, text, opens="2020-01-01", unit="month", horizons="12, 24, 36"):
    """Return every section of the chapter for a client of these contracts."""
    for name in ("clients", "notebooks", "data/raw/muster"):
        (folder / name).mkdir(parents=True)
    toml = TOML.format(open=opens, unit=unit, horizons=horizons)
    (folder / "clients/muster.toml").write_text(toml, encoding="utf-8")
    (folder / "data/raw/muster/contracts.csv").write_text(text, encoding="utf-8")
    study = sk.read_study("muster", workspace=Workspace(folder))
    spells = sk.read_spells(study)
    table = sk.life_table(spells)
    given = tell.seen_from(study, table)
    return [
        tell.how_long(study, sk.kaplan_meier(table, given=given), given),
        tell.when(study, table, given),
        tell.who(study, sk.life_tables(spells, by="tariff"), "tariff"),
        tell.cohorts(study, sk.life_tables(spells.first(), by="cohort")),
        tell.lapse_rule(
            study, tell.lapse_curves(study), tell.latest_curve(study), tell.returned(study, spells)
        ),
        tell.snapshot(study, table),
        tell.nature(study),
        tell.data(study, spells),
        *tell.appendix(study, hashes={"a": "0" * 64}, versions={"Python": "3"}),
    ]


def spoken(section, words):
    """Return everything a section says, in words."""
    sentences = [section.heading, *section.paragraphs]
    sentences += [section.left_out] if section.left_out else []
    for finding in section.findings:
        sentences += [finding.sentence, *([finding.headline] if finding.headline else [])]
    for figure in section.figures:
        sentences += [figure.title, figure.subtitle, figure.note, figure.alt, figure.x, figure.y]
    tables = [*section.tables, *(f.table for f in section.figures)]
    text = [words.say(s) for s in sentences]
    for table in tables:
        text.append(words.say(table.caption))
        text += [words.say(table.note)] if table.note else []
        text += [words.heading(c.heading) for c in table.columns]
        for row in table.rows:
            text += [words.cell(v, c.form) for v, c in zip(row, table.columns, strict=True)]
    return text


CASES = {
    "many cohorts": {"text": contracts(1500)},
    "repeat customers": {"text": contracts(900, per_person=3)},
    "opened late": {"text": contracts(1500), "opens": "2022-07-01"},
    "in days": {"text": contracts(400), "unit": "day", "horizons": "90, 365"},
    "in quarters": {"text": contracts(400), "unit": "quarter", "horizons": "4, 8"},
    "a handful": {"text": contracts(8)},
    "no newcomer": {"text": contracts(400, years=2), "opens": "2023-01-01"},
    "few who come back": {"text": contracts(12, per_person=3)},
    "nobody left": {"text": "customer,begin,last day,why,tariff\n" + "K,2024-01-01,,,x\n" * 20},
}


@pytest.mark.parametrize("case", CASES)
def test_every_section_can_be_said_in_every_language(tmp_path, case):
    made = sections(tmp_path, **CASES[case])
    for language in languages():
        for section in made:
            assert all(spoken(section, Words(language)))


def test_dated_contracts_are_measured(tmp_path):
    first = sections(tmp_path, contracts(1500))[0]
    assert {str(f.status) for f in first.findings} == {"measured"}
    assert not any(f.assumptions for f in first.findings)


def test_many_months_of_start_are_shown_as_years_that_add_up(tmp_path):
    figure = sections(tmp_path, contracts(1500))[3].figures[0]
    names = [Words("en_GB").text(dot.label) for dot in figure.dots]
    assert names == ["2020", "2021", "2022", "2023"][: len(names)]
    assert len(names) >= 2


def test_a_group_without_a_level_is_a_level_of_its_own(tmp_path):
    table = sections(tmp_path, contracts(1500))[2].tables[0]
    assert [Words("en_GB").text(row[0]) for row in table.rows] == ["Basis", "Plus", "not stated"]


def test_a_group_too_small_to_show_is_counted_not_shown(tmp_path):
    text = contracts(1500) + "X1,2021-01-01,,,rare\nX2,2021-01-01,,,rare\n"
    table = sections(tmp_path, text)[2].tables[0]
    assert "rare" not in [Words("en_GB").text(row[0]) for row in table.rows]
    assert "One group is not shown" in Words("en_GB").say(table.note)


def test_few_persons_who_come_back_give_no_number(tmp_path):
    first = sections(tmp_path, contracts(12, per_person=3))[0]
    assert [f.id for f in first.findings] == ["lifetimes.too_few"]
    assert not first.results


def test_without_newcomers_the_curve_is_of_those_who_have_been_there_for_a_while(tmp_path):
    first = sections(tmp_path, contracts(400, years=2), opens="2023-01-01")[0]
    said = Words("en_GB").say(first.findings[0].sentence)
    assert "Of those who have been customers for" in said
    assert not any(r.id.startswith("lifetimes.rmst") for r in first.results)


def test_a_constant_hazard_has_no_month_that_stands_out(tmp_path):
    when = sections(tmp_path, contracts(1500))[1]
    assert "No single unit of time" in Words("en_GB").say(when.findings[0].sentence)


def test_who_is_not_stated_is_shown_and_not_compared(tmp_path):
    who = sections(tmp_path, contracts(1500))[2]
    assert "not stated" not in Words("en_GB").say(who.findings[0].sentence)


def test_contracts_without_a_first_day_may_lack_old_ones(tmp_path):
    text = TOML.replace("open = {open}\n", "")
    folder = tmp_path / "w"
    for name in ("clients", "notebooks", "data/raw/muster"):
        (folder / name).mkdir(parents=True)
    filled = text.format(unit="month", horizons="12")
    (folder / "clients/muster.toml").write_text(filled, encoding="utf-8")
    (folder / "data/raw/muster/contracts.csv").write_text(contracts(300), encoding="utf-8")
    study = sk.read_study("muster", workspace=Workspace(folder))
    curve = sk.kaplan_meier(sk.life_table(sk.read_spells(study)))
    finding = tell.how_long(study, curve).findings[0]
    assert finding.assumptions == ("all_contracts_kept",)
    assert str(finding.status) == "estimated"


def test_many_rejected_rows_lead_the_report(tmp_path):
    text = contracts(300) + "K,31.12.2020,,,x\n" * 40
    said = {f.id: f for section in sections(tmp_path, text) for f in section.findings}
    found = said["lifetimes.rejected"]
    assert found.importance > 0.95
    said_so = Words("en_GB").say(found.sentence)
    assert said_so.startswith("11.8% of the rows cannot be used (40 of 340;")
