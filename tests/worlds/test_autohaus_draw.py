"""Drawn customers agree with the expected numbers, and meet the same chances under every policy.

The rule: 12 worlds of 3,000 customers, seeds 1 to 12; the mean over worlds may differ from what is
expected by Student's t (11 degrees of freedom) of one in a thousand for all numbers together.
Worlds are compared, not customers, since customers of one adviser share his leaving.
"""

import numpy as np
import pytest
from scipy import stats

from stammkunde.worlds.autohaus import KIND, parameters
from stammkunde.worlds.autohaus.draw import lives
from stammkunde.worlds.autohaus.expect import gone, ledger, mean
from stammkunde.worlds.autohaus.outcomes import as_happened, outlook
from stammkunde.worlds.autohaus.stage import AXES, SHAPE

WORLDS, SIZE, ONE_IN = 12, 3_000, 1_000
NOW = dict(KIND.world().levers)
LEVERS = tuple(sorted(NOW.items()))
SEEN = ("leave", "card", "wording", "answer", "return", "visit", "purchase", "points", "surprise",
        "incident", "gesture", "adviser")  # fmt: skip
# the last month from which 26 more are in the window
KNOWN = parameters.MONTHS - 27


@pytest.fixture(scope="module")
def worlds():
    return [lives(NOW, seed, SIZE) for seed in range(1, WORLDS + 1)]


@pytest.fixture(scope="module")
def book():
    return ledger(LEVERS)


@pytest.fixture(scope="module")
def known():
    """Expected numbers of events after which 26 months more are in the window, and what follows."""
    return outlook(ledger(LEVERS, KNOWN))


def agree(drawn, expected):
    """`drawn` [world, number] agree with the expected numbers by the rule above."""
    drawn, expected = np.asarray(drawn, float), np.asarray(expected, float)
    error = drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
    sure = error == 0
    np.testing.assert_allclose(drawn.mean(axis=0)[sure], expected[sure], atol=1e-9)
    t = (drawn.mean(axis=0) - expected)[~sure] / error[~sure]
    bound = stats.t.isf(1 / ONE_IN / 2 / len(t), len(drawn) - 1)
    assert np.abs(t).max() < bound, (np.abs(t).max(), bound, np.flatnonzero(~sure)[np.abs(t) > 3])


def test_counts_of_all_that_happens(worlds, book):
    wanted, drawn = [], [[] for _ in worlds]
    for name in SEEN:
        stage = book.stage(name)
        for k, outcome in enumerate(stage.outcomes[1:], start=1):
            wanted.append(SIZE * book.count(name, outcome))
            for counts, w in zip(drawn, worlds, strict=True):
                counts.append((w.happened[name].outcome == k).sum())
    assert len(wanted) > 40
    agree(drawn, wanted)


def test_states_on_the_last_day(worlds, book):
    wanted, drawn = [], [[] for _ in worlds]
    for name in AXES[3:]:
        axis = AXES.index(name)
        share = book.at_close.sum(axis=tuple(i for i in range(len(AXES)) if i != axis))
        wanted += list(SIZE * share)
        for counts, w in zip(drawn, worlds, strict=True):
            counts += list(np.bincount(w.at_close[name], minlength=SHAPE[axis]))
    agree(drawn, wanted)


def test_visits_by_type(worlds, book):
    came = book.before["purchase"][..., 0]
    wanted, drawn = [], [[] for _ in worlds]
    for axis, name in enumerate(AXES[:3]):
        share = came.sum(axis=tuple(i for i in range(came.ndim) if i != axis))
        wanted += list(SIZE * share)
        for counts, w in zip(drawn, worlds, strict=True):
            type_of = getattr(w, name)[w.visits.person]
            counts += list(np.bincount(type_of, minlength=SHAPE[axis]))
    agree(drawn, wanted)


def silent(world, what, chosen, begin, end):
    """Share of the chosen entries without a visit in the begin-th to end-th month after."""
    came = np.zeros((parameters.MONTHS, world.size), bool)
    came[world.visits.month, world.visits.person] = True
    person, month = what.person[chosen], what.month[chosen]
    return 1 - np.mean(np.any([came[month + k, person] for k in range(begin, end + 1)], axis=0))


@pytest.mark.parametrize(
    ("value", "begin", "end", "name", "outcomes"),
    [
        ("silent_6", 0, 5, "card", ["hold-out", "card", "card and offer"]),
        ("silent_12", 0, 11, "card", ["hold-out", "card", "card and offer"]),
        ("lost", 13, 26, "incident", ["missed appointment: silent",
                                      "missed appointment: quick well"]),
        ("lost", 13, 26, "gesture", ["hold-out", "invitation: pleases", "bottle of wine: nothing"]),
        ("lost", 13, 26, "surprise", ["surprised"]),
        ("lost", 13, 26, "adviser", ["leaves"]),
    ],
)  # fmt: skip
def test_what_becomes_of_customers(worlds, known, value, begin, end, name, outcomes):
    """Looked up in drawn visits, as a client's analyst would, against the recursion."""
    book, values = known.ledger, getattr(known, value)[name]
    wanted = [mean(as_happened(book, name, (o,)), values) for o in outcomes]
    stage, drawn = book.stage(name), []
    for w in worlds:
        what = w.happened[name]
        drawn.append([
            silent(w, what, (what.outcome == stage.index(o)) & (what.month < KNOWN), begin, end)
            for o in outcomes
        ])  # fmt: skip
    agree(drawn, wanted)


def test_gone_within_a_year_of_the_first_visit(worlds, book):
    """From the causes that were drawn, without those who returned."""
    drawn = []
    for w in worlds:
        left, back = w.happened["leave"], w.happened["return"]
        early = w.first < parameters.MONTHS - 12
        # +1 for leaving the brand, -1 for coming back, within the first twelve months
        balance = np.zeros(w.size)
        for what, chosen, step in ((left, left.outcome > 1, 1), (back, back.outcome > 0, -1)):
            within = chosen & (what.month - w.first[what.person] <= 12)
            np.add.at(balance, what.person[within], step)
        drawn.append([balance[early].mean()])
    agree(drawn, [gone(book.by_age[12])])


def same_visits(a, b):
    return (a.visits.person.tolist(), a.visits.month.tolist()) == (
        b.visits.person.tolist(), b.visits.month.tolist(),
    )  # fmt: skip


def test_levers_without_effect_change_no_visit():
    now = lives(NOW, 1, 2_000)
    for policy in ({"points": False}, {"personal_letter": 0.0}, {"early_call": 1.0}):
        assert same_visits(now, lives(NOW | policy, 1, 2_000)), policy


def test_a_policy_changes_only_what_it_changes():
    """Without incidents everybody is the same until the month after the first incident."""
    now, calm = lives(NOW, 1, 2_000), lives(NOW | {"incidents": 0.0}, 1, 2_000)
    assert not same_visits(now, calm)
    assert len(calm.happened["incident"].person) == 0
    harmed = np.full(now.size, parameters.MONTHS)
    np.minimum.at(harmed, now.happened["incident"].person, now.happened["incident"].month)
    before = [
        set(zip(w.visits.person[early].tolist(), w.visits.month[early].tolist(), strict=True))
        for w in (now, calm)
        for early in [w.visits.month <= harmed[w.visits.person]]
    ]
    assert before[0] == before[1]
    spared = harmed == parameters.MONTHS
    assert (now.at_close["status"][spared] == calm.at_close["status"][spared]).all()
