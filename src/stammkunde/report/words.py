"""Sentences in the reader's language: the only place where keys and numbers become prose.

The sentences live in `locales/<language>/` as nested tables; a dotted key finds one. Its
placeholders are `{name}`, `{name.attribute}`, `{name:FORM}` and, for an `Estimate`,
`{name:FORM+ci}` (value and interval) or `{name:FORM+range}` (the interval). FORM is one of

    n0 n1 n2 …           a number with that many decimals         int    a whole number
    percent0 percent1 …  a share as percent                       date   a day
    per100 per100n0 …    a share out of a hundred, no sign        month  a calendar month
    money0 money1 …      money with the sign of its currency      text   as it is
    begin                a text that begins a sentence, with a capital

Money is an estimate whose unit is a currency ("EUR"); from a million on it is told in millions.

Without a FORM an estimate takes that of its unit. `**words**` are emphasised where markup exists.
A table `{one = …, other = …}` is a plural, chosen by the value named `count`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from numbers import Integral, Real
from string import Formatter
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.lists import format_list

from stammkunde.errors import ParameterError, RenderError, nearest
from stammkunde.report import formats
from stammkunde.report.sentences import leaves, sentences
from stammkunde.result import Estimate, Label, Sentence

UNIT_FORMS = {"share": "percent1", "hazard": "percent1", "count": "int"}
UNIT_FORMS |= {"chi2": "n2", "ratio": "n2"}
WITH_DIGITS = ("n", "percent", "per100n", "money")
NUMBER_FORMS = ("int", "per100", *(f"{kind}{d}" for kind in WITH_DIGITS for d in range(4)))
FORMS = (*NUMBER_FORMS, "date", "month", "text", "begin")
CURRENCY = re.compile(r"[A-Z]{3}")
MILLION, LARGE_DIGITS = 1e6, 2
DIGITS = re.compile(rf"({'|'.join(WITH_DIGITS)})(\d)")


def placeholders(text: str) -> tuple[tuple[str, str], ...]:
    """Return the (name, form) of every placeholder of a sentence, in order."""
    found = ((name, form or "") for _, name, form, _ in Formatter().parse(text) if name is not None)
    return tuple(found)


@dataclass(frozen=True)
class Words:
    """The words of one locale ("de_DE", "de_AT", "de_CH", "en_GB", "en_US").

    `extra` is laid over the file's sentences: a workspace's or a test's own.
    """

    locale: str
    extra: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        try:
            Locale.parse(self.locale)
        except (ValueError, UnknownLocaleError):
            known = ("de_AT", "de_CH", "de_DE", "en_GB", "en_US")
            raise ParameterError(
                f"`{self.locale}` is not a locale", remedy=nearest(self.locale, known)
            ) from None
        sentences(self.language)

    @property
    def language(self) -> str:
        """Return the language alone: "de"."""
        return Locale.parse(self.locale).language

    @property
    def tag(self) -> str:
        """Return the locale as HTML and PDF name it: "de-DE"."""
        return self.locale.replace("_", "-")

    def say(self, sentence: Sentence) -> str:
        """Return the sentence as plain text; RenderError for an unknown key or placeholder."""
        return "".join(text for text, _ in self.spans(sentence))

    def spans(self, sentence: Sentence) -> tuple[tuple[str, bool], ...]:
        """Return the sentence as pieces of (text, emphasised)."""
        parts = template(self, sentence).split("**")
        filled = ((_fill(self, p, sentence), bool(i % 2)) for i, p in enumerate(parts))
        return tuple((text, bold) for text, bold in filled if text)

    def text(self, thing: Sentence | Label | str | None) -> str:
        """Return whatever names something in the reader's language; nothing is empty."""
        if isinstance(thing, Sentence):
            return self.say(thing)
        if isinstance(thing, Label):
            return thing.in_language(self.language)
        return thing or ""

    def heading(self, of: str | Sentence) -> str:
        """Return a column's heading: that of a key without placeholders, or of a sentence."""
        return self.say(Sentence(of) if isinstance(of, str) else of) if of else ""

    def ui(self, key: str, **values: Any) -> str:
        """Return a phrase of the report's frame, `ui.<key>`."""
        return self.say(Sentence(f"ui.{key}", values))

    def value(self, value: Any, form: str = "", where: str = "") -> str:
        """Return one value in its form; RenderError for None or a form that does not fit."""
        if isinstance(value, Estimate):
            return _estimate(self, value, form, where)
        if isinstance(value, Sentence | Label | str):
            text = self.text(value)
            return text[:1].upper() + text[1:] if form == "begin" else text
        if isinstance(value, Sequence):
            return format_list([self.value(v, form, where) for v in value], locale=self.locale)
        if isinstance(value, date):
            write = formats.month if form == "month" else formats.day
            return write(value, self.locale)
        if isinstance(value, Real) and value == value:
            return _number(value, form, self.locale, where)
        raise RenderError(
            f"A sentence was given {value!r} as a value",
            where=where,
            remedy="Choose another sentence where a number is missing.",
        )

    def cell(self, value: Any, form: str = "") -> str:
        """Return the text of a table's cell; nothing is a dash, a gap says its reason."""
        if value is None:
            return self.ui("nothing")
        if isinstance(value, Estimate):
            return (
                self.value(value, f"{form}+cell", "table")
                if value.value is not None
                else reason(self, value)
            )
        if isinstance(value, bool):
            return self.ui("yes" if value else "no")
        return self.value(value, form, "table")


def asked(words: Words, sentence: Sentence) -> set[str]:
    """Return the names of the values that a sentence shows in the reader's language."""
    return {name.partition(".")[0] for name, _ in placeholders(template(words, sentence))}


def template(words: Words, sentence: Sentence) -> str:
    """Return a sentence's text with its placeholders; RenderError for an unknown key."""
    found = _find(words.extra or {}, sentence.key)
    found = _find(sentences(words.language), sentence.key) if found is None else found
    if isinstance(found, Mapping) and "other" in found:
        return str(found.get(_plural(words, sentence), found["other"]))
    if isinstance(found, str):
        return found
    trees = (words.extra or {}, sentences(words.language))
    raise RenderError(
        f"There is no sentence `{sentence.key}`",
        where=f"locales/{words.language}",
        remedy=nearest(sentence.key, {key for tree in trees for key, _ in leaves(tree)}),
    )


def _plural(words: Words, sentence: Sentence) -> str:
    count = sentence.values.get("count")
    count = count.value if isinstance(count, Estimate) else count
    if count is None:
        raise RenderError(
            f"The sentence `{sentence.key}` is a plural and needs a value named `count`",
            where=f"locales/{words.language}",
            remedy="Give the sentence that value, or write it without `one` and `other`.",
        )
    return str(Locale.parse(words.locale).plural_form(count))


def _fill(words: Words, template: str, sentence: Sentence) -> str:
    where = f"locales/{words.language}: {sentence.key}"
    done = []
    for literal, name, form, _ in Formatter().parse(template):
        done.append(literal)
        if name is not None:
            done.append(words.value(_pick(sentence.values, name, where), form or "", where))
    return "".join(done)


def reason(words: Words, estimate: Estimate) -> str:
    """Return why an estimate has no value, in the reader's language (`reason.<id>`)."""
    return (
        words.say(Sentence(f"reason.{estimate.reason}")) if estimate.reason else words.ui("nothing")
    )


def _find(tree: Mapping[str, Any], key: str) -> Any:
    found: Any = tree
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _pick(values: Mapping[str, Any], name: str, where: str) -> Any:
    first, _, attribute = name.partition(".")
    if first not in values:
        raise RenderError(
            f"The sentence asks for `{first}`, which was not given",
            where=where,
            remedy=nearest(first, values),
        )
    return getattr(values[first], attribute) if attribute else values[first]


def _number(value: Any, form: str, locale: str, where: str) -> str:
    form = form or ("int" if isinstance(value, Integral) else "n1")
    if form == "int":
        return formats.decimal(float(value), 0, locale)
    if form == "per100":
        return formats.decimal(float(value) * 100, 1, locale)
    match = DIGITS.fullmatch(form)
    if match is None:
        raise RenderError(
            f"`{form}` is not a form for the number {value!r}",
            where=where,
            remedy=nearest(form, NUMBER_FORMS),
        )
    kind, digits = match[1], int(match[2])
    if kind == "money":
        raise RenderError(
            "An amount without a currency cannot be written",
            where=where,
            remedy="Give an estimate whose unit is a currency.",
        )
    if kind == "percent":
        return formats.percent(float(value), digits, locale)
    return formats.decimal(float(value) * (100 if kind == "per100n" else 1), digits, locale)


def _estimate(words: Words, estimate: Estimate, form: str, where: str) -> str:
    form, _, suffix = form.partition("+")
    form = form or form_of(estimate.unit)
    value = _written(words, estimate, estimate.value, form, where)
    if not suffix:
        return value
    if estimate.low is None and estimate.high is None:
        return words.ui("ci.none") if suffix == "range" else words.ui("ci.without", value=value)
    span = _span(words, estimate, form, where)
    parts = {"value": value, "span": span, "level": estimate.level}
    names = {"ci": "ci.full", "range": "ci.range", "cell": "ci.cell"}
    if suffix not in names:
        raise RenderError(
            f"`+{suffix}` cannot follow a form", where=where, remedy=nearest(suffix, names)
        )
    return words.ui(names[suffix], **parts)


def _span(words: Words, estimate: Estimate, form: str, where: str) -> str:
    """Return from where to where the interval reaches; open where a limit was not reached."""
    if estimate.high is None:
        return words.ui("ci.from", low=_written(words, estimate, estimate.low, form, where))
    high = _written(words, estimate, estimate.high, form, where)
    if estimate.low is None:
        return words.ui("ci.to", high=high)
    scale = 100 if form.startswith("percent") else 1
    low = _written(words, estimate, estimate.low * scale, form.replace("percent", "n"), where)
    signed = formats.MINUS in low or formats.MINUS in high
    if form.startswith("money") and not signed:
        numbers = [_amount(words, estimate, x, form)[0] for x in (estimate.low, estimate.high)]
        span = words.ui("ci.span", low=numbers[0], high=numbers[1])
        return _in_currency(words, estimate, (span, _amount(words, estimate, 0.0, form)[1]))
    return words.ui("ci.span_signed" if signed else "ci.span", low=low, high=high)


def form_of(unit: str) -> str:
    """Return the form in which an estimate of a unit is told where none is asked for."""
    return UNIT_FORMS.get(unit, "money2" if CURRENCY.fullmatch(unit) else "n1")


def _written(words: Words, estimate: Estimate, number: Any, form: str, where: str) -> str:
    """Return a number of an estimate in a form."""
    if number is None or not (form.startswith("money") and CURRENCY.fullmatch(estimate.unit)):
        return words.value(number, form, where)
    return _in_currency(words, estimate, _amount(words, estimate, float(number), form))


def _amount(words: Words, estimate: Estimate, number: float, form: str) -> tuple[str, str]:
    """Return an amount and the word for its size; the estimate's value decides on millions."""
    large = abs(estimate.value or 0.0) >= MILLION
    digits = LARGE_DIGITS if large else int(form.removeprefix("money"))
    text = formats.decimal(number / MILLION if large else number, digits, words.locale)
    return text, words.ui("million") if large else ""


def _in_currency(words: Words, estimate: Estimate, amount: tuple[str, str]) -> str:
    number = formats.NBSP.join(filter(None, amount))
    return formats.currency(number, estimate.unit, words.locale)
