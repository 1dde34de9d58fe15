"""Money in a draft: the margin's column, the currency, what a contact is assumed to bring."""

from __future__ import annotations

import random

import pytest

from stammkunde.intake.founding import found
from stammkunde.study import read_study
from tests.intake.making import TODAY, contracts, workspace_at


@pytest.fixture
def workspace(tmp_path):
    return workspace_at(tmp_path)


def drafted(workspace, frame, name):
    path = workspace.root.parent / "made.csv"
    frame.to_csv(path, index=False)
    return found(workspace, name, [path], today=TODAY)


def test_a_margin_is_found_and_asked_about(workspace):
    frame = contracts().assign(**{"Deckungsbeitrag je Monat (CHF)": 12.5})
    made = drafted(workspace, frame, "werk")
    data = read_study("werk", workspace=workspace).toml.data
    assert data.contracts.margin == "Deckungsbeitrag je Monat (CHF)"
    assert data.money.currency == "CHF"
    text = workspace.toml("werk").read_text("utf-8")
    assert "is `Deckungsbeitrag je Monat (CHF)` earned per month, before rebates?" in text
    assert any("net of value added tax" in d for d in made.draft.decisions)


def test_what_is_billed_is_no_margin_and_without_amounts_no_money_is_spoken_of(workspace):
    frame = contracts().assign(Monatsbetrag=49.9)
    drafted(workspace, frame, "werk")
    assert read_study("werk", workspace=workspace).toml.data.contracts.margin == ""
    assert "[money]" not in workspace.toml("werk").read_text("utf-8")


def test_a_currency_that_nothing_names_is_a_decision(workspace):
    rng = random.Random(3)
    frame = contracts().assign(Deckungsbeitrag=lambda f: [rng.uniform(1, 9) for _ in f.index])
    made = drafted(workspace, frame, "werk")
    assert any("in which currency" in d for d in made.draft.decisions)
    assert read_study("werk", workspace=workspace).toml.data.money.currency == "EUR"


def purchases(amount, name):
    rng = random.Random(5)
    frame = contracts(400)[["Kd-Nr", "Vertragsbeginn"]].set_axis(["Kd-Nr", "Kaufdatum"], axis=1)
    frame = frame.assign(**{"Kd-Nr": [rng.randrange(90) for _ in frame.index]})
    return frame.assign(**{name: [amount(rng.uniform(5, 90)) for _ in frame.index]})


def test_purchases_with_amounts_get_the_hint_of_an_alert(workspace):
    drafted(workspace, purchases(lambda x: round(x, 2), "Umsatz ($)"), "laden")
    text = workspace.toml("laden").read_text("utf-8")
    assert 'currency = "USD"' in text
    assert "# [alert]" in text
    assert "who assumes so" in text


def test_amounts_with_a_sign_in_the_cell_are_named_and_not_lost(workspace):
    drafted(workspace, purchases(lambda x: f"{x:.2f} €", "Umsatz"), "laden")
    text = workspace.toml("laden").read_text("utf-8")
    assert "Amounts with a sign of currency, which nothing reads: `Umsatz`" in text
    assert "[money]" not in text
