"""The machinery of `make validate`: it counts as the kernel does, and it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stammkunde.spells.months import completed
from stammkunde.spells.read import spells_from
from stammkunde.survival.table import life_table
from tests.kernel.making import same_counts
from tests.validate.__main__ import RECIPES, main
from tests.validate.counting import anniversary, completed_months, table
from tests.validate.recipes import ONE, steady
from tests.validate.rule import (
    Check,
    Recipe,
    Three,
    covers,
    generator,
    judge,
    region,
    seed,
    unbiased,
)
from tests.validate.run import report, tried

DOCS = Path(__file__).resolve().parents[2] / "docs" / "validation.md"


@pytest.mark.parametrize("several", [False, True])
def test_tables_from_arrays_are_those_of_the_engine(several):
    rng = np.random.default_rng(3)
    size = 500
    start = np.datetime64("2020-01-01") + rng.integers(0, 900, size)
    last = start + rng.integers(0, 700, size)
    opens, close = np.datetime64("2021-01-01"), np.datetime64("2022-12-15")
    who = rng.integers(0, 200, size) if several else np.arange(size)
    frame = pd.DataFrame({"who": who, "from": start, "to": last})
    made = spells_from(
        frame,
        person="who",
        start="from",
        end="to",
        open=opens.astype(date),
        close=close.astype(date),
    )
    spells = made.to_frame().set_index("record").reindex(range(1, size + 1))
    units, seen = completed_months(start, last) + 1, completed_months(start, np.full(size, close))
    entry = np.where(start >= opens, 0, completed_months(start, np.full(size, opens - 1)) + 1)
    left = units <= seen
    own = table(
        spells.block.fillna(0).to_numpy(int), np.where(left, units, seen), left, entry=entry,
        person=who if several else None,
    )  # fmt: skip
    same_counts(own, life_table(made))
    assert own.repeats is several is life_table(made).repeats


def test_months_of_arrays_are_those_of_the_rule():
    days = [date(2023, 12, 25) + timedelta(days=i) for i in range(0, 500, 3)]
    pairs = [(a, b) for a in days for b in days if a <= b]
    own = completed_months(*(np.array(x, dtype="datetime64[D]") for x in zip(*pairs, strict=True)))
    assert own.tolist() == [completed(a, b) for a, b in pairs]


def test_an_anniversary_is_the_first_day_that_completes_its_months():
    starts = np.arange("2023-12-25", "2024-04-05", dtype="datetime64[D]")
    for months in (0, 1, 2, 11, 12, 13):
        there = anniversary(starts, np.full(len(starts), months))
        assert (completed_months(starts, there) == months).all()
        assert (completed_months(starts, there - 1) == months - 1)[there > starts].all()


def test_seeds_are_the_hash_of_the_name():
    own = int.from_bytes(sha256(b"median").digest()[:16], "big")
    assert seed("median").entropy == own
    assert seed("median", again=True).entropy == int.from_bytes(
        sha256(b"median:2").digest()[:16], "big"
    )
    draws = {
        float(generator("median", i, again).random()) for i in range(5) for again in (False, True)
    }
    assert len(draws) == 10
    assert generator("median", 3).random() == generator("median", 3).random()


def test_the_region_is_the_exact_binomial_one():
    """Of 1000 intervals at 95 %, 926 to 971 cover with probability .999."""
    assert region(1000) == (926, 971)
    assert (covers(926, 1000, "exact"), covers(925, 1000, "exact")) == (True, False)
    assert (covers(971, 1000, "exact"), covers(972, 1000, "exact")) == (True, False)
    assert (covers(999, 1000, "conservative"), covers(925, 1000, "conservative")) == (True, False)
    assert (covers(925, 1000, "must fall short"), covers(926, 1000, "must fall short")) == (
        True,
        False,
    )


def test_bias_passes_below_three_and_a_half_monte_carlo_errors_or_a_tenth_of_the_spread():
    noise = np.random.default_rng(1).normal(size=400)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    assert unbiased(noise + 3.4 / 20)
    assert not unbiased(noise + 3.6 / 20)
    many = np.tile(noise, 100)
    many = many / many.std(ddof=1)
    assert unbiased(many + 0.09)
    assert not unbiased(many + 0.11)


def world(shift: float = 0.0, half: float = 1.96, name: str = "test world") -> Recipe:
    def once(rng: np.random.Generator) -> Mapping[str, Three]:
        value = float(rng.normal()) + shift
        return {"mean": (value, value - half, value + half)}

    return Recipe(name, "one normal number", (Check("mean", 0.0),), once)


def test_an_honest_estimator_passes_and_others_fail_twice():
    with ThreadPoolExecutor(1) as workers:
        assert [v.passed for v in tried(world(), 200, workers)] == [True]
        biased, narrow = (tried(w, 200, workers)[0] for w in (world(0.5), world(half=1.2)))
    assert [(v.passed, v.again, v.repetitions) for v in (biased, narrow)] == [
        (False, True, 2000)
    ] * 2


def test_a_failure_is_run_once_more_and_that_run_decides():
    """A world that errs in its first run only."""

    def once(rng: np.random.Generator) -> Mapping[str, Three]:
        value = float(rng.normal()) + (5.0 if rng.bit_generator.seed_seq.entropy == first else 0.0)
        return {"mean": (value, value - 1.96, value + 1.96)}

    first = seed("test world").entropy
    with ThreadPoolExecutor(1) as workers:
        verdict = tried(replace(world(), once=once), 100, workers)[0]
    assert (verdict.passed, verdict.again, verdict.repetitions) == (True, True, 1000)
    assert "passed in 1000" in report(world(), [verdict], 0.0)


def test_a_repetition_without_a_value_fails():
    found = (
        [(0.1, -1.0, 1.0)] * 30
        + [(-0.1, -1.0, 1.0)] * 29
        + [(float("nan"), float("inf"), float("inf"))]
    )
    assert not judge(Check("mean", 0.0), found).passed


def test_a_naive_estimator_must_miss_by_ten_monte_carlo_errors():
    noise = np.random.default_rng(1).normal(size=100)
    near, far = ([(float(x) + d, 0.0, 0.0) for x in noise] for d in (0.8, 1.3))
    check = Check("naive", 0.0, "must miss", "")
    assert not judge(check, near).passed
    assert judge(check, far).passed


def test_the_exit_code_says_whether_all_passed(capsys, monkeypatch):
    monkeypatch.setattr(
        "tests.validate.__main__.ProcessPoolExecutor", lambda _: ThreadPoolExecutor(1)
    )
    assert main(["--repetitions", "100"], [world()], []) == 0
    assert "1 checks, all passed" in capsys.readouterr().out
    assert main(["--repetitions", "100"], [world(), world(0.9, name="other")], []) == 1
    assert "2 checks, 1 FAILED" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--repetitions", "3"], ["--worlds", "3"], ["no such recipe"]])
def test_a_wrong_call_is_refused(words):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.name)
@pytest.mark.long
def test_a_recipe_names_what_it_checks_and_is_documented(recipe):
    outcome = recipe.once(generator(recipe.name, 0))
    assert set(outcome) == {c.name for c in recipe.checks}
    assert f"\n### {recipe.name}\n" in DOCS.read_text(encoding="utf-8")


def test_truths_of_one_spell_are_the_printed_ones():
    assert steady(np.full(2, 0.5)).tolist() == [1, 0.5, 0.25]
    assert ONE.checks[0].truth == pytest.approx(0.95**12)
