"""A world: a client whose process is code, under any policy, with its truth.

world = find("musterstrom").world(seed=1)
world.tables()                     # what the client's IT would export
world.under(hotline_fee=0.0)       # the same persons and chances under another policy
world.truth()                      # what is true of it, computed from the process itself
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stammkunde.errors import ParameterError, nearest

if TYPE_CHECKING:
    import pandas as pd

Setting = float | bool | str


@dataclass(frozen=True, kw_only=True)
class Lever:
    """What a policy may change: its setting as things are, and what it does in a sentence."""

    now: Setting
    about: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A process: name, version, usual number of persons, levers, the functions that run it.

    `tables` returns what the client would export (name -> DataFrame, columns as delivered),
    `files` turns these into file names and bytes, `truth` returns plain data for truth.json.
    """

    name: str
    version: str
    size: int
    levers: Mapping[str, Lever]
    tables: Callable[[World], Mapping[str, pd.DataFrame]]
    files: Callable[[Mapping[str, pd.DataFrame]], Mapping[str, bytes]]
    truth: Callable[[World], Mapping[str, Any]]

    def world(self, *, seed: int = 1, size: int | None = None) -> World:
        """Return the world of this process with a seed, as things are."""
        return World(kind=self, seed=seed, size=self.size if size is None else size)


@dataclass(frozen=True, kw_only=True)
class World:
    """One run of a process: `seed`, number of persons `size`, and levers moved by a policy."""

    kind: Kind
    seed: int
    size: int
    policy: Mapping[str, Setting] = field(default_factory=dict)

    @property
    def levers(self) -> Mapping[str, Setting]:
        """Return the setting of every lever under the policy."""
        return {name: lever.now for name, lever in self.kind.levers.items()} | dict(self.policy)

    def under(self, **policy: Setting) -> World:
        """Return the same persons and chances under another policy.

        ParameterError for a lever that the process does not have.
        """
        for name in policy:
            if name not in self.kind.levers:
                raise ParameterError(
                    f"`{self.kind.name}` has no lever `{name}`",
                    remedy=nearest(name, self.kind.levers),
                )
        return replace(self, policy={**self.policy, **policy})

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables that the client's IT would export."""
        return self.kind.tables(self)

    def truth(self) -> Mapping[str, Any]:
        """Return what is true of this process under its policy, as plain data."""
        return self.kind.truth(self)
