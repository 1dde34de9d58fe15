"""Parts of the draws: no bit depends on how many there are, nor on threads."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import (
    Pays,
    Return,
    base_value,
    cared_for,
    existing,
    in_parts,
    life,
    money_by_month,
    reduced,
    renewed,
    value,
    whereabouts,
)

DRAWS, POLICIES, H = 37, 2, 45
RNG = np.random.default_rng(7)
HAZARDS = RNG.random((DRAWS, 1, 3, 52)) * 0.1 * np.array([1.0, 0.8])[:, None, None]
CHANCE = RNG.random((DRAWS, 1, 4)) * 0.2
ONCE = RNG.normal(-100, 20, (DRAWS, 1))
V = RNG.random((DRAWS, 1)) * 0.01 + 0.99
CAUSES = ("price", "service", "moved")


def work(part):
    """Return every kind of number of the engine for some draws."""
    h, chance, v = HAZARDS[part], CHANCE[part], V[part]
    new = life("new", CAUSES, h)
    back = cared_for(
        "back", CAUSES, h, complains=0.1, answered=0.5, fades=0.2,
        complained=[2.0, 2.0, 1.0], recovered=[0.5, 1.0, 1.0],
    )  # fmt: skip
    won = life("won", CAUSES, h[..., ::-1])
    returns = [
        Return(("new", "back", "won"), ("price",), "back", chance),
        Return(("new", "back", "won"), ("service",), "back", chance[..., :2]),
        Return(("new",), ("moved",), "won", 0.1),
    ]
    base = existing(back, np.arange(6.0), H)
    one = renewed([new, back, won], returns, {"new": 1.0, "won": 0.5}, H, bases=[base])
    few = renewed([new, back, won], returns[:1], {"new": np.arange(1.0, H + 1)}, H)
    pays = {n: Pays(30.0, once=ONCE[part], arrears=n == "back") for n in ("new", "back", "won")}
    return {
        "value": value(one, pays, v),
        "few": value(few, pays, v),
        "months": money_by_month(one, pays, v),
        "base": base_value(base, pays["back"], v),
        "waiting": whereabouts(one).waiting,
        "reduced": reduced(h.sum(axis=-2), 30.0, v, H).worth,
        "starts": one.starts,
    }


@pytest.mark.parametrize(
    ("size", "threads"), [(1, 1), (2, 2), (3, 4), (5, 2), (36, 1), (37, 2), (100, 2)]
)
def test_every_size_and_number_of_threads_gives_the_same_bits(size, threads):
    whole = work(slice(0, DRAWS))
    got = in_parts(work, DRAWS, size=size, threads=threads)
    assert whole.keys() == got.keys()
    for name, array in whole.items():
        assert got[name].shape == array.shape
        assert got[name].tobytes() == np.ascontiguousarray(array).tobytes(), name


def test_one_draw_alone_is_the_same_as_among_others():
    alone = work(slice(11, 12))["value"]
    assert (alone == work(slice(0, DRAWS))["value"][11:12]).all()
    assert np.ptp(work(slice(0, DRAWS))["value"], axis=0).min() > 1


def test_parts_are_as_large_as_the_cache_allows():
    seen = []

    def noted(part):
        seen.append(part.stop - part.start)
        return {"x": np.zeros(part.stop - part.start)}

    in_parts(noted, 20, rows=30, threads=1)
    assert seen == [16, 4]
    in_parts(noted, 3, rows=10**6, threads=1)
    assert seen[2:] == [1, 1, 1]


def test_an_error_in_a_thread_is_told():
    def broken(part):
        if part.start >= 4:
            raise ParameterError(f"draw {part.start} cannot be")
        return {"x": np.zeros(part.stop - part.start)}

    with pytest.raises(ParameterError, match="draw 4 cannot be"):
        in_parts(broken, 20, size=2)


def test_what_is_no_part_is_refused():
    with pytest.raises(ParameterError, match="shaped"):
        in_parts(lambda part: {"x": np.zeros(3)}, 5, size=2)
    with pytest.raises(ParameterError, match="number of draws"):
        in_parts(lambda part: {"x": np.zeros(1)}, 0)
    with pytest.raises(ParameterError):
        in_parts(lambda part: {"x": np.zeros(1)}, 5, size=0)
