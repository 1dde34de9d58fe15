"""Events and offers as the energy supplier's systems record them, with days, costs and teams."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.dates import CLOSES, DAY, OPENS, day_of
from stammkunde.worlds.musterstrom.draw import Drawn
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.text import day_text, money_text, number_text
from stammkunde.worlds.streams import uniform

STATED = np.array(["Preis", "Service", "Umzug", "Todesfall", "Sonstiges"])
GESTURES = {"call": "Anruf ohne Anlass", "wine": "Weinpräsent", "early_call": "Begrüßungsanruf"}
LETTER, WINBACK = "Erinnerungsschreiben", "Rückgewinnungsbrief"
WORDS = {**GESTURES, "reminder": LETTER}
TEAMS = 8
ANSWERED = ("whole_soon", "whole_late", "part_soon", "part_late")
HEAD = ["customer", "day", "Art", "Wert", "Kosten", "Team"]
Draws = Callable[[str], np.ndarray]


def happened(drawn: Drawn, contracts: pd.DataFrame) -> pd.DataFrame:
    """Return what happened with the columns of its contract and `begins`, its unit's first day."""
    rows = drawn.happenings.join(contracts, on="contract")
    return rows.assign(begins=day_of(rows["month"].to_numpy(), rows["day"].to_numpy()))


def _draws(rows: pd.DataFrame, seed: int, size: int) -> Draws:
    """Return what gives each row its person's chance of its month."""
    who, months = rows["person"].to_numpy(), rows["month"].to_numpy()

    def chance(purpose: str) -> np.ndarray:
        found = np.empty(len(rows))
        for month in np.unique(months):
            here = months == month
            found[here] = uniform(seed, purpose, size, int(month))[who[here]]
        return found

    return chance


def event_rows(drawn: Drawn, contracts: pd.DataFrame, policy: Policy, seed: int) -> pd.DataFrame:
    """Return the rows of ereignisse.csv: what happened within the window, in the order of days."""
    size = len(drawn.persons)
    rows = happened(drawn, contracts)
    parts = [
        failures(rows, policy, seed, size),
        calls(rows, policy, seed, size),
        cares(rows, seed, size),
        letters(contracts),
    ]
    found = pd.concat(parts, ignore_index=True)
    found = found[(found["day"] >= OPENS) & (found["day"] < CLOSES)]
    found = found.sort_values(["day", "customer", "Art"], kind="stable")
    return pd.DataFrame({
        "Kundennummer": number_text("K-", found["customer"].to_numpy()),
        "Datum": day_text(found["day"]),
        "Art": found["Art"].to_numpy(),
        "Wert": found["Wert"].to_numpy(),
        "Kosten": money_text(found["Kosten"].to_numpy()),
        "Team": found["Team"].to_numpy(),
    })  # fmt: skip


def _part(
    rows: pd.DataFrame,
    day: np.ndarray,
    what: object,
    value: object,
    cost: object,
    team: object = "",
) -> pd.DataFrame:
    data = [rows["customer"].to_numpy(), day, what, value, cost, team]
    return pd.DataFrame(dict(zip(HEAD, data, strict=True)), index=range(len(rows)))


def _after(rows: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    return rows["begins"].to_numpy() + days.astype(int) * DAY


def failures(rows: pd.DataFrame, policy: Policy, seed: int, size: int) -> pd.DataFrame:
    """Return failures, complaints, answers with the points settled, and compensation."""
    rows = rows[rows["what"].isin(["silent", *ANSWERED])]
    chance = _draws(rows, seed, size)
    silent = rows["what"].to_numpy() == "silent"
    begun = np.where(silent, chance("failure day") * 27, chance("failure day") * 5).astype(int)
    broken = _part(rows, _after(rows, begun), "Störung", "", p.FAILURE_COST)
    said = begun + (chance("complaint day") * 2).astype(int)
    soon = np.isin(rows["what"], ["whole_soon", "part_soon"])
    takes = np.where(soon, 1 + chance("answer days") * 5, 6 + chance("answer days") * 15).astype(
        int
    )
    raised = 1 + (chance("points raised") * 3).astype(int)
    partly = np.isin(rows["what"], ["part_soon", "part_late"])
    settled = np.where(partly, (chance("points settled") * raised).astype(int), raised)
    euro = np.round(policy.compensation * 2 * chance("compensation"), 2)
    team = np.char.add("Team ", (1 + (chance("team") * TEAMS).astype(int)).astype(str))
    spoken = ~silent
    own, answered = rows[spoken], _after(rows, said + takes)[spoken]
    paid = pd.Series(money_text(euro))[spoken].to_numpy()
    return pd.concat([
        broken,
        _part(own, _after(rows, said)[spoken], "Beschwerde", raised[spoken].astype(str), 0.0,
              team[spoken]),
        _part(own, answered, "Antwort auf Beschwerde", settled[spoken].astype(str),
              p.COMPLAINT_COST, team[spoken]),
        _part(own, answered, "Entschädigung", paid, euro[spoken], team[spoken]),
    ])  # fmt: skip


def calls(rows: pd.DataFrame, policy: Policy, seed: int, size: int) -> pd.DataFrame:
    """Return calls to the hotline with minutes waited, and the fee on the paid line."""
    kinds = ["free_short", "free_long", "paid_short", "paid_long"]
    rows = rows[rows["what"].isin(kinds)]
    chance = _draws(rows, seed, size)
    long = np.isin(rows["what"], ["free_long", "paid_long"])
    paid = np.isin(rows["what"], ["paid_short", "paid_long"])
    minutes = np.where(long, 10 + chance("wait") * 20, 1 + chance("wait") * 4).astype(int)
    day = _after(rows, chance("hotline day") * 27)
    line = np.where(paid, "Hotline 0900", "Hotline 0800")
    called = _part(rows, day, "Hotline-Anruf", minutes.astype(str), p.CONTACT_COST, line)
    fee = f"{policy.hotline_fee:.2f}".replace(".", ",")
    charged = _part(rows[paid], day[paid], "Hotline-Gebühr", fee, 0.0, line[paid])
    return pd.concat([called, charged] if policy.hotline_fee > 0 else [called])


def cares(rows: pd.DataFrame, seed: int, size: int) -> pd.DataFrame:
    """Return gestures and reminders that were made, and recommendations."""
    rows = rows[rows["what"].isin([*WORDS, "referral"])]
    day = _after(rows, _draws(rows, seed, size)("care day") * 27)
    words, costs = {**WORDS, "referral": "Empfehlung"}, {**p.COSTS, "referral": 0.0}
    kind = rows["what"]
    return _part(rows, day, kind.map(words).to_numpy(), "", kind.map(costs).to_numpy())


def letters(contracts: pd.DataFrame) -> pd.DataFrame:
    """Return win-back letters, ten days after the end, and the answers to them with the reason."""
    sent = contracts[contracts["carried"] & contracts["last"].notna() & (contracts["letter"] == 1)]
    day = sent["last"].to_numpy() + 10 * DAY
    back = sent["answered"].to_numpy(dtype=bool)
    reason = STATED[sent["cause"].to_numpy()[back]]
    return pd.concat([
        _part(sent, day, WINBACK, "", p.COSTS["winback"]),
        _part(sent[back], day[back] + 14 * DAY, "Antwort auf Rückgewinnungsbrief", reason, 0.0),
    ])  # fmt: skip


def offer_rows(drawn: Drawn, contracts: pd.DataFrame, policy: Policy, seed: int) -> pd.DataFrame:
    """Return the rows of angebote.csv: rebates taken or not, care and letters with hold-outs."""
    size = len(drawn.persons)
    rows = happened(drawn, contracts)
    held = {f"{name}_held": word for name, word in WORDS.items()}
    rows = rows[rows["what"].isin([*WORDS, *held])]
    day = _after(rows, _draws(rows, seed, size)("care day") * 27)
    arm = np.where(rows["what"].isin(list(held)), "Kontrollgruppe", "erhalten")
    care = _offer(rows, rows["what"].map({**WORDS, **held}).to_numpy(), arm, day, day, np.nan)
    found = pd.concat([care, _rebates(contracts, policy), _written(contracts)], ignore_index=True)
    found = found[found["from"] < CLOSES]
    old = np.isin(found["kind"], ["Neukundenrabatt", "Treuerabatt"])
    found = found[old | (found["from"] >= OPENS)]
    found = found.sort_values(["from", "customer", "kind"], kind="stable")
    return pd.DataFrame({
        "Kundennummer": number_text("K-", found["customer"].to_numpy()),
        "Angebot": found["kind"].to_numpy(),
        "Arm": found["arm"].to_numpy(),
        "von": day_text(found["from"]),
        "bis": day_text(found["to"]),
        "Euro je Monat": money_text(found["euro"].to_numpy()),
    })  # fmt: skip


def _offer(
    rows: pd.DataFrame, kind: object, arm: object, start: object, end: object, euro: object
) -> pd.DataFrame:
    data = {"kind": kind, "arm": arm, "from": start, "to": end, "euro": euro}
    return pd.DataFrame({"customer": rows["customer"].to_numpy(), **data}, index=range(len(rows)))


def _rebates(contracts: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return who took the rebates and who did not, of the contracts in the export."""
    rows = contracts[contracts["carried"] & (contracts["kind"] < 2)]
    rows = rows if policy.newcomer_for_returners else rows[rows["kind"] == 0]
    took = rows["newcomer"].to_numpy() == 1
    day = rows["day"].to_numpy()
    ends = day_of((rows["signed"] + policy.newcomer_months).to_numpy(), day) - DAY
    newcomer = _offer(rows, "Neukundenrabatt", np.where(took, "angenommen", "abgelehnt"),
                      rows["start"].to_numpy(), np.where(took, ends, np.datetime64("NaT", "D")),
                      np.where(took, -policy.newcomer_rebate, np.nan))  # fmt: skip
    begins = contracts["signed"] + policy.loyalty_from - 1
    reached = (contracts["units"] == 0) | (contracts["units"] >= policy.loyalty_from)
    kept = contracts[contracts["carried"] & reached]
    held = kept["loyalty"].to_numpy() == 1
    loyal = _offer(kept, "Treuerabatt", np.where(held, "angenommen", "abgelehnt"),
                   day_of(begins[kept.index].to_numpy(), kept["day"].to_numpy()),
                   np.full(len(kept), np.datetime64("NaT", "D")),
                   np.where(held, -policy.loyalty_rebate, np.nan))  # fmt: skip
    return pd.concat([newcomer, loyal], ignore_index=True)


def _written(contracts: pd.DataFrame) -> pd.DataFrame:
    """Return who was written to after leaving, and who was held out."""
    rows = contracts[contracts["carried"] & contracts["last"].notna() & (contracts["letter"] >= 0)]
    arm = np.where(rows["letter"] == 1, "erhalten", "Kontrollgruppe")
    day = rows["last"].to_numpy() + 10 * DAY
    return _offer(rows, WINBACK, arm, day, day, np.nan)
