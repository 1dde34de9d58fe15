"""`stammkunde new` on purchases: which columns hold what they were worth, and where."""

import pandas as pd
import pytest

from stammkunde.errors import DataError
from stammkunde.intake.examine import examine
from stammkunde.study import read_purchases, read_study
from tests.intake.making import take_in, workspace_at


@pytest.fixture
def workspace(tmp_path):
    return workspace_at(tmp_path)


def study(workspace, client):
    return read_study(client, workspace=workspace)


def test_what_a_purchase_was_worth_and_where_it_was_made(workspace, tmp_path):
    rows = [
        {
            "Kunde": f"k{i % 40}",
            "Datum": f"2024-{1 + i // 40:02d}-{1 + i % 28:02d}",
            "Filiale": ["Nord", "Süd", "West"][i % 7 % 3],
            "Umsatzsteuer": 0.19 * i,
            "Betrag (€)": 1.5 + i,
        }
        for i in range(400)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "x.csv", index=False)
    take_in(workspace, "a", tmp_path / "x.csv")
    made = study(workspace, "a")
    table = made.toml.data.transactions
    assert (table.amount, table.place) == ("Betrag (€)", "Filiale")
    assert {g.column for g in made.toml.data.groups.values()} >= {"Betrag (€)", "Filiale"}
    assert set(read_purchases(made).relation.place.execute()) == {"Nord", "Süd", "West"}


def test_a_tax_is_not_what_a_purchase_was_worth(workspace, tmp_path):
    rows = [(f"k{i % 40}", f"2024-01-{1 + i % 28:02d}", 0.19 * i) for i in range(200)]
    frame = pd.DataFrame(rows, columns=["Kunde", "Datum", "Umsatzsteuer"])
    frame.to_csv(tmp_path / "x.csv", index=False)
    take_in(workspace, "a", tmp_path / "x.csv")
    table = study(workspace, "a").toml.data.transactions
    assert (table.amount, table.place) == ("", "")


def test_amounts_that_a_report_could_not_read_are_told_beforehand(workspace, tmp_path):
    rows = [(f"k{i % 40}", f"2024-{1 + i // 40:02d}-{1 + i % 28:02d}", 1.5 + i) for i in range(400)]
    frame = pd.DataFrame(rows, columns=["Kunde", "Datum", "Betrag (€)"])
    frame.to_csv(tmp_path / "x.csv", index=False)
    take_in(workspace, "a", tmp_path / "x.csv")
    made = study(workspace, "a")
    assert examine(made).usable
    (delivered,) = made.data_files
    text = delivered.read_text(encoding="utf-8").splitlines()
    worse = [text[0], *(line + " €" if i < 30 else line for i, line in enumerate(text[1:]))]
    delivered.write_text("\n".join(worse) + "\n", encoding="utf-8")
    found = examine(made)
    assert not found.usable
    (table,) = (t for t in found.tables if t.section == "transactions")
    assert table.tally.rejected == 30
    assert "unreadable_number" in {f.check for f in table.found}
    with pytest.raises(DataError, match="cannot be used"):
        read_purchases(made)
