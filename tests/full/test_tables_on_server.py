"""Every table of a client on a real PostgreSQL server: what they mean there is what files mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest

from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.read import read_both
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import (
    CauseToml,
    ChecksToml,
    CovariateToml,
    GroupToml,
    LapseToml,
    SpellsToml,
    WindowToml,
)
from stammkunde.spells.schema.tables import (
    ContractsToml,
    Delivery,
    EventsToml,
    OffersToml,
    PersonsToml,
    PricesToml,
    SnapshotToml,
    TransactionsToml,
)
from stammkunde.spells.spells import Spells
from tests.full.server import Server

TABLES = {
    "contracts": """who,number,from,to,said,why,tariff,kwh,note
1,a,2020-01-01,2020-03-31,2020-02-15,Umzug,Basis,"1200,5",x
2,b,2020-04-01,2020-09-30,,zu teuer,Plus,900,
3,c,2020-01-15,,,,Basis,,
3,d,2020-03-01,2020-04-30,2020-05-01,other,Plus,many,
4,e,2019-01-01,2020-06-30,,Umzug,,100,
4,e,2019-01-01,2020-06-30,,Umzug,,100,
5,f,2020-01-01,2020-06-30,,,Basis,1,
5,f,2020-06-30,,,,Basis,1,
6,g,2020-02-31,,,,Basis,1,
,h,2020-01-01,,,,Basis,1,
7,i,2020-12-20,,,,Basis,1,
8,j,2020-05-01,2021-05-01,soon,,Basis,1,
9,k,2020-05-01,2021-05-01,,,Basis,1,""",
    "persons": "number,household\n1,H1\n2,H1\n3,H3\n3,H4",
    "events": """customer,day,what,value,cost
1,2020-02-01,letter,"3,5","12,345"
3,2020-12-24,letter,late,-1
77,2020-12-24,letter,,
1,2021-12-24,letter,,""",
    "offers": """customer,what,since,until,price
1,welcome,2020-01-01,2020-12-31,"9,99"
9,welcome,2020-01-01,2020-02-28,5
9,x,2020-01-01,2019-01-01,5""",
    "prices": """plan,since,until,price
A,2019-01-01,2019-12-31,3
A,2020-01-01,,4
B,2019-01-01,,1
B,2020-01-01,,2""",
    "visits": """who,day,amount,shop
a,2020-01-01,3,
a,2020-01-01,4,Bonn
a,2020-06-01,50,Ulm
b,2020-02-01,nan,Ulm
b,2022-02-01,1,""",
    "members": """who,months,gone,age
a,3,yes,40
b,4,no,
c,2.5,no,1
d,3,?,1
e,0,no,1
f,7,yes,x""",
}
TIMES = {"start": "since", "end": "until", "price": "price"}
COLUMNS = {
    "contracts": {
        "person": "who",
        "contract": "number",
        "start": "from",
        "end": "to",
        "reason": "why",
        "notice": "said",
    },
    "persons": {"customer": "number", "person": "household"},
    "events": {"person": "customer", "date": "day", "kind": "what", "value": "value"}
    | {"cost": "cost"},
    "offers": {"person": "customer", "offer": "what", **TIMES},
    "prices": {"plan": "plan", **TIMES},
}
ALL = ChecksToml(most_rejected=1.0)
MERGED = SpellsToml(per="person", merge_gap_days=10, return_days=60)


@pytest.fixture(scope="module")
def crm(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return the server with every table, all cells as text."""
    folder = tmp_path_factory.mktemp("texts")
    with server.owner() as session:
        session.execute("CREATE SCHEMA said")
        session.execute("GRANT USAGE ON SCHEMA said TO reader")
        for name, text in TABLES.items():
            (folder / name).write_text(text, encoding="utf-8")
            frame = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
            columns = ", ".join(f'"{c}" text' for c in frame.columns)
            session.execute(f"CREATE TABLE said.{name} ({columns})")
            marks = ", ".join(["%s"] * len(frame.columns))
            for row in frame.replace("", None).values.tolist():
                session.execute(f"INSERT INTO said.{name} VALUES ({marks})", row)
        session.execute("GRANT SELECT ON ALL TABLES IN SCHEMA said TO reader")
    return server


def declared(at: dict[str, Delivery], spells: SpellsToml | None = None) -> DataToml:
    """Return contracts and everything beside them."""
    return DataToml(
        window=WindowToml(open=date(2019, 6, 1), close=date(2021, 1, 1)),
        checks=ALL,
        contracts=ContractsToml(delivery=at["contracts"], **COLUMNS["contracts"]),
        persons=PersonsToml(delivery=at["persons"], **COLUMNS["persons"]),
        spells=spells or SpellsToml(return_days=60),
        causes={
            "moved": CauseToml(reasons=("Umzug",), title={}),
            "price": CauseToml(reasons=("zu teuer",), title={}),
        },
        groups={
            "tariff": GroupToml(column="tariff", title={}),
            "use": GroupToml(column="kwh", title={}, cuts=(1000.0,)),
        },
        covariates={"note": CovariateToml(column="note", title={})},
        events=EventsToml(delivery=at["events"], **COLUMNS["events"]),
        offers=OffersToml(delivery=at["offers"], **COLUMNS["offers"]),
        prices=PricesToml(delivery=at["prices"], **COLUMNS["prices"]),
    )


def visits(at: dict[str, Delivery]) -> DataToml:
    return DataToml(
        window=WindowToml(close=date(2021, 1, 1)),
        checks=ALL,
        transactions=TransactionsToml(delivery=at["visits"], person="who", date="day"),
        lapse=LapseToml(gap_days=31),
        groups={
            "shop": GroupToml(column="shop", title={}),
            "first": GroupToml(column="amount", title={}, cuts=(5.0,)),
        },
    )


def members(at: dict[str, Delivery]) -> DataToml:
    table = SnapshotToml(
        delivery=at["members"],
        tenure="months",
        left="gone",
        person="who",
        left_values=("yes",),
        stayed_values=("no",),
    )
    covariates = {"age": CovariateToml(column="age", title={}, kind="number")}
    return DataToml(snapshot=table, checks=ALL, covariates=covariates)


MADE = {
    "contracts": declared,
    "persons": lambda at: declared(at, MERGED),
    "visits": visits,
    "members": members,
}


def told(spells: Spells, beside: Beside) -> dict[str, object]:
    """Return everything that was read, but for record numbers, which follow the order of rows."""
    tables = {**({"persons": spells.listed} if spells.listed else {}), **beside.tables}
    said: dict[str, object] = {"main": _rows(spells.relation.execute()), "tally": spells.tally}
    said["found"] = sorted((f.table, f.check, f.column, f.rows) for f in spells.found)
    for name, table in tables.items():
        said[name] = _rows(table.relation.execute())
        said[f"{name} tally"] = table.tally
        said[f"{name} found"] = sorted((f.check, f.column, f.rows) for f in table.found)
        said[f"{name} rejected"] = _rows(table.rejected.drop(columns="line"))
    said["rejected"] = _rows(spells.rejected.drop(columns="line"))
    return said


def _rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    plain = frame.drop(columns="record", errors="ignore").astype(object)
    plain = plain.where(plain.notna(), "-")
    return sorted(
        tuple(str(v)[: 10 if str(v)[4:5] == "-" else None] for v in row)
        for row in plain.itertuples(index=False)
    )


@pytest.mark.parametrize("made", MADE)
def test_tables_of_a_server_mean_what_files_mean(
    crm: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: str
) -> None:
    monkeypatch.setenv("STAMMKUNDE_PASSWORD", crm.password)
    mark: Literal[",", "."] = "," if made in ("contracts", "persons") else "."
    files, tables = {}, {}
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        files[name] = Delivery(file=f"{name}.csv", decimal=mark)
        tables[name] = replace(files[name], file="", database=crm.url, table=f"said.{name}")
    secret = b"0123456789abcdef" * 2
    here = told(*read_both(tmp_path, MADE[made](files), secret=secret))
    spells, beside = read_both(tmp_path, MADE[made](tables), secret=secret)
    assert spells.relation.get_backend().name == "postgres"
    assert told(spells, beside) == here
    assert spells.tally.rejected > 0
