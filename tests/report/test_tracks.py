"""A count over time: what was fitted and what was foretold look different, and stay in place."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from stammkunde.chapters.exhibit import Mark
from stammkunde.errors import RenderError
from stammkunde.report.style import house_style
from stammkunde.report.tracks import draw_track
from tests.report.making import german
from tests.report.pictures import track


def lines(shown, narrow=False):
    """Return the lines of the plot: fitted, foretold, come."""
    with house_style():
        canvas = draw_track(shown, german(), narrow)
        return canvas.axes[0].get_lines()


@pytest.mark.parametrize("narrow", [False, True])
def test_only_what_was_foretold_is_dashed_and_it_begins_where_the_fit_ends(narrow):
    fitted, foretold, came = lines(track(), narrow)
    assert [line.is_dashed() for line in (fitted, foretold, came)] == [False, True, False]
    assert fitted.get_xdata()[-1] == 38
    assert foretold.get_xdata()[0] == 38.7
    made = track().track
    assert foretold.get_ydata()[0] == pytest.approx(np.interp(38.7, made.at, made.expected))
    assert came.get_ydata()[-1] == made.observed[-1]


def test_a_mark_that_is_a_day_is_refused():
    with pytest.raises(RenderError, match="a time, not a day"):
        lines(replace(track(), marks=[Mark(date(2024, 1, 1), "price rise")]))


def test_nothing_bought_is_a_flat_line():
    nothing = [0.0] * len(track().track.at)
    flat = replace(track().track, observed=nothing, expected=nothing, low=nothing, high=nothing)
    assert not any(line.get_ydata().any() for line in lines(replace(track(), track=flat)))
