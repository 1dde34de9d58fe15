"""A garage with several branches and no contracts: visits, lapsed customers, cards and care."""

from stammkunde.worlds.autohaus.export import files, tables
from stammkunde.worlds.autohaus.parameters import LEVERS, VERSION
from stammkunde.worlds.autohaus.truth import truth
from stammkunde.worlds.world import Kind

KIND = Kind(
    name="autohaus", version=VERSION, size=12_000, levers=LEVERS, tables=tables, files=files,
    truth=truth,
)  # fmt: skip
