"""The energy supplier's export: bytes, days, dirt, and what the product reads from it."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import stammkunde as sk
from stammkunde.spells.months import completed
from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.dirt import WRONGS
from stammkunde.worlds.musterstrom.export import tables_of
from stammkunde.worlds.musterstrom.limits import limit
from tests.worlds.once import KIND, SEED, contracts_once, course_once, drawn_once

PAGE = Path(__file__).parents[2] / "docs" / "musterstrom.md"
OPEN, CLOSE = date(2020, 1, 1), date(2026, 1, 1)
MOST = 3.5  # standard errors


@pytest.fixture(scope="module")
def tables():
    return tables_of(drawn_once(), KIND.world(seed=SEED))


@pytest.fixture(scope="module")
def contracts():
    return contracts_once()


def hashes(seed):
    world = KIND.world(seed=seed, size=1500)
    return {n: sha256(b).hexdigest() for n, b in KIND.files(world.tables()).items()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    one, again, other = hashes(1), hashes(1), hashes(2)
    assert one == again
    assert set(one) == {f"{n}.csv" for n in ("vertraege", "ereignisse", "angebote", "preise",
                                             "personen")}  # fmt: skip
    differ = {n for n in one if one[n] != other[n]}
    assert differ == set(one) - {"preise.csv"}


def test_the_files_are_what_a_german_it_writes(tables):
    text = KIND.files({"vertraege": tables["vertraege"]})["vertraege.csv"]
    lines = text.decode("cp1252").split("\r\n")
    assert lines[0].startswith("Vertragsnummer;Kundennummer;Laufzeit;")
    assert len(lines) == len(tables["vertraege"]) + 2  # the head, and the last line end
    assert "monatlich kündbar".encode("cp1252") in text
    assert all(len(x.split(";")) == len(tables["vertraege"].columns) for x in lines[1:-1])
    assert tables["vertraege"]["Deckungsbeitrag je Monat"].str.fullmatch(r"\d+,\d\d").all()
    assert tables["ereignisse"]["Datum"].str.fullmatch(r"\d\d\.\d\d\.20\d\d").all()


def test_there_are_about_forty_thousand_contracts(tables):
    assert len(tables["vertraege"]) == pytest.approx(40_000, rel=0.01)


def test_the_page_says_how_many_rows_there_are(tables):
    page = PAGE.read_text(encoding="utf-8")
    for name, frame in tables.items():
        assert f"| `{name}.csv` | {len(frame):,} |" in page
        assert all(f"`{column}`" in page for column in frame)
    for column, what in (("Art", "ereignisse"), ("Angebot", "angebote")):
        assert all(f"“{word}”" in page for word in tables[what][column].unique())


def test_dirt_is_added_and_the_true_rows_stay(tables, contracts):
    rows = tables["vertraege"]
    true = int(contracts["carried"].sum())
    extra = len(rows) - true
    assert extra == round(true / 1000)
    start, end = (pd.to_datetime(rows[n], format="%d.%m.%Y", errors="coerce")
                  for n in ("Vertragsbeginn", "Vertragsende"))  # fmt: skip
    wrong = [
        end < start,
        rows["Vertragsbeginn"] == "31.02.2023",
        rows["Kundennummer"] == "",
        rows.duplicated(),
    ]
    found = [int(w.sum()) for w in wrong]
    assert sum(found) == extra
    assert found == [len(range(k, extra, len(WRONGS))) for k in range(len(WRONGS))]
    clean = rows[~(wrong[0] | wrong[1] | wrong[2] | wrong[3])]
    assert len(clean) == true
    assert clean["Vertragsnummer"].is_unique
    # a row and its double are one as good as the other, so that their order says nothing
    assert sorted(clean["Vertragsnummer"]) == [f"V-{100_001 + k}" for k in range(true)]


def test_contracts_before_the_migration_were_not_carried_over(tables):
    start, ends = (
        pd.to_datetime(tables["vertraege"][n], format="%d.%m.%Y", errors="coerce")
        for n in ("Vertragsbeginn", "Vertragsende")
    )
    ends = ends[~(ends < start)]  # dirt
    assert ends.min() == pd.Timestamp(2020, 1, 1)
    assert ends.max() == pd.Timestamp(2025, 12, 31)


def test_the_months_rule_gives_the_units_drawn(contracts):
    ended = contracts[contracts["last"].notna()].iloc[::7]
    pairs = zip(ended["start"].dt.date, ended["last"].dt.date, ended["units"], strict=True)
    wrong = [(a, b, t) for a, b, t in pairs if completed(a, b) + 1 != t]
    assert len(ended) > 3000
    assert wrong == []


def test_every_number_in_the_other_tables_is_known(tables):
    persons = tables["personen"]
    known = set(persons["Kundennummer"])
    assert persons["Kundennummer"].is_unique
    assert set(tables["ereignisse"]["Kundennummer"]) <= known
    assert set(tables["angebote"]["Kundennummer"]) <= known
    assert set(tables["vertraege"]["Kundennummer"]) - {""} == known
    assert set(tables["vertraege"]["Geworben von"]) - {""} <= known
    assert persons["Haushalt"].duplicated().any()  # who came back as new


def test_events_and_offers_lie_within_window_and_contract(tables):
    days = pd.to_datetime(tables["ereignisse"]["Datum"], format="%d.%m.%Y")
    assert days.min() >= pd.Timestamp(OPEN)
    assert days.max() < pd.Timestamp(CLOSE)
    offers = tables["angebote"]
    held = offers.groupby(["Angebot", "Arm"]).size()
    for name in ("Anruf ohne Anlass", "Weinpräsent", "Begrüßungsanruf", "Erinnerungsschreiben",
                 "Rückgewinnungsbrief"):  # fmt: skip
        got, without = held[name, "erhalten"], held[name, "Kontrollgruppe"]
        assert abs(got - without) < 3.9 * np.sqrt(got + without)
        made = (tables["ereignisse"]["Art"] == name).sum()
        assert made == got


def test_who_pays_late_waits_no_longer_and_margins_do_not_grow(tables):
    """Two effects that the process does not have are not in the tables either."""
    rows = tables["vertraege"].query("Kundennummer != ''")
    late = rows.drop_duplicates("Kundennummer").set_index("Kundennummer")["Zahlungsverzug Tage"]
    events = tables["ereignisse"].assign(
        day=pd.to_datetime(tables["ereignisse"]["Datum"], format="%d.%m.%Y")
    )
    voiced, answers = (
        events[events["Art"] == kind] for kind in ("Beschwerde", "Antwort auf Beschwerde")
    )
    pairs = pd.merge_asof(
        voiced.sort_values("day"), answers.sort_values("day").assign(answered=answers["day"]),
        on="day", by=["Kundennummer", "Team"], direction="forward",
    ).dropna(subset="answered")  # fmt: skip
    days = (pairs["answered"] - pairs["day"]).dt.days
    delay = pairs["Kundennummer"].map(late).astype(int)
    assert len(pairs) > 10_000
    assert abs(np.corrcoef(days, delay)[0, 1]) < 3.9 / np.sqrt(len(pairs))
    household = tables["personen"].set_index("Kundennummer")["Haushalt"]
    margins = rows.groupby(rows["Kundennummer"].map(household))["Deckungsbeitrag je Monat"]
    assert (margins.size() > 1).any()
    assert (margins.nunique() == 1).all()


def test_the_window_has_as_many_contracts_as_expected(contracts):
    truth = course_once()
    begun = contracts["carried"].sum()
    expected = truth.at_risk[p.OPEN, ..., : p.OPEN].sum() + sum(
        n[p.OPEN :].sum() for n in truth.signups.values()
    ) + truth.leavers[p.OPEN - 1].sum() * (1 - 1 / p.DAYS)  # fmt: skip
    assert abs(begun - expected * KIND.size) < 3.9 * np.sqrt(begun)


@pytest.fixture(scope="module")
def spells(contracts):
    kept = contracts[contracts["carried"]]
    frame = pd.DataFrame({
        "start": kept["start"].dt.date.to_numpy(),
        "last": kept["last"].dt.date.astype(object).where(kept["last"].notna(), None).to_numpy(),
        "person": kept["person"].to_numpy(),
        "term": np.where(kept["signed"] < p.TERM_BEFORE, "term", "monthly"),
    })  # fmt: skip
    return sk.spells_from(frame, start="start", end="last", person="person", open=OPEN,
                          close=CLOSE, by="term")  # fmt: skip


def test_the_products_own_curve_agrees_with_the_truth(spells):
    curve = sk.kaplan_meier(sk.life_table(spells))
    true = limit(course_once())
    for tenure in (12, 24, 36):
        own = curve.at(tenure)
        assert abs(own.value - true.survival[tenure]) < MOST * own.se
    mean = curve.rmst(36)
    assert abs(mean.value - true.rmst(36)) < MOST * mean.se
    assert 0 < mean.se < 0.3


def test_the_products_own_curves_by_regime_agree_with_the_truth(spells):
    tables = sk.life_tables(spells, by="term")
    course = course_once()
    parts = {"term": slice(0, p.TERM_BEFORE), "monthly": slice(p.TERM_BEFORE, p.MONTHS)}
    for name, signed in parts.items():
        own, true = sk.kaplan_meier(tables[name]).rmst(36), limit(course, signed=signed)
        assert abs(own.value - true.rmst(36)) < MOST * own.se
    means = [sk.kaplan_meier(tables[n]).rmst(36) for n in parts]
    assert means[0].value - means[1].value > 10 * (means[0].se + means[1].se)
