"""Simulated clients whose truth is known: the data are made by code that can be read."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from stammkunde.errors import ParameterError, nearest
from stammkunde.worlds.world import Kind, Lever, World

__all__ = ["KINDS", "Kind", "Lever", "World", "find"]
KINDS = ("autohaus", "musterstrom")


def find(name: str) -> Kind:
    """Return the process of that name; ParameterError if there is none. Only it is loaded."""
    if name not in KINDS:
        raise ParameterError(f"there is no simulated world `{name}`", remedy=nearest(name, KINDS))
    return cast(Kind, import_module(f"stammkunde.worlds.{name}").KIND)
