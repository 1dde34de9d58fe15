"""A list of today's customers by what they gain: who is in it, who is held out, where it lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from stammkunde import cli
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.asking import Targets
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.made import ARMS
from stammkunde.evidence.asking.targets import HELD_OUT, _today, _untold
from stammkunde.report.driver import targeting
from stammkunde.report.driver.targeting import listed as targets
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.secrets import pseudonym_of, secret_of
from stammkunde.spells.spells import CENSORED, Spells
from stammkunde.study import Study, read_study, read_tables
from stammkunde.workspace import Workspace

TOML = """
schema = 1
[client]
name = { de = "Muster", en = "Muster" }
as_of = 2024-12-31
[window]
open = 2020-01-01
close = 2025-01-01
[contracts]
file = "c.csv"
contract = "contract"
person = "who"
start = "begin"
end = "last"
margin = "earns"
[offers]
file = "o.csv"
person = "who"
offer = "what"
start = "from"
end = "to"
arm = "arm"
[groups.kind]
column = "kind"
title = { de = "Art", en = "kind" }
"""
QUESTION = """
[[question]]
name = "{name}"
title = {{ de = "Anruf", en = "call" }}
assignment = "drawn"
horizon = {horizon}
euro = {euro}
{more}
[question.treated]
words = {treated}
title = {{ de = "angerufen", en = "called" }}
[question.control]
words = {control}
title = {{ de = "nicht angerufen", en = "not called" }}
"""
CALL = 'offer = "call"\non_its_day = true\nby = ["kind"]'
LASTING = 'offer = "rebate"\nfrom_unit = 13\nby = ["kind"]'
DAY, CLOSE = date(2022, 1, 1), date(2025, 1, 1)
# what a call takes off the monthly hazard of .06
CHANGE = {"a": 0.045, "b": 0.0, "c": -0.04}


def contracts(size: int = 1500) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return contracts and calls: everybody there on a day is dealt to a call or to none."""
    rng = np.random.default_rng(5)
    rows, offers = [], []
    for i in range(size):
        kind = "abc"[i % 3]
        begin = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 360)))
        called = bool(rng.integers(2))
        hazard = 0.06 - CHANGE[kind] * called
        last = DAY + timedelta(days=int(30 * rng.geometric(hazard)) - 1)
        end = last if last < CLOSE else None
        rows.append((f"C{i}", f"K{i}", begin, end, kind, 30))
        offers.append((f"K{i}", "call", DAY, DAY, "yes" if called else "no"))
        later = begin + timedelta(days=366)
        if later <= last and rng.integers(2):
            offers.append((f"K{i}", "rebate", later, None, "yes"))
    names = ["contract", "who", "begin", "last", "kind", "earns"]
    # one person with a second contract
    rows.append(("C again", "K0", date(2023, 1, 1), None, "a", 30))
    return (
        pd.DataFrame(rows, columns=names),
        pd.DataFrame(offers, columns=["who", "what", "from", "to", "arm"]),
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    here = Workspace(tmp_path_factory.mktemp("targets") / "workspace")
    for folder in (here.clients, here.notebooks, here.reports, here.raw / "muster"):
        folder.mkdir(parents=True)
    main, offers = contracts()
    main.to_csv(here.raw / "muster" / "c.csv", index=False)
    offers.to_csv(here.raw / "muster" / "o.csv", index=False)
    called = {"treated": '["yes"]', "control": '["no"]', "more": CALL, "horizon": 12, "euro": 2}
    levels = {"treated": '["a"]', "control": '["b"]', "more": 'column = "kind"'}
    asked = {
        "call": {},
        "lasting": {"more": LASTING, "control": "[]", "horizon": 24},
        "plain": {"more": CALL.replace('by = ["kind"]', "")},
        "column": levels,
        "dear": {"euro": 900},
        "far": {"horizon": 60},
    }
    text = TOML + "".join(QUESTION.format(name=n, **{**called, **own}) for n, own in asked.items())
    (here.clients / "muster.toml").write_text(text, encoding="utf-8")
    return read_study("muster", workspace=here)


@pytest.fixture(scope="module")
def tables(study: Study) -> tuple[Spells, Beside]:
    return read_tables(study)


@pytest.fixture(autouse=True)
def read_once(tables: tuple[Spells, Beside], monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading takes longer than all else here."""
    monkeypatch.setattr(targeting, "read_tables", lambda _: tables)


@pytest.fixture(scope="module")
def listed(study: Study) -> Targets:
    return targets(study, "call", share=0.3, holdout=0.25)


def today() -> dict[str, str]:
    """Return the kind of today's customers by their number."""
    main, _ = contracts()
    there = main[main["last"].isna()].drop_duplicates("who")
    return dict(zip(there.who, there.kind, strict=True))


def test_those_who_gain_are_listed_and_no_name_is(study: Study, listed: Targets) -> None:
    secret = secret_of(study.workspace.root, "muster")
    known = {pseudonym_of(key, secret): kind for key, kind in today().items()}
    rows = listed.rows
    assert listed.customers == len(known)
    assert [*rows] == [
        "rank",
        "person",
        "group kind",
        "gain (EUR)",
        "low (EUR)",
        "high (EUR)",
        "arm",
    ]
    assert set(rows.person) <= set(known)
    assert [known[p] for p in rows.person] == [*rows["group kind"]]
    assert set(rows["group kind"]) == {"a"}
    assert len(rows) == min(round(0.3 * len(known)), sum(k == "a" for k in known.values()))
    gain = rows["gain (EUR)"]
    assert (gain > 0).all()
    assert gain.is_monotonic_decreasing
    assert (rows["low (EUR)"] < gain).all()
    assert (gain < rows["high (EUR)"]).all()
    assert listed.left_out == {}
    assert [*rows["rank"]] == [*range(1, len(rows) + 1)]
    assert rows.person.is_unique
    assert listed.unit == "EUR"


def test_who_is_held_out_is_drawn_always_alike(study: Study, listed: Targets) -> None:
    again = targets(study, "call", share=0.1, holdout=0.25)
    held = dict(zip(listed.rows.person, listed.rows.arm, strict=True))
    assert {p: held[p] for p in again.rows.person} == dict(
        zip(again.rows.person, again.rows.arm, strict=True)
    )
    assert [*again.rows.person] == [*listed.rows.person[: len(again.rows)]]
    share = (listed.rows.arm == HELD_OUT).mean()
    assert abs(share - 0.25) < 4 * np.sqrt(0.25 * 0.75 / len(held))


def test_of_an_offer_that_lasts_its_holders_are_not_listed(
    study: Study, tables: tuple[Spells, Beside]
) -> None:
    question = next(q for q in study.toml.question if q.name == "lasting")
    found, left_out = _today(question, *tables, ("kind",))
    _, offers = contracts()
    secret = secret_of(study.workspace.root, "muster")
    have = {pseudonym_of(k, secret) for k in offers[offers.what == "rebate"].who}
    assert len(found)
    assert not have & set(found.person)
    spells, beside = tables
    r = spells.relation
    there = set(r.filter((r.end == CENSORED) & r["last"].isnull()).person.execute())
    assert left_out == {"hold it": len(there & have)}
    late = replace(question, from_unit=43)
    few, why = _today(late, spells, beside, ("kind",))
    assert set(few.person) < set(found.person)
    assert why["not yet in unit 43"] > 0
    assert sum(why.values()) + len(few) == len(there)


def test_what_was_made_on_a_day_and_lasts_is_held(
    study: Study, tables: tuple[Spells, Beside]
) -> None:
    spells, beside = tables
    question = next(q for q in study.toml.question if q.name == "call")
    assert beside.offers is not None
    made = beside.offers.relation
    lasting = ibis.ifelse(made.person.substr(0, 1) < "8", ibis.null("date"), made["last"])
    some = replace(beside.offers, relation=made.mutate(last=lasting))
    found, left_out = _today(question, spells, replace(beside, offers=some), ("kind",))
    everybody, nobody = _today(question, spells, beside, ("kind",))
    assert nobody == {}
    assert left_out["hold it"] == len(everybody) - len(found) > 0
    # whose observation has no end holds what has none
    open_end = replace(spells, close=None)
    again, _ = _today(question, open_end, replace(beside, offers=some), ("kind",))
    assert set(again.person) >= set(found.person)
    assert not (set(everybody.person) - set(found.person)) & set(again.person)


def test_too_few_had_the_offer_to_tell_segments(
    study: Study, tables: tuple[Spells, Beside]
) -> None:
    question = next(q for q in study.toml.question if q.name == "call")
    made = made_of(question, estimand_of(question, unit="month"), *tables)
    arms = made.compared.adequacy.arms
    for sizes, why in (
        ((77, 900), "only 77 had the offer; each segment needs 50 in both arms"),
        ((900, 77), "only 77 were without it; each segment needs 50"),
        ((150, 900), "150 had the offer and 900 had not; each segment needs 50"),
    ):
        few = {a: replace(arms[a], persons=n) for a, n in zip(ARMS, sizes, strict=True)}
        adequacy = replace(made.compared.adequacy, arms=few)
        one = replace(made, compared=replace(made.compared, adequacy=adequacy))
        assert why in str(_untold(question, one))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("cal", "Did you mean `call`"),
        ("column", "nothing that can be offered"),
        ("plain", "tells no segments apart"),
    ],
)
def test_a_question_that_no_list_can_follow(study: Study, name: str, why: str) -> None:
    with pytest.raises(ParameterError, match=why):
        targets(study, name, share=0.2, holdout=0.1)


def test_nobody_gains_and_nothing_can_be_told(study: Study) -> None:
    with pytest.raises(NotObservedError, match="no segment gains"):
        targets(study, "dear", share=0.2, holdout=0.1)
    with pytest.raises(NotObservedError, match="cannot be told"):
        targets(study, "far", share=0.2, holdout=0.1)


@pytest.mark.parametrize(("share", "holdout"), [(0.0, 0.1), (1.1, 0.1), (0.2, 1.0), (0.2, -0.1)])
def test_shares_that_are_none(study: Study, share: float, holdout: float) -> None:
    with pytest.raises(ParameterError, match="hold-out"):
        targets(study, "call", share=share, holdout=holdout)


def test_the_command_says_what_it_did(
    study: Study,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(study.workspace.root)
    run: Callable[..., int] = lambda *words: cli.guarded(lambda: cli.run([*words]), words)  # noqa: E731
    plain = targeting.listed
    for low, name in ((1.0, "certain.csv"), (-1.0, "doubtful.csv")):

        def found(*words: object, low: float = low, **keys: float) -> Targets:
            made = plain(*words, **keys)  # type: ignore[arg-type]
            left_out = {"hold it": 1234}
            return replace(made, worth=replace(made.worth, low=low), left_out=left_out)

        monkeypatch.setattr(targeting, "listed", found)
        assert run("targets", "muster", "call", "--out", str(tmp_path / name)) == 0
        said = capsys.readouterr().out
        assert f"customers are listed in {tmp_path / name}" in said
        assert "1,234 left out: hold it" in said
        assert ("not certain" in said) == (low < 0)
    assert run("targets", "muster", "call", "--out", "reports/list.csv") == 2
    said = capsys.readouterr().err
    assert "does not belong in the workspace" in said
    assert said.count("\n") == 1
