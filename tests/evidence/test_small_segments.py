"""Segments of a handful of customers: a reason, and neither a crash nor a warning."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from stammkunde.evidence.asking.ask import ask
from tests.chapters.offered import ASKED
from tests.evidence.asked import question, world


@pytest.mark.parametrize("design", ["regions", "reaction"])
@pytest.mark.long
def test_by_month_of_signing_each_has_a_number_or_a_reason(design: str) -> None:
    keys: dict[str, Any] = {**ASKED[design], "name": design, "by": ("cohort",)}
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        answer = ask(question(**keys), *world(260).read())
    assert len(answer.segments) > 20
    told = [s.own for s in answer.segments]
    assert all(e.value is not None or e.reason for e in told)
    assert any(e.value is None for e in told)
    assert all(np.isfinite([e.low, e.high]).all() for e in told if e.value is not None)
