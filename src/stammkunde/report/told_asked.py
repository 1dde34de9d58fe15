"""Of the data report: the questions that a report will answer, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from stammkunde.chapters.parts import amount
from stammkunde.intake.asked import Asked, Misspelt, Side
from stammkunde.intake.examine import DataReport
from stammkunde.report.words import Words
from stammkunde.result import Sentence

WIDTH = 96


def told_asked(report: DataReport, words: Words) -> Iterator[str]:
    """Yield the questions that a report will answer, each with how; nothing where none is asked."""
    if report.asked:
        yield from ("", say(words, "asked"))
    for question in report.asked:
        title = words.text(question.title)
        what = {"title": title} if question.day is None else {"title": title, "day": question.day}
        yield from item(say(words, f"design.{question.design}", **what))
        if question.arms:
            sides = [_side(side, report, words) for side in question.arms]
            yield from wrapped(say(words, "arms", sides="; ".join(sides)), "    ")
        yield from _wrong(question, words)


def _wrong(question: Asked, words: Words) -> Iterator[str]:
    """Yield what of a question is not in the data, or does not fit them."""
    for wrong in question.misspelt:
        yield from told_misspelt(wrong, words)
    if question.unfit is not None:
        of = question.unfit
        yield from wrapped(say(words, f"unfit.{of.reason}", **of.told), "    ")


def told_misspelt(wrong: Misspelt, words: Words) -> list[str]:
    """Return the lines on a word that no row has."""
    key = "nearest" if wrong.nearest else "known" if wrong.known else "none"
    named = {"key": wrong.key, "word": wrong.word}
    named |= {"nearest": wrong.nearest, "known": ", ".join(wrong.known)}
    return wrapped(say(words, f"misspelt.{key}", **named), "    ")


def misspelt_data(wrong: Misspelt) -> dict[str, Any]:
    """Return a word that no row has as documented data."""
    return {"key": wrong.key, "word": wrong.word, "nearest": wrong.nearest or None}


def _side(side: Side, report: DataReport, words: Words) -> str:
    """Return how many customers an arm has."""
    least = report.smallest_group
    if side.persons is None:
        few = words.say(amount("customers", least))
        return say(words, "level_hidden", level=words.text(side.title), few=few)
    heads = words.say(amount("customers", side.persons))
    return say(words, "level", level=words.text(side.title), heads=heads)


def asked_data(q: Asked, words: Words) -> dict[str, Any]:
    """Return a question as documented data."""
    return {
        "name": q.name,
        "title": words.text(q.title),
        "design": q.design,
        "misspelt": [misspelt_data(m) for m in q.misspelt],
        "unfit": q.unfit.reason if q.unfit else None,
        "arms": [{"title": words.text(a.title), "persons": a.persons} for a in q.arms],
    }


def say(words: Words, sentence: str, /, **values: Any) -> str:
    """Return a sentence of the data report in words."""
    return words.say(Sentence(f"intake.{sentence}", values))


def wrapped(text: str, first: str, later: str = "") -> list[str]:
    """Return the lines of a text for a terminal, long names and paths whole."""
    return wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def item(text: str) -> list[str]:
    """Return the lines of an item of a list."""
    return wrapped(text, "  • ", "    ")
