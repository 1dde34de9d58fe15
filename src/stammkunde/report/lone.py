"""Sentences that are nothing but a number and its unit: a sheet holds the number itself.

"75.1%", "€2.60" and "3.0 months" can then be sorted and reckoned with; "below 61.8%" stays a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from numbers import Integral, Real
from string import Formatter
from typing import Any

from stammkunde.report.words import NUMBER_FORMS, Words, form_of, template
from stammkunde.result import Estimate, Sentence, rounded

DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Lone:
    """A number, the form it is told in, its currency and the word behind it ("" for none)."""

    number: float
    form: str
    unit: str = ""
    after: str = ""


def lone(sentence: Sentence, words: Words) -> Lone | None:
    """Return the number that a sentence consists of, with its unit; None where it says more."""
    text = template(words, sentence)
    (literal, name, form, _), *rest = [*Formatter().parse(text)] or [("", None, None, None)]
    if literal or name is None or name not in sentence.values or "**" in text:
        return None
    own = _number(sentence.values[name], form or "", words)
    if own is None or any(n is not None and n not in sentence.values for _, n, *_ in rest):
        return None
    parts = ((t, words.value(sentence.values[n], f or "") if n else "") for t, n, f, _ in rest)
    after = own.after + "".join(piece for part in parts for piece in part)
    # a unit is one word; a percent sign must end its number
    more = len(after.split()) > 1 or DIGIT.search(after) or (after and "percent" in own.form)
    return None if more else replace(own, after=after)


def _number(value: Any, form: str, words: Words) -> Lone | None:
    """Return a value of a sentence as a number in a form; None for an interval, a day, a name."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Sentence):
        return lone(value, words)
    if isinstance(value, Estimate):
        form = form or form_of(value.unit)
        return _plain(value.value, form, value.unit if form.startswith("money") else "")
    if isinstance(value, Real):
        return _plain(float(value), form or ("int" if isinstance(value, Integral) else "n1"))
    return None


def _plain(number: float | None, form: str, unit: str = "") -> Lone | None:
    exact = rounded(number)
    return None if exact is None or form not in NUMBER_FORMS else Lone(exact, form, unit)
