"""What the IT of the energy supplier would export: German tables of text, and their bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import numpy as np
import pandas as pd

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.dates import dated
from stammkunde.worlds.musterstrom.dirt import with_dirt
from stammkunde.worlds.musterstrom.draw import Drawn, draw
from stammkunde.worlds.musterstrom.happenings import event_rows, offer_rows
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.process import advertised, policy_of
from stammkunde.worlds.musterstrom.text import day_text, money_text, number_text
from stammkunde.worlds.streams import uniform
from stammkunde.worlds.world import World

REASONS = np.array(["Preis", "Service", "Umzug", "Todesfall", "Sonstiges", ""])
UNKNOWN = 0.05  # of the reasons, at random
NOTICE_DAYS = 14
PRICES = (
    ("A", "2017-01-01", "2022-09-30", 29.9, 11.9), ("A", "2022-10-01", "", 36.4, 13.9),
    ("B", "2017-01-01", "2023-09-30", 29.9, 11.9), ("B", "2023-10-01", "", 36.4, 13.9),
)  # fmt: skip


def tables(world: World) -> Mapping[str, pd.DataFrame]:
    """Return the tables of the export by name, every cell as the text that is written."""
    return tables_of(draw(policy_of(world.levers), seed=world.seed, size=world.size), world)


def tables_of(drawn: Drawn, world: World) -> Mapping[str, pd.DataFrame]:
    """Return the tables of the export of a world whose persons have been drawn."""
    policy = policy_of(world.levers)
    contracts = dated(drawn)
    kept = contracts[contracts["carried"]].sort_values(["start", "person"], kind="stable")
    named = referrers(kept, contracts, drawn, world.seed)
    listed = contract_rows(kept, named, world)
    return {
        "vertraege": with_dirt(listed, world.seed),
        "ereignisse": event_rows(drawn, contracts, policy, world.seed),
        "angebote": offer_rows(drawn, contracts, policy, world.seed),
        "preise": price_rows(policy),
        "personen": person_rows(kept),
    }


def contract_rows(kept: pd.DataFrame, named: pd.Series, world: World) -> pd.DataFrame:
    """Return the rows of the contracts, without dirt; `named` is who recommended the supplier."""
    policy, seed, size = policy_of(world.levers), world.seed, world.size
    who = kept["person"].to_numpy()
    chance = {n: uniform(seed, n, size)[who] for n in ("kwh", "payment")}
    kwh = p.KWH[kept["usage"]] * (0.8 + 0.4 * chance["kwh"])
    money = p.MARGIN_BASE + p.MARGIN_KWH * kwh
    bound = policy.terms & (kept["signed"] < p.TERM_BEFORE)
    told = advertised(kept["arm"].to_numpy(), policy).astype(int)
    number = kept["customer"].to_numpy()
    return pd.DataFrame({
        "Vertragsnummer": number_text("V-", 100_001 + np.arange(len(kept))),
        "Kundennummer": number_text("K-", number),
        "Laufzeit": np.where(bound, "24 Monate", "monatlich kündbar"),
        "Preisgruppe": np.array(p.GROUP)[kept["group"]],
        "Vertriebsweg": np.array(p.CHANNEL)[kept["channel"]],
        "Verbrauch": np.array(p.USAGE)[kept["usage"]],
        "Jahresverbrauch kWh": np.rint(kwh).astype(int).astype(str),
        "Altersgruppe": np.array(p.AGE)[kept["age"]],
        "Region": number_text("R", kept["region"].to_numpy() + 1, 2),
        "Werberegion 2023": np.array(["nein", "ja"])[told],
        "Vertragsbeginn": day_text(kept["start"]),
        "Vertragsende": day_text(kept["last"]),
        "Kündigungseingang": day_text(_notice(kept, seed, size)),
        "Kündigungsgrund": _reason(kept, seed, size),
        "Neukundenrabatt": np.array(["nein", "ja"])[kept["newcomer"]],
        "Geworben von": named,
        "Abschlusskosten": money_text(p.ACQUISITION[kept["channel"]]),
        "Deckungsbeitrag je Monat": money_text(money),
        "Zahlungsverzug Tage": np.floor(-9 * np.log(1 - chance["payment"])).astype(int).astype(str),
    }, index=kept.index).astype("string").fillna("")  # fmt: skip


def _notice(kept: pd.DataFrame, seed: int, size: int) -> pd.Series:
    """Return the day on which notice came in: two weeks or a little more before the end."""
    more = (uniform(seed, "notice", size)[kept["person"].to_numpy()] * 8).astype(int)
    notice = kept["last"] - pd.to_timedelta(NOTICE_DAYS + more, unit="D")
    return notice.where(notice.isna() | (notice >= kept["start"]), kept["start"])


def _reason(kept: pd.DataFrame, seed: int, size: int) -> np.ndarray:
    """Return the reason as recorded; for some it is not known."""
    who, signed = kept["person"].to_numpy(), kept["signed"].to_numpy()
    unknown = np.zeros(len(kept), dtype=bool)
    for month in np.unique(signed):
        here = signed == month
        unknown[here] = uniform(seed, "reason not recorded", size, int(month))[who[here]] < UNKNOWN
    cause = np.where(kept["last"].isna() | unknown, -1, kept["cause"])
    return REASONS[cause]


def referrers(kept: pd.DataFrame, contracts: pd.DataFrame, drawn: Drawn, seed: int) -> pd.Series:
    """Return who recommended the supplier: a number for some first contracts of the next month."""
    made = drawn.happenings[drawn.happenings["what"] == "referral"]
    # who recommended before the migration may not be in the export
    first = kept[(kept["kind"] == 0) & (kept["signed"] > p.OPEN)]
    by_month = {m: rows["contract"].to_numpy() for m, rows in made.groupby("month")}
    named = pd.Series("", index=kept.index, dtype=object)
    for month, rows in first.groupby("signed"):
        by = by_month.get(month - 1, np.array([], dtype=int))[: len(rows)]
        order = np.argsort(
            uniform(seed, "referred", len(drawn.persons), int(month))[rows["person"]]
        )
        at = rows.index[order[: len(by)]]
        named[at] = number_text("K-", contracts["customer"][by].to_numpy())
    return named


def price_rows(policy: Policy) -> pd.DataFrame:
    """Return the prices of both groups over time."""
    listed = PRICES if policy.price_rise else tuple(
        (g, a, "", c, d) for g, a, b, c, d in PRICES if b
    )  # fmt: skip
    rows = [
        (g, day_text(pd.Series([pd.Timestamp(a)]))[0],
         day_text(pd.Series([pd.Timestamp(b)]))[0] if b else "", *money_text(np.array([c, d])))
        for g, a, b, c, d in listed
    ]  # fmt: skip
    head = [
        "Preisgruppe",
        "gültig ab",
        "gültig bis",
        "Arbeitspreis ct je kWh",
        "Grundpreis je Monat",
    ]
    return pd.DataFrame(rows, columns=head)


def person_rows(kept: pd.DataFrame) -> pd.DataFrame:
    """Return which customer numbers are one household."""
    pairs = kept[["customer", "person"]].drop_duplicates().sort_values("customer")
    return pd.DataFrame({
        "Kundennummer": number_text("K-", pairs["customer"].to_numpy()),
        "Haushalt": number_text("H-", pairs["person"].to_numpy() + 1),
    })  # fmt: skip


def files(made: Mapping[str, pd.DataFrame]) -> Mapping[str, bytes]:
    """Return file names and bytes: semicolons, Windows-1252, a line end of two characters."""
    found = {}
    for name, frame in made.items():
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(frame.columns)
        writer.writerows(frame.itertuples(index=False, name=None))
        found[f"{name}.csv"] = text.getvalue().encode("cp1252")
    return found
