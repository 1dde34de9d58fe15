"""Simulated clients, read as a client's files are: every primary result against its truth.

What is missed within one client is missed together, so a client is made again with other seeds:
each result must cover as often as it says, and the shipped client may not miss more results than
the unluckiest of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from textwrap import wrap
from time import perf_counter

import numpy as np

from tests.validate import (
    worlds_autohaus,
    worlds_musterstrom,
    worlds_musterstrom_ahead,
    worlds_musterstrom_offers,
)
from tests.validate.rule import Check, Cover, Three, Verdict, generator, judge, region
from tests.validate.run import AGAIN

SHIPPED_SEED = 1
BEGIN, END = "<!-- worlds -->", "<!-- end of worlds -->"


@dataclass(frozen=True)
class Client:
    """A simulated client: ids of its primary results, their truths, and what a world says.

    `once` maps seed and number of persons to (value, low, high) by id. Worlds are made with `size`
    persons, the shipped one with `shipped`. `how` says which results must cover otherwise than
    exactly; `beside` names, for results that stand on a reading of the future, the id of the truth
    in the other reading.
    """

    name: str
    ids: tuple[str, ...]
    size: int
    shipped: int
    truths: Callable[[], Mapping[str, float]]
    once: Callable[[int, int], Mapping[str, Three]]
    how: Mapping[str, Cover] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What was found for one client.

    `missed` are the results that the shipped world misses, `most` how many one of the other worlds
    misses at most, of `worlds` (those that decided). `ahead` is what the shipped world says of the
    future, with the two truths of each result.
    """

    client: Client
    verdicts: tuple[Verdict, ...]
    missed: Mapping[str, Three]
    most: int
    worlds: int
    seconds: float = field(compare=False)
    ahead: Mapping[str, tuple[Three, float, float]] = field(default_factory=dict)

    @property
    def is_usual(self) -> bool:
        """Return whether the shipped world misses no more than one of the others."""
        return len(self.missed) <= self.most

    @property
    def checks(self) -> int:
        """Return how many checks there are: one per result, and the number of misses."""
        return len(self.verdicts) + 1

    @property
    def failed(self) -> int:
        """Return how many of them fail."""
        return sum(not v.passed for v in self.verdicts) + (not self.is_usual)


MUSTERSTROM = Client(
    "musterstrom",
    worlds_musterstrom.IDS,
    9_675,
    38_700,
    worlds_musterstrom.truths,
    worlds_musterstrom.estimates,
    dict.fromkeys(worlds_musterstrom_ahead.IDS, "conservative")
    | dict.fromkeys(
        (worlds_musterstrom_ahead.MISSED, worlds_musterstrom_offers.MISSED), "must fall short"
    ),
    worlds_musterstrom_ahead.BESIDE,
)
AUTOHAUS = Client(
    "autohaus",
    worlds_autohaus.IDS,
    6_000,
    12_000,
    worlds_autohaus.truths,
    worlds_autohaus.estimates,
)
CLIENTS = (MUSTERSTROM, AUTOHAUS)


def world_seed(name: str, number: int, again: bool = False) -> int:
    """Return the seed of one world: from the hash of the client's name, never the shipped one."""
    return int(generator(f"world {name}", number, again).integers(SHIPPED_SEED + 1, 2**31))


def covered(three: Three, truth: float) -> bool:
    """Return whether an interval holds the truth; one without a value does not."""
    value, low, high = three
    return bool(np.isfinite(value) and low <= truth <= high)


def made(client: Client, count: int, again: bool, workers: Executor) -> list[Mapping[str, Three]]:
    """Return what `count` worlds say, in order, whoever worked on them."""
    seeds = [world_seed(client.name, i, again) for i in range(count)]
    return list(workers.map(client.once, seeds, repeat(client.size)))


def misses(found: Mapping[str, Three], truths: Mapping[str, float]) -> dict[str, Three]:
    """Return the results of one world that do not hold their truth."""
    return {n: found[n] for n, truth in truths.items() if not covered(found[n], truth)}


def judged(
    client: Client, truths: Mapping[str, float], found: Sequence[Mapping[str, Three]], again: bool
) -> list[Verdict]:
    """Return the verdict on each result: whether its intervals cover as they should."""
    checks = [Check(name, truths[name], "", client.how.get(name, "exact")) for name in client.ids]
    return [judge(c, [f[c.name] for f in found], again) for c in checks]


def tried(client: Client, count: int, workers: Executor) -> Outcome:
    """Return what `count` worlds and the shipped one say; a failure is judged on ten times more."""
    begun = perf_counter()
    shipped = workers.submit(client.once, SHIPPED_SEED, client.shipped)
    known = client.truths()
    truths = {name: known[name] for name in client.ids}
    found = made(client, count, False, workers)
    verdicts = judged(client, truths, found, False)
    said = shipped.result()
    missed = misses(said, truths)
    ahead = {n: (said[n], known[n], known[other]) for n, other in client.beside.items()}
    most = max(len(misses(f, truths)) for f in found)
    if not all(v.passed for v in verdicts) or len(missed) > most:
        found = made(client, AGAIN * count, True, workers)
        again = judged(client, truths, found, True)
        verdicts = [a if a.passed else b for a, b in zip(verdicts, again, strict=True)]
        most = max(len(misses(f, truths)) for f in found)
    seconds = perf_counter() - begun
    return Outcome(client, tuple(verdicts), missed, most, len(found), seconds, ahead)


def wanted(verdict: Verdict) -> str:
    """Return the region in which the coverage must lie."""
    low, high = (x / verdict.repetitions for x in region(verdict.repetitions))
    if verdict.check.cover == "must fall short":
        return f"below {low:.3f}"
    return f"{low:.3f}-{1 if verdict.check.cover == 'conservative' else high:.3f}"


def line(verdict: Verdict) -> str:
    """Return one row of a client's table."""
    check, n = verdict.check, verdict.repetitions
    assert verdict.covered is not None
    said = ("passed" if verdict.passed else "FAILED") + (f" in {n}" if verdict.again else "")
    mean = f"{check.truth + verdict.mean:>11.4f}{verdict.error:>10.4f}"
    covers = f"{verdict.covered / n:>8.3f}"
    return f"  {check.name:<38}{check.truth:>10.4f}{mean}{covers}  {wanted(verdict):<13}{said}"


def missed_line(name: str, three: Three, truth: float) -> str:
    """Return a miss of the shipped world in words."""
    value, low, high = three
    return f"{name}: {value:.4f} ({low:.4f} to {high:.4f}), truth {truth:.4f}"


def verdict_on_shipped(outcome: Outcome) -> str:
    """Return how many results the shipped world misses, and how many another one does."""
    said = "passed" if outcome.is_usual else "FAILED"
    return (
        f"The shipped world ({outcome.client.shipped:,} persons) misses {len(outcome.missed)} of "
        f"{len(outcome.verdicts)}; of {outcome.worlds} others one misses {outcome.most}: {said}"
    )


def missed_lines(outcome: Outcome) -> list[str]:
    """Return a line for each result that the shipped world misses."""
    truths = {v.check.name: v.check.truth for v in outcome.verdicts}
    return [missed_line(n, three, truths[n]) for n, three in outcome.missed.items()]


def report(outcome: Outcome) -> str:
    """Return the table of one client."""
    client = outcome.client
    head = f"  {'result':<38}{'truth':>10}{'mean':>11}{'MC error':>10}{'covers':>8}  wanted"
    title = f"{client.name} ({outcome.worlds} worlds of {client.size:,} persons, "
    rows = [f"{title}{outcome.seconds:.0f} s)", head, *map(line, outcome.verdicts)]
    rows += [f"  {verdict_on_shipped(outcome)}"]
    return "\n".join([*rows, *(f"    {x}" for x in missed_lines(outcome)), ""])


def markdown(outcome: Outcome) -> str:
    """Return what was found as a part of docs/validation.md."""
    head = "| result | truth | mean estimate | Monte Carlo error | covers | asked |"
    rows = [head, "|---|---|---|---|---|---|"]
    for v in outcome.verdicts:
        assert v.covered is not None
        numbers = (f"{x:.4f}" for x in (v.check.truth, v.check.truth + v.mean, v.error))
        share = f"{v.covered / v.repetitions:.3f}"
        rows.append(f"| `{v.check.name}` | {' | '.join(numbers)} | {share} | {wanted(v)} |")
    again = [v.check.name for v in outcome.verdicts if v.again]
    about = f"{outcome.worlds:,} worlds of {outcome.client.size:,} persons."
    if again:
        about += f" Judged in them a second time: {', '.join(f'`{n}`' for n in again)}."
    missed = [f"* {x}" for x in missed_lines(outcome)]
    told = [*wrap(f"{verdict_on_shipped(outcome)}.", 100), *([""] if missed else []), *missed]
    told += ahead_rows(outcome)
    return "\n".join(
        [f"#### {outcome.client.name}", "", *wrap(about, 100), "", *rows, "", *told, ""]
    )


def ahead_rows(outcome: Outcome) -> list[str]:
    """Return the table of what the shipped world says of the future, beside both truths."""
    if not outcome.ahead:
        return []
    rows = ["", "| of the future | said | as observed | | to come | |", "|---|---|---|---|---|---|"]
    for name, (three, observed, come) in outcome.ahead.items():
        said = f"{three[0]:.4f} ({three[1]:.4f} to {three[2]:.4f})"
        truths = (
            f"{x:.4f} | {'inside' if covered(three, x) else 'missed'}" for x in (observed, come)
        )
        rows.append(f"| `{name.removesuffix('.observed')}` | {said} | {' | '.join(truths)} |")
    return rows


def written(page: Path, outcomes: Sequence[Outcome]) -> None:
    """Put what was found between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    said = "\n".join(markdown(o) for o in outcomes)
    page.write_text(f"{before}{BEGIN}\n{said}{END}{after}", encoding="utf-8", newline="\n")
