"""Run recipes, judge them, print what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from textwrap import wrap

from tests.validate.rule import Recipe, Three, Verdict, generator, judge, region

BATCH = 20
AGAIN = 10


def repeated(recipe: Recipe, again: bool, start: int, stop: int) -> list[Mapping[str, Three]]:
    """Return the outcomes of the repetitions from `start` to `stop` - 1."""
    return [recipe.once(generator(recipe.name, i, again)) for i in range(start, stop)]


def outcomes(
    recipe: Recipe, repetitions: int, again: bool, workers: Executor
) -> list[Mapping[str, Three]]:
    """Return the outcomes of all repetitions, in order, whoever worked on them."""
    starts = range(0, repetitions, BATCH)
    stops = [min(s + BATCH, repetitions) for s in starts]
    parts = workers.map(partial(repeated, recipe, again), starts, stops)
    return [outcome for part in parts for outcome in part]


def tried(recipe: Recipe, repetitions: int, workers: Executor) -> list[Verdict]:
    """Return the verdicts; checks that fail are judged anew on ten times the repetitions."""
    found = outcomes(recipe, repetitions, False, workers)
    verdicts = [judge(c, [f[c.name] for f in found]) for c in recipe.checks]
    if all(v.passed for v in verdicts):
        return verdicts
    more = outcomes(recipe, AGAIN * repetitions, True, workers)
    return [
        v if v.passed else judge(v.check, [f[v.check.name] for f in more], again=True)
        for v in verdicts
    ]


def line(verdict: Verdict) -> str:
    """Return one row of a recipe's table."""
    check, n = verdict.check, verdict.repetitions
    bias = f"{verdict.mean:+.5f} ± {verdict.error:.5f}" if check.bias else ""
    covered = "" if verdict.covered is None else f"{verdict.covered / n:.3f}"
    low, high = (x / n for x in region(n))
    wanted = {
        "": "",
        "exact": f"{low:.3f}-{high:.3f}",
        "conservative": f"{low:.3f} or more",
        "must fall short": f"below {low:.3f}",
    }[check.cover]
    must = "must miss" if check.bias == "must miss" else ""
    said = ("passed" if verdict.passed else "FAILED") + (f" in {n}" if verdict.again else "")
    left = f"  {check.name:<38}{check.truth:>10.4f}  {bias:<22}{must:<10}"
    return f"{left}{covered:>6}  {wanted:<14}{said}"


def report(recipe: Recipe, verdicts: Sequence[Verdict], seconds: float) -> str:
    """Return the table of one recipe."""
    head = f"  {'estimator':<38}{'truth':>10}  {'mean error':<32}{'covers':>6}  {'wanted':<14}"
    title = f"{recipe.name} ({verdicts[0].repetitions} repetitions, {seconds:.0f} s)"
    return "\n".join([title, f"  {recipe.about}", head, *map(line, verdicts), ""])


def markdown(recipe: Recipe, verdicts: Sequence[Verdict]) -> str:
    """Return what was found as a part of docs/validation.md."""
    head = "| estimator | truth | mean estimate | mean error | Monte Carlo error | covers | asked |"
    rows = [head, "|---|---|---|---|---|---|---|"]
    for v in verdicts:
        covered = "" if v.covered is None else f"{v.covered / v.repetitions:.3f}"
        found = ("", "", "") if not v.check.bias else (
            f"{v.check.truth + v.mean:.4f}", f"{v.mean:+.4f}", f"{v.error:.4f}")  # fmt: skip
        asked = ", ".join(filter(None, (BIAS[v.check.bias], COVER[v.check.cover])))
        cells = (v.check.name, f"{v.check.truth:.4f}", *found, covered, asked)
        rows.append(f"| {' | '.join(cells)} |")
    again = {v.repetitions for v in verdicts if v.again}
    more = f" Judged again in {max(again):,} repetitions." if again else ""
    about = f"{recipe.about[:1].upper()}{recipe.about[1:]}.{more}"
    return "\n".join([f"### {recipe.name}", "", *wrap(about, 100), "", *rows, ""])


BIAS = {"": "", "none": "right on average", "must miss": "must be wrong"}
COVER = {
    "": "",
    "exact": "covers",
    "conservative": "covers, or more",
    "must fall short": "must not cover",
}
BEGIN, END = "<!-- found -->", "<!-- end -->"


def written(page: Path, found: Sequence[str], repetitions: int) -> None:
    """Put what was found between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    said = f"{BEGIN}\n{repetitions:,} repetitions.\n\n" + "\n".join(found)
    page.write_text(f"{before}{said}{END}{after}", encoding="utf-8", newline="\n")
