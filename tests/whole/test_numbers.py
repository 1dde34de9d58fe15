"""Every number that a reader meets is the one it stands for.

A sentence is held against what it was made of, a table's cell against the cells of its sheet, and
all other text against the results and what the client declared.
"""

import json
import re
import tomllib
from functools import reduce

import nbformat
import openpyxl
import pytest
from bs4 import BeautifulSoup

from stammkunde.report.dress import FACTS
from stammkunde.report.sentences import sentences
from stammkunde.report.typst_text import identifier
from stammkunde.report.workbook import HEAD_ROW
from tests.whole.conftest import CLIENTS, ROOT

NUMBER = {
    "de": re.compile(
        r"(?<![\w.,])−?\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\w)|(?<![\w.,])−?\d+(?:,\d+)?(?!\w)"
    ),
    "en": re.compile(
        r"(?<![\w.,])−?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|(?<![\w.,])−?\d+(?:\.\d+)?(?!\w)"
    ),
}
# a heading whose column is told in thousands says so at its end
THOUSANDS = re.compile(r" \((?:[^()]*thousand|Tsd\.\s(?![A-Z]{3}\))[^()]*)\)$")
BOTH = pytest.mark.parametrize(
    ("client", "language"), [(c, lang) for c in CLIENTS for lang in ("de", "en")]
)


def told(text, language):
    """Yield (number, decimals, as written) for every number written in a language."""
    # the minus of an amount stands before the sign of its currency: "−US$5"
    text = re.sub(r"−([^\W\d]{0,3}[$€£])(?=\d)", r"\1−", text)
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


def allowed(*things):
    """Return the numbers in all things, those from -1 to 1 as percent, too, large ones in millions.

    Limits of a large amount are told in millions as well, though they may be smaller.
    """
    plain = {n for thing in things for n in numbers_in(thing)}
    large = {n / 1e6 for n in plain if abs(n) >= 1e5}
    return plain | {100 * n for n in plain if abs(n) <= 1} | large


def orphans(text, language, known):
    """Return the numbers of a text, as written, that round none of the known ones."""
    return [
        found
        for number, digits, found in told(text, language)
        if not any(abs(number - n) <= 0.5000001 * 10**-digits for n in known)
    ]


def heads(results):
    """Return how many persons the groups of one result are together: so figures count them."""
    sums = {}
    for result in results["results"]:
        sums[result["id"]] = sums.get(result["id"], 0) + (result.get("persons") or 0)
    return list(sums.values())


def toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def sentence(key, language):
    """Return the text (or the plural's texts) behind a key, without its placeholders."""
    found = reduce(lambda tree, part: tree[part], key.split("."), sentences(language))
    texts = [found] if isinstance(found, str) else list(found.values())
    return [re.sub(r"\{.*?\}", " ", text) for text in texts]


def keys(made):
    """Yield every key of a sentence in what a text was made of."""
    if isinstance(made, list):
        for part in made:
            yield from keys(part)
    elif isinstance(made, dict):
        if "key" in made:
            yield made["key"]
        for value in made.values():
            yield from keys(value)


def values(made):
    """Return what a text was made of without the keys of its sentences."""
    if isinstance(made, list):
        return [values(part) for part in made]
    if isinstance(made, dict):
        return [values(value) for name, value in made.items() if name != "key"]
    return made


def facts(made, client, language):
    """Return the facts of all sections, as the chapters' notebooks carry them."""
    files = sorted(made.product(client, "notebooks").glob(f"*.{language}.ipynb"))
    books = [nbformat.read(file, as_version=4) for file in files]
    outputs = [o for book in books for cell in book.cells for o in cell.get("outputs", ())]
    return [o["data"][FACTS] for o in outputs if FACTS in o.get("data", {})]


def own_numbers(made, client, language):
    """Return the numbers that each finding may show, by its anchor."""
    found = [f for part in facts(made, client, language) for f in part["findings"]]
    return {
        identifier("finding", f["id"]): allowed(
            values(f["made_of"]),
            [sentence(key, language) for key in keys(f["made_of"])],
            [f["assumptions"], f["missing"]],
        )
        for f in found
    }


def page(made, client, language):
    html = made.product(client, f"report.{language}.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


def findings(shown):
    """Return (anchor, text) of each finding in the chapters and of each on the first page."""
    full = [(p["id"], p.get_text(" ")) for p in shown.select("p.finding[id]")]
    listed = []
    for point in shown.select(".points li"):
        link = point.a.extract()
        listed.append((link["href"].removeprefix("#"), point.get_text(" ")))
    return full + listed


def cells(shown, made, client, language):
    """Return (text, numbers of the same cell in the workbook) for each cell of each table."""
    book = openpyxl.load_workbook(made.product(client, f"tables.{language}.xlsx"))
    told = [sheet for part in facts(made, client, language) for sheet in part["sheets"]]
    names = {identifier("table", name): name for name in book.sheetnames}
    names |= {identifier("table", sheet["table"]): sheet["id"] for sheet in told}
    pairs = []
    for table in shown.select("table[id]"):
        rows = list(book[names[table["id"]]].iter_rows(min_row=HEAD_ROW + 1))
        heads = [cell.value or "" for cell in rows[0]]
        wanted = [THOUSANDS.sub("", th.get_text()) for th in table.select("thead th")]
        sizes = [1e3 if THOUSANDS.search(th.get_text()) else 1e6 for th in table.select("thead th")]
        body = table.select("tbody tr")
        for shown_row, row in zip(body, rows[1 : len(body) + 1], strict=True):
            shown_cells = shown_row.select("th, td")
            for head, size, cell in zip(wanted, sizes, shown_cells, strict=True):
                behind = [c for h, c in zip(heads, row, strict=True) if belongs(h, head)]
                own = {n for c in behind for n in in_cell(c)}
                # from a million on a sum is told in millions, or all of its column in thousands
                large = {n / size for n in own if abs(n) >= 1e5 or size == 1e3}
                pairs.append((cell.get_text(), large if size == 1e3 else own | large))
    return pairs


def belongs(heading, of):
    return heading == of or bool(of and heading.startswith(f"{of}, "))


def in_cell(cell):
    percent = str(cell.number_format).endswith("%") and isinstance(cell.value, int | float)
    return numbers_in(cell.value * 100 if percent else cell.value)


@BOTH
def test_every_number_of_a_finding_is_one_it_was_made_of(reports, client, language):
    own = own_numbers(reports, client, language)
    shown = findings(page(reports, client, language))
    assert len(shown) >= len(own) >= 5
    assert {
        anchor: lost for anchor, text in shown if (lost := orphans(text, language, own[anchor]))
    } == {}


@BOTH
def test_every_cell_of_a_table_is_that_of_its_sheet(reports, client, language):
    pairs = cells(page(reports, client, language), reports, client, language)
    assert sum(bool(list(told(text, language))) for text, _ in pairs) >= 20
    assert [text for text, known in pairs if orphans(text, language, known)] == []


@BOTH
def test_every_other_number_is_a_result_or_declared(reports, client, language):
    shown = page(reports, client, language)
    for part in shown.select("style, script, nav, table, .note, p.finding[id], .points"):
        part.decompose()
    results = json.loads(reports.product(client, "results.json").read_text(encoding="utf-8"))
    known = allowed(
        results,
        heads(results),
        toml(ROOT / "clients" / f"{client}.toml"),
        toml(ROOT / "data" / "raw" / client / "SOURCE.toml"),
        sentences(language),
        [rows for name, rows in sheets(reports, client, language) if name.startswith("appendix")],
    )
    assert orphans(shown.get_text(" "), language, known) == []


@BOTH
def test_the_note_under_a_table_is_that_of_its_sheet(reports, client, language):
    texts = {
        str(cell)
        for _, rows in sheets(reports, client, language)
        for row in rows
        for cell in row[:1]
    }
    notes = [note.get_text() for note in page(reports, client, language).select(".note")]
    assert notes
    assert set(notes) - texts == set()


def sheets(made, client, language):
    book = openpyxl.load_workbook(made.product(client, f"tables.{language}.xlsx"))
    return [(page.title, [[c.value for c in row] for row in page.iter_rows()]) for page in book]


def misprints(text, language):
    """Yield the text with one digit changed, for every digit of its numbers.

    Not where the change makes another number that the text holds anyway, such as its own limit.
    """
    held = {number[0] for number in NUMBER[language].finditer(text)}
    for number in NUMBER[language].finditer(text):
        for found in re.finditer(r"\d", number[0]):
            i, digit = found.start(), (int(found[0]) + 1) % 10
            if f"{number[0][:i]}{digit}{number[0][i + 1 :]}" not in held:
                at = number.start() + i
                yield f"{text[:at]}{digit}{text[at + 1 :]}"


@BOTH
def test_a_misprint_is_found(reports, client, language):
    shown = page(reports, client, language)
    own = own_numbers(reports, client, language)
    said = [(text, own[anchor]) for anchor, text in findings(shown)]
    for pairs, share in ((said, 0.9), (cells(shown, reports, client, language), 0.95)):
        caught = [
            bool(orphans(t, language, known))
            for text, known in pairs
            for t in misprints(text, language)
        ]
        assert len(caught) > 50
        assert sum(caught) >= share * len(caught)
