"""A list of today's customers by what they gain from an offer: on explicit request only."""

from __future__ import annotations

from stammkunde.chapters.offers.afterwards import read_afterwards
from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.asking.targets import Targets, targets
from stammkunde.study import Study, read_tables


def listed(study: Study, name: str, *, share: float, holdout: float) -> Targets:
    """Return the list for a question of a study (see `targets`); ParameterError for an unknown."""
    known = {q.name: q for q in study.toml.question}
    if name not in known:
        remedy = nearest(name, known) or "The client's TOML has no `[[question]]`."
        raise ParameterError(f"there is no question `{name}`", remedy=remedy)
    spells, beside = read_tables(study)
    return targets(
        known[name],
        spells,
        beside,
        currency=study.toml.data.money.currency,
        share=share,
        holdout=holdout,
        afterwards=read_afterwards(study, spells),
    )
