"""Questions: a draft suggests one where something was offered, and the check names those asked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from stammkunde.evidence.asking.question import Design
from stammkunde.intake.examine import Asked, examine
from stammkunde.report.told import as_data, told
from stammkunde.report.words import Words
from stammkunde.result import Label
from stammkunde.study import read_study
from stammkunde.workspace import Workspace
from tests.intake.making import contracts, german, take_in, workspace_at

OFFERED = pd.DataFrame(
    {
        "Kd-Nr": [100_000 + i for i in range(200)],
        "Angebot": ["Treuerabatt", "Neukundenrabatt"] * 100,
        "von": [date(2021, 1, 1 + i % 28) for i in range(200)],
        "bis": [date(2022, 1, 1 + i % 28) for i in range(200)],
        "Arm": ["angenommen", "abgelehnt"] * 100,
    }
)


def drafted(folder: Path, *, offers: bool) -> tuple[Workspace, Path]:
    """Return a workspace with a client taken in, and the path of its TOML."""
    workspace = workspace_at(folder)
    files = {"verträge.csv": german(contracts())}
    files |= {"angebote.csv": german(OFFERED)} if offers else {}
    paths = []
    for name, data in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(data)
    take_in(workspace, "werk", *paths)
    return workspace, workspace.toml("werk")


def uncommented(text: str) -> str:
    """Return a draft with its question asked, alike in a group."""
    head, _, asked = text.partition("# [[question]]")
    bare = re.sub(r"^# ", "", asked, flags=re.MULTILINE)
    return f"{head}[[question]]{bare}".replace("alike = []", 'alike = ["tarif"]')


def test_a_draft_suggests_a_question_about_an_offer(tmp_path: Path) -> None:
    workspace, path = drafted(tmp_path, offers=True)
    text = path.read_text(encoding="utf-8")
    assert "question" not in tomllib.loads(text)
    assert '# offer = "Treuerabatt"' in text
    group = re.search(r"\[groups\.(\w+)\]", text, re.IGNORECASE)
    assert group is not None
    path.write_text(uncommented(text).replace('["tarif"]', f'["{group[1]}"]'), encoding="utf-8")
    (asked,) = read_study("werk", workspace=workspace).toml.question
    assert (asked.offer, asked.from_unit, asked.horizon) == ("Treuerabatt", 13, 36)
    report = examine(read_study("werk", workspace=workspace))
    for language in ("de_DE", "en_GB"):
        said = told(report, Words(language))
        assert "  • Treuerabatt: " in said


def test_without_an_offer_or_event_nothing_is_suggested(tmp_path: Path) -> None:
    workspace, path = drafted(tmp_path, offers=False)
    assert "question" not in path.read_text(encoding="utf-8")
    study = read_study("werk", workspace=workspace)
    report = examine(study)
    assert report.asked == ()
    words = Words("en_GB")
    assert as_data(report, words)["asked"] == []
    assert "will be asked" not in told(report, words)


@pytest.mark.parametrize("language", ["de_DE", "en_GB"])
def test_every_design_is_told(tmp_path: Path, language: str) -> None:
    workspace, _ = drafted(tmp_path, offers=False)
    report = examine(read_study("werk", workspace=workspace))
    title = Label("x", {"de": "Anruf", "en": "call"})
    asked = tuple(
        Asked(
            name="x",
            title=title,
            design=d,
            day=date(2022, 10, 1) if "day" in d or d == "regions" else None,
        )
        for d in get_args(Design)
    )
    words = Words(language)
    said = told(replace(report, asked=asked), words)
    lines = [line for line in said.splitlines() if line.startswith(f"  • {words.text(title)}: ")]
    assert len({*lines}) == len(get_args(Design))
    assert sum("2022" in line for line in lines) == 2
    data = as_data(replace(report, asked=asked), words)
    assert [q["design"] for q in data["asked"]] == [*get_args(Design)]
