"""The energy supplier as one set of probabilities, for numbers expected and for persons drawn.

    month of a contract:  loyalty taken up? ── leaving at its end, by cause (mood at its beginning)
                          mood: decay ── failure ── hotline ── gesture ── reminder ──> next month

What happens in a month counts for leaving from the next month on. Every function takes `Cells`,
whose arrays need only broadcast: axes of all combinations for `expect`, one axis of persons for
`draw`. Neither runner knows a number of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.world import Setting

SHARES = (
    "newcomer_share", "recovery_share", "quick_share", "call", "wine", "early_call", "reminder",
    "winback",
)  # fmt: skip
WORDS = {"loyalty": ("none", "taken up", "all"), "advertising": ("none", "half", "all")}
TOPS = {"newcomer_rebate": 10.0, "hotline_fee": 4.0, "failure_rate": 0.5, "loyalty_rebate": 40.0,
        "rebate_for_all": 40.0, "compensation": 1000.0}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Whole numbers that say who and in which contract: positions in the words of `parameters`.

    `arm` is 1 in the half of the regions drawn for advertising, `signed` a month.
    """

    mood: np.ndarray
    usage: np.ndarray
    hopper: np.ndarray
    age: np.ndarray
    channel: np.ndarray
    arm: np.ndarray
    group: np.ndarray
    newcomer: np.ndarray
    loyalty: np.ndarray
    signed: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Step:
    """A stage of a month: `share[outcome, ...]`, and `moves[outcome, mood, mood after]`."""

    outcomes: tuple[str, ...]
    share: np.ndarray
    moves: np.ndarray


def policy_of(levers: Mapping[str, Setting]) -> Policy:
    """Return the settings as a policy; ParameterError for one that has no meaning."""
    for name, words in WORDS.items():
        if levers[name] not in words:
            _refuse(name, levers[name], "one of " + ", ".join(words))
    for name in (*SHARES, *TOPS):
        top = TOPS.get(name, 1.0)
        if not 0 <= float(levers[name]) <= top:
            _refuse(name, levers[name], f"a number from 0 to {top:g}")
    for name in ("newcomer_months", "loyalty_from"):
        if float(levers[name]) != int(levers[name]) or int(levers[name]) < 1:
            _refuse(name, levers[name], "a whole number of months, 1 or more")
    whole = {n: int(levers[n]) for n in ("newcomer_months", "loyalty_from")}
    return Policy(**{**levers, **whole})  # type: ignore[arg-type]


def _refuse(name: str, setting: Setting, wanted: str) -> None:
    raise ParameterError(f"lever `{name}` is set to {setting!r}", remedy=f"Give {wanted}.")


def offered(policy: Policy) -> float:
    """Return how much of today's pull the newcomer offer has: 1 as things are, 0 without it."""
    return policy.newcomer_share * policy.newcomer_rebate / 10.0


def newcomer_uptake(channel: np.ndarray, hopper: np.ndarray, policy: Policy) -> np.ndarray:
    """Return the probability of taking the newcomer offer at a sign-up that needs no offer."""
    return p.NEWCOMER_UPTAKE[channel, hopper] * offered(policy)


def advertised(arm: np.ndarray, policy: Policy) -> np.ndarray:
    """Return 1.0 where a region's people see the advertising of 2023."""
    by_arm = {"none": (0.0, 0.0), "half": (0.0, 1.0), "all": (1.0, 1.0)}[policy.advertising]
    return np.array(by_arm)[arm]


def months_of(origin: str) -> np.ndarray:
    """Return in which month persons of an origin would first sign up, as shares."""
    month = np.arange(p.MONTHS)
    weight = 1 + 0.25 * np.cos(2 * np.pi * (month - 9) / 12)  # most in October
    weight *= 1 + 0.8 * np.exp(-month / 18)  # the market was opened to the supplier in 2017
    if origin == "advert":
        weight *= (month >= p.ADVERT[0]) & (month < p.ADVERT[1])
    return weight / weight.sum()


def loyalty_uptake(usage: np.ndarray, policy: Policy) -> np.ndarray:
    """Return the probability of holding the loyalty rebate from its first unit on."""
    if policy.loyalty == "none":
        return np.zeros(np.shape(usage))
    return np.ones(np.shape(usage)) if policy.loyalty == "all" else p.LOYALTY_UPTAKE[usage]


def leaving(cells: Cells, month: int, policy: Policy) -> np.ndarray:
    """Return `[cause, ...]`: the probabilities of leaving at the end of the unit of `month`."""
    tenure = month - cells.signed + 1
    may = _may_leave(cells.signed, tenure, policy)
    rise = np.exp(_rise(cells, month, policy))
    price = _times(
        np.exp(p.PRICE + p.PER_EURO * policy.rebate_for_all) * may,
        np.exp(p.PRICE_USAGE)[cells.usage],
        np.exp(p.PRICE_HOPPER * cells.hopper + p.PRICE_PORTAL * cells.channel),
        np.exp(_newcomer(cells, tenure, policy)),
        np.exp(
            p.PER_EURO * policy.loyalty_rebate * cells.loyalty * (tenure >= policy.loyalty_from)
        ),
        rise,
        np.exp(_advert(cells, tenure, month, policy)),
        np.exp(p.PRICE_MOOD)[cells.mood],
    )
    service = np.exp(p.SERVICE) * may * np.exp(p.SERVICE_MOOD)[cells.mood]
    odds = (price, service, p.MOVED[cells.age], p.DIED[cells.age], np.exp(p.OTHER) * may)
    total = 1 + reduce(np.add, (odds[2] + odds[3] + odds[4], odds[1], odds[0]))
    chances = np.empty((len(odds), *total.shape))
    for at, odd in enumerate(odds):
        np.divide(odd, total, out=chances[at])
    return chances


def _times(*factors: np.ndarray) -> np.ndarray:
    return reduce(np.multiply, sorted(factors, key=np.size))


def _may_leave(signed: np.ndarray, tenure: np.ndarray, policy: Policy) -> np.ndarray:
    """Return the factor on what a customer decides himself: 0 within a term, more at its end."""
    term = policy.terms & (signed < p.TERM_BEFORE)
    due = (tenure >= p.TERM) & ((tenure - p.TERM) % p.TERM_RENEWS == 0)
    return np.where(term, np.where(due, np.exp(p.TERM_LEAVES), 0.0), 1.0)


def _newcomer(cells: Cells, tenure: np.ndarray, policy: Policy) -> np.ndarray:
    """Return what the newcomer rebate does: holds while it runs, and lets go when it ends."""
    last = policy.newcomer_months
    ends = p.NEWCOMER_ENDS[cells.hopper] * ((tenure == last) | (tenure == last + 1))
    held = p.NEWCOMER_HELD * (tenure < last)
    return cells.newcomer * (ends + held) * policy.newcomer_rebate / 10.0


def _rise(cells: Cells, month: int, policy: Policy) -> np.ndarray:
    """Return what the price rise does to those who had signed before it."""
    since = month - np.array(p.RISE)[cells.group]
    size = np.where(since < p.RISE_MONTHS, p.RISE_FRESH, p.RISE_LATER)
    met = (since >= 0) & (cells.signed < month - since)
    return size * met * float(policy.price_rise)


def _advert(cells: Cells, tenure: np.ndarray, month: int, policy: Policy) -> np.ndarray:
    now = float(p.ADVERT[0] <= month < p.ADVERT[1])
    return p.ADVERT_FELT * now * advertised(cells.arm, policy) * (tenure > policy.newcomer_months)


def _moves(**rows: Mapping[str, float]) -> np.ndarray:
    """Return a stochastic matrix over moods: where nothing is said, the mood stays."""
    matrix = np.eye(len(p.MOODS))
    for mood, onward in rows.items():
        at = p.MOODS.index(mood)
        for after, share in onward.items():
            matrix[at, p.MOODS.index(after)] += share
            matrix[at, at] -= share
    return matrix


def _all_to(**share: float) -> np.ndarray:
    """Return the matrix that forgets the mood before."""
    return np.tile([share.get(m, 0.0) for m in p.MOODS], (len(p.MOODS), 1))


def _annoys(share: float) -> np.ndarray:
    unhurt = {m: {"annoyed": share} for m in ("neutral", "pleased", "awake")}
    return _moves(**unhurt, annoyed={"angry": share * 0.1})


STILL = np.eye(len(p.MOODS))


def decay(cells: Cells, month: int, policy: Policy) -> Step:
    """Return how moods wear off."""
    worn = _moves(
        pleased={"neutral": 0.08},
        annoyed={"neutral": 0.12},
        angry={"annoyed": 0.08},
        awake={"neutral": 0.5},
    )
    share = np.ones((1, *np.shape(cells.usage + cells.signed)))
    return Step(outcomes=("worn",), share=share, moves=worn[None])


def failure(cells: Cells, month: int, policy: Policy) -> Step:
    """Return failures: silent, or complained about and answered wholly or partly, soon or late."""
    fails = policy.failure_rate * p.FAILURE_USAGE[cells.usage] + 0.0 * cells.signed
    voiced = fails * p.COMPLAINS[cells.usage]
    well, soon = policy.recovery_share, policy.quick_share
    split = (well * soon, well * (1 - soon), (1 - well) * soon, (1 - well) * (1 - soon))
    answers = (
        _all_to(pleased=0.30, neutral=0.40, annoyed=0.30),
        _all_to(pleased=0.05, neutral=0.30, annoyed=0.65),
        _all_to(annoyed=0.45, angry=0.55),
        _all_to(annoyed=0.10, angry=0.90),
    )
    names = ("whole_soon", "whole_late", "part_soon", "part_late")
    share = np.stack([1 - fails, fails - voiced, *(voiced * s for s in split)])
    moves = np.stack([STILL, _annoys(0.5), *answers])
    return Step(outcomes=("", "silent", *names), share=share, moves=moves)


def hotline(cells: Cells, month: int, policy: Policy) -> Step:
    """Return calls to the hotline, on the free or the paid line by chance, after a wait."""
    calls = p.HOTLINE + 0.0 * (cells.usage + cells.signed)
    paid, late = p.PAID_LINE, p.LONG_WAIT
    split = ((1 - paid) * (1 - late), (1 - paid) * late, paid * (1 - late), paid * late)
    fee = min(1.0, p.FEE_ANNOYS * policy.hotline_fee)
    annoying = (0.0, p.WAIT_ANNOYS, fee, 1 - (1 - fee) * (1 - p.WAIT_ANNOYS))
    share = np.stack([1 - calls, *(calls * s for s in split)])
    moves = np.stack([STILL, *(_annoys(a) for a in annoying)])
    return Step(
        outcomes=("", "free_short", "free_long", "paid_short", "paid_long"),
        share=share,
        moves=moves,
    )


def gesture(cells: Cells, month: int, policy: Policy) -> Step:
    """Return gestures by lot, each with its hold-out."""
    tenure = month - cells.signed + 1 + 0 * cells.usage
    later, first = (tenure >= p.FROM_UNIT) * 1.0, (tenure == 1) * 1.0
    drawn = ((p.CALLED * later, policy.call), (p.WINE * later, policy.wine))
    parts = [x for n, s in (*drawn, (first, policy.early_call)) for x in (n * s, n * (1 - s))]
    pleased = _moves(
        neutral={"pleased": 0.6},
        annoyed={"neutral": 0.6},
        angry={"annoyed": 0.4},
        awake={"neutral": 0.4, "pleased": 0.2},
    )
    return Step(
        outcomes=("", "call", "call_held", "wine", "wine_held", "early_call", "early_call_held"),
        share=np.stack([1 - sum(parts), *parts]),
        moves=np.stack([STILL, pleased, *[STILL] * 5]),
    )


def reminder(cells: Cells, month: int, policy: Policy) -> Step:
    """Return reminders a month before a year of the contract ends, by lot; they wake sleepers."""
    tenure = month - cells.signed + 1 + 0 * cells.usage
    term = policy.terms & (cells.signed < p.TERM_BEFORE)
    due = ((tenure % 12 == 11) & (~term | (tenure >= p.TERM - 1))) * 1.0
    wakes = _moves(neutral={"awake": 0.40}, pleased={"awake": 0.20}, annoyed={"awake": 0.30})
    share = np.stack([1 - due, due * policy.reminder, due * (1 - policy.reminder)])
    moves = np.stack([STILL, wakes, STILL])
    return Step(outcomes=("", "reminder", "reminder_held"), share=share, moves=moves)


STAGES: Mapping[str, Callable[[Cells, int, Policy], Step]] = {
    "decay": decay,
    "failure": failure,
    "hotline": hotline,
    "gesture": gesture,
    "reminder": reminder,
}


def resigning(policy: Policy) -> np.ndarray:
    """Return `[hopper, cause]`: the probability of signing again as a new customer."""
    pull = offered(policy) if policy.newcomer_for_returners else 0.0
    return p.RESIGNS * (0.3 + 0.7 * pull)


def reactivation() -> np.ndarray:
    """Return `[letter, cause]`: of those who do not sign again, who comes back."""
    return p.REACTIVATED


def margin(usage: np.ndarray) -> np.ndarray:
    """Return the money earned per month before rebates, in euro."""
    return p.MARGIN_BASE + p.MARGIN_KWH * p.KWH[usage]
