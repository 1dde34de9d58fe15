"""Whether the ranking hangs on the model by which leaving is projected."""

from __future__ import annotations

from collections.abc import Sequence

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.outlook.naming import family_name
from stammkunde.chapters.policies.doubts.assuming import quoted, status, the_two
from stammkunde.chapters.policies.doubts.otherwise import (
    Reckoning,
    as_all,
    full,
    reckoned,
    results_of,
    short,
)
from stammkunde.chapters.policies.read import Decision
from stammkunde.result import Finding, Sentence

ID, NAME = "policy.families", "families"
ALONE = "projected by one family alone"


def families(decision: Decision) -> Section:
    """Return the section on whether the same policy leads under each projection.

    Left out where nothing is projected, or by one family only.
    """
    heading, known = Sentence("policies_doubt.heading.families"), decision.basis.families
    if len(known) < 2:
        why = Sentence("policies_doubt.left_out.families")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    found = [_alone(decision, f) for f in known]
    # of the same draws as the others, so that its limits can be held against theirs
    some = as_all(decision, decision.values[: found[0].draws])
    ways = [reckoned(decision, some, Sentence("outlook.family.together")), *found]
    return Section(
        id=ID,
        heading=heading,
        findings=[_finding(decision, found)],
        tables=[short(decision, ways, NAME), full(decision, ways, NAME)],
        results=results_of(ways),
    )


def _alone(decision: Decision, family: str) -> Reckoning:
    name = family_name(family)
    values = as_all(decision, decision.by_family(family))
    return reckoned(decision, values, name, f"family.{name.key.rpartition('.')[2]}", ALONE)


def _finding(decision: Decision, found: Sequence[Reckoning]) -> Finding:
    """Return the finding on whether the same policy leads under every projection."""
    one, other = the_two(decision)
    ranked = sorted(found, key=lambda w: w.apart.value or 0.0)
    words: dict[str, object] = {"leader": decision.title(one), "other": decision.title(other)}
    words |= {"least": ranked[0].apart, "most": ranked[-1].apart, "count": len(found)}
    words |= {"least_by": ranked[0].name, "most_by": ranked[-1].name}
    others = [w for w in found if w.order[0] != one]
    leading = dict.fromkeys(w.order[0] for w in others)
    if not others:
        kind = "same"
    else:
        kind = "none" if len(others) == len(found) else "differ"
        words["families"] = [w.name for w in others]
        words["names"] = quoted(map(decision.title, leading))
    return Finding(
        id=ID,
        status=status(decision, one, other, *leading),
        sentence=Sentence(f"policies_doubt.families.{kind}", words),
        importance=0.25 if kind == "same" else 0.45,
        table=ID,
    )
