"""Customers under older terms that renew: projected, though no back-test can try it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from stammkunde.chapters.outlook.read import Ahead, Future, told
from stammkunde.result import Estimate, Sentence
from stammkunde.study import Study

RENEW_AS_BEFORE = "older_terms_renew_as_before"


def untried(found: Future) -> Mapping[str, Ahead]:
    """Return who is there under older terms that renew, by terms: the back-test knows none of them.

    It tries what a newcomer shares, and so today's terms only.
    """
    return {
        n: a for n, a in found.base.items() if n != found.today and a.plan.every and a.there.any()
    }


def told_of(
    study: Study, estimate: Estimate, found: Future, terms: Collection[str] | None = None
) -> Estimate:
    """Return an estimate of the base with what it rests on, also where it is under older `terms`.

    None: it is of all who are there.
    """
    known = told(study, estimate, found)
    if not set(untried(found)) & set(found.base if terms is None else terms):
        return known
    named = tuple(dict.fromkeys((*known.assumptions, RENEW_AS_BEFORE)))
    return replace(known, assumptions=named)


def older_remark(found: Future) -> tuple[Sentence, ...]:
    """Return the remark that older terms are untried; with price rises, which way that errs."""
    if not untried(found):
        return ()
    return (Sentence(f"outlook.untried.{'rises' if found.rises else 'plain'}"),)
