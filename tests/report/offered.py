"""Hand-made pictures of what an offer did: likeness, who is compared, steps to the answer."""

from __future__ import annotations

from dataclasses import replace

from stammkunde.chapters.exhibit import Balanced, Bar, Figure, StepRow
from stammkunde.result import Estimate, Label
from tests.report.making import figure

REBATE = Label(
    "rebate", {"de": "mit Treuerabatt ab dem 13. Monat", "en": "with the loyalty rebate"}
)
NONE = Label("none", {"de": "ohne Treuerabatt", "en": "without the loyalty rebate"})
USUAL = Label("usual", {"de": "Üblich: ab Vertragsbeginn", "en": "Usual: from sign-up"})
HERE = Label("here", {"de": "Hier: ab dem 13. Monat", "en": "Here: from month 13 on"})
LONG = Label(
    "long",
    {
        "de": "Kundinnen und Kunden in der Grundversorgung ohne Mindestlaufzeit, denen der "
        "Treuerabatt im 13. Monat angeboten wurde und die ihn angenommen haben"
    },
)
SURE = Label(
    "sure",
    {"de": "12 Monate lang kann hier niemand gehen", "en": "nobody here can leave for 12 months"},
)
BOTH = Label("both", {"de": "von denen, die noch da sind", "en": "of those still there"})
COLUMNS = (
    Label("age", {"de": "Altersgruppe der Vertragsinhaber", "en": "age group of the holder"}),
    Label("plan", {"de": "Tarif bei Vertragsbeginn", "en": "tariff at sign-up"}),
    Label("way", {"de": "Vertriebsweg", "en": "sales channel"}),
)
LEVELS = (
    "30 bis unter 45 Jahre",
    "Grundversorgung ohne Mindestlaufzeit und ohne Preisgarantie",
    "online",
    "M",
)


def balance(count: int = 12) -> Figure:
    """Return levels of three columns, some less alike after weighting than they should be."""
    rows = [
        Balanced(
            LEVELS[i % 4],
            before=0.62 * (-1) ** i * (1 - i / (count + 1)),
            after=0.14 if i == 3 else 0.03 * (-1) ** (i // 2),
            group=COLUMNS[min(i * 3 // count, 2)],
        )
        for i in range(count)
    ]
    return replace(figure("alike"), kind="balance", lines=(), balanced=rows)


def compared() -> Figure:
    """Return a landmark after a year beside the usual way of counting."""
    bars = [
        Bar(REBATE, 0, 12, "must_stay", 3120, USUAL, SURE),
        Bar(REBATE, 12, 36, "compared", 3120, USUAL),
        Bar(NONE, 0, 36, "compared", 12450, USUAL),
        Bar(REBATE, 0, 12, "not_compared", 3120, HERE),
        Bar(REBATE, 12, 36, "compared", 3120, HERE, BOTH),
        Bar(NONE, 0, 12, "not_compared", 12450, HERE),
        Bar(NONE, 12, 36, "compared", 6871, HERE, BOTH),
    ]
    return replace(figure("who"), kind="compared", lines=(), bars=bars, x_ticks=6)


def trials(count: int = 4) -> Figure:
    """Return trials that begin one after another, with stretches too short for any text."""
    bars = []
    for i in range(count):
        name = Label(f"m{i}", {"de": f"Anruf im {i + 3}. Monat", "en": f"call in month {i + 3}"})
        start = i + 2.0
        bars += [
            Bar(name, 0, start, "not_compared", 9000 - i, HERE, SURE if i == 1 else None),
            Bar(name, start, start + 1, "compared", 9000 - i, HERE, BOTH if i == 2 else None),
            Bar(name, start + 1, 24, "must_stay", 9000 - i, HERE, SURE if i == 2 else None),
        ]
    return replace(figure("trials"), kind="compared", lines=(), bars=bars)


def long() -> Figure:
    """Return names, remarks and shades that need several lines even on paper."""
    bars = [
        replace(bar, label=LONG if bar.label is REBATE else NONE, group=LONG, says=LONG)
        for bar in compared().bars[2:5]
    ]
    return replace(compared(), bars=bars)


def months(value: float | None, half: float = 0.2, reason: str = "few") -> Estimate:
    """Return so many months, or none for a reason."""
    low, high = (None, None) if value is None else (value - half, value + half)
    why = "" if value is not None else reason
    return Estimate(value=value, low=low, high=high, unit="month", method="made", reason=why)


def steps(refused: bool = False) -> Figure:
    """Return a usual number of six months that comes down to less than one."""
    every = [
        (6.08, {"de": "jemals mit gegen nie", "en": "ever against never"}, None),
        (
            0.84,
            {"de": "ab dem 13. Monat, von denen, die dann noch da sind",
             "en": "from month 13, of those still there"},
            {"de": "niemand bekommt die Zeit bis zum Rabatt geschenkt",
             "en": "nobody is given the time before the rebate"},
        ),
        (
            None if refused else 0.43,
            {"de": "dieselben, vergleichbar gemacht", "en": "the same, made alike"},
            {"de": "Alter, Tarif und Vertriebsweg sind gleich verteilt",
             "en": "age, tariff and channel are spread alike"},
        ),
    ]  # fmt: skip
    rows = [
        StepRow(Label(f"s{i}", name), months(value), says and Label(f"w{i}", says), answer=i == 2)
        for i, (value, name, says) in enumerate(every)
    ]
    bare = replace(figure("steps"), kind="steps", lines=(), steps=rows)
    return replace(bare, band=(-0.25, 0.25))


def gallery() -> dict[str, Figure]:
    """Return one picture of every sort that looks different, the widest labels among them."""
    one = replace(balance(), balanced=[Balanced("M", 0.01, 0.0)])
    wild = replace(compared(), bars=[Bar("M", 0, 1, "compared", 1)])
    return {
        "balance": balance(),
        "balance-many": balance(19),
        "balance-one": one,
        "compared": compared(),
        "compared-long": long(),
        "compared-trials": trials(),
        "compared-one": wild,
        "steps": steps(),
        "steps-long": replace(
            steps(),
            steps=[
                StepRow(LONG, months(v), LONG, i == 3)
                for i, v in enumerate((6.1, -12.4, None, 0.0))
            ],
        ),
        "steps-refused": steps(refused=True),
        "steps-one": replace(steps(), steps=[StepRow("M", months(-0.4), answer=True)], band=None),
        "steps-none": replace(steps(), steps=[StepRow("M", months(None))]),
    }
