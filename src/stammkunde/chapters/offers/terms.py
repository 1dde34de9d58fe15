"""Whether an answer mixes customers of terms that new ones no longer get."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis

from stammkunde.evidence.asking.answer import Answer
from stammkunde.intervals import clopper_pearson
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study

# fewer change no answer
FEW = 0.05


def earlier_terms(
    study: Study, name: str, answer: Answer, words: Mapping[str, object]
) -> Finding | None:
    """Return what is said of those compared who signed before today's terms; None of few.

    `name` is the id of the question's section, `words` those of the question.
    """
    day, share = todays_terms(study), earlier_share(study, answer)
    if share is None:
        return None
    key = "all" if share.events == share.spells else "some"
    return Finding(
        id=f"{name}.terms",
        status=Status.MEASURED,
        sentence=Sentence(f"terms_compared.{key}", {**words, "share": share, "day": day}),
        importance=0.2,
    )


def earlier_share(study: Study, answer: Answer) -> Estimate | None:
    """Return the share of those compared who signed before today's terms; None below a twentieth.

    Where the horizon counts from sign-up alone: only there a reader takes the answer for that of
    who signs next.
    """
    day = todays_terms(study)
    if day is None or answer.subjects is None or not answer.estimand.from_sign_up:
        return None
    r = answer.subjects.relation
    before = ibis.ifelse(r.start.cast("date") < ibis.literal(day), 1, 0)
    counted = r.aggregate(n=r.count(), k=before.sum(), persons=r.person.nunique()).to_pyarrow()
    n, k, persons = (int(counted[c][0].as_py() or 0) for c in ("n", "k", "persons"))
    return None if k < FEW * n or not n else _share(k, n, persons)


def todays_terms(study: Study) -> date | None:
    """Return the day from which today's terms hold; None where the declared ones never changed."""
    last = study.toml.data.window.close or study.as_of
    days = sorted(t.signed_from for t in study.toml.data.terms if t.signed_from < last)
    return days[-1] if len(days) > 1 else None


def _share(k: int, n: int, persons: int) -> Estimate:
    low, high = (float(x) for x in clopper_pearson(k, n, 0.95))
    return Estimate(
        value=k / n,
        low=low,
        high=high,
        unit="share",
        persons=persons,
        spells=n,
        events=k,
        method="share of spells, exact limits",
    )
