"""WHAT a client's TOML says of policies: read, checked, and turned into policies and a ledger."""

from stammkunde.policy.declared.checks import check_policies
from stammkunde.policy.declared.drawn import TAKEN
from stammkunde.policy.declared.made import elements_of, ledger_of, policies_of
from stammkunde.policy.declared.nouns import (
    AssumptionToml,
    CorrelationToml,
    Declared,
    ElementToml,
    PilotToml,
    PolicyToml,
    RivalToml,
    RulesToml,
    SettingToml,
)
from stammkunde.policy.declared.proposed import named_causes

__all__ = [
    "TAKEN",
    "AssumptionToml",
    "CorrelationToml",
    "Declared",
    "ElementToml",
    "PilotToml",
    "PolicyToml",
    "RivalToml",
    "RulesToml",
    "SettingToml",
    "check_policies",
    "elements_of",
    "ledger_of",
    "named_causes",
    "policies_of",
]
