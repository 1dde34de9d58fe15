"""From delivered files to a first report by three commands, as a new user would do it."""

import random
import re
import subprocess
import sys
from datetime import date, timedelta

import pandas as pd
import pytest

from tests.intake.making import ENGLISH, contracts, german, workbook

CLIENTS = ("german", "english", "workbook", "parquet", "snapshot", "purchases")


def stammkunde(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "stammkunde", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def german_file(folder):
    (folder / "Verträge.csv").write_bytes(german(contracts()))
    return folder / "Verträge.csv"


def english_file(folder):
    contracts(names=ENGLISH).to_csv(folder / "contracts.csv", index=False)
    return folder / "contracts.csv"


def workbook_file(folder):
    return workbook(folder / "Kunden 2025.xlsx", Kunden=contracts())


def parquet_folder(folder):
    (folder / "parts").mkdir()
    frame = contracts(names=ENGLISH)
    for i in range(3):
        frame.iloc[i::3].to_parquet(folder / "parts" / f"{i}.parquet", index=False)
    return folder / "parts"


def snapshot_file(folder):
    rng = random.Random(5)
    rows = [
        (f"K{i}", tenure := rng.randrange(1, 72), rng.choice("AB"), "ja" if tenure < 9 else "nein")
        for i in range(500)
    ]
    frame = pd.DataFrame(rows, columns=["Kundennummer", "Kundendauer", "Gebiet", "Gekündigt"])
    frame.to_csv(folder / "bestand.csv", index=False, sep=";")
    return folder / "bestand.csv"


def purchases_file(folder):
    rng = random.Random(6)
    rows = []
    for i in range(400):
        day = date(2024, 1, 1) + timedelta(days=rng.randrange(90))
        for _ in range(1 + rng.randrange(9)):
            rows.append((f"k{i}", f"{day:%m/%d/%Y}", round(rng.uniform(5, 80), 2)))
            day += timedelta(days=1 + int(rng.expovariate(1 / 40)))
    frame = pd.DataFrame(rows, columns=["customer", "order date", "amount"])
    frame.to_csv(folder / "orders.csv", index=False)
    return folder / "orders.csv"


MADE = dict(
    zip(
        CLIENTS,
        (
            german_file,
            english_file,
            workbook_file,
            parquet_folder,
            snapshot_file,
            purchases_file,
        ),
        strict=True,
    )
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace whose clients came from `new` alone, with all their reports."""
    here = tmp_path_factory.mktemp("first")
    assert stammkunde(here, "init", "reports of us").returncode == 0
    root = here / "reports of us"
    for client, make in MADE.items():
        delivery = here / client
        delivery.mkdir()
        done = stammkunde(root, "new", client, str(make(delivery)))
        assert done.returncode == 0, done.stderr
        assert "To fill in" not in done.stdout
    done = stammkunde(root, "report", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.mark.parametrize("client", CLIENTS)
def test_a_draft_is_checked_and_reported_without_an_edit(workspace, client):
    done = stammkunde(workspace, "check", client)
    assert done.returncode == 0, done.stderr
    assert f"`stammkunde report {client}`" in done.stdout
    products = {p.name for p in (workspace / "reports" / client).iterdir()}
    assert {"results.json", "rejected.csv"} <= products
    assert any(name.endswith(".pdf") for name in products)


def test_the_same_contracts_say_the_same_however_they_were_delivered(workspace):
    said = {}
    for client in ("german", "english", "workbook", "parquet"):
        text = stammkunde(workspace, "check", client, "--language", "en_GB").stdout
        said[client] = re.findall(
            r"^(?:[\d,]+ persons with|Rows: 600 read =) .+$", text, re.MULTILINE
        )
    # seven contracts did not last a whole month
    assert said["german"] == [
        "593 persons with 593 spells as a customer",
        "Rows: 600 read = 593 used + 7 never at risk + 0 rejected",
    ]
    assert all(lines == said["german"] for lines in said.values())


def test_three_edits_answer_what_was_left_open(workspace):
    toml = workspace / "clients" / "german.toml"
    text = toml.read_text("utf-8")
    edits = {
        'end_is = "last_day"': 'end_is = "day_after"',
        'name = { de = "German", en = "German" }': 'name = { de = "Werk", en = "Works" }',
        "controllable = true": "controllable = false",
    }
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new, 1)
    toml.write_text(text, encoding="utf-8")
    done = stammkunde(workspace, "report", "german")
    assert done.returncode == 0, done.stderr
    assert "Datenbericht: Werk (german)" in stammkunde(workspace, "check", "german").stdout
