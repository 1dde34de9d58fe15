"""Which of the managers' twenty questions the energy supplier's columns can answer."""

from __future__ import annotations

from typing import Any

_DATES = ["vertraege.Vertragsbeginn", "vertraege.Vertragsende"]
_MONEY = ["vertraege.Deckungsbeitrag je Monat", "vertraege.Abschlusskosten"]
_REASON, _PERSON = ["vertraege.Kündigungsgrund"], ["personen.Haushalt"]
_OFFERS = ["angebote.Angebot", "angebote.Arm", "angebote.von", "angebote.bis"]
_REBATE = [*_OFFERS, "angebote.Euro je Monat"]
_EVENTS = ["ereignisse.Datum", "ereignisse.Art", "ereignisse.Wert", "ereignisse.Kosten"]

_COLUMNS: dict[int, list[str]] = {
    1: _DATES,
    2: [*_DATES, *_MONEY, *_REBATE],
    3: [*_DATES, *_MONEY, *_REBATE],
    4: [*_DATES, *_MONEY],
    5: [*_DATES, *_REASON],
    6: [*_DATES, *_PERSON],
    7: [*_DATES, *_MONEY, *_REBATE, "vertraege.Werberegion 2023"],
    8: [*_DATES, "vertraege.Neukundenrabatt"],
    9: [*_DATES, "vertraege.Region", "vertraege.Werberegion 2023"],
    10: [*_DATES, *_MONEY, *_REBATE, "vertraege.Verbrauch"],
    11: [*_DATES, *_MONEY, *_REBATE, "preise.gültig ab", "vertraege.Preisgruppe"],
    12: [*_DATES, *_REBATE, "vertraege.Verbrauch"],
    13: [*_DATES, *_OFFERS, "vertraege.Verbrauch"],
    14: [*_DATES, *_MONEY, *_EVENTS],
    15: [*_DATES, *_MONEY, *_EVENTS],
    16: [*_DATES, *_MONEY, *_EVENTS, *_OFFERS],
    17: ["prices of competitors"],
    18: [*_DATES, *_MONEY, *_REBATE],
    19: [*_DATES, *_MONEY, *_REBATE],
    20: _DATES,
}
NOT_HERE = (17,)  # the export says nothing of competitors

QUESTIONS: dict[str, dict[str, Any]] = {
    str(number): {"columns": columns, "answerable": number not in NOT_HERE}
    for number, columns in _COLUMNS.items()
}
