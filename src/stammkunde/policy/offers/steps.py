"""Schedules of a rebate over tenure: steps without gap or overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from stammkunde.errors import ParameterError
from stammkunde.policy.offers.given import Amount, MaybeUnits, Units, check_fields


@dataclass(frozen=True)
class Step:
    """`amount` off in the units `from_unit` to `to_unit` of tenure; None: on and on."""

    from_unit: Units
    to_unit: MaybeUnits
    amount: Amount

    def __post_init__(self) -> None:
        """Refuse a negative amount, and a step that ends before it begins."""
        check_fields(self)
        if self.to_unit is not None and self.to_unit < self.from_unit:
            raise ParameterError(
                f"the step ends with unit {self.to_unit} and begins with {self.from_unit}",
                where="to_unit",
                remedy="A step lasts for one unit at least.",
            )


def contiguous(steps: Sequence[Step], first: int | None = None) -> None:
    """Raise ParameterError where steps leave a gap or overlap, or do not begin at `first`."""
    if not steps:
        raise ParameterError("there are no steps", where="steps", remedy="Give one at least.")
    if first is not None and steps[0].from_unit != first:
        raise ParameterError(
            f"the first step begins with unit {steps[0].from_unit}",
            where="steps[0].from_unit",
            remedy=f"It begins with unit {first}.",
        )
    for k in range(1, len(steps)):
        end, begin = steps[k - 1].to_unit, steps[k].from_unit
        if end is None or begin != end + 1:
            wrong = "a gap before" if end is not None and begin > end + 1 else "an overlap with"
            next_unit = "none, for the step before never ends" if end is None else str(end + 1)
            raise ParameterError(
                f"the schedule has {wrong} unit {begin}",
                where=f"steps[{k}].from_unit",
                remedy=f"The step begins with the unit after the one before: {next_unit}.",
            )


def decreasing(steps: Sequence[Step]) -> None:
    """Raise ParameterError where a typed amount is not below the one before it."""
    for k in range(1, len(steps)):
        before, after = steps[k - 1].amount, steps[k].amount
        if isinstance(before, str) or isinstance(after, str):
            continue
        if after >= before:
            raise ParameterError(
                f"the path goes from {before:g} to {after:g}",
                where=f"steps[{k}].amount",
                remedy="Each step of a glide path is below the one before; a rebate that rises "
                "with tenure is a loyalty rebate.",
            )


def one_of(element: Any, first: str, second: str) -> None:
    """Raise ParameterError where two fields that exclude one another are both given."""
    default = {f.name: f.default for f in fields(element) if f.default is not MISSING}
    if all(getattr(element, key) != default[key] for key in (first, second)):
        raise ParameterError(
            f"`{first}` and `{second}` are both given", where=second, remedy="Give one of them."
        )
