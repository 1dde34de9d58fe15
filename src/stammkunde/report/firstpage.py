"""The first page: one headline, the main points, one picture, and how sure all of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from stammkunde.report import dress_html, typst_text
from stammkunde.report.dress import HTML, SVG, TYPST, Bundle
from stammkunde.report.typst_text import identifier, label, plain, string
from stammkunde.report.words import Words
from stammkunde.result import Status

Facts = Mapping[str, Any]
FEWEST_POINTS, MOST_POINTS, MOST_LINES = 3, 6, 3
LOUD, WEIGHTY = 0.9, 0.35
PICTURE = "first-page.svg"


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What the first page and every footer say of a report, in the reader's language.

    `nature` is "real", "fictional", "simulated" or "unstated"; `headline` overrides `headline_of`.
    """

    title: str
    subtitle: str
    nature: str
    as_of: date
    created: date
    version: str
    headline: str = ""

    def footer(self, words: Words) -> str:
        """Return the label of every page: client, subject, nature of the data."""
        return " · ".join(
            filter(None, (self.title, self.subtitle, words.ui(f"nature.{self.nature}")))
        )


def headline_of(findings: Sequence[Facts], cover: Cover) -> str:
    """Return the headline of the most important finding; a caution leads only from .9 on.

    Without any finding that has a headline it is the cover's title.
    """
    told = [f for f in findings if f["headline"]]
    told.sort(key=lambda f: (f["caution"] and f["importance"] < LOUD, -f["importance"]))
    return cover.headline or (told[0]["headline"] if told else cover.title)


def main_points(findings: Sequence[Facts]) -> list[Facts]:
    """Return the findings for the first page, the most important first.

    They are those of importance .35 or more, six at most; lesser ones fill up to three, except
    those of importance 0, which stay off the first page.
    """
    ranked = sorted((f for f in findings if f["importance"] > 0), key=lambda f: -f["importance"])
    weighty = sum(f["importance"] >= WEIGHTY for f in ranked)
    return ranked[: min(max(weighty, FEWEST_POINTS), MOST_POINTS)]


def box(findings: Sequence[Facts], cover: Cover, words: Words) -> list[tuple[str, list[str]]]:
    """Return three columns (heading, lines): measured, assumed, cannot be known.

    What the main points assume is named first.
    """
    measured = _measured(findings, cover, words)
    assumed = [text for f in (*main_points(findings), *findings) for text in f["assumptions"]]
    unknown = [
        f["unknown"] or f["headline"] or f["text"]
        for f in findings
        if f["status"] == Status.NOT_IDENTIFIABLE
    ]
    lacking = dict.fromkeys(text for f in findings for text in f["missing"])
    unknown += [words.ui("missing", texts="; ".join(lacking))] if lacking else []
    columns = (("measured", measured), ("assumed", assumed), ("unknown", unknown))
    return [(words.ui(f"box.{name}"), _few(name, lines, words)) for name, lines in columns]


def _measured(findings: Sequence[Facts], cover: Cover, words: Words) -> list[str]:
    """Return how many statements are counted; where no main point is one of them, what they say.

    Those of importance 0 stay off the first page, and are not told.
    """
    told = [f for f in findings if f["status"] == Status.MEASURED and not f["caution"]]
    points = {f["id"] for f in main_points(findings)}
    bracketed = [f for f in told if _has_interval(f["made_of"])]
    if any(f["id"] in points for f in bracketed):
        return [words.ui("box.counted", count=len(bracketed), day=cover.as_of)]
    said = [f for f in told if f["importance"] > 0]
    return [f["text"] for f in sorted(said, key=lambda f: -f["importance"])]


def _has_interval(made: Any) -> bool:
    if isinstance(made, Mapping):
        return made.get("low") is not None or any(map(_has_interval, made.values()))
    return isinstance(made, list | tuple) and any(map(_has_interval, made))


def _few(name: str, lines: list[str], words: Words) -> list[str]:
    distinct = [line[:1].upper() + line[1:] for line in dict.fromkeys(lines)]
    if not distinct:
        return [words.ui(f"box.nothing_{name}")]
    more = [words.ui("box.more")] if len(distinct) > MOST_LINES else []
    return distinct[:MOST_LINES] + more


def dates(cover: Cover, words: Words) -> str:
    """Return the line with the day of the data, the day of the report and the version.

    Where the report was given no day of its own, that of the data stands alone: as a day of writing
    it would make a new report look old.
    """
    parts = [words.ui("as_of", day=cover.as_of)]
    if cover.created != cover.as_of:
        parts.append(words.ui("created", day=cover.created))
    return " · ".join((*parts, words.ui("version", version=cover.version)))


def first_page(
    findings: Sequence[Facts], picture: Mapping[str, Any] | None, cover: Cover, words: Words
) -> Bundle:
    """Return the first page as a component; `picture` is a figure's output, {data, metadata}."""
    data = {
        HTML: _html(findings, picture, cover, words),
        TYPST: _typst(findings, picture, cover, words),
    }
    if picture is None:
        return Bundle(data, {"stammkunde": {"role": "first-page"}})
    data[SVG] = picture["data"][SVG]
    return Bundle(data, {"stammkunde": {"role": "first-page", "file": PICTURE}})


def _html(
    findings: Sequence[Facts], picture: Mapping[str, Any] | None, cover: Cover, words: Words
) -> str:
    points = "".join(f"<li>{_point_html(f, words)}</li>\n" for f in main_points(findings))
    listed = (
        f"<h2>{escape(words.ui('points'))}</h2>\n<ol class='points'>\n{points}</ol>\n"
        if points
        else ""
    )
    shown = ""
    if picture is not None:
        about = picture["metadata"]["stammkunde"]
        alt = words.ui("first_alt", alt=about["alt"])
        image = dress_html.image(picture["data"][SVG], about["narrow"], alt)
        shown = (
            f'<figure class="lead">\n<p class="title">{escape(about["title"])}</p>\n'
            f'<p class="subtitle">{escape(about["subtitle"])}</p>\n{image}\n</figure>\n'
        )
    columns = "".join(
        f"<div><h3>{escape(head)}</h3>\n"
        + "".join(f"<p>{escape(x)}</p>\n" for x in lines)
        + "</div>\n"
        for head, lines in box(findings, cover, words)
    )
    return (
        f'<p class="kicker">{escape(cover.footer(words))}</p>\n'
        f"<h1>{escape(headline_of(findings, cover))}</h1>\n{listed}{shown}"
        f'<h2>{escape(words.ui("box.heading"))}</h2>\n<div class="box">\n{columns}</div>\n'
        f'<p class="dates">{escape(dates(cover, words))}</p>\n'
    )


def _point_html(found: Facts, words: Words) -> str:
    word = f"<strong>{escape(words.ui('caution'))}:</strong> " if found["caution"] else ""
    status = escape(words.ui(f"status.{found['status']}"))
    about = f'<span class="unseen">: {escape(found["heading"])}</span>'
    link = f'<a href="#{identifier("finding", found["id"])}">{escape(words.ui("see"))}{about}</a>'
    return f'{word}{dress_html.rich(found["spans"])} <em class="status">{status}</em> {link}'


def _typst(
    findings: Sequence[Facts], picture: Mapping[str, Any] | None, cover: Cover, words: Words
) -> str:
    points = "".join(f"[{_point_typst(f, words)}], " for f in main_points(findings))
    shown = "none"
    if picture is not None:
        about = picture["metadata"]["stammkunde"]
        alt = string(words.ui("first_alt", alt=about["alt"]))
        shown = (
            f"(title: [{plain(about['title'])}], subtitle: [{plain(about['subtitle'])}], "
            f'file: "{PICTURE}", alt: {alt})'
        )
    columns = "".join(
        f"([{plain(head)}], ({''.join(f'[{plain(x)}], ' for x in lines)})), "
        for head, lines in box(findings, cover, words)
    )
    return (
        f"#firstpage(kicker: [{plain(cover.footer(words))}], "
        f"headline: [{plain(headline_of(findings, cover))}],\n"
        f"  points-title: [{plain(words.ui('points'))}], points: ({points}), picture: {shown},\n"
        f"  box-title: [{plain(words.ui('box.heading'))}], columns: ({columns}),\n"
        f"  dates: [{plain(dates(cover, words))}])\n"
    )


def _point_typst(found: Facts, words: Words) -> str:
    word = f"#strong[{plain(words.ui('caution'))}:] " if found["caution"] else ""
    status = plain(words.ui(f"status.{found['status']}"))
    page = f"#pageof({label('finding', found['id'])})"
    return f"{word}{typst_text.rich(found['spans'])} #status[{status} {page}]"
