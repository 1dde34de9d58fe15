"""Simulated clients in `make validate`: what fails there, what is listed, what the page says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.validate.__main__ import main
from tests.validate.rule import Three
from tests.validate.worlds import (
    AUTOHAUS,
    BEGIN,
    CLIENTS,
    END,
    MUSTERSTROM,
    SHIPPED_SEED,
    Client,
    covered,
    markdown,
    report,
    tried,
    world_seed,
    written,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
NAMES = ("mean", "other", "third")


def say(seed: int, size: int, *, half: float = 1.96, shift: float = 0.0) -> Mapping[str, Three]:
    """Three independent normal results of a world; the shipped one is `shift` off."""
    values = np.random.default_rng(seed).normal(size=len(NAMES)) + shift * (seed == SHIPPED_SEED)
    return {
        n: (float(v), float(v) - half, float(v) + half) for n, v in zip(NAMES, values, strict=True)
    }


def client(half: float = 1.96, shift: float = 0.0, names: tuple[str, ...] = NAMES) -> Client:
    return Client(
        "test client", names, 10, 20, lambda: dict.fromkeys(NAMES, 0.0),
        lambda seed, size: say(seed, size, half=half, shift=shift),
    )  # fmt: skip


def found(own: Client, count: int = 100):
    with ThreadPoolExecutor(1) as workers:
        return tried(own, count, workers)


def test_an_honest_client_passes():
    outcome = found(client())
    assert (outcome.failed, outcome.checks, outcome.worlds) == (0, 4, 100)
    assert 1 <= outcome.most <= 3
    assert "FAILED" not in report(outcome)


def test_intervals_that_are_too_narrow_fail_in_ten_times_as_many_worlds():
    outcome = found(client(half=1.0))
    assert [(v.passed, v.again, v.repetitions) for v in outcome.verdicts] == [
        (False, True, 1000)
    ] * 3
    assert outcome.failed == 3
    assert report(outcome).count("FAILED in 1000") == 3


def test_a_shipped_world_unluckier_than_all_others_fails_and_its_misses_are_listed():
    outcome = found(client(half=4.0, shift=40.0))
    assert outcome.most == 0
    assert not outcome.is_usual
    assert list(outcome.missed) == list(NAMES)
    assert outcome.missed["mean"] == say(SHIPPED_SEED, 20, half=4.0, shift=40.0)["mean"]
    text, page = report(outcome), markdown(outcome)
    assert "misses 3 of 3; of 1000 others one misses 0: FAILED" in text
    for name in NAMES:
        assert f"    {name}: " in text
        assert f"\n* {name}: " in page


def test_a_shipped_world_within_the_misses_of_the_others_passes_and_lists_them():
    outcome = found(client(shift=40.0, names=("mean",)))
    assert (len(outcome.missed), outcome.most, outcome.failed) == (1, 1, 0)


@pytest.mark.parametrize(
    ("three", "holds"),
    [
        ((0.5, 0.4, 0.6), True),
        ((0.5, 0.5, 0.6), True),
        ((0.6, 0.55, 0.7), False),
        ((float("nan"), float("inf"), float("inf")), False),
        ((float("nan"), 0.0, 1.0), False),
    ],
)
def test_what_has_no_value_covers_nothing(three, holds):
    assert covered(three, 0.5) is holds


def test_what_must_fall_short_fails_where_it_covers_and_passes_where_it_does_not():
    narrow, honest = client(half=0.5), client()
    asked = dict.fromkeys(NAMES, "must fall short")
    outcome = found(replace(narrow, how=asked))
    assert [v.passed for v in outcome.verdicts] == [True] * 3
    assert " below 0." in report(outcome)
    assert not any(v.passed for v in found(replace(honest, how=asked)).verdicts)


@pytest.mark.long
def test_conservative_results_may_cover_always():
    wide = client(half=9.0)
    assert not any(v.passed for v in found(wide, 400).verdicts)
    outcome = found(replace(wide, how=dict.fromkeys(NAMES, "conservative")), 400)
    assert all(v.passed for v in outcome.verdicts)
    assert "-1.000 " in report(outcome)


def test_what_is_said_of_the_future_stands_beside_both_truths():
    truths = {"mean.observed": 0.0, "mean": 9.0}
    own = replace(
        client(names=("mean.observed",)),
        truths=lambda: truths,
        once=lambda seed, size: {"mean.observed": say(seed, size)["mean"]},
        beside={"mean.observed": "mean"},
    )
    outcome = found(own)
    value, low, high = say(SHIPPED_SEED, 20)["mean"]
    assert outcome.ahead == {"mean.observed": ((value, low, high), 0.0, 9.0)}
    inside = "inside" if low <= 0 <= high else "missed"
    row = (
        f"| `mean` | {value:.4f} ({low:.4f} to {high:.4f}) | 0.0000 | {inside} | 9.0000 | missed |"
    )
    assert row in markdown(outcome).splitlines()
    assert "of the future" not in markdown(found(client()))


def test_seeds_of_worlds_are_others_than_the_shipped_one():
    seeds = [world_seed(c.name, i, a) for c in CLIENTS for i in range(200) for a in (False, True)]
    assert SHIPPED_SEED not in seeds
    assert len(set(seeds)) == len(seeds)
    assert world_seed("musterstrom", 3) == world_seed("musterstrom", 3)


def test_the_command_counts_clients_and_writes_their_part_of_the_page(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(
        "tests.validate.__main__.ProcessPoolExecutor", lambda _: ThreadPoolExecutor(1)
    )
    page = tmp_path / "page.md"
    page.write_text(f"# A\n\n{BEGIN}\nold\n{END}\n\n## B\n", encoding="utf-8")
    words = ["--worlds", "20", "--page", str(page)]
    assert main(words, [], [client()]) == 0
    assert "4 checks, all passed" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# A\n")
    assert text.endswith(f"{END}\n\n## B\n")
    assert "old" not in text
    assert "\n#### test client\n\n20 worlds of 10 persons.\n" in text
    assert main(words, [], [client(), replace(client(half=0.5), name="narrow")]) == 1
    assert "8 checks, 3 FAILED" in capsys.readouterr().out


def test_writing_twice_changes_nothing_more(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    outcome = found(client(), 20)
    written(page, [outcome])
    once = page.read_text(encoding="utf-8")
    written(page, [outcome])
    assert page.read_text(encoding="utf-8") == once


@pytest.mark.parametrize("own", [MUSTERSTROM, AUTOHAUS], ids=lambda c: c.name)
def test_the_page_lists_the_primary_results(own):
    text = DOCS.read_text(encoding="utf-8")
    part = text.partition(f"\n### Primary results of {own.name}\n\n")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"`([^`]+)`", part)) == own.ids
