"""What every room hands upwards: numbers with their doubt, and what they say.

An `Estimate` is one number with an interval and a status. A `Finding` is one statement made of
estimates; it names a sentence in the locale files and never contains prose itself, so that every
word in a report comes from one place and every number in it from an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from stammkunde.draws import Replicates

MINUS = "minus "


class Status(StrEnum):
    """How far a number may be trusted."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    ASSUMED = "assumed"
    NOT_IDENTIFIABLE = "not_identifiable"


class Verdict(StrEnum):
    """What the data say about a claim."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not_supported"
    TOO_FEW_DATA = "too_few_data"
    NOT_IDENTIFIABLE = "not_identifiable"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One number, how sure it is, and where it comes from.

    `value`, `low`, `high` are None where they cannot be computed; `reason` then says why.
    `unit` is "share", "hazard", "ratio", "variance", "count", "chi2" or a unit of tenure ("day",
    "week", "month", "quarter", "year").
    `replicates` carries leave-outs and draws, so that a contrast can pair them.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    se: float | None = None
    unit: str
    persons: int | None = None
    spells: int | None = None
    events: int | None = None
    method: str
    status: Status = Status.MEASURED
    estimand: str = ""
    assumptions: tuple[str, ...] = ()
    reason: str = ""
    replicates: Replicates | None = field(default=None, repr=False, compare=False)

    def to_frame(self) -> pd.DataFrame:
        """Return the estimate as a table of one row (without its replicates)."""
        import pandas as pd

        names = [f.name for f in fields(self) if f.name != "replicates"]
        return pd.DataFrame([{n: getattr(self, n) for n in names}])

    def _repr_html_(self) -> str:
        shown = self.to_frame()[["value", "low", "high", "level", "unit", "method", "status"]]
        return shown.to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


def turned(estimate: Estimate) -> Estimate:
    """Return the same difference the other way round: turned twice it is as it was."""
    value, low, high = (
        None if x is None else -x for x in (estimate.value, estimate.high, estimate.low)
    )
    replicates = estimate.replicates and estimate.replicates.map(lambda x: -x)
    name = estimate.estimand
    other = name.removeprefix(MINUS) if name.startswith(MINUS) else f"{MINUS}{name}"
    return replace(
        estimate,
        value=value,
        low=low,
        high=high,
        estimand=other if name else "",
        replicates=replicates,
    )


def said(estimate: Estimate) -> str:
    """Return an estimate in figures for who works with it, or why it has no value."""
    e = estimate
    if e.value is None:
        return e.reason
    limits = "" if e.low is None or e.high is None else f" ({e.low:.3g} to {e.high:.3g})"
    return f"{e.value:.3g}{limits}"


@dataclass(frozen=True)
class Label:
    """A name in several languages: a level, a client, a rule. `str()` gives the data's own."""

    key: str
    text: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        """Return the name in `language` ("de", "en"), or the data's own where none was declared."""
        return self.text.get(language, self.key)

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class Sentence:
    """A key in the locale files and the values its placeholders take."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One statement of a report: its status, its sentence, and what it rests on.

    `headline` is the sentence it would put on top of the first page; `importance` decides which
    findings get there (euro at stake times how decided, or a rank between 0 and 1 where no money
    is known). `verdict` is set when a claim is judged. `questions` and `claims` are the numbers of
    the workshop questions and claims it answers. `missing` names columns that would answer more;
    `remarks` stand in small type below it. `unknown` says in a few words what cannot be known, for
    the first page; the headline or the sentence stands there where it is not given.
    """

    id: str
    status: Status
    sentence: Sentence
    headline: Sentence | None = None
    unknown: Sentence | None = None
    verdict: Verdict | None = None
    importance: float = 0.0
    caution: bool = False
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    remarks: tuple[Sentence, ...] = ()
    questions: tuple[int, ...] = ()
    claims: tuple[str, ...] = ()
    figure: str = ""
    table: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of `results.json`: a stable dotted id, a group and an estimate.

    `naive` is the number that the usual analysis prints, where it misleads.
    """

    id: str
    estimate: Estimate
    group: Mapping[str, str] = field(default_factory=dict)
    naive: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the documented form: 10 significant digits, null with a reason, never NaN."""
        e = self.estimate
        line: dict[str, Any] = {"id": self.id, "group": dict(self.group)}
        line |= {k: rounded(getattr(e, k)) for k in ("value", "low", "high", "level")}
        line |= {"unit": e.unit, "status": str(e.status), "method": e.method}
        optional: dict[str, Any] = {"persons": e.persons, "spells": e.spells, "events": e.events}
        optional |= {"assumptions": list(e.assumptions) or None, "naive": rounded(self.naive)}
        optional |= {"reason": e.reason or None}
        return line | {k: v for k, v in optional.items() if v is not None}


def rounded(value: float | None) -> float | None:
    """Return `value` to 10 significant digits; None for what is not a finite number."""
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    return float(f"{float(value):.10g}")


def table_html(rows: Mapping[str, Any], caption: str) -> str:
    """Return a small two-column HTML table, for a result that shows itself in a notebook."""
    body = "".join(
        f"<tr><th scope='row'>{escape(str(k))}</th><td>{escape(str(v))}</td></tr>"
        for k, v in rows.items()
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>"
