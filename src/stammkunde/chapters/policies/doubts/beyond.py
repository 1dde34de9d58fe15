"""Whether the ranking holds over a longer time, and where effects go on or end unobserved."""

from __future__ import annotations

from collections.abc import Iterator

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.parts import results, unit
from stammkunde.chapters.policies.doubts.assuming import (
    difference,
    of_draws,
    status,
    the_two,
)
from stammkunde.chapters.policies.doubts.otherwise import (
    Reckoning,
    as_all,
    full,
    reckoned,
    results_of,
    short,
)
from stammkunde.chapters.policies.read import Decision
from stammkunde.result import Estimate, Finding, Sentence

ID, NAME = "policy.beyond", "beyond"
# how much it matters, by what is told
WEIGHT = {"same": 0.5, "open": 0.8, "differ": 0.95}


def beyond(decision: Decision) -> Section:
    """Return the section on whether the same policy leads over a longer time than the horizon.

    And where effects all end, or all go on, beyond the units in which they were observed. Left out
    where nothing can be projected further, and no effect was observed.
    """
    heading = Sentence("policies_doubt.heading.beyond")
    longer, reach = _longer(decision), dict(_reach(decision))
    found = [*([longer] if longer else []), *reach.values()]
    if not found:
        why = Sentence("policies_doubt.left_out.beyond")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    words = {"months": decision.market.horizon, "unit": unit("month", decision.market.horizon)}
    here = reckoned(decision, decision.values, Sentence("policies_doubt.way.here", words))
    gaps = _gaps(decision, longer) if longer else {}
    findings = [_far(decision, longer, gaps)] if longer else []
    findings += [_lasting(decision, reach)] if reach else []
    return Section(
        id=ID,
        heading=heading,
        findings=findings,
        tables=[short(decision, [here, *found], NAME), full(decision, [here, *found], NAME)],
        results=[*results("policy.longer.gap", gaps), *results_of(found)],
    )


def _longer(decision: Decision) -> Reckoning | None:
    """Return the longer time as a way; its differences are results of the comparison."""
    values, months = decision.beyond.longer, decision.beyond.months
    if values is None:
        return None
    name = Sentence("policies_doubt.way.longer", {"months": months, "unit": unit("month", months)})
    return reckoned(decision, values, name)


def _reach(decision: Decision) -> Iterator[tuple[str, Reckoning]]:
    for how, values in decision.beyond.reach.items():
        moved = as_all(decision, values)
        name = Sentence(f"policies_doubt.way.{how}")
        said = f"beyond what was observed each effect {how}"
        yield how, reckoned(decision, moved, name, f"reach.{how}", said)


def _gaps(decision: Decision, longer: Reckoning) -> dict[str, Estimate]:
    """Return by how much the leader of the longer time is ahead of the next, or of the chapter's.

    "there" within the longer time, "here" within the horizon.
    """
    one, other = _compared(decision, longer)
    values = decision.beyond.longer
    assert values is not None
    known = {
        "there": (values, decision.beyond.months),
        "here": (decision.values, decision.market.horizon),
    }
    return {
        way: of_draws(
            decision,
            difference(decision, worth, one, other),
            f"{one} less {other} within {months} months",
            trusted=status(decision, one, other),
        )
        for way, (worth, months) in known.items()
    }


def _compared(decision: Decision, longer: Reckoning) -> tuple[str, str]:
    """Return who leads over the longer time, and the next; or the chapter's leader, if another."""
    leader, ahead = the_two(decision)[0], longer.order[0]
    return ahead, longer.order[1] if ahead == leader else leader


def _far(decision: Decision, longer: Reckoning, gaps: dict[str, Estimate]) -> Finding:
    """Return who leads over the longer time, and by how much."""
    one, other = _compared(decision, longer)
    kind = "differ"
    if one == the_two(decision)[0]:
        kind = "same" if (gaps["there"].low or 0.0) > 0 else "open"
    months, horizon = decision.beyond.months, decision.market.horizon
    words = {
        "leader": decision.title(one),
        "other": decision.title(other),
        "longer": months,
        "unit": unit("month", months),
        "horizon": horizon,
        **gaps,
    }
    return Finding(
        id="policy.longer",
        status=status(decision, one, other),
        sentence=Sentence(f"policies_doubt.longer.{kind}", words),
        importance=WEIGHT[kind],
        table=ID,
    )


def _lasting(decision: Decision, reach: dict[str, Reckoning]) -> Finding:
    """Return who leads where effects end with what was observed, and where they go on."""
    ends, lasts = reach["fades"], reach["lasts"]
    one, other = the_two(decision)
    leading = (ends.order[0], lasts.order[0])
    kind = "same" if leading == (one, one) else "differ"
    words = {
        "leader": decision.title(one),
        "other": decision.title(other),
        "ends_leader": decision.title(leading[0]),
        "lasts_leader": decision.title(leading[1]),
        "ends": ends.apart,
        "lasts": lasts.apart,
    }
    return Finding(
        id="policy.reach",
        status=status(decision, one, other, *leading),
        sentence=Sentence(f"policies_doubt.reach.{kind}", words),
        importance=WEIGHT[kind] / 2,
        table=ID,
    )
