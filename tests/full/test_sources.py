"""The same contracts from a real PostgreSQL server, computed there or copied beside other files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.postgres import Backend as Postgres

from stammkunde.errors import DataError, SchemaError, StammkundeError
from stammkunde.spells.blocks import block_expr, block_of, key_expr
from stammkunde.spells.delivery.cells import Form, date_of, number_of, text_of
from stammkunde.spells.delivery.engine import connect, keep
from stammkunde.spells.delivery.postgres import connect_server
from stammkunde.spells.delivery.take import take
from stammkunde.spells.schema.tables import Delivery
from tests.full.server import READER, Server
from tests.kernel.delivering import FORMS, NAMES, contracts
from tests.kernel.test_delivery import expected, lives, read


@pytest.fixture(scope="module")
def crm(server: Server) -> Server:
    """Return the server with a table of contracts, its rows in disorder."""
    rows = contracts()
    listed = ", ".join(f'"{n}" {k}' for n, k in zip(NAMES, KINDS, strict=True))
    with server.owner() as session:
        session.execute("CREATE SCHEMA sales")
        session.execute(f"CREATE TABLE sales.contracts ({listed})")
        session.cursor().executemany(
            "INSERT INTO sales.contracts VALUES (%s, %s, %s, %s, %s)", rows[60:] + rows[:60]
        )
        session.execute(f"GRANT USAGE ON SCHEMA sales TO {READER}")
        session.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA sales TO {READER}")
    return server


@pytest.fixture(autouse=True)
def password(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("STAMMKUNDE_PASSWORD", server.password)
    return server.password


KINDS = ("integer", "date", "date", "numeric(10, 2)", "text")


def in_server(server: Server) -> Delivery:
    return Delivery(database=server.url, table="sales.contracts")


def test_a_table_of_a_server_says_what_a_file_says_and_is_computed_there(
    crm: Server, tmp_path: Path
) -> None:
    taken = take(tmp_path, {"contracts": in_server(crm)})["contracts"]
    assert isinstance(taken.engine, Postgres)
    pd.testing.assert_frame_equal(read(taken), expected(contracts()), check_dtype=False)


def test_beside_a_file_it_is_copied_and_says_the_same(crm: Server, tmp_path: Path) -> None:
    deliveries = {"contracts": in_server(crm), "events": FORMS["csv"](tmp_path, contracts())}
    taken = take(tmp_path, deliveries)
    assert taken["contracts"].engine is taken["events"].engine
    pd.testing.assert_frame_equal(
        read(taken["contracts"]), read(taken["events"]), check_dtype=False
    )


@pytest.mark.parametrize(
    "delivery",
    [{"table": "sales.contracts"}, {"query": "SELECT * FROM sales.contracts -- all of them"}],
    ids=["table", "query"],
)
def test_a_server_becomes_the_same_life_tables_as_a_file(
    crm: Server, tmp_path: Path, delivery: dict[str, str]
) -> None:
    found = lives(tmp_path, Delivery(database=crm.url, **delivery), NAMES)
    assert found == lives(tmp_path, FORMS["csv"](tmp_path, contracts()), NAMES)


def refusal(tmp_path: Path, **told: str) -> str:
    with pytest.raises(StammkundeError) as refused:
        take(tmp_path, {"contracts": Delivery(**told)})  # type: ignore[arg-type]
    return str(refused.value)


def test_a_table_that_is_not_there_is_told_with_the_nearest(crm: Server, tmp_path: Path) -> None:
    told = refusal(tmp_path, database=crm.url, table="sales.contract")
    assert told == "sales.contract: no table `sales.contract`. Did you mean `sales.contracts`?"


def test_a_server_that_is_not_there_or_refuses_is_told_without_the_password(
    crm: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STAMMKUNDE_PASSWORD", "geheim-4711")
    urls = (crm.url, crm.url.replace("/crm", "/cmr"), crm.url.replace(str(crm.port), "1"))
    for url in urls:
        told = refusal(tmp_path, database=url, table="sales.contracts")
        assert told.startswith("sales.contracts: the server does not let us in (")
        assert told.endswith("and the password in STAMMKUNDE_PASSWORD.")
        assert "geheim" not in told + caplog.text
        assert "\n" not in told


@pytest.mark.parametrize(
    "url", ["postgresql://reader:geheim@h/crm", "postgres://h/crm?password=geheim"]
)
def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(SchemaError, match="holds a password") as refused:
        take(tmp_path, {"contracts": Delivery(database=url, table="t")})
    assert "geheim" not in str(refused.value)
    assert "STAMMKUNDE_PASSWORD" in str(refused.value)


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE sales.contracts",
        "SELECT 1 AS a; DELETE FROM sales.contracts",
        "WITH gone AS (DELETE FROM sales.contracts RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM sales.contracts",
        "SELECT * FROM sales.contracts FOR UPDATE",
    ],
)
def test_a_query_that_changes_something_is_refused(crm: Server, tmp_path: Path, query: str) -> None:
    told = refusal(tmp_path, database=crm.url, query=query)
    assert "Write one SELECT, which changes nothing." in told
    with crm.owner() as session:
        assert session.execute("SELECT count(*) FROM sales.contracts").fetchone() == (120,)


def test_a_query_that_the_server_refuses_is_told_in_one_sentence(
    crm: Server, tmp_path: Path
) -> None:
    told = refusal(tmp_path, database=crm.url, query="SELECT nobody FROM sales.contracts")
    assert told == (
        'query: the server refused (column "nobody" does not exist). '
        "Correct the table or query in the client file."
    )
    with pytest.raises(DataError, match="columns of one name: `a`"):
        take(tmp_path, {"c": Delivery(database=crm.url, query="SELECT 1 AS a, 2 AS a")})


def test_types_of_the_server_that_no_file_has_are_text_or_days(crm: Server, tmp_path: Path) -> None:
    query = """SELECT DATE 'infinity' AS ends, TIMESTAMPTZ '2020-03-01 00:30+00' AS at,
        '{"a": 1}'::json AS j, ARRAY[1, 2] AS l, 3::numeric AS n, 'NaN'::float8 AS nan"""
    rows = take(tmp_path, {"c": Delivery(database=crm.url, query=query)})["c"].rows
    said = rows.select(**{c: text_of(rows["=" + c]) for c in ("ends", "at", "j", "l", "n", "nan")})
    assert said.execute().iloc[0].tolist() == [
        "9999-12-31", "2020-03-01 00:30:00", '{"a": 1}', "{1,2}", "3", None,
    ]  # fmt: skip


CELLS = st.one_of(
    st.text(max_size=12).filter(lambda t: "\x00" not in t),
    st.dates().map(lambda d: d.strftime("%d.%m.%Y")),
    st.from_regex(r"\s?[0-3]?\d\.[01]?\d\.(\d{1,5})( \d\d:\d\d(:\d\d)?)?", fullmatch=True),
    st.from_regex(r"[+-]?\d{1,4}(\.\d{3}){0,2}(,\d{0,3})?([eE]-?\d{1,3})?", fullmatch=True),
    st.sampled_from(["", " ", "31.02.2020", "29.02.2000", "29.02.1900", "1.234", "1,5e3", "nan"]),
)
FORM = Form("%d.%m.%Y", ",", ".")


@settings(max_examples=25, deadline=None)
@given(
    cells=st.lists(CELLS, min_size=1, max_size=30), style=st.sampled_from(["%d.%m.%Y", "%d%m%y"])
)
def test_a_cell_says_the_same_on_both_engines(server: Server, cells: list[str], style: str) -> None:
    form = Form(style, FORM.decimal, FORM.thousands)
    frame = pd.DataFrame({"n": range(len(cells)), "cell": pd.Series(cells, dtype="string")})
    found = []
    for engine in (connect(), connect_server(server.url, "cells")):
        rows = keep(engine, frame)
        said = rows.select(
            "n",
            text=text_of(rows.cell),
            day=date_of(rows.cell, form).cast("string"),
            number=number_of(rows.cell, form),
            block=block_expr(key_expr(rows.cell)),
        )
        found.append(said.order_by("n").execute())
    pd.testing.assert_frame_equal(*found, check_dtype=False)
    assert found[0].block.tolist() == [block_of(c) for c in cells]
