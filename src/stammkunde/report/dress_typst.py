"""The parts of a section as Typst, for the PDF. The functions called live in report.typ.j2."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stammkunde.chapters.exhibit import Figure, Section, Table
from stammkunde.report.notes import numeric, remarks, sheet_name, sourced
from stammkunde.report.thousands import cells, headings
from stammkunde.report.typst_text import identifier, label, plain, rich, string
from stammkunde.report.words import Words
from stammkunde.result import Finding

SMALL = 14
# letters on a line where widths are natural (some are wide), and where they are shared out
LETTERS, SHARED = 92, 100
WIDEST, NUMBER, GAP = 60, 24, 2.5


def heading(section: Section, words: Words, level: int) -> str:
    """Return the heading of a section, with the label that links and page numbers use."""
    text = plain(words.say(section.heading))
    return f"#heading(level: {level})[{text}] #{label('section', section.id)}\n"


def finding(found: Finding, words: Words, status: bool) -> str:
    """Return one paragraph: the sentence, its status, and what it assumes or lacks."""
    body = rich(words.spans(found.sentence))
    if found.caution:
        body = f"#strong[{plain(words.ui('caution'))}:] {body}"
    if status:
        body += f" #status[{plain(words.ui(f'status.{found.status}'))}]"
    notes = "".join(f"#remark[{plain(text)}]" for text in remarks(found, words))
    call = "caution" if found.caution else "finding"
    return f"#{call}[{body}{notes}] #{label('finding', found.id)}\n"


def figure(shown: Figure, words: Words, level: int) -> str:
    """Return the picture between its title and its source; the file is named by its id.

    It is a little narrower than the text: at full width fewer fit beside their text on a page, and
    what does not fit leaves the page half empty.
    """
    picture = (
        f'image("{identifier(shown.id)}.svg", alt: {string(words.say(shown.alt))}, width: 88%)'
    )
    sheet = words.ui("sheet", sheet=sheet_name(shown.table.id))
    return (
        f"#exhibit(level: {level + 1}, title: [{plain(words.say(shown.title))}], "
        f"subtitle: [{plain(words.say(shown.subtitle))}], "
        f"note: [{plain(sourced(words.say(shown.note), sheet))}], {picture})\n"
    )


def table(shown: Table, words: Words) -> str:
    """Return the table with its caption above, its header repeated on every page."""
    heads = headings(shown, words)
    aligned = ["right" if numeric(shown, i) else "left" for i in range(len(heads))]
    note = f", note: [{plain(words.say(shown.note))}]" if shown.note else ""
    return grid(words.say(shown.caption), heads, cells(shown, words), aligned, note)


def grid(
    caption: str,
    heads: Sequence[str],
    cells: Sequence[Sequence[str]],
    aligned: Sequence[str],
    note: str = "",
) -> str:
    """Return a table of texts; a short one is kept on one page."""
    crowded = sum(_words(heads, _columns(heads, cells))) > SHARED - GAP * len(heads)
    # words of a heading that have no room are broken, before they run into their neighbours
    broken = "#set text(hyphenate: true); " if crowded else ""
    header = ", ".join(f"[{broken}{plain(h)}]" for h in heads)
    body = "\n".join(f"  {_row(row, aligned)}," for row in cells)
    together = "false" if len(cells) <= SMALL else "true"
    return (
        f"#tabular(caption: [{plain(caption)}], breakable: {together}{note}, "
        f"columns: {_widths(heads, cells, aligned)}, align: ({', '.join(aligned)},), "
        f"table.header({header}),\n{body}\n)\n"
    )


def _widths(heads: Sequence[str], cells: Sequence[Sequence[str]], aligned: Sequence[str]) -> str:
    """Return the columns' widths: natural where all fit, else the longest word's, then by need.

    Every column first gets room for its longest word, and for whole numbers while there is any;
    what is left goes to those that hold more than fits. Shares alone let short numbers overlap.
    """
    columns = _columns(heads, cells)
    body = [max(map(len, column), default=0) for column in columns]
    if sum(max(len(h), b) + 3 for h, b in zip(heads, body, strict=True)) <= LETTERS:
        return str(len(heads))
    words = _words(heads, columns)
    three = zip(words, body, aligned, strict=True)
    whole = [max(w, b) if a == "right" and b <= NUMBER else w for w, b, a in three]
    room = SHARED - GAP * len(heads)
    least = whole if sum(whole) <= room else words
    halves = (len(head) // 2 for head in heads)
    needed = (max(n, min(max(b, h), WIDEST)) for n, b, h in zip(least, body, halves, strict=True))
    more = [n - had for n, had in zip(needed, least, strict=True)]
    spare = max(room - sum(least), 0) / (sum(more) or 1)
    widths = (had + GAP + spare * rest for had, rest in zip(least, more, strict=True))
    return f"({', '.join(f'{width:.1f}fr' for width in widths)},)"


def _columns(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return list(zip(*cells, strict=True)) if cells else [() for _ in heads]


def _words(heads: Sequence[str], columns: Sequence[Sequence[str]]) -> list[int]:
    """Return the letters of each column's longest word."""
    return [_longest((head, *column)) for head, column in zip(heads, columns, strict=True)]


def _longest(texts: Sequence[str]) -> int:
    """Return the letters of the longest part that is not broken: between spaces, after hyphens."""
    return max((len(part) for text in texts for part in re.split("(?<=-)| ", text)), default=0)


def _row(texts: Sequence[str], aligned: Sequence[str]) -> str:
    """Return the cells of a row; a boxed number is not broken where there is room."""
    boxed = (
        f"#box[{plain(t)}]" if a == "right" else plain(t)
        for t, a in zip(texts, aligned, strict=True)
    )
    return ", ".join(f"[{text}]" for text in boxed)
