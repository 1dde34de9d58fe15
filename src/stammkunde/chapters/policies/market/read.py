"""The market of a study, whatever its data are."""

from __future__ import annotations

from stammkunde.chapters.policies.market.bought import bought_market
from stammkunde.chapters.policies.market.contracts import contract_market
from stammkunde.chapters.policies.read import Basis, Undecided
from stammkunde.policy.declared import SettingToml
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study

UNASKED = "no_setting"


def read_market(
    study: Study, spells: Spells, beside: Beside, *, setting: SettingToml | None = None
) -> Basis | Undecided:
    """Return the market as observed, or why none can be told.

    Customers had the offers of the comparator of `setting`, by default that of the study. `beside`
    is of the same engine as the spells (see `read_tables`). ParameterError for segments by a group
    that is not declared.
    """
    own = study.toml.setting if setting is None else setting
    if own is None:
        return Undecided(UNASKED, "the client file has no [setting]")
    if study.toml.data.transactions is not None:
        return bought_market(study, spells, beside, own)
    return contract_market(study, spells, beside, own)
