"""TOML into frozen dataclasses: every key known, every value of the right kind.

A wrong file gets one sentence that names the file, the key, the value and the nearest right
spelling.
"""

from __future__ import annotations

import math
import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from stammkunde.errors import ParameterError, SchemaError, nearest

Noun = TypeVar("Noun")
# beyond it numbers of an engine are no longer exact
LARGEST = 2**53
LONGEST = 200
USUAL: dict[type, str] = {str: "a text without the sign NUL"}
KINDS = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date such as 2025-12-31, without quotes",
}
# what a reader may have put in quotes that TOML wants without
QUOTED = {
    int: re.compile(r"[+-]?\d+"),
    float: re.compile(r"[+-]?\d+(\.\d+)?"),
    bool: re.compile(r"true|false"),
    date: re.compile(r"\d{4}-\d\d-\d\d"),
}
PLACE = r"\[\d+\]"
EITHER = "a number, or a name in quotes"
TEXTS = 'Write it like `{ de = "…", en = "…" }`.'


def load(path: Path, noun: type[Noun]) -> Noun:
    """Return the file at `path` as a `noun`; SchemaError says which key is wrong and how."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SchemaError(
            "there is no such file", where=path.name, remedy="Put it there, or correct its name."
        ) from None
    except UnicodeDecodeError as error:
        raise SchemaError(
            f"the file is not UTF-8 (byte {error.start})",
            where=path.name,
            remedy="Save it as UTF-8.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SchemaError(
            f"this is not TOML: {error}",
            where=path.name,
            remedy="Correct that line; texts stand in quotes, days do not.",
        ) from None
    schema = raw.pop("schema", None)
    if schema != 1:
        said = "says nothing of its schema" if schema is None else f"is of schema {schema}"
        raise SchemaError(f"the file {said}", where=path.name, remedy="Write `schema = 1` on top.")
    return build(noun, raw, path.name)


def build(noun: type[Noun], raw: Mapping[str, Any], where: str, key: str = "") -> Noun:
    """Return `raw` as the dataclass `noun`, nested tables included.

    SchemaError for what is wrong, a ParameterError of the noun itself among it, with the key.
    """
    hints = get_type_hints(noun)
    known = _known(noun)
    for name in raw:
        if name not in known:
            raise SchemaError(
                f"unknown key `{_join(key, name)}`", where=where, remedy=nearest(name, known)
            )
    values = {}
    for field in fields(noun):  # type: ignore[arg-type]
        name = field.name
        if field.metadata.get("inline"):
            own = {k: raw[k] for k in _known(hints[name]) if k in raw}
            values[name] = build(hints[name], own, where, key)
        elif name in raw:
            needed = field.default is MISSING and field.default_factory is MISSING
            _must_be_filled(hints[name], raw[name], needed, where, _join(key, name))
            values[name] = _convert(hints[name], raw[name], where, _join(key, name))
        elif field.default is MISSING and field.default_factory is MISSING:
            if type(None) in get_args(hints[name]):
                # TOML has no word for nothing but leaving it out
                values[name] = None
                continue
            raise SchemaError(f"key `{_join(key, name)}` is missing", where=where, remedy="Add it.")
    try:
        return noun(**values)
    except ParameterError as error:
        at = key + error.where if error.where.startswith("[") else _join(key, error.where)
        told = f"`{at}`: {error.what}" if at else error.what
        raise SchemaError(told, where=where, remedy=error.remedy) from error


def _must_be_filled(kind: Any, value: Any, needed: bool, where: str, key: str) -> None:
    """Raise SchemaError for a key left empty that needs a column or a day."""
    is_day = value == "" and date in (kind, *get_args(kind))
    if is_day or (needed and value == ""):
        what = "the day" if is_day else "the name"
        raise SchemaError(
            f"`{key}` is still empty",
            where=where,
            remedy=f"Write {what} there; `FILL IN` above it says what is looked for.",
        )


def _known(noun: type[Any]) -> tuple[str, ...]:
    """Return the keys of a noun, those of its inline parts among them."""
    hints = get_type_hints(noun)
    names: list[str] = []
    for field in fields(noun):
        names += _known(hints[field.name]) if field.metadata.get("inline") else [field.name]
    return tuple(names)


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key and name else key or name


def _convert(kind: Any, value: Any, where: str, key: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _either([k for k in inner if k is not type(None)], value, where, key)
    is_enum = isinstance(kind, type) and issubclass(kind, StrEnum)
    if origin is Literal or is_enum:
        known = [str(k) for k in (kind if is_enum else inner)]
        if value not in known:
            raise SchemaError(
                f"`{key}` is {value!r}", where=where, remedy=nearest(str(value), known)
            )
        return kind(value) if is_enum else value
    if is_dataclass(kind):
        remedy = _head("[{}]", key) if isinstance(value, list) else ""
        _must_be(isinstance(value, dict), "a table", value, where, key, remedy=remedy)
        return build(kind, value, where, key)  # type: ignore[arg-type]
    if origin is tuple:
        one = f'"{value}"' if isinstance(value, str) else value
        remedy = f"Write it in brackets: `[{one}]`." if _is_plain(value) else ""
        if isinstance(value, dict) and is_dataclass(inner[0]):
            remedy = _head("[[{}]]", key)
        _must_be(isinstance(value, list), "a list", value, where, key, remedy=remedy)
        return tuple(_convert(inner[0], v, where, f"{key}[{i}]") for i, v in enumerate(value))
    if origin in (dict, Mapping) or getattr(origin, "__name__", "") == "Mapping":
        remedy = TEXTS if inner[1] is str else ""
        _must_be(isinstance(value, dict), "a table", value, where, key, remedy=remedy)
        for name in value:
            _must_be(_usual(name), USUAL[str], name, where, key)
        return {k: _convert(inner[1], v, where, _join(key, k)) for k, v in value.items()}
    return _scalar(kind, value, where, key)


def _either(kinds: list[Any], value: Any, where: str, key: str) -> Any:
    """Return a value that may be of several kinds; of these only scalars stand in a TOML."""
    plain = [k for k in kinds if k in KINDS] or kinds
    if set(plain) != {float, str}:
        return _convert(plain[0], value, where, key)
    named = isinstance(value, str) and value.strip() and not QUOTED[float].fullmatch(value.strip())
    if named:
        return _scalar(str, value, where, key)
    right = isinstance(value, int | float) and not isinstance(value, bool)
    _must_be(right, EITHER, value, where, key, remedy="" if right else _remedy(EITHER, value))
    return _scalar(float, value, where, key)


def _scalar(kind: type, value: Any, where: str, key: str) -> Any:
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        _must_be(_usual(value), USUAL.get(type(value), "a number of usual size"), value, where, key)
        return float(value)
    if right:
        _must_be(_usual(value), USUAL.get(type(value), "a number of usual size"), value, where, key)
    _must_be(
        right and not isinstance(value, datetime), KINDS.get(kind, kind.__name__), value, where, key
    )
    return value


def _head(form: str, key: str) -> str:
    """Return how the head of a section is written."""
    return f"Write its head like `{form.format(re.sub(PLACE, '', key))}`."


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _remedy(kind: str, value: Any) -> str:
    """Return how to write what is needed; what stands in quotes rightly only loses them."""
    if not isinstance(value, str):
        return f"Write {kind}."
    needed = float if kind == EITHER else {k: t for t, k in KINDS.items()}.get(kind)
    if needed in QUOTED and QUOTED[needed].fullmatch(value.strip()):
        return f"Write it without quotes: `{value.strip()}`."
    return f"Write {kind}."


def _usual(value: object) -> bool:
    """Return whether a value is one that every engine knows."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, int):
        return abs(value) <= LARGEST
    return not isinstance(value, float) or math.isfinite(value)


def _must_be(right: bool, kind: str, value: Any, where: str, key: str, *, remedy: str = "") -> None:
    if not right:
        plain = isinstance(value, int | float | bool)
        shown = str(value) if plain else f"{str(value)!r}"
        shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
        raise SchemaError(
            f"`{key}` is {shown}, which is not {kind}",
            where=where,
            remedy=remedy or _remedy(kind, value),
        )
