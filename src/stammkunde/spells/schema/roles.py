"""Which delivered columns stand behind groups and covariates, and which tell of leaving itself."""

from __future__ import annotations

from stammkunde.spells.schema.data import DataToml


def delivered_as(data: DataToml) -> dict[str, str]:
    """Return the delivered column of every group and covariate, by its name in the TOML."""
    groups = {name: group.column for name, group in data.groups.items()}
    return groups | {name: covariate.column for name, covariate in data.covariates.items()}


def tell_of_leaving(data: DataToml) -> frozenset[str]:
    """Return the delivered columns of the main table that say when, why or whether one has left."""
    contracts, snapshot = data.contracts, data.snapshot
    names: tuple[str, ...] = ()
    if contracts is not None:
        names = (contracts.end, contracts.notice, contracts.reason)
    elif snapshot is not None:
        names = (snapshot.left,)
    return frozenset(n for n in names if n)
