"""What a market is counted from, by hand: returns, sign-ups, causes, money."""

from datetime import date
from fractions import Fraction as F

import numpy as np
import pytest

from stammkunde.chapters.policies.market.law import pooled, shares_of, split, stretches
from stammkunde.chapters.policies.market.numbers import even, mean, rate
from stammkunde.chapters.policies.market.signing import of_dates, of_snapshot
from stammkunde.draws import BLOCKS, block_weights
from stammkunde.policy.offers.earlier import still_to_come
from stammkunde.study import read_tables
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.margins.serving import serving
from stammkunde.survival.persons.again import again, chances
from stammkunde.survival.persons.arrivals import Sums, arrivals, outside, signing_days, sums_by
from stammkunde.survival.persons.later import later_ratio
from tests.chapters.policies.markets import ROWS, few

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

CAUSES = ("price", "moved")
EVENTS = (
    '[events]\nfile = "e.csv"\nperson = "who"\ndate = "day"\nkind = "kind"\ncost = "cost"\n'
    '[events.kinds]\nfailure = { values = ["f"] }\nother = { values = ["o"] }\n'
)


@pytest.fixture
def known(tmp_path):
    asked = few(tmp_path)
    return asked, read_tables(asked)[0]


def test_who_comes_back_is_counted_by_lag_among_those_seen_so_long(known):
    # price: A at lag 0, B at lag 2, C never in 9 months, D seen for 1 month only
    found = again(known[1], CAUSES, by="usage", lags=12)
    at_risk, back = found.at_risk.sum(axis=1), found.back.sum(axis=1)
    assert at_risk[0].tolist() == [4, 2, 2, *[1] * 6, 0, 0, 0]
    assert back[0].tolist() == [1, 0, 1, *[0] * 9]
    assert back[1].sum() == 0
    # E has been gone for 6 months, F was for more than 12 until he came back
    assert at_risk[1].tolist() == [*[2] * 6, *[1] * 6]
    share = chances(at_risk, back)
    assert share[0, :3].tolist() == [F(1, 4), 0, F(3, 8)]
    assert share[0].sum() == F(5, 8)
    gone = {k: np.argwhere(v).tolist() for k, v in found.gone.items()}
    assert gone == {"low": [[0, 1], [0, 9], [1, 6]]}


def test_who_left_before_comes_back_as_he_would_have(known):
    found = again(known[1], CAUSES, by="usage", lags=12)
    share = chances(found.at_risk.sum(axis=1), found.back.sum(axis=1))
    # D has been away for one month: of those still away then, half come back at lag 2
    to_come = still_to_come(share, found.gone["low"], 4)
    assert to_come.tolist() == [0, F(1, 2), 0, 0]


def test_all_who_leave_come_back_once_at_most():
    rng = np.random.default_rng(1)
    back = rng.integers(0, 5, (3, 2, 8))
    at_risk = np.cumsum(back[..., ::-1], axis=-1)[..., ::-1] + rng.integers(0, 3, (3, 2, 1))
    share = chances(at_risk, back)
    assert (share >= 0).all()
    assert (share.sum(axis=-1) <= 1 + 1e-12).all()
    # who has just left comes back in the months of the lags
    just = np.zeros((2, 8))
    just[0, 0] = 10
    assert still_to_come(share, just, 20)[..., :8] == pytest.approx(10 * share[:, 0])
    assert still_to_come(share, just, 3).shape == (3, 3)


def test_sign_ups_are_those_from_outside(known):
    asked, spells = known
    found = arrivals(spells, by="usage")
    # A and B, then G beside his old contract; C, D and E, then F after years away
    high, low = (found[n].sum(axis=0)[:12].tolist() for n in ("high", "low"))
    assert high == [0, 0, 0, 1, *[0] * 7, 2]
    assert low == [0, 0, 0, 0, 1, *[0] * 6, 3]
    rates = of_dates(asked, spells, "usage", ["high", "low"])
    assert rates["high"].value == pytest.approx(3 / 12)
    assert rates["low"].value == pytest.approx(4 / 12)
    assert rates["low"].estimate.spells == 4
    assert rates["low"].estimate.low < 4 / 12 < rates["low"].estimate.high
    assert sum(of_dates(asked, spells, "", [""])[""].estimate.replicates.held) == BLOCKS


def test_where_nobody_signed_up_lately_the_days_are_counted_in_which_anybody_did(tmp_path):
    rows = [
        (str(k), f"2020-01-{1 + k:02d}", "2020-12-31", "price", "10", "low", "5") for k in range(31)
    ]
    rows += [("x", "2020-03-31", "", "", "10", "low", "5")]
    asked = few(tmp_path, rows=rows)
    spells = read_tables(asked)[0]
    # from 1 January to 31 March of a leap year
    assert signing_days(spells, 13, 120) == 91
    found = of_dates(asked, spells, "", [""])[""]
    assert found.value == pytest.approx(32 / 91 * 365.25 / 12)
    assert "91 days" in found.estimate.method


def test_a_snapshot_tells_sign_ups_by_who_is_there_and_how_many_stay():
    # unit 1: 10 at risk, 2 leave, 3 are there; unit 2: 5 at risk, 1 leaves, 4 are there
    exits = np.repeat([1, 1, 2, 2], [2, 3, 1, 4])
    gone = np.repeat([1, 0, 1, 0], [2, 3, 1, 4])
    block = np.arange(10) * 20
    found = of_snapshot(life_table_from(exits, gone, block=block))
    stays = F(8, 10), F(8, 10) * F(4, 5)
    assert found.value == pytest.approx(float((3 / stays[0] + 4 / stays[1]) / 2))
    assert found.under(np.ones((1, BLOCKS))) == pytest.approx(found.value)


def test_causes_are_pooled_over_twenty_leavers_and_peaks_stand_alone():
    assert stretches(np.array([3, 5, 30, 2, 19, 1, 0])).tolist() == [0, 0, 1, 2, 2, 3, 3]
    assert stretches(np.array([0, 0, 25])).tolist() == [0, 0, 0]
    assert stretches(np.zeros(3, dtype=int)).tolist() == [0, 0, 0]


def test_hazards_are_split_as_their_stretch_and_beyond_as_the_last_year():
    moves = np.zeros((2, BLOCKS, 14), dtype=int)
    moves[0, 7, :2], moves[1, 9, :2] = [3, 6], [9, 2]
    moves[0, 3, 13], moves[1, 4, 13] = 1, 4
    parts = pooled(moves, 14, 20)
    shares = shares_of(parts["left"].sum(axis=1))
    total = np.full(20, 0.1)
    found = split(total, shares, parts["place"])
    assert found.sum(axis=0) == pytest.approx(total)
    assert found[0, :2] == pytest.approx(float(F(9, 20) / 10))
    assert found[0, 13] == pytest.approx(float(F(1, 5) / 10))
    # the last year counted is units 3 to 14
    assert found[0, 14:] == pytest.approx(float(F(1, 5) / 10))


def test_where_nobody_left_the_split_is_that_of_all_and_nowhere_no_number():
    shares = shares_of(np.array([[3.0, 0.0], [1.0, 0.0]]))
    assert shares.tolist() == [[0.75, 0.75], [0.25, 0.25]]
    assert shares_of(np.zeros((2, 3))).tolist() == [[0.5] * 3] * 2


def test_means_are_sums_by_heads_and_move_with_the_blocks():
    number, total = np.zeros((2, BLOCKS), dtype=int)
    number[:20], total[:20] = 2, np.arange(20) * 100
    found = mean(Sums(number=number, total=total), "EUR", "all")
    assert found.value == pytest.approx(float(F(19 * 20 // 2, 40)))
    assert found.estimate.low < found.value < found.estimate.high
    weights = np.zeros((1, BLOCKS))
    weights[0, 5] = 3.0
    assert found.under(weights) == pytest.approx([2.5])
    assert found.under(None) == found.value
    assert mean(Sums(number=0 * number, total=total), "EUR", "all") is None
    alone = mean(Sums(number=number * (np.arange(BLOCKS) < 1), total=total), "EUR", "all")
    assert alone.estimate.low is None
    assert alone.estimate.reason == "too_few_persons"


def test_a_count_varies_as_a_count_does():
    rng = np.random.default_rng(2)
    counts = rng.poisson(4, BLOCKS)
    found = rate(counts, 12, "counted")
    drawn = found.under(block_weights(4000))
    poisson = np.sqrt(counts.sum()) / 12
    assert drawn.mean() == pytest.approx(found.value, rel=0.01)
    assert drawn.std() == pytest.approx(poisson, rel=0.12)
    assert found.estimate.se == pytest.approx(poisson, rel=0.12)
    assert even(block_weights(3)).mean(axis=1) == pytest.approx(np.ones(3))


def test_few_and_no_sign_ups_have_exact_limits():
    counts = np.zeros(BLOCKS, dtype=int)
    none = rate(counts, 12, "counted").estimate
    # Garwood: nobody seen, 3.689 is the upper limit
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(3.6889 / 12, rel=1e-4)
    counts[[1, 2, 3]] = 1
    three = rate(counts, 12, "counted").estimate
    assert (three.low, three.high) == pytest.approx((0.6187 / 12, 8.7673 / 12), rel=1e-4)


def test_money_is_summed_in_cents_by_level(known):
    _, spells = known
    rows = outside(spells, "usage")
    rows = rows.filter(rows.ago <= 12)
    found = sums_by(rows, ["level"], rows.margin)
    # A, B, G's second; D, E, F's second, and C without a margin
    assert (found["high",].number.sum(), found["high",].total.sum()) == (3, 1000 + 1200 + 5400)
    assert (found["low",].number.sum(), found["low",].total.sum()) == (3, 2000 + 3000 + 4000)


def test_what_happens_is_paid_by_the_contract_begun_last(tmp_path):
    asked = few(tmp_path, EVENTS)
    lines = [
        "G,2024-10-05,f,5",  # both contracts run: the later one
        "G,2024-02-05,f,7",
        "G,2024-03-05,o,100",  # of another kind
        "C,2024-05-01,f,100",  # no customer any more
        "C,2023-12-31,f,100",  # before he was one
        "E,2024-06-30,f,2.5",
        "A,2024-02-01,f,",  # without a cost
    ]
    text = "\n".join(["who,day,kind,cost", *lines]) + "\n"
    (tmp_path / "data/raw/muster/e.csv").write_text(text, encoding="utf-8")
    spells, beside = read_tables(asked)
    found = serving(spells, beside.events, ["failure"], ("usage",), date(2024, 1, 1))
    assert found["high",].total.sum() == 1200
    assert found["low",].total.sum() == 250
    ends = [r for r in ROWS if r[5] == "low"]
    days = sum(
        (
            date.fromisoformat(last or "2024-12-31")
            - max(date.fromisoformat(begin), date(2024, 1, 1))
        ).days
        + 1
        for _, begin, last, *_ in ends
        if not last or last >= "2024-01-01"
    )
    assert found["low",].number.sum() == days


def _tables(*spells):
    """Return the tables of all and of first spells, each (person, tenure, left, first)."""
    return _table(spells), _table([s for s in spells if s[3]])


def _table(rows):
    block, tenure, left, _ = (np.array(x) for x in zip(*rows, strict=True))
    return life_table_from(tenure, left, block=block)


def test_who_comes_back_leaves_faster_by_what_was_counted_over_what_first_spells_expect():
    # first spells: a quarter leaves in month 1, a third of the others in month 2
    first = [(0, 1, True, True), (1, 2, True, True), (2, 2, False, True), (3, 2, False, True)]
    # later: two of three leave in month 1, the third in month 2; a month 3 no first spell saw
    later = [(0, 1, True, False), (1, 1, True, False), (2, 3, True, False)]
    pair = _tables(*first, *later)
    expected = 3 * F(1, 4) + 1 * F(1, 3)
    assert later_ratio([pair], least=2) == pytest.approx(float(2 / expected))
    # levels are standardised one by one
    assert later_ratio([pair, pair], least=4) == pytest.approx(float(2 / expected))
    assert later_ratio([pair], least=3) is None
    assert later_ratio([_tables(*first)], least=0) is None
