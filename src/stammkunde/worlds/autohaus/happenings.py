"""What happened beside the visits, and who was offered or got what, as the garage exports it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.days import first
from stammkunde.worlds.autohaus.draw import Happened, pick
from stammkunde.worlds.autohaus.process import stages
from stammkunde.worlds.autohaus.visits import Drawn, dates, money, teams
from stammkunde.worlds.world import Setting

GERMAN = {
    "missed appointment": "Termin nicht eingehalten", "others favoured": "Andere vorgezogen",
    "burden of proof reversed": "Beweislast umgekehrt", "invitation": "Einladung",
    "unasked call": "Unaufgeforderter Anruf", "bottle of wine": "Flasche Wein",
    "hold-out": "Kontrollgruppe",
}  # fmt: skip


def defect_law() -> np.ndarray:
    """Return the chances of 0, 1, … defects after a large purchase."""
    law = stats.poisson.pmf(np.arange(p.MOST_DEFECTS + 1), p.DEFECTS)
    return law / law.sum()


def only(what: Happened, mask: np.ndarray) -> Happened:
    """Return some of the entries."""
    return Happened(
        person=what.person[mask], month=what.month[mask], outcome=what.outcome[mask],
        status=what.status[mask], clock=what.clock[mask],
    )  # fmt: skip


def names(levers: Mapping[str, Setting], stage: str) -> np.ndarray:
    """Return the names of a stage's outcomes."""
    return np.array(next(s.outcomes for s in stages(levers) if s.name == stage), object)


def _split(outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what stands before and after the colon of outcomes' names."""
    both = np.array([o.partition(": ")[::2] for o in outcomes], object).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def visited(d: Drawn, what: Happened) -> np.ndarray:
    """Return the day numbers of the visits at which something happened."""
    return d.day[what.month, what.person]


def month_begins(what: Happened) -> np.ndarray:
    """Return the day numbers of the first days of the months."""
    return np.array([first(m) for m in range(p.MONTHS)])[what.month]


def month_ends(what: Happened) -> np.ndarray:
    """Return the day numbers of the last days of the months."""
    return np.array([first(m + 1) - 1 for m in range(p.MONTHS)])[what.month]


def _events(
    d: Drawn, what: Happened, day: np.ndarray, kind: object, value: object = "", cost: object = ""
) -> pd.DataFrame:
    team = [f"Team {t + 1}" for t in teams(d, what)]
    return pd.DataFrame({
        "day": day, "Kunden-Nr.": d.number[what.person], "Datum": dates(day), "Art": kind,
        "Wert": value, "Kosten (€)": cost, "Team": team,
    })  # fmt: skip


def _in_window(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows up to the last day of the window: nothing later is known yet."""
    rows = pd.concat(parts)
    rows = rows[rows["day"] < p.CLOSE.toordinal()]
    return rows.sort_values(["day", "Kunden-Nr.", "Art"], ignore_index=True).drop(columns="day")


def _incidents(d: Drawn, levers: Mapping[str, Setting]) -> list[pd.DataFrame]:
    what, outcomes = d.lives.happened["incident"], names(levers, "incident")
    kind, handling = _split(outcomes[what.outcome])
    german = np.array([GERMAN[k] for k in kind], object)
    logged = _events(d, what, visited(d, what), german)
    voiced = handling != "silent"
    said, how = only(what, voiced), handling[voiced]
    quick = np.array([h.startswith("quick") for h in how])
    well = np.array([h.endswith("well") for h in how])
    took = np.where(quick, 1, 8) + (d.chance("days to answer", said) * np.where(quick, 3, 13))
    took = took.astype(np.int64)
    day = visited(d, said) + 1 + (d.chance("days to complain", said) * 4).astype(np.int64)
    # What is paid has no effect: only how fast and how well somebody answers has.
    paid = money(2 * p.COST["compensation"] * d.chance("compensation", said))
    end = np.where(well, "Beschwerde gelöst", "Beschwerde nicht gelöst")
    return [
        logged, _events(d, said, day, "Beschwerde"),
        _events(d, said, day + took, end, took.astype(str), paid),
    ]  # fmt: skip


def _defects(d: Drawn) -> list[pd.DataFrame]:
    what = d.lives.happened["purchase"]
    law = np.broadcast_to(defect_law(), (len(what.person), p.MOST_DEFECTS + 1))
    found = pick(law, d.chance("defects", what))
    share = np.where(what.outcome == 2, p.CLAIMED_AFTER_CALL, p.CLAIMED)
    claimed = stats.binom.ppf(d.chance("claims", what), found, share).astype(np.int64)
    day = visited(d, what) + 30
    return [
        _events(d, what, day, "Mängel festgestellt", found.astype(str)),
        _events(d, what, day, "Mängel beanstandet", claimed.astype(str)),
    ]


def _answers(d: Drawn, levers: Mapping[str, Setting]) -> pd.DataFrame:
    what, outcomes = d.lives.happened["answer"], names(levers, "answer")
    by, reason = _split(outcomes[what.outcome])
    phone = by == "phone"
    wait = np.where(phone, 40, 5) + (d.chance("days to answer a card", what) * 20).astype(np.int64)
    kind = np.where(phone, "Nachfrage am Telefon", "Antwort auf Karte")
    cost = np.where(phone, f"{p.COST['phone']:.2f}", "")
    reason = np.where(reason == "not reached", "nicht erreicht", reason)
    return _events(d, what, month_begins(what) + wait, kind, reason, cost)


def _adviser_changes(d: Drawn) -> pd.DataFrame:
    what = d.lives.happened["adviser"]
    what = only(what, what.clock < p.LAPSED)
    return _events(d, what, month_ends(what), "Beraterwechsel")


def event_rows(d: Drawn, levers: Mapping[str, Setting]) -> pd.DataFrame:
    """Return everything that was logged, cells as texts, in the order of days."""
    surprised, points = d.lives.happened["surprise"], d.lives.happened["points"]
    # Who has joined cannot join again: the earliest chance counts.
    joins = only(points, ~pd.Series(points.person).duplicated().to_numpy())
    return _in_window([
        *_incidents(d, levers), *_defects(d), _answers(d, levers), _adviser_changes(d),
        _events(d, surprised, visited(d, surprised), "Positiv überrascht"),
        _events(d, joins, visited(d, joins), "Beitritt Punkteprogramm", "",
                f"{p.COST['points']:.2f}"),
    ])  # fmt: skip


def _given(
    d: Drawn, what: Happened, kind: object, got: np.ndarray, day: np.ndarray,
    price: str | np.ndarray,
    lasts: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return rows of who was drawn to get something and who was held out."""
    return pd.DataFrame({
        "day": day, "Kunden-Nr.": d.number[what.person], "Art": kind,
        "Gruppe": np.where(got, "erhalten", GERMAN["hold-out"]), "Von": dates(day),
        "Bis": dates(day + lasts), "Preis (€)": np.where(got, price, ""),
    })  # fmt: skip


def _letters(d: Drawn) -> list[pd.DataFrame]:
    cards, worded = d.lives.happened["card"], d.lives.happened["wording"]
    sent = only(cards, cards.outcome > 1)
    personal = set(zip(worded.person.tolist(), worded.month.tolist(), strict=True))
    pairs = zip(sent.person.tolist(), sent.month.tolist(), strict=True)
    text = np.array([pair in personal for pair in pairs], bool)
    card, offer = f"{p.COST['card']:.2f}", f"{p.COST['offer']:.2f}"
    day = month_begins(sent)
    return [
        _given(d, cards, "Karte „Warum kommen Sie nicht mehr?“", cards.outcome > 1,
               month_begins(cards), card),
        _given(d, sent, "Service-Angebot nach Maß", sent.outcome == 3, day, offer, 180),
        _given(d, sent, "Persönlicher Kartentext", text, day, "0.00"),
    ]  # fmt: skip


def _gestures(d: Drawn, levers: Mapping[str, Setting]) -> pd.DataFrame:
    what, outcomes = d.lives.happened["gesture"], names(levers, "gesture")
    kind = np.array([o.partition(":")[0] for o in outcomes], object)[what.outcome]
    got = kind != "hold-out"
    # The last day of a month: after its visits and before the leaving of the next.
    day = month_ends(what)
    price = np.array([f"{p.COST.get(k, 0.0):.2f}" for k in kind], object)
    german = np.array([GERMAN[k] if k != "hold-out" else "Geste" for k in kind], object)
    return _given(d, what, german, got, day, price)


def offer_rows(d: Drawn, levers: Mapping[str, Setting]) -> pd.DataFrame:
    """Return who was drawn to get what, hold-outs included, in the order of days."""
    bought, due = d.lives.happened["purchase"], d.lives.happened["visit"]
    due = only(due, (due.clock == p.REMINDED_AT) & (float(levers["reminder"]) > 0))
    call, reminder = f"{p.COST['early call']:.2f}", f"{p.COST['reminder']:.2f}"
    return _in_window([
        *_letters(d), _gestures(d, levers),
        _given(d, bought, "Anruf nach Großauftrag", bought.outcome == 2, visited(d, bought) + 5,
               call),
        _given(d, due, "Erinnerung an Inspektion", due.outcome >= 2, month_begins(due), reminder),
    ])  # fmt: skip
