"""Every number that a reader meets comes from a result, a table, or what the client declared."""

import json
import re
import tomllib

import openpyxl
import pytest
from bs4 import BeautifulSoup

from tests.whole.conftest import CLIENTS, ROOT

NUMBER = {
    "de": re.compile(
        r"(?<![\w.,])−?\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\w)|(?<![\w.,])−?\d+(?:,\d+)?(?!\w)"
    ),
    "en": re.compile(
        r"(?<![\w.,])−?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|(?<![\w.,])−?\d+(?:\.\d+)?(?!\w)"
    ),
}


def told(text, language):
    """Yield (number, decimals) for every number written in a language."""
    for found in NUMBER[language].findall(text):
        plain = found.replace("−", "-")
        plain = (
            plain.replace(".", "").replace(",", ".") if language == "de" else plain.replace(",", "")
        )
        yield float(plain), len(plain.partition(".")[2]), found


def numbers_in(thing):
    """Yield every number in a tree of JSON or TOML, those written in its texts too."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from numbers_in(key)
            yield from numbers_in(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from numbers_in(value)
    elif isinstance(thing, bool) or thing is None:
        return
    elif isinstance(thing, int | float):
        yield float(thing)
    else:
        yield from (float(n) for n in re.findall(r"\d+(?:\.\d+)?", str(thing)))
        yield from (number for lang in ("de", "en") for number, *_ in told(str(thing), lang))


def toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def known(made, client, language):
    """Return every number that the report of a client may show."""
    sources = [
        json.loads(made.product(client, "results.json").read_text(encoding="utf-8")),
        toml(ROOT / "clients" / f"{client}.toml"),
        toml(ROOT / "data" / "raw" / client / "SOURCE.toml"),
        toml(ROOT / "src" / "stammkunde" / "report" / "locales" / f"{language}.toml"),
    ]
    book = openpyxl.load_workbook(made.product(client, f"tables.{language}.xlsx"))
    sources += [[c.value for row in sheet.iter_rows() for c in row] for sheet in book]
    return {n for source in sources for n in numbers_in(source)}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_number_in_the_text_is_known(reports, client, language):
    html = reports.product(client, f"report.{language}.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    for part in page.select("style, script, nav"):
        part.decompose()
    allowed = known(reports, client, language)
    scaled = allowed | {n * 100 for n in allowed}
    orphans = [
        found
        for number, digits, found in told(page.get_text(" "), language)
        if not any(abs(number - n) <= 0.5000001 * 10**-digits for n in scaled)
    ]
    assert orphans == []


def test_a_wrong_number_would_be_found(reports):
    allowed = known(reports, "telco", "en")
    assert not any(abs(84.9 - 100 * n) <= 0.05 for n in allowed if 0.5 < n < 1)
