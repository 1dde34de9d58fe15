"""Which table a file is, and which of its columns plays which part: by names and by contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stammkunde.errors import ParameterError
from stammkunde.intake.columns import Column, Looked, plain
from stammkunde.intake.lexicon import file_says, is_private, is_signing, likeness
from stammkunde.spells.schema.data import MAIN

# In the order in which they take their columns; the first ones named are essential.
ROLES: Mapping[str, tuple[str, ...]] = {
    "contracts": ("start", "end", "notice", "reason", "person", "contract", "margin"),
    "snapshot": ("tenure", "left", "person", "margin"),
    "transactions": ("person", "date", "amount", "place"),
    "events": ("person", "date", "kind", "cost", "value", "team"),
    "offers": ("person", "offer", "start", "end", "price", "arm"),
    "prices": ("plan", "start", "price", "end"),
    "persons": ("person", "household"),
}
ESSENTIAL: Mapping[str, tuple[str, ...]] = {
    "contracts": ("start", "end"),
    "snapshot": ("tenure", "left"),
    "transactions": ("person", "date"),
    "events": ("person", "date", "kind"),
    "offers": ("person", "offer", "start"),
    "prices": ("plan", "start", "price"),
    "persons": ("person", "household"),
}
# Roles that a column plays only if it is called so: "Umsatzsteuer" holds "umsatz", and is none.
SURE = ("amount", "place", "margin")
# Columns in these roles may tell customers apart as well.
TELLING = ("amount", "place")
# What distinguishes a table from those below it, in the order in which they are tried.
ORDER = ("offers", "prices", "contracts", "snapshot", "events", "persons", "transactions")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A delivered table in its part: its section of the TOML, its columns by role.

    `unclear` lists, by role, the columns that could play it where none could be chosen.
    """

    section: str
    looked: Looked
    roles: Mapping[str, str]
    unclear: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def column(self, role: str) -> Column | None:
        """Return the column in a role, or None."""
        name = self.roles.get(role)
        return self.looked.columns[name] if name else None

    @property
    def others(self) -> tuple[Column, ...]:
        """Return the columns without a role, in their order."""
        taken = set(self.roles.values())
        return tuple(c for n, c in self.looked.columns.items() if n not in taken)

    @property
    def free(self) -> tuple[Column, ...]:
        """Return the columns that may tell customers apart, in their order."""
        bound = {n for role, n in self.roles.items() if role not in TELLING}
        return tuple(c for n, c in self.looked.columns.items() if n not in bound)


def _is_date(column: Column) -> bool:
    return column.kind == "date"


def _is_count(column: Column) -> bool:
    values = [v for v in column.values() if v is not None]
    whole = [v for v in values if v >= 0 and v % 1 == 0]
    return column.kind == "number" and len(whole) >= 0.95 * len(values) > 0


def _is_flag(column: Column) -> bool:
    return column.kind in {"text", "number"} and 2 <= column.distinct <= 4


def _is_key(column: Column) -> bool:
    return column.kind in {"text", "number"} and column.distinct > 1


def _is_word(column: Column) -> bool:
    return column.kind == "text" and column.distinct <= max(30, column.filled // 4)


def _is_number(column: Column) -> bool:
    return column.kind == "number"


def _may_be_end(column: Column) -> bool:
    # a table of running contracts alone has an end column without a cell
    return column.kind in {"date", "empty"}


FITS: Mapping[str, Callable[[Column], bool]] = {
    "start": _is_date,
    "end": _may_be_end,
    "notice": _is_date,
    "paid": _is_date,
    "person": _is_key,
    "household": _is_key,
    "contract": lambda c: _is_key(c) and c.distinct > 0.5 * c.filled,
    "reason": _is_word,
    "tenure": _is_count,
    "left": _is_flag,
    "date": _is_date,
    "amount": _is_number,
    "margin": _is_number,
    "place": lambda c: c.kind in {"text", "number"} and 1 < c.distinct <= max(30, c.filled // 20),
    "kind": _is_word,
    "value": lambda c: c.kind in {"text", "number"},
    "cost": _is_number,
    "team": _is_word,
    "offer": _is_word,
    "arm": _is_word,
    "price": _is_number,
    "plan": lambda c: c.kind == "text",
}


def table_of(looked: Looked) -> Table:
    """Return the table in the part it plays best; its `unclear` is empty where it can play it."""
    tables = [_named(looked, section) for section in ORDER]
    whole = [t for t in tables if not t.unclear]
    named = plain(looked.delivery.sheet or looked.delivery.name.partition(".")[0])
    said = [t for t in whole if file_says(t.section, named)]
    if whole:
        return (said or whole)[0]
    by_contents = _by_contents(looked)
    if by_contents is not None:
        return by_contents
    main = [t for t in tables if t.section in MAIN]
    return min(main, key=lambda t: len(t.unclear))


def cast(tables: Sequence[Table]) -> tuple[tuple[Table, ...], tuple[Looked, ...]]:
    """Return the tables, each section once and one main table, and those that found no part.

    ParameterError where none can be the main one.
    """
    tables = list(tables)
    if not any(t.section in MAIN for t in tables):
        tables = [_as_main(t) if _may_be_purchases(t) else t for t in tables]
    if not any(t.section in MAIN for t in tables):
        named = ", ".join(f"{t.looked.name} ({t.section})" for t in tables)
        raise ParameterError(
            f"no table of contracts, purchases or tenure is among the files: {named}",
            remedy="Name the file with one row per contract, purchase or customer as well.",
        )
    order = {s: i for i, s in enumerate((*MAIN, *ROLES))}
    ranked = sorted(tables, key=lambda t: (len(t.unclear), order[t.section], -t.looked.rows))
    chosen: list[Table] = []
    left: list[Looked] = []
    for table in ranked:
        taken = {"main" if t.section in MAIN else t.section for t in chosen}
        part = "main" if table.section in MAIN else table.section
        if part in taken or (table.unclear and chosen):
            left.append(table.looked)
        else:
            chosen.append(table)
    return tuple(sorted(chosen, key=lambda t: order[t.section])), tuple(left)


def _may_be_purchases(table: Table) -> bool:
    """Return whether events may be purchases: what happened to customers is called otherwise."""
    named = plain(table.looked.delivery.sheet or table.looked.delivery.name.partition(".")[0])
    return table.section == "events" and not file_says("events", named)


def _as_main(table: Table) -> Table:
    return _named(table.looked, "transactions")


def _named(looked: Looked, section: str) -> Table:
    """Return the table in a section, its columns chosen by their names."""
    roles: dict[str, str] = {}
    for role in ROLES[section]:
        best = _best(looked, role, roles)
        if best is not None:
            roles[role] = best.name
    if section == "contracts" and "end" not in roles:
        roles = _end_of_another_kind(looked, roles)
    unclear = {r: _candidates(looked, r) for r in ESSENTIAL[section] if r not in roles}
    if _belongs_elsewhere(looked, section):
        unclear = dict.fromkeys(ESSENTIAL[section], ())
    return Table(section=section, looked=looked, roles=roles, unclear=unclear)


def _belongs_elsewhere(looked: Looked, section: str) -> bool:
    """Return whether a column speaks against a table beside the main one.

    A table of contracts may name the offer or the price of each, too.
    """
    against = {
        "offers": ("contract", "reason", "notice"),
        "prices": ("person", "contract"),
        "persons": ("start", "date", "tenure"),
    }
    return any(_best(looked, role, {}) is not None for role in against.get(section, ()))


def _best(looked: Looked, role: str, taken: Mapping[str, str]) -> Column | None:
    """Return the column best known by name for a role among those whose cells can play it."""
    columns = [c for n, c in looked.columns.items() if n not in taken.values()]
    fitting = [c for c in columns if FITS[role](c) and not is_private(c.plain)]
    marks = {c.name: likeness(role, c.plain) for c in fitting}
    known = [c for c in fitting if marks[c.name] >= (2 if role in SURE else 1)]
    if not known and role == "date" and len(fitting) == 1:
        return fitting[0]

    def rank(column: Column) -> tuple[bool, int, float]:
        # of two that are called alike, the one with more cells filled
        begins = role != "start" or not is_signing(column.plain)
        return begins, marks[column.name], column.share

    return max(known, key=rank, default=None)


def _end_of_another_kind(looked: Looked, roles: dict[str, str]) -> dict[str, str]:
    """Let the day of notice, or the end of the paid period, stand as the end where no other is."""
    if "notice" in roles:
        notice = roles.pop("notice")
        return roles | {"end": notice}
    paid = _best(looked, "paid", roles)
    return roles | {"end": paid.name} if paid else roles


def _by_contents(looked: Looked) -> Table | None:
    """Return dated contracts by what the cells hold: two dates, the later one empty for many."""
    dates = [c for c in looked.columns.values() if _is_date(c)]
    full = [c for c in dates if c.share > 0.98]
    part = [c for c in dates if c.share <= 0.98]
    pairs = [(a, b) for a in full for b in part if _follows(a, b)]
    if len(pairs) != 1:
        return None
    table = _named(looked, "contracts")
    start, end = pairs[0]
    kept = {r: n for r, n in table.roles.items() if n not in {start.name, end.name}}
    return replace(table, roles=kept | {"start": start.name, "end": end.name}, unclear={})


def _follows(start: Column, end: Column) -> bool:
    pairs = [(a, b) for a, b in zip(start.days(), end.days(), strict=True) if a and b]
    return bool(pairs) and sum(a <= b for a, b in pairs) >= 0.95 * len(pairs)


def _candidates(looked: Looked, role: str) -> tuple[str, ...]:
    """Return the columns that could play a role: by their cells, or as they are called like it."""
    known = [c for c in looked.columns.values() if not is_private(c.plain)]
    called = [c.name for c in known if likeness(role, c.plain)]
    return tuple(dict.fromkeys([*called, *(c.name for c in known if FITS[role](c))]))
