"""Ten thousand draws in parts that fit into the processor's cache, on several threads.

Every number of the engine is made of its own draw alone, by sums in a fixed order, so the size of
the parts and the number of threads change no bit of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.engine.given import positive

# rows (draw x policy x segment) whose lives over some ten years lie in a cache of a few megabytes
ROWS = 480
# between the sums of arrays threads wait for one another: more than a few bring nothing
THREADS = min(4, os.cpu_count() or 1)


def in_parts(
    work: Callable[[slice], Mapping[str, np.ndarray]],
    draws: int,
    *,
    rows: int = 1,
    size: int | None = None,
    threads: int = THREADS,
) -> dict[str, np.ndarray]:
    """Return what `work` returns for slices of the draws, put together along the first axis.

    `work` gets a slice of 0 .. draws and returns arrays whose first axis are its draws. `rows` is
    how many rows (policies x segments) one draw takes; `size` draws make a part, by default as many
    as fit the cache. ParameterError for no draws, or for an array with another first axis.
    """
    positive(draws, "the number of draws")
    _kept_memory()
    size = positive(max(1, ROWS // positive(rows, "the number of rows")) if size is None else size)
    slices = [slice(a, min(a + size, draws)) for a in range(0, draws, size)]
    first = work(slices[0])
    whole = {n: np.empty((draws, *np.shape(a)[1:]), np.asarray(a).dtype) for n, a in first.items()}
    _kept(whole, slices[0], first)

    def one(part: slice) -> None:
        _kept(whole, part, work(part))

    if threads < 2 or len(slices) < 3:
        for part in slices[1:]:
            one(part)
        return whole
    with ThreadPoolExecutor(threads) as pool:
        # in order, so that the first error of any draw is the one that is told
        list(pool.map(one, slices[1:]))
    return whole


def _kept_memory() -> None:
    """Let the C library keep what it is given back: fetching it anew took a quarter of the time.

    Its allocator raises the size from which it asks the system to that of the largest block freed
    so far; the block is never touched and costs nothing.
    """
    np.empty(2**25 - 2**16, np.uint8)


def _kept(whole: dict[str, np.ndarray], part: slice, found: Mapping[str, np.ndarray]) -> None:
    for name, array in found.items():
        if np.shape(array)[:1] != (part.stop - part.start,):
            raise ParameterError(
                f'"{name}" is shaped {np.shape(array)} for {part.stop - part.start} draws',
                remedy="Its first axis are the draws of the part.",
            )
        whole[name][part] = array
