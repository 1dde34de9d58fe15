"""Which ids of results docs/results-json.md explains."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "results-json.md"
CHAPTERS = r"(?:lifetimes|reasons|drivers|accuracy|outlook|buying|offers|policy)"
# what stands for something in a documented id; dashes come escaped
PLACE = r"\b(?:T|K|P|G|N|NAME|OTHER|DAY|YYYY\\-MM|YYYY\\-Qn)(?![\w])"


@cache
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@cache
def shape() -> re.Pattern[str]:
    """Return what every documented id looks like."""
    names = {re.escape(name) for name in re.findall(rf"`({CHAPTERS}\.[\w.-]+)`", page())}
    return re.compile("|".join(re.sub(PLACE, "[^.]+", name) for name in names))


def undocumented(ids: Iterable[str]) -> list[str]:
    """Return the ids that the page does not explain."""
    return [name for name in ids if not shape().fullmatch(name)]


def unexplained(assumptions: Iterable[str]) -> list[str]:
    """Return the assumptions that the page does not explain."""
    return [name for name in assumptions if f"`{name}`" not in page()]
