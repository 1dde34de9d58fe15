"""What may be wrong with a TOML: the key, what, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stammkunde.errors import ParameterError, SchemaError
from stammkunde.policy.declared.nouns import Declared
from stammkunde.policy.offers.given import joined

# they name results and files, and a path leads through them
SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
Fault = tuple[str, str, str]


def raise_first(found: Iterable[Fault], where: str) -> None:
    """Raise SchemaError for the first fault, if there is one."""
    for key, what, remedy in found:
        raise SchemaError(f"`{key}`: {what}", where=where, remedy=remedy)


def of_error(path: str, error: ParameterError) -> Fault:
    """Return what a policy or ledger says of itself, under the key at which it stands."""
    return joined(path, error.where), error.what, error.remedy


def names(toml: Declared) -> Iterator[Fault]:
    """Yield names that cannot be names of results, and those that stand twice."""
    every = {
        "policy": [p.name for p in toml.policy],
        "assumption": [a.name for a in toml.assumption],
    }
    for section, own in every.items():
        for k, name in enumerate(own):
            yield from named(f"{section}[{k}].name", name)
            if name in own[:k]:
                yield (
                    f"{section}[{k}].name",
                    f'there is another {section} of the name "{name}"',
                    "Give each a name of its own.",
                )


def named(key: str, name: str) -> Iterator[Fault]:
    """Yield a name that cannot be one of results."""
    if not SLUG.fullmatch(name):
        yield (
            key,
            f'"{name}" names results and files',
            "Write a short name in small letters, figures and `_`, a letter first.",
        )


def texts(toml: Declared, languages: Sequence[str]) -> Iterator[Fault]:
    """Yield texts that lack a language of the reports."""
    for k, p in enumerate(toml.policy):
        yield from _worded(f"policy[{k}].title", p.title, languages)
    for name, e in toml.elements.items():
        yield from _worded(f"elements.{name}.title", e.title, languages)
    for k, a in enumerate(toml.assumption):
        for key, text in (("title", a.title), ("says", a.says), ("why", a.why)):
            yield from _worded(f"assumption[{k}].{key}", text, languages)


def _worded(key: str, text: Mapping[str, str], languages: Sequence[str]) -> Iterator[Fault]:
    for language in dict.fromkeys(locale[:2] for locale in languages):
        if not text.get(language, "").strip():
            yield (
                key,
                f"it lacks the language `{language}` of a report",
                "Write it in every language of `client.languages`.",
            )
