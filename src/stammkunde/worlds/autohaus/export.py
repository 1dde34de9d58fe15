"""The garage's tables and files as its IT would send them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import pandas as pd

from stammkunde.worlds.autohaus.draw import lives
from stammkunde.worlds.autohaus.happenings import event_rows, offer_rows
from stammkunde.worlds.autohaus.visits import drawn, person_rows, visit_rows, with_dirt
from stammkunde.worlds.world import World


def tables(world: World) -> Mapping[str, pd.DataFrame]:
    """Return visits, events, offers and persons, every cell a text as delivered."""
    d = drawn(lives(world.levers, world.seed, world.size), world.seed)
    visits = visit_rows(d)
    return {
        "besuche": with_dirt(visits, world.seed),
        "ereignisse": event_rows(d, world.levers),
        "angebote": offer_rows(d, world.levers),
        "personen": person_rows(visits),
    }


def files(made: Mapping[str, pd.DataFrame]) -> Mapping[str, bytes]:
    """Return the files' bytes by name: UTF-8 with BOM, commas, decimal points."""
    return {f"{name}.csv": _csv(rows) for name, rows in made.items()}


def _csv(rows: pd.DataFrame) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.itertuples(index=False, name=None))
    return text.getvalue().encode("utf-8-sig")
