"""What `make reports` leaves behind, on real data."""

import json
import tomllib

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient

from stammkunde.report.driver.kernels import NAME, kernels
from stammkunde.report.typst_text import identifier
from tests.documented import undocumented, unexplained
from tests.whole.conftest import CLIENTS, ROOT
from tests.whole.test_numbers import facts

REPORTS = [f"report.{lang}.{kind}" for lang in ("de", "en") for kind in ("html", "pdf")]
SAME = [*REPORTS, "tables.de.xlsx", "tables.en.xlsx", "results.json"]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", [*SAME, "manifest.json", "rejected.csv", "log.txt"])
def test_every_product_is_there(reports, client, name):
    assert reports.product(client, name).stat().st_size > 0


@pytest.mark.parametrize("client", CLIENTS)
def test_results_hold_the_documented_keys_and_no_nan(reports, client):
    text = reports.product(client, "results.json").read_text(encoding="utf-8")
    told = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} in results.json"))
    assert told["schema"] == 1
    assert told["client"] == client
    for result in told["results"]:
        assert {"id", "group", "value", "low", "high", "level", "unit", "status"} <= result.keys()
        assert result["value"] is not None or result["reason"]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_id_and_assumption_of_the_results_is_documented(reports, client):
    told = json.loads(reports.product(client, "results.json").read_text(encoding="utf-8"))
    assert undocumented(r["id"] for r in told["results"]) == []
    assumed = {name for r in told["results"] for name in r.get("assumptions", ())}
    # the curve of dated contracts observed from a declared day rests on nothing but its counts, but
    # where terms changed the curve of all is a forecast only if customers are alike
    curve = [r for r in told["results"] if r["id"].startswith("lifetimes.survival.")]
    whole = {name for r in curve if not r["group"] for name in r.get("assumptions", ())}
    parts = [r for r in curve if "terms" in r["group"]]
    assert whole
    assert (whole == {"cohorts_alike"}) == bool(parts) == (client == "musterstrom")
    assert not any("assumptions" in r for r in parts)
    assert unexplained(assumed) == []


def test_telco_is_called_fictional_on_every_page(reports):
    for language, word in (("de", "erfundene Daten"), ("en", "fictional data")):
        html = reports.product("telco", f"report.{language}.html").read_text(encoding="utf-8")
        page = BeautifulSoup(html, "html.parser")
        assert word in page.footer.get_text(" ")
        assert word in page.main.get_text(" ")


@pytest.mark.long
def test_cdnow_is_called_real(cdnow):
    assert "real data" in cdnow.product("cdnow", "report.en.html").read_text(encoding="utf-8")


def test_the_decision_leads_the_telco_report_and_the_snapshot_warning_is_next_to_it(reports):
    html = reports.product("telco", "report.en.html").read_text(encoding="utf-8")
    told = [f for part in facts(reports, "telco", "en") for f in part["findings"]]
    (snapshot,) = [f for f in told if f["id"] == "lifetimes.snapshot"]
    (decision,) = [f for f in told if f["id"] == "policy.compare"]
    assert snapshot["caution"]
    shown = BeautifulSoup(html, "html.parser")
    assert shown.h1.get_text() == decision["headline"]
    points = [p.a["href"] for p in shown.select(".points li")]
    assert points[0] == f"#{identifier('finding', decision['id'])}"
    assert f"#{identifier('finding', snapshot['id'])}" in points[:3]
    assert "contradicts" in decision["text"]


@pytest.mark.long
def test_three_lapse_rules_are_shown_for_cdnow(cdnow):
    told = json.loads(cdnow.product("cdnow", "results.json").read_text(encoding="utf-8"))
    days = {
        r["group"]["gap_days"] for r in told["results"] if r["id"].startswith("lifetimes.rule.")
    }
    declared = tomllib.loads((ROOT / "clients" / "cdnow.toml").read_text(encoding="utf-8"))
    rules = {declared["lapse"]["gap_days"], *declared["lapse"]["compare_days"]}
    assert days == {str(d) for d in rules}
    assert len(days) >= 3


GERMAN = {"und", "der", "die", "das", "ist", "nicht", "von", "mit", "Kunden", "Monate", "für"}
ENGLISH = {"and", "the", "of", "is", "not", "with", "customers", "months", "for", "stay"}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("language", "foreign"), [("de", ENGLISH), ("en", GERMAN)])
def test_no_word_of_the_other_language(reports, client, language, foreign):
    html = reports.product(client, f"report.{language}.html").read_text(encoding="utf-8")
    words = set(BeautifulSoup(html, "html.parser").body.get_text(" ").split())
    assert not words & foreign


@pytest.mark.long
def test_the_notebook_for_exploring_runs_to_its_end(reports):
    folder = reports.root / "notebooks"
    book = nbformat.read(folder / "explore.ipynb", as_version=4)
    place = {"metadata": {"path": str(folder)}}
    with kernels():
        NotebookClient(book, timeout=120, kernel_name=NAME, resources=place).execute()
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert len(code) >= 10
    assert all(cell.execution_count for cell in code)
