"""The energy supplier: dated contracts, rebates, care, and people who come back as new."""

from __future__ import annotations

from stammkunde.worlds.musterstrom.export import files, tables
from stammkunde.worlds.musterstrom.parameters import LEVERS, PROCESS_VERSION, SIZE
from stammkunde.worlds.musterstrom.truth import truth
from stammkunde.worlds.world import Kind

KIND = Kind(
    name="musterstrom",
    version=PROCESS_VERSION,
    size=SIZE,
    levers=LEVERS,
    tables=tables,
    files=files,
    truth=truth,
)
