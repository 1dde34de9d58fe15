"""Sentences: every language says the same things, and numbers look as their readers write them."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from stammkunde.chapters.parts import amount
from stammkunde.errors import ParameterError, RenderError
from stammkunde.report import sentences as told
from stammkunde.report.sentences import languages, leaves, sentences
from stammkunde.report.words import DIGITS, FORMS, Words, placeholders
from stammkunde.result import Estimate, Label, Sentence, Status
from tests.report.sentences import DE, EN

NBSP, MINUS = "\u00a0", "\u2212"
SHARE = Estimate(value=0.843, low=0.834, high=0.852, unit="share", method="km")
MEAN = Estimate(value=54.45, low=53.8, high=55.2, unit="month", method="rmst")
CHANGE = Estimate(value=-1.25, low=-3.0, high=2.04, unit="month", method="rmst")
GERMAN_ONLY = {"other", "one"}


def said(form: str, value: object, locale: str = "de_DE") -> str:
    """Return what a placeholder of the form makes of the value."""
    return Words(locale, {"x": f"{{v{form}}}"}).say(Sentence("x", {"v": value}))


@pytest.mark.parametrize(
    ("form", "value", "german", "english"),
    [
        (":n0", 1234567, "1.234.567", "1,234,567"),
        (":n1", -1234.56, f"{MINUS}1.234,6", f"{MINUS}1,234.6"),
        (":n1", 54.45, "54,5", "54.5"),
        (":n2", -0.001, "0,00", "0.00"),
        (":int", 7043, "7.043", "7,043"),
        (":percent1", 0.843, f"84,3{NBSP}%", "84.3%"),
        (":percent0", 0.95, f"95{NBSP}%", "95%"),
        (":per100", 0.843, "84,3", "84.3"),
        (":per100n0", 0.843, "84", "84"),
        (":date", date(1997, 1, 1), f"1.{NBSP}Januar{NBSP}1997", f"1{NBSP}January{NBSP}1997"),
        (":month", date(1997, 1, 1), f"Januar{NBSP}1997", f"January{NBSP}1997"),
        ("", SHARE, f"84,3{NBSP}%", "84.3%"),
        ("", MEAN, "54,5", "54.5"),
        (".low:n1", MEAN, "53,8", "53.8"),
        (
            ":percent1+ci",
            SHARE,
            f"84,3{NBSP}% (95{NBSP}%: 83,4–85,2{NBSP}%)",
            "84.3% (95%: 83.4–85.2%)",
        ),
        (":n1+range", MEAN, f"95{NBSP}%: 53,8–55,2", "95%: 53.8–55.2"),
        (
            ":n1+ci",
            CHANGE,
            f"{MINUS}1,3 (95{NBSP}%: {MINUS}3,0 bis 2,0)",
            f"{MINUS}1.3 (95%: {MINUS}3.0 to 2.0)",
        ),
        ("", ("a", "b", "c"), "a, b und c", "a, b and c"),
        ("", Label("x", {"de": "ja", "en": "yes"}), "ja", "yes"),
        ("", Sentence("ui.status.measured"), "gemessen", "measured"),
    ],
)
def test_a_value_reads_as_its_reader_writes_it(form, value, german, english):
    assert said(form, value) == german
    assert said(form, value, "en_GB") == english


@pytest.mark.parametrize(
    ("locale", "number", "share", "month"),
    [
        ("de_AT", "1.234,5", f"84,3{NBSP}%", f"Jänner{NBSP}1997"),
        ("de_CH", "1’234.5", "84.3%", f"Januar{NBSP}1997"),
        ("en_US", "1,234.5", "84.3%", f"January{NBSP}1997"),
    ],
)
def test_countries_of_one_language_differ(locale, number, share, month):
    assert said(":n1", 1234.5, locale).replace(NBSP, ".") == number
    assert said("", SHARE, locale) == share
    assert said(":month", date(1997, 1, 1), locale) == month


def test_american_dates_begin_with_the_month():
    assert said("", date(1997, 1, 31), "en_US").replace(NBSP, " ").startswith("January 31")


def test_an_estimate_without_interval_says_so():
    bare = Estimate(value=0.5, unit="share", method="km")
    assert said(":percent0+ci", bare) == f"50{NBSP}% (ohne Unsicherheitsbereich)"


@pytest.mark.parametrize(
    ("low", "high", "german", "english"),
    [
        (28.0, None, f"31 (95{NBSP}%: ab 28)", "31 (95%: from 28)"),
        (None, 40.0, f"31 (95{NBSP}%: höchstens 40)", "31 (95%: at most 40)"),
    ],
)
def test_an_interval_with_one_limit_says_it(low, high, german, english):
    half = Estimate(value=31.0, low=low, high=high, unit="month", method="km, inverted")
    assert said(":int+ci", half) == german
    assert said(":int+ci", half, "en_GB") == english
    assert said(":int+range", half, "en_GB") == english[4:-1]
    assert Words("en_GB").cell(half, "int") == f"31 ({english[9:-1]})"
    share = replace(half, value=0.31, low=0.28, high=None, unit="share")
    assert said(":percent0+ci", share) == f"31{NBSP}% (95{NBSP}%: ab 28{NBSP}%)"


def test_the_word_follows_the_count():
    words = Words("de_DE", {"k": {"one": "{count} Kunde", "other": "{count} Kunden"}})
    assert [words.say(Sentence("k", {"count": n})) for n in (0, 1, 2)] == [
        "0 Kunden",
        "1 Kunde",
        "2 Kunden",
    ]


def test_emphasis_is_marked_and_never_comes_from_a_value():
    words = Words("de_DE", {"k": "**Es gilt {v}** immer"})
    sentence = Sentence("k", {"v": "a ** b"})
    assert words.spans(sentence) == (("Es gilt a ** b", True), (" immer", False))
    assert words.say(sentence) == "Es gilt a ** b immer"


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        (Sentence("ui.status.mesured"), "Did you mean `ui.status.measured`?"),
        (Sentence("k", {"persns": 3}), "asks for `persons`, which was not given. Did you mean"),
        (Sentence("k", {"persons": None}), "was given None as a value"),
        (Sentence("k", {"persons": float("nan")}), "was given nan as a value"),
        (Sentence("form", {"persons": 3}), "`n-one` is not a form"),
        (Sentence("plural"), "needs a value named `count`"),
        (Sentence("suffix", {"persons": SHARE}), "`+cii` cannot follow a form. Did you mean `ci`?"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_remedy(sentence, message):
    extra = {
        "k": "{persons} Personen",
        "form": "{persons:n-one}",
        "plural": {"one": "x", "other": "y"},
        "suffix": "{persons:n1+cii}",
    }
    with pytest.raises(RenderError) as caught:
        Words("de_DE", extra).say(sentence)
    assert message in str(caught.value)
    assert "locales/de" in str(caught.value)


@pytest.mark.parametrize(("locale", "named"), [("xx_YY", "xx_YY"), ("fr_FR", "fr")])
def test_an_unknown_language_is_refused(locale, named):
    with pytest.raises(ParameterError, match=named):
        Words(locale)


def parts(language: str) -> dict[str, set[tuple[str, str]]]:
    """Return the placeholders of every sentence; the forms of a plural count as one sentence.

    Words for units of time are left aside: which form of them a sentence needs is grammar.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for key, text in leaves(sentences(language)):
        stem, _, last = key.rpartition(".")
        name = stem if last in GERMAN_ONLY else key
        numbers = {(n, f) for n, f in placeholders(text) if n != "one" and not n.startswith("unit")}
        found.setdefault(name, set()).update(numbers)
    return found


def test_all_languages_have_the_same_sentences_with_the_same_numbers():
    german, english = parts("de"), parts("en")
    assert languages() == ("de", "en")
    assert german.keys() == english.keys()
    assert {k for k in german if german[k] != english[k]} == set()


def test_the_test_languages_match_too():
    assert [k for k, _ in leaves(DE)] == [k for k, _ in leaves(EN)]


@pytest.mark.parametrize("language", languages())
def test_every_form_is_known_and_every_emphasis_ends(language):
    for key, text in leaves(sentences(language)):
        assert text.count("**") % 2 == 0, key
        for _, form in placeholders(text):
            stem, _, suffix = form.partition("+")
            assert stem in (*FORMS, "") or DIGITS.fullmatch(stem), key
            assert suffix in ("", "ci", "range"), key


def test_a_gap_in_a_table_says_its_reason():
    words = Words("de_DE", {"reason": {"few": "zu wenige"}})
    gap = Estimate(value=None, unit="share", method="km", reason="few")
    assert words.cell(gap, "percent1") == "zu wenige"
    assert words.cell(None) == "–"
    assert words.cell(SHARE, "percent1") == f"84,3{NBSP}% (83,4–85,2{NBSP}%)"


def test_the_four_statuses_are_called_alike_in_reports_and_documentation():
    page = (Path(__file__).resolve().parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    told = re.findall(r"^(.+)\n: ", page, re.MULTILINE)
    assert told == [Words("en_GB").ui(f"status.{status}") for status in Status]


def test_no_sentence_stands_twice():
    tree = {"a": {"b": "one"}}
    told._merge(tree, {"a": {"c": "two"}}, "de/more.toml")
    assert tree == {"a": {"b": "one", "c": "two"}}
    with pytest.raises(RenderError, match=r"de/more.toml: The sentence `b` stands twice"):
        told._merge(tree, {"a": {"b": "three"}}, "de/more.toml")


def test_languages_have_the_same_files():
    folder = Path(told.__file__).parent / "locales"
    files = {lang: {p.name for p in (folder / lang).iterdir()} for lang in languages()}
    assert len({frozenset(names) for names in files.values()}) == 1


@pytest.mark.parametrize(
    ("count", "english", "german"),
    [
        (1, "1 customer in 1 row of the data is counted", "Gezählt ist 1 Kunde in 1 Zeile"),
        (2, "2 customers in 2 rows of the data are counted", "Gezählt sind 2 Kunden in 2 Zeilen"),
    ],
)
def test_one_customer_is_no_customers(count, english, german):
    values = {"persons": count, "rows": amount("rows", count), "count": count}
    said = [Words(w).say(Sentence("data.counted", values)) for w in ("en_GB", "de_DE")]
    assert english in said[0]
    assert german in said[1]


def test_every_amount_has_a_word_for_one():
    for language in languages():
        names = {
            key.split(".")[1] for key, _ in leaves(sentences(language)) if key[:7] == "amount."
        }
        assert {"customers", "persons", "spells", "rows", "months", "days"} <= names
        for name in names - {"of_days"}:
            one, two = (Words(language).say(amount(name, n)) for n in (1, 2))
            assert one.startswith("1 ")
            assert one[2:] != two[2:]


# never 1 where they are said: waits in days, months compared, columns and strata of a model, groups
# shown, customers enough to be shown, limits below which something lies
MANY = {"all", "at_risk", "cells", "chosen", "cohorts", "columns", "customers", "days", "df"}
MANY |= {"joined", "least", "levels", "months", "most", "numbers", "persons", "return_days"}
MANY |= {"rows", "shown", "signups", "spells"}
# endings of English plurals; German ones are those of the amounts and of what is counted besides
PLURAL = {
    "en": r"\b1 (?!is|was|has|means)\w+s\b|\b1 of (the )?\S+ [^.;:]*\b(stand|lie|are)\b",
    "de": r"\b1 (Kunden|Personen|Zeiten|Zeilen|Monaten?|Tagen?|Vergleichen?|Gruppen|Stufen|Punkte|"
    r"Merkmalen?|Abgängen?|Verträge|Jahrgängen?|Abschlüsse|Freiheitsgraden?)\b|"
    r"\b1 (von|der) \S+ [^.;:]*\b(fallen|liegen|sind|stammen)\b",
}


def at_one(language: str) -> dict[str, str]:
    """Return every sentence with its counts at 1: of a plural the form for one."""
    found = {}
    keys = {key for key, _ in leaves(sentences(language))}
    for key, text in leaves(sentences(language)):
        if key.endswith(".other") and f"{key[:-5]}one" in keys:
            continue
        for name, form in placeholders(text):
            if form == "int" and name not in MANY:
                text = text.replace(f"{{{name}:int}}", "1")
        found[key] = text
    return found


@pytest.mark.parametrize("language", languages())
def test_a_count_of_one_reads_right(language):
    wrong = re.compile(PLURAL[language])
    assert {k: t for k, t in at_one(language).items() if wrong.search(t)} == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1 spells as a customer"),
        ("en", "1 of 36 months stand out"),
        ("de", "in 1 Vergleichen nach"),
        ("de", "1 von 36 Monaten fallen auf"),
    ],
)
def test_a_wrong_count_of_one_is_found(language, text):
    assert re.search(PLURAL[language], text)
