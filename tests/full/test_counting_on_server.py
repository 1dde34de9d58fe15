"""Life tables counted by a real PostgreSQL server: states, cells, money and heads."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pandas as pd

from stammkunde.spells.spells import split
from stammkunde.survival.table import life_tables
from tests.full.server import HOST, OWNER, Server
from tests.kernel.making import Part, counted, episodes_of, laid_out, same_counts

PARTS = [
    Part("a", 1, 0, 6, "loyal", state="new", cell="basic", cents=995),
    Part("a", 1, 6, 9, "loyal", came_from="new", state="loyal", cell="basic", cents=1200),
    Part("a", 1, 9, 11, "moved", came_from="loyal", state="loyal", cell="plus", cents=-50),
    Part("a", 2, 2, 14, "censored", state="new", cell="plus", cents=7),
    *(Part(f"p{i}", 1, i % 3, 3 + i % 5, "left", state="new", cents=2**40) for i in range(40)),
]


def test_a_server_counts_episodes_as_the_engine_in_the_process_does(server: Server):
    here = episodes_of(PARTS, repeats=True)
    frame = here.relation.execute().astype({"came_from": object})
    frame["came_from"] = frame["came_from"].where(frame["came_from"].notna(), None)
    there = ibis.postgres.connect(
        host=HOST, port=server.port, user=OWNER, password=server.owner_password, database="crm"
    )
    relation = there.create_table("parts", pd.DataFrame(frame), schema=here.relation.schema())
    parts = replace(here, relation=relation)
    one, two = life_tables(here, by="cell"), life_tables(parts, by="cell")
    assert laid_out(two) == counted(PARTS)
    assert list(one) == list(two) == ["all", "basic", "plus"]
    for cell, table in one.items():
        same_counts(two[cell], table)
    for cell, table in life_tables(split(parts, 5), by="cell").items():
        same_counts(table, one[cell])
    assert int(two["plus"].persons.sum()) == 1
    assert int(two["plus"].spells.sum()) == 2
    there.disconnect()
