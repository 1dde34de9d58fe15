"""A policy: a named, unordered set of elements, for all customers or by segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.offers.elements import CoolOff, Element, MinimumTerm, Recovery
from stammkunde.policy.offers.given import assumed
from stammkunde.result import Label

ONCE = (CoolOff, MinimumTerm, Recovery)


@dataclass(frozen=True)
class Policy:
    """What is proposed: `elements` for everybody, and by segment further ones or others.

    An element of a segment stands in place of the general one of the same name. The order of
    elements says nothing; they are kept by name. ParameterError for two elements of one name, or
    two cool-offs, minimum terms or recoveries for the same customers.
    """

    name: str
    title: Label | None = None
    elements: tuple[Element, ...] = ()
    segments: Mapping[str, tuple[Element, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse names twice; keep elements by name."""
        if not self.name:
            raise ParameterError("a policy has no name", where="name", remedy="Name it.")
        _names("elements", self.elements)
        object.__setattr__(self, "elements", tuple(sorted(self.elements, key=_by_name)))
        for segment, own in self.segments.items():
            _names(f"segments.{segment}", own)
        for segment in ("", *self.segments):
            _once(self.of(segment), f"segments.{segment}" if segment else "elements")

    def of(self, segment: str) -> tuple[Element, ...]:
        """Return the elements that hold in a segment, by name."""
        own = {e.name: e for e in self.elements}
        own |= {e.name: e for e in self.segments.get(segment, ())}
        return tuple(own[n] for n in sorted(own))

    def all(self) -> Iterator[tuple[str, Element]]:
        """Yield the path and each element: `loyalty`, `segments.basic.loyalty`."""
        for e in self.elements:
            yield e.name, e
        for segment in sorted(self.segments):
            for e in sorted(self.segments[segment], key=_by_name):
                yield f"segments.{segment}.{e.name}", e

    def assumed(self) -> tuple[tuple[str, str], ...]:
        """Return path and name of every assumption that the policy rests on."""
        return tuple(x for path, e in self.all() for x in assumed(e, path))

    def known_to(self, segments: tuple[str, ...]) -> None:
        """Raise ParameterError for a rule about a segment that is not there."""
        for segment in self.segments:
            if segment not in segments:
                raise ParameterError(
                    f'there is no segment "{segment}"',
                    where=f"segments.{segment}",
                    remedy=nearest(segment, segments),
                )


def _by_name(element: Element) -> str:
    return element.name


def _names(where: str, elements: tuple[Element, ...]) -> None:
    seen: set[str] = set()
    for k, e in enumerate(elements):
        if e.name in seen:
            raise ParameterError(
                f'two elements have the name "{e.name}"',
                where=f"{where}[{k}].name",
                remedy="Rename one of them: rebates of several elements add up.",
            )
        seen.add(e.name)


def _once(elements: tuple[Element, ...], where: str) -> None:
    for kind in ONCE:
        of_kind = [e.name for e in elements if isinstance(e, kind)]
        if len(of_kind) > 1:
            raise ParameterError(
                f'"{of_kind[0]}" and "{of_kind[1]}" hold for the same customers',
                where=where,
                remedy="There is one rule of this kind for each customer.",
            )
