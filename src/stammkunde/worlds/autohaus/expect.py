"""Expected numbers of the garage, exact: chances passed on from state to state, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.process import newcomers, stages
from stammkunde.worlds.autohaus.stage import AXES, SHAPE, Stage
from stammkunde.worlds.world import Setting

Levers = tuple[tuple[str, Setting], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ledger:
    """Expected numbers of one customer who joins in a random month of the window.

    `before` [stage] is the state just before a stage, added up over all months; `at_close` the
    state on the last day; `by_age` [months since the first visit] the state at the month's end.
    """

    steps: tuple[Stage, ...]
    before: dict[str, np.ndarray]
    at_close: np.ndarray
    by_age: tuple[np.ndarray, ...]

    def stage(self, name: str) -> Stage:
        """Return a stage by its name."""
        return next(s for s in self.steps if s.name == name)

    def flow(self, name: str, *outcomes: str) -> np.ndarray:
        """Return the state, just before the stage, of those to whom one of the outcomes happens."""
        stage = self.stage(name)
        found = np.zeros(SHAPE)
        part = self.before[name][..., stage.part]
        chances = stage.chance[..., [stage.index(o) for o in outcomes]].sum(axis=-1)
        found[..., stage.part] = part * chances
        return found

    def count(self, name: str, *outcomes: str) -> float:
        """Return how often one of the outcomes is expected to happen within the window."""
        return float(self.flow(name, *outcomes).sum())


def passed(stage: Stage, state: np.ndarray) -> np.ndarray:
    """Return the expected state after a stage."""
    after, part = state.copy(), stage.part
    if stage.axis == "clock":
        for new, chance in stage.jumps:
            flow = state[..., part] * chance
            after[..., part] -= flow
            _land(after, flow, np.asarray(new)[stage.only])
        return after
    old, into = (np.moveaxis(a, AXES.index(stage.axis), 0) for a in (state, after))
    for value, new_value, chance in stage.moves:
        flow = old[value][..., part] * chance
        into[value][..., part] -= flow
        into[new_value][..., part] += flow
    return after


def forced(stage: Stage, state: np.ndarray, outcome: str) -> np.ndarray:
    """Return the state after a stage in which one outcome happens to everybody whom it concerns."""
    after, concerned = state.copy(), state[..., stage.only]
    after[..., stage.only] = 0.0
    new = stage.target[:, stage.index(outcome)]
    if stage.axis == "clock":
        _land(after, concerned, new[stage.only])
        return after
    part = np.zeros_like(concerned)
    into = np.moveaxis(part, AXES.index(stage.axis), 0)
    for value, out in enumerate(np.moveaxis(concerned, AXES.index(stage.axis), 0)):
        into[new[value]] += out
    after[..., stage.only] = part
    return after


def _land(after: np.ndarray, flow: np.ndarray, clocks: np.ndarray) -> None:
    """Add a flow to `after`, its k-th clock going to the k-th of `clocks`."""
    if (clocks == clocks[0]).all():
        after[..., clocks[0]] += flow.sum(axis=-1)
        return
    for place, clock in enumerate(clocks):
        after[..., clock] += flow[..., place]


def before_stage(stage: Stage, value: np.ndarray) -> np.ndarray:
    """Return what to expect before a stage, given the value of each state after it."""
    expected, part = value.copy(), stage.part
    if stage.axis == "clock":
        for new, chance in stage.jumps:
            gain = value[..., np.asarray(new)[stage.only]] - value[..., part]
            expected[..., part] += chance * gain
        return expected
    then, now = (np.moveaxis(a, AXES.index(stage.axis), 0) for a in (value, expected))
    for old, new_value, chance in stage.moves:
        gain = then[new_value][..., part] - then[old][..., part]
        now[old][..., part] += chance * gain
    return expected


def before_months(
    steps: Sequence[Stage], value: np.ndarray, months: int, *, unless_visit: bool = False
) -> np.ndarray:
    """Return what to expect before whole months, given the value of each state after them.

    With `unless_visit` the value is lost with the first visit.
    """
    for _ in range(months):
        value = _backwards(steps, value, unless_visit, {})
    return value


def after_stages(
    steps: Sequence[Stage], value: np.ndarray, *, unless_visit: bool = False
) -> dict[str, np.ndarray]:
    """Return what to expect just after each stage, given the value at the end of the month."""
    after: dict[str, np.ndarray] = {}
    _backwards(steps, value, unless_visit, after)
    return after


def _backwards(
    steps: Sequence[Stage], value: np.ndarray, unless_visit: bool, after: dict[str, np.ndarray]
) -> np.ndarray:
    for step in reversed(steps):
        after[step.name] = value
        if unless_visit and step.name == "visit":
            value = value.copy()
            value[..., 0] = 0.0
        value = before_stage(step, value)
    return value


def mean(state: np.ndarray, value: np.ndarray) -> float | None:
    """Return the mean value of a state, None where nobody is in it."""
    total = float(state.sum())
    return float((state * value).sum()) / total if total > 0 else None


def gone(state: np.ndarray) -> float:
    """Return the share of a state that is no customer of the brand any more."""
    by_status = state.sum(axis=tuple(i for i in range(len(AXES)) if AXES[i] != "status"))
    return float(by_status[len(p.ALIVE) :].sum() / by_status.sum())


@lru_cache(maxsize=4)
def ledger(levers: Levers, months: int = p.MONTHS) -> Ledger:
    """Return the expected numbers under a policy, given as sorted pairs of lever and setting.

    Those of a window of `months`, per customer who joins in it.
    """
    steps = stages(dict(levers))
    names = [s.name for s in steps]
    before = {name: np.zeros(SHAPE) for name in names}
    at_close, by_age = np.zeros(SHAPE), []
    state = newcomers()
    for age in range(months):
        reached = (months - age) / months
        for step in steps if age else steps[names.index("visit") + 1 :]:
            before[step.name] += reached * state
            state = passed(step, state)
        at_close += state / months
        by_age.append(state)
    return Ledger(steps=steps, before=before, at_close=at_close, by_age=tuple(by_age))
