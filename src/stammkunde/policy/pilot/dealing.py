"""Who is treated and who is held out: a lot that can be drawn again, and checked by anybody.

Nothing is random but the seed. Keys are put in the order of SHA-256(seed, key), and dealt in blocks
whose arms are in the order of SHA-256(seed, stratum, block, place): the same on every machine, and
whatever the order of the rows. The seed is written down before the lot is drawn and told to nobody
who could choose his customers by it. Results hold no keys: they stand beside the rows that were
given, whose keys are to be pseudonyms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from math import gcd

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.evidence.trial import LEAST_CLUSTERS, TOO_FEW_CLUSTERS

SEPARATOR = "\x1f"
# stratum of those whom the strata leave over
REST = "\x1erest"


@dataclass(frozen=True)
class Dealt:
    """The arm of each row given [N], and how many of each stratum each arm got.

    `counts` are rows by stratum and arm, `clusters` the clusters by arm where those were dealt
    (else empty). `reason` says why nothing causal may be said of the arms, "" if it may.
    """

    arm: np.ndarray
    counts: Mapping[str, Mapping[str, int]]
    clusters: Mapping[str, int]
    seed: str
    reason: str = ""


def deal(
    keys: Sequence[str],
    strata: Sequence[str | None],
    arms: Mapping[str, int],
    seed: str,
) -> Dealt:
    """Return the arm of each key, dealt in blocks within strata.

    `keys` [N] are pseudonyms of persons, `strata` [N] the levels in which the arms are to be alike
    (None is a level of its own), `arms` how many of a block each arm gets: {"treated": 1,
    "control": 2}. In every stratum, and in all together, no arm is further from its part than a
    block: what is left over of the strata is dealt in blocks across them. ParameterError for a key
    that is empty or there twice.
    """
    block = _block(arms)
    named = _known(keys, strata, seed)
    found: dict[str, str] = {}
    rest: list[str] = []
    for stratum in sorted(set(named.values())):
        own = _shuffled([k for k, s in named.items() if s == stratum], seed, "order")
        whole = len(own) - len(own) % len(block)
        found |= _in_blocks(own[:whole], block, seed, stratum)
        rest += own[whole:]
    found |= _in_blocks(rest, block, seed, REST)
    return Dealt(
        arm=np.array([found[k] for k in keys], dtype=object),
        counts=_counted([*named.values()], [found[k] for k in named], arms),
        clusters={},
        seed=seed,
    )


def deal_clusters(
    clusters: Sequence[str],
    strata: Sequence[str | None],
    arms: Mapping[str, int],
    seed: str,
) -> Dealt:
    """Return the arm of each row, dealt by clusters as a whole: branches, regions, teams.

    `clusters` [N] is that of each customer, `strata` [N] the same for all of one cluster. Within
    strata, clusters of about the same size are dealt in one block, so that arms get as many
    customers as can be. ParameterError for a cluster of several strata or without a name. With
    fewer than 20 clusters in two arms, or ten in one of them, `reason` is "too_few_clusters".
    """
    block = _block(arms)
    sizes = Counter(clusters)
    _seeded(seed)
    _as_long(clusters, strata)
    of: dict[str, str] = {}
    for cluster, level in zip(clusters, strata, strict=True):
        if not cluster:
            raise ParameterError("a customer has no cluster", remedy="Name one for each.")
        if of.setdefault(cluster, level or "") != (level or ""):
            raise ParameterError(
                f"the cluster `{cluster}` lies in several strata",
                remedy="Take strata that do not cut through a cluster.",
            )
    # a stable sort keeps the order of the lot among those of one size
    ordered = sorted(_shuffled([*of], seed, "order"), key=lambda c: (of[c], -sizes[c]))
    found: dict[str, str] = {}
    for stratum in sorted(set(of.values())):
        found |= _in_blocks([c for c in ordered if of[c] == stratum], block, seed, stratum)
    rows = [found[c] for c in clusters]
    dealt = {a: sum(x == a for x in found.values()) for a in arms}
    return Dealt(
        arm=np.array(rows, dtype=object),
        counts=_counted([level or "" for level in strata], rows, arms),
        clusters=dealt,
        seed=seed,
        reason=TOO_FEW_CLUSTERS if min(dealt.values()) < LEAST_CLUSTERS / len(arms) else "",
    )


def envelopes(
    stratum: str, count: int, arms: Mapping[str, int], seed: str, sizes: Sequence[int] = (2, 3)
) -> tuple[str, ...]:
    """Return the arms of the next `count` newcomers of a stratum, in the order in which they come.

    Blocks hold `sizes` times the parts of the arms, which of them the lot says too, so that nobody
    can tell the last of a block. More newcomers later leave the arms of the first as they are.
    """
    if count < 0 or not sizes or min(sizes) < 1:
        raise ParameterError(
            f"{count} envelopes in blocks of {[*sizes]} parts",
            remedy="Ask for 0 or more, in blocks of 1 or more.",
        )
    block = _block(arms)
    _seeded(seed)
    found: list[str] = []
    number = 0
    while len(found) < count:
        at = int(_hash(seed, "size", stratum, str(number)), 16) % len(sizes)
        found += _permuted(block * sizes[at], seed, "envelope", stratum, number)
        number += 1
    return tuple(found[:count])


def _in_blocks(keys: Sequence[str], block: list[str], seed: str, stratum: str) -> dict[str, str]:
    """Return the arm of each key, in the order of the keys."""
    found: dict[str, str] = {}
    for first in range(0, len(keys), len(block)):
        own = _permuted(block, seed, "block", stratum, first // len(block))
        found |= dict(zip(keys[first : first + len(block)], own, strict=False))
    return found


def _permuted(block: list[str], seed: str, use: str, stratum: str, number: int) -> list[str]:
    places = sorted(range(len(block)), key=lambda i: _hash(seed, use, stratum, f"{number}.{i}"))
    return [block[i] for i in places]


def _shuffled(keys: list[str], seed: str, use: str) -> list[str]:
    return sorted(keys, key=lambda k: (_hash(seed, use, k), k))


def _hash(*words: str) -> str:
    return sha256(SEPARATOR.join(words).encode("utf-8")).hexdigest()


def _block(arms: Mapping[str, int]) -> list[str]:
    """Return the smallest block that gives each arm its part."""
    if len(arms) < 2 or min(arms.values()) < 1 or not all(arms):
        raise ParameterError(
            f"the arms are {dict(arms)}",
            remedy="Name two or more, each with its part of a block, 1 or more.",
        )
    whole = reduce(gcd, arms.values())
    return [a for a in sorted(arms) for _ in range(arms[a] // whole)]


def _known(keys: Sequence[str], strata: Sequence[str | None], seed: str) -> dict[str, str]:
    """Return the stratum of each key."""
    _seeded(seed)
    _as_long(keys, strata)
    if not all(keys):
        raise ParameterError("a row has no key", remedy="Leave out whom nothing identifies.")
    twice = len(keys) - len(set(keys))
    if twice:
        raise ParameterError(
            "keys are there more than once",
            rows=twice,
            remedy="Deal persons, each of them once: one person cannot be in both arms.",
        )
    return {k: s or "" for k, s in zip(keys, strata, strict=True)}


def _as_long(rows: Sequence[str], strata: Sequence[str | None]) -> None:
    if len(rows) != len(strata):
        raise ParameterError(
            f"there are {len(rows)} rows and {len(strata)} strata", remedy="Give one for each."
        )


def _seeded(seed: str) -> None:
    if not seed:
        raise ParameterError("the lot has no seed", remedy="Write one down before it is drawn.")


def _counted(
    strata: Sequence[str], rows: Sequence[str], arms: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    counts = Counter(zip(strata, rows, strict=True))
    return {s: {a: counts[s, a] for a in arms} for s in sorted({s for s, _ in counts})}
