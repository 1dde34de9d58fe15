"""`python -m tests.validate.worlds_musterstrom_asked`: the shipped world's answers beside truths.

The rows are those of docs/musterstrom.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from stammkunde.evidence.asking.ask import ask
from stammkunde.result import Estimate
from stammkunde.study import Study
from tests.validate.rule import Three, three
from tests.validate.worlds import SHIPPED_SEED, covered
from tests.validate.worlds_files import study_of
from tests.validate.worlds_musterstrom import KIND, tables, truths
from tests.validate.worlds_musterstrom_offers import TRUTHS, offers, with_offers

HEAD = "| answer | truth | seed 1 | 95 % | |\n|---|---|---|---|---|"


def row(name: str, said: Three, truth: float) -> str:
    """Return a row of the table."""
    value, low, high = said
    found = "inside" if covered(said, truth) else "missed"
    return f"| `{name}` | {truth:.2f} | {value:.2f} | {low:.2f} to {high:.2f} | {found} |"


def shipped() -> Iterator[str]:
    """Yield the rows of the primary results of the shipped world."""
    known = truths()
    world = KIND.world(seed=SHIPPED_SEED)
    with study_of(world, tables(world)) as study:
        found = offers(study, *with_offers(study))
        for name in TRUTHS:
            yield row(name, found[name], known[name])


def by_segment() -> Iterator[str]:
    """Yield the rows of every segment of one column under the id of its truth.

    Newcomers stand beside what those alike in all columns show.
    """
    known, world = truths(), KIND.world(seed=SHIPPED_SEED)
    with study_of(world, tables(world)) as study:
        for name, own in _segments(study):
            yield row(name, three(own), known[name])


def _segments(study: Study) -> Iterator[tuple[str, Estimate]]:
    spells, beside = with_offers(study)
    for question in study.toml.question:
        of = {"loyalty": "loyalty.landmark"}.get(question.name, question.name)
        end = ".compared" if question.name == "newcomer" else ""
        for segment in ask(question, spells, beside).segments:
            if len(segment.columns) == 1:
                name = f"effect.{of}.months.{segment.column}.{segment.level}{end}"
                yield name, segment.own


def main(parts: Mapping[str, Iterator[str]]) -> int:
    """Print the tables."""
    for rows in parts.values():
        print(HEAD, *rows, "", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main({"primary": shipped(), "segments": by_segment()}))
