"""A world in which margins grow by themselves, the large stay longer, and older ones came larger.

So the mean margin rises with tenure for three reasons, each of which is known.
"""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.result import Estimate
from stammkunde.survival.margins.between import PairCounts, between_from
from stammkunde.survival.margins.change import margin_change, mean_margin
from stammkunde.survival.margins.counts import Margins
from stammkunde.survival.margins.weighted import weighted
from stammkunde.survival.projection.choice import Outlook, choose, outlook
from stammkunde.survival.projection.worth import alike, base_lifetime, discount
from stammkunde.survival.table import LifeTable
from tests.validate.counting import dealt, table
from tests.validate.rule import Check, Recipe, Three, three

SPAN, SIZE, GROWTH, SPREAD = 24, 3000, 0.004, 0.02
# cents a month at the beginning, their shares among early and late beginners, and who leaves
SIZES = np.array([800.0, 1600.0, 4000.0])
SHARES = np.array([[0.30, 0.40, 0.30], [0.45, 0.40, 0.15]])
LEAVES = np.array([0.05, 0.03, 0.015])
# early beginners are seen from unit 9 on; late ones for 12, 18 or 24 units, early ones for 24
EARLY, SEEN_FROM, SEEN = 0.35, 8, np.array([12, 18, 24])


def counts_of(
    margin: np.ndarray, entry: np.ndarray, last: np.ndarray, left: np.ndarray, block: np.ndarray
) -> Margins:
    """Return the margins of spells: cents [N, K] by unit, seen in units entry + 1 .. last."""
    span = margin.shape[1]
    unit = np.arange(1, span + 1)
    there = (entry[:, None] < unit) & (unit <= last[:, None])
    final = unit == last[:, None]

    def laid(where: np.ndarray, values: np.ndarray = margin) -> np.ndarray:
        out = np.zeros((2, BLOCKS, span), dtype=np.int64)
        who, at = np.nonzero(where)
        place = block[who] * span + at
        for i, weight in enumerate((None, values[who, at])):
            out[i] = np.bincount(place, weight, BLOCKS * span).reshape(BLOCKS, span)
        return out

    rises = np.diff(margin, axis=1, prepend=margin[:, :1])
    heads = np.bincount(block, minlength=BLOCKS)
    return Margins(
        unit="month",
        at_risk=laid(there),
        entered=laid(there & (unit == entry[:, None] + 1)),
        left=laid(there & final & left[:, None]),
        censored=laid(there & final & ~left[:, None]),
        changed=laid(there & (unit > entry[:, None] + 1), rises)[1],
        persons=heads,
        spells=heads,
    )


def worth(rng: np.random.Generator) -> dict[str, Three]:
    early = rng.random(SIZE) < EARLY
    size = np.where(early, *(rng.choice(3, SIZE, p=SHARES[k]) for k in (0, 1)))
    stay = rng.geometric(LEAVES[size])
    seen = np.where(early, SPAN, rng.choice(SEEN, SIZE))
    entry = np.where(early, SEEN_FROM, 0)
    # everybody grows at a rate of his own, whose mean is known
    rate = GROWTH + SPREAD * (rng.random(SIZE) - 0.5) / 10
    own = SIZES[size] * rng.uniform(0.8, 1.2, SIZE)
    margin = np.rint(own[:, None] * (1 + rate[:, None] * np.arange(SPAN))).astype(np.int64)
    kept = np.minimum(stay, seen) > entry
    some = [a[kept] for a in (margin, entry, np.minimum(stay, seen), stay <= seen)]
    found = counts_of(*some, dealt(rng, int(kept.sum())))
    change = margin_change(found, 1, SPAN)
    total = three(change.total)
    return {
        "mean margin in unit 24": three(mean_margin(found, SPAN)),
        "total": total,
        "growth within customers": three(change.within),
        "sorting: who leaves": three(change.leaving),
        "who was observed": three(change.observed),
        "sorting, as a share": three(change.share("leaving")),
        "growth, as loyal customers less new ones": total,
        "growth between contracts": three(_again(rng, rate, own)),
    }


def _again(rng: np.random.Generator, rate: np.ndarray, own: np.ndarray) -> Estimate:
    """Return the growth between two contracts of everybody who comes back, after 10 to 900 days."""
    back = rng.random(SIZE) < 0.2
    days = rng.integers(10, 900, SIZE)[back]
    months = days / (365.25 / 12)
    cents = np.rint(own[back] * rate[back] * months)
    block = dealt(rng, int(back.sum()))

    def by_block(values: np.ndarray) -> np.ndarray:
        return np.bincount(block, values, BLOCKS).astype(np.int64)

    ones = np.ones(len(days))
    counts = PairCounts(
        persons=by_block(ones),
        pairs=by_block(ones),
        changed=by_block((cents != 0) * ones),
        cents=by_block(cents),
        days=by_block(days),
    )
    return between_from(counts).per_month


def truths() -> dict[str, float]:
    """Return the limits for ever more customers, by their shares unit by unit."""
    unit = np.arange(1, SPAN + 1)
    stays = (1 - LEAVES[:, None]) ** (unit - 1)
    seen = np.array([(last >= unit).astype(float) for last in SEEN]).mean(axis=0)
    both = [
        EARLY * SHARES[0][:, None] * (unit > SEEN_FROM),
        (1 - EARLY) * SHARES[1][:, None] * seen,
    ]
    there = np.stack([part * stays for part in both])
    margin = SIZES[:, None] * (1 + GROWTH * (unit - 1))
    mean = (there * margin).sum(axis=(0, 1)) / there.sum(axis=(0, 1))
    parts = {"within": 0.0, "leaving": 0.0}
    for t in range(SPAN - 1):
        # who stays in the next unit: not left, and observation goes on
        goes = np.stack([np.ones(3), np.full(3, seen[t + 1] / seen[t])]) * (1 - LEAVES)
        stay, gone = there[..., t] * goes, there[..., t] * LEAVES
        heads = stay.sum()
        parts["within"] += (stay * (margin[:, t + 1] - margin[:, t])).sum() / heads
        parts["leaving"] -= (gone * (margin[:, t] - mean[t])).sum() / heads
    total = mean[-1] - mean[0]
    found = {**parts, "total": total, "observed": total - sum(parts.values()), "mean": mean[-1]}
    return {name: float(value) / 100 for name, value in found.items()}


TRUTHS = truths()
# all who come back, weighted by how long they were away: sizes are those of everybody
AGAIN = float((EARLY * SHARES[0] + (1 - EARLY) * SHARES[1]) @ SIZES) * GROWTH / 100
WORTH = Recipe(
    "margins grow, and the large stay",
    "3000 customers of three sizes who leave at .05, .03 and .015 a month; margins grow by .4 % of "
    "the first a month on average, everybody at a rate of his own; earlier ones, larger on "
    "average, are seen from unit 9 on",
    (
        Check("mean margin in unit 24", TRUTHS["mean"]),
        Check("total", TRUTHS["total"]),
        Check("growth within customers", TRUTHS["within"]),
        Check("sorting: who leaves", TRUTHS["leaving"]),
        Check("who was observed", TRUTHS["observed"]),
        Check("sorting, as a share", TRUTHS["leaving"] / TRUTHS["total"]),
        Check("growth, as loyal customers less new ones", TRUTHS["within"], "must miss", ""),
        Check("growth between contracts", AGAIN),
    ),
    worth,
)

# customers there at the end of four years, valued over the next three at 8 % a year
YEARS, AHEAD, INTEREST, GOES = 48, 36, 0.08, np.array([0.10, 0.04, 0.01])


def base(rng: np.random.Generator) -> dict[str, Three]:
    began = rng.integers(0, YEARS, SIZE)
    size = rng.choice(3, SIZE, p=SHARES[1])
    stay, seen = rng.geometric(GOES[size]), YEARS - began
    cents = np.rint(SIZES[size] * rng.uniform(0.8, 1.2, SIZE)).astype(np.int64)
    last, left = np.minimum(stay, seen), stay <= seen
    block = dealt(rng, SIZE)
    margin = np.repeat(cents[:, None], YEARS, axis=1)
    found = counts_of(margin, np.zeros(SIZE, dtype=int), last, left, block)
    money = weighted(found)
    v = discount("month", INTEREST)
    keep = (1 - GOES[size]) * v
    truth = float(((cents / 100 * (1 - keep**AHEAD) / (1 - keep))[~left]).sum())
    heads = table(block, last, left)
    there = np.bincount(last[~left], cents[~left] / 100, heads.length + 1)
    value = base_lifetime(_ahead(money.table), money.there, AHEAD, interest=INTEREST)
    alone = base_lifetime(_ahead(heads), there, AHEAD, interest=INTEREST)
    mean = alike(there, left.sum() / last.sum(), AHEAD, v)
    return {
        "value of the base": _by(three(value), truth),
        "value, as if all stayed alike": _by(three(alone), truth),
        "value, mean margin by one rate": _by((mean, mean, mean), truth),
    }


def _ahead(counted: LifeTable) -> Outlook:
    way = choose(counted, ["beta-geometric"])
    return outlook(counted, way, YEARS + AHEAD + 1, reach=YEARS - 6)


def _by(found: Three, truth: float) -> Three:
    value, low, high = (x / truth for x in found)
    return value, low, high


BASE = Recipe(
    "value of the base",
    "3000 customers of three sizes who began within four years and leave at .1, .04 and .01 a "
    "month: what those there at the end will pay in three years, at 8 % a year, by its truth",
    (
        Check("value of the base", 1.0),
        Check("value, as if all stayed alike", 1.0, "must miss", "must fall short"),
        Check("value, mean margin by one rate", 1.0, "must miss", ""),
    ),
    base,
)

RECIPES = [WORTH, BASE]
