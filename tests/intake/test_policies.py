"""Policies: a draft shows how they are written, and the check holds their words against data."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from stammkunde.intake.asked import Misspelt
from stammkunde.intake.examine import examine
from stammkunde.intake.proposed import Proposed
from stammkunde.report.told import as_data, told
from stammkunde.report.words import Words
from stammkunde.result import Label
from stammkunde.study import read_study, read_tables
from stammkunde.workspace import Workspace
from tests.intake.making import contracts, german, take_in, workspace_at

BOUGHT = pd.DataFrame(
    [
        {
            "Kunde": f"k{i % 40}",
            "Kaufdatum": f"{1 + i % 28:02d}.{1 + i // 40:02d}.2024",
            "Umsatz": i,
        }
        for i in range(400)
    ]
)
LEFT = pd.DataFrame(
    {
        "customerID": [f"c{i}" for i in range(200)],
        "tenure": [i % 70 for i in range(200)],
        "Churn": ["Yes" if i % 7 == 0 else "No" for i in range(200)],
    }
)
PRICES = pd.DataFrame(
    {"Tarif": ["Basis", "Öko"], "Preis": [10.5, 12.5], "gültig ab": ["01.01.2020", "01.01.2020"]}
)
WITH_MARGIN = contracts().assign(**{"Deckungsbeitrag je Monat": 9.5})


def drafted(folder: Path, *tables: pd.DataFrame) -> tuple[Workspace, Path]:
    """Return a workspace with a client taken in, and the path of its TOML."""
    workspace = workspace_at(folder)
    paths = []
    for k, table in enumerate(tables):
        paths.append(folder / f"tabelle{k}.csv")
        paths[-1].write_bytes(german(table))
    take_in(workspace, "werk", *paths)
    return workspace, workspace.toml("werk")


def uncommented(text: str) -> str:
    """Return a draft with the policies that it suggests compared."""
    head, _, rest = text.partition("# [setting]")
    return f"{head}[setting]" + re.sub(r"^# ", "", rest, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("tables", "given"),
    [
        pytest.param([contracts()], {"price": 30, "margin": 10}, id="contracts"),
        pytest.param([WITH_MARGIN, PRICES], {}, id="margins and prices"),
        pytest.param([BOUGHT], {"margin_share": 0.3}, id="purchases"),
        pytest.param([LEFT], {"price": 30, "margin": 10}, id="snapshot"),
    ],
)
def test_a_draft_suggests_policies_that_can_be_read(tmp_path, tables, given):
    workspace, path = drafted(tmp_path, *tables)
    text = path.read_text(encoding="utf-8")
    assert not {"setting", "policy", "assumption"} & set(tomllib.loads(text))
    path.write_text(uncommented(text), encoding="utf-8")
    toml = read_study("werk", workspace=workspace).toml
    own = toml.setting
    known = {k: getattr(own, k) for k in ("price", "margin", "margin_share")}
    assert {k: v for k, v in known.items() if v is not None} == given
    assert (own.comparator, [p.name for p in toml.policy]) == ("today", ["today", "loyalty"])
    assert [(a.name, a.says) for a in toml.assumption] == [
        ("loyalty_ratio", {"de": "wer?", "en": "who?"})
    ]


def test_days_as_a_customer_are_not_compared_by_month(tmp_path):
    _, path = drafted(tmp_path, LEFT.rename(columns={"tenure": "tenure days"}))
    text = path.read_text(encoding="utf-8")
    assert 'unit = "day"' in text
    assert "[setting]" not in text


def test_the_check_says_what_a_report_will_compare(tmp_path):
    workspace, path = drafted(tmp_path, contracts())
    path.write_text(uncommented(path.read_text(encoding="utf-8")), encoding="utf-8")
    report = examine(read_study("werk", workspace=workspace))
    loyalty = Label("loyalty", {"de": "Treuerabatt", "en": "loyalty rebate"})
    today = Label("today", {"de": "wie heute", "en": "as today"})
    assert report.proposed == Proposed(comparator=today, policies=(loyalty,), assumptions=1)
    assert report.usable
    said = {
        "de_DE": [
            "Was der Bericht vergleicht",
            "  • was Kunden heute bekommen: wie heute",
            "  • Treuerabatt",
            "  • 1 Zahl ist angenommen und im Bericht so gekennzeichnet",
        ],
        "en_GB": [
            "What a report will compare",
            "  • what customers get now: as today",
            "  • loyalty rebate",
            "  • 1 number is assumed, and marked so in the report",
        ],
    }
    for language, lines in said.items():
        assert "\n".join(lines) + "\n" in told(report, Words(language))
    assert as_data(report, Words("en_GB"))["proposed"] == {
        "comparator": "today",
        "policies": [{"name": "loyalty", "title": "loyalty rebate"}],
        "assumptions": 1,
        "misspelt": [],
    }


def test_without_policies_nothing_is_said_of_them(tmp_path):
    workspace, _ = drafted(tmp_path, contracts())
    report = examine(read_study("werk", workspace=workspace))
    assert report.proposed is None
    assert "What a report will compare" not in told(report, Words("en_GB"))
    assert as_data(report, Words("en_GB"))["proposed"] is None


def test_a_customer_may_always_leave_for_a_reason_that_is_unknown(tmp_path):
    """What reading takes for a cause is not called misspelt because no row has it yet."""
    told_why = contracts()
    ended = told_why["Vertragsende"].notna()
    told_why["Kündigungsgrund"] = told_why["Kündigungsgrund"].mask(ended, "Umzug")
    workspace, path = drafted(tmp_path, told_why)
    text = uncommented(path.read_text(encoding="utf-8"))
    assert 'reasons = ["Umzug"]' in text
    text = text.replace("{ ratio =", '{ causes = ["unknown", "umzug"], ratio =')
    path.write_text(text, encoding="utf-8")
    study = read_study("werk", workspace=workspace)
    assert "unknown" not in set(read_tables(study)[0].relation.end.execute())
    assert examine(study).proposed.misspelt == ()


def test_words_that_no_row_has_are_told(tmp_path):
    """Levels and causes that the TOML does not list are known only from the data."""
    workspace, path = drafted(tmp_path, contracts())
    text = uncommented(path.read_text(encoding="utf-8"))
    text = re.sub(r"^\[causes\..*?(?=^\[)", "", text, flags=re.DOTALL | re.MULTILINE)
    text = text.replace("horizon = 36 ", 'segments = "tarif"\nhorizon = 36 ')
    text = text.replace("{ ratio =", '{ causes = ["Preiss"], ratio =')
    text = text.replace(
        "[[policy.loyalty_rebate]]",
        "[[policy.segments.Basiss.cool_off]]\nmonths = 6\n\n[[policy.loyalty_rebate]]",
    )
    path.write_text(text, encoding="utf-8")
    report = examine(read_study("werk", workspace=workspace))
    reactions = "policy[1].loyalty_rebate[0].behaviour.reactions[0].causes"
    reasons = ("Preis", "Umzug", "Wettbewerber", "unknown", "verstorben")
    assert report.proposed.misspelt == (
        Misspelt(key=reactions, word="Preiss", nearest="Preis", known=reasons),
        Misspelt(
            key="policy[1].segments",
            word="Basiss",
            nearest="Basis",
            known=("Basis", "Komfort", "Öko"),
        ),
    )
    assert not report.usable
    for language, meant, result in (
        ("de_DE", "Ist „Preis“ gemeint?", "nicht brauchbar, solange Regeln Wörter nennen"),
        ("en_GB", "Is “Preis” meant?", "not usable while policies name words"),
    ):
        said = " ".join(told(report, Words(language)).split())
        assert meant in said
        assert result in said
    listed = as_data(report, Words("en_GB"))["proposed"]["misspelt"]
    assert listed[0] == {"key": reactions, "word": "Preiss", "nearest": "Preis"}
