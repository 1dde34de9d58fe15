"""A client's TOML as a whole: read, and refused where its parts do not fit together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from stammkunde.errors import SchemaError
from stammkunde.evidence.asking.fits import check_questions
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.policy.declared import (
    AssumptionToml,
    CorrelationToml,
    ElementToml,
    PilotToml,
    PolicyToml,
    RivalToml,
    SettingToml,
    check_policies,
)
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.loading import load
from stammkunde.spells.schema.rules import check_data, check_texts
from stammkunde.spells.schema.tables import INLINE

MOST_YEARS = 50


@dataclass(frozen=True, kw_only=True)
class ClientToml:
    """`[client]`: the name readers see, the languages of reports, the date of the data."""

    name: Mapping[str, str]
    as_of: date
    languages: tuple[str, ...] = ("de_DE", "en_GB")
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportToml:
    """`[report]`: horizons to name (by default those usual for the unit), horizon of the mean
    (0: all observed), smallest number of persons shown, and of those at risk on whom a curve may
    still rest (0: the same); how many years a projection reaches."""

    horizons: tuple[int, ...] = ()
    mean_horizon: int = 0
    smallest_group: int = 10
    least_at_risk: int = 0
    projection_years: int = 10


@dataclass(frozen=True, kw_only=True)
class StudyToml:
    """A client's TOML: `[client]`, `[report]`, `[[question]]`s, policies, and what its data mean.

    Policies are `[setting]`, `[[policy]]`, `[elements]`, `[[assumption]]`, `[[correlation]]`,
    `[rival]` and `[pilot]`.
    """

    client: ClientToml
    report: ReportToml = field(default_factory=ReportToml)
    question: tuple[QuestionToml, ...] = ()
    setting: SettingToml | None = None
    policy: tuple[PolicyToml, ...] = ()
    elements: Mapping[str, ElementToml] = field(default_factory=dict)
    assumption: tuple[AssumptionToml, ...] = ()
    correlation: tuple[CorrelationToml, ...] = ()
    rival: RivalToml | None = None
    pilot: PilotToml | None = None
    data: DataToml = field(default_factory=DataToml, metadata=INLINE)


def read_client(path: Path) -> StudyToml:
    """Return what a client's TOML says; SchemaError, naming the key, for a wrong one."""
    toml = load(path, StudyToml)
    check_data(toml.data, path.name)
    _check_report(toml, path.name)
    check_questions(toml.question, toml.data, toml.client.languages, path.name)
    check_policies(toml, toml.client.languages, path.name)
    return toml


def _check_report(toml: StudyToml, where: str) -> None:
    if not toml.client.languages:
        raise SchemaError(
            "`client.languages` is empty", where=where, remedy="Name a locale such as `de_DE`."
        )
    names = [toml.client.name, *(g.title for g in toml.data.groups.values())]
    names += [toml.data.alert.says] if toml.data.alert else []
    check_texts(names, toml.client.languages, where)
    horizons = toml.report.horizons
    if any(h < 1 for h in horizons) or list(horizons) != sorted(set(horizons)):
        raise SchemaError(
            "`report.horizons` are units of tenure, 1 or more, rising",
            where=where,
            remedy="Write them like `[12, 24, 36]`.",
        )
    least = min(toml.report.mean_horizon, toml.report.least_at_risk)
    if least < 0 or toml.report.smallest_group < 1:
        raise SchemaError(
            "`report.mean_horizon`, `report.least_at_risk` or `report.smallest_group` is too small",
            where=where,
            remedy="The first two are 0 or more, the last 1 or more.",
        )
    if not 1 <= toml.report.projection_years <= MOST_YEARS:
        raise SchemaError(
            f"`report.projection_years` is a number from 1 to {MOST_YEARS}",
            where=where,
            remedy="Ten years are usual.",
        )
