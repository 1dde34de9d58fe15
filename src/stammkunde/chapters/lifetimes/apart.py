"""Many levels of a group: which of them lie apart from all others, their number allowed for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stammkunde.chapters.parts import as_today, lead, remarks, unit
from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.study import Study
from stammkunde.survival.contrasts import Contrast, against_the_rest
from stammkunde.survival.curve import Curve
from stammkunde.survival.table import LifeTable

Name = Label | Sentence
FEWEST, NAMED = 3, 3


@dataclass(frozen=True)
class Apart:
    """Each level against all others within `span`: contrasts, and those apart, most first."""

    span: int
    contrasts: Mapping[str, Contrast]
    longer: tuple[str, ...]
    shorter: tuple[str, ...]


def apart(
    study: Study, tables: Mapping[str, LifeTable], curves: Mapping[str, Curve], span: int
) -> Apart | None:
    """Return the stated levels observed for `span` units, each against the others; None below 3.

    A level lies apart where its interval, which holds for all levels at once, does not reach 0.
    """
    reach = {n: t for n, t in tables.items() if span <= curves[n].observed_to}
    if len(reach) < FEWEST:
        return None
    found = against_the_rest(reach, span)
    known = {n: replace(c, difference=_standing(c.difference, curves[n])) for n, c in found.items()}
    sides = {n: _side(c.difference) for n, c in known.items()}
    size = {n: abs(c.difference.value or 0) for n, c in known.items()}
    order = sorted(known, key=lambda n: -size[n])
    longer, shorter = (tuple(n for n in order if sides[n] == s) for s in (1, -1))
    return Apart(span, known, longer, shorter)


def _standing(estimate: Estimate, curve: Curve) -> Estimate:
    return replace(estimate, status=curve.status, assumptions=curve.assumptions)


def _side(gap: Estimate) -> int:
    """Return 1 for longer, -1 for shorter, 0 where that is not established."""
    if gap.low is None or gap.high is None:
        return 0
    return int(gap.low > 0) - int(gap.high < 0)


def apart_finding(study: Study, name: str, labels: Mapping[str, Name], found: Apart) -> Finding:
    """Return the finding that names the levels apart, the farthest first, three on either side."""
    one = next(iter(found.contrasts.values())).difference
    key = "some" if found.longer or found.shorter else "none"
    words: dict[str, object] = {
        "lead": lead(study),
        "group": Label(name, dict(study.toml.data.groups[name].title)),
        "levels": len(found.contrasts),
        "count": len(found.longer) + len(found.shorter),
        "far": [*_named(found, labels, found.longer), *_named(found, labels, found.shorter)],
        "span": found.span,
        "unit": unit(one.unit, found.span, "dative"),
        "units": unit(one.unit),
    }
    words["how_many"] = Sentence("groups.how_many", words)
    today = as_today(study)
    known = [c.difference for c in found.contrasts.values() if c.difference.value is not None]
    return Finding(
        id=f"lifetimes.apart.{name}",
        status=one.status,
        assumptions=(*one.assumptions, *today),
        sentence=Sentence(f"groups.apart.{key}", words),
        importance=0.3 if key == "none" or today else 0.4,
        remarks=remarks(*known),
        figure=f"lifetimes.survival.{name}",
        table=f"lifetimes.groups.{name}",
    )


def _named(found: Apart, labels: Mapping[str, Name], levels: tuple[str, ...]) -> list[Sentence]:
    told = [
        Sentence("groups.level", {"label": labels[n], "gap": found.contrasts[n].difference})
        for n in levels[:NAMED]
    ]
    more = len(levels) - NAMED
    return [*told, *([Sentence("groups.more", {"count": more})] if more > 0 else [])]


def mark(found: Apart, level: str) -> Sentence | None:
    """Return the word for a level's side in a table, None where it is not apart."""
    side = "longer" if level in found.longer else "shorter" if level in found.shorter else ""
    return Sentence(f"groups.mark.{side}") if side else None


def apart_results(name: str, found: Apart) -> list[Result]:
    """Return each level's difference from the others, and its p-value by Holm's rule."""
    lines = []
    for level, contrast in found.contrasts.items():
        group, key = {name: level}, f"lifetimes.apart.{name}"
        lines.append(Result(id=key, estimate=contrast.difference, group=group))
        if contrast.adjusted is not None:
            p = replace(
                contrast.difference,
                value=contrast.adjusted,
                low=None,
                high=None,
                se=None,
                unit="share",
                method=f"{contrast.difference.method}, p-value by Holm",
                reason="no interval: a p-value",
                replicates=None,
            )
            lines.append(Result(id=f"{key}.p", estimate=p, group=group))
    return lines
