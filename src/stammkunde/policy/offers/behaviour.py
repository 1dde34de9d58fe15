"""What people do because of an offer: stay, leave, sign up, refer others."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from stammkunde.errors import ParameterError, nearest, several
from stammkunde.evidence.effect import Effect
from stammkunde.policy.offers.given import (
    Added,
    Amount,
    Lift,
    MaybeUnits,
    Ratio,
    Units,
    check_fields,
    under,
)

MONTH = "month"


class When(StrEnum):
    """In which units of tenure, and of whom, a reaction holds.

    `during` the element; `after` it has ended (the expiry spike); `others` are all units in which a
    customer gets nothing of it (who sees what others get); `induced` are those whom it brought, in
    all units.
    """

    DURING = "during"
    AFTER = "after"
    OTHERS = "others"
    INDUCED = "induced"


@dataclass(frozen=True)
class Reaction:
    """Multiplies the hazards of `causes` (none: of all) by `ratio` and then adds `adds`.

    `from_unit` .. `to_unit` (None: on and on) count within what `when` says: 1 is the first unit
    with the element, or the first after it; for others and the induced the unit of tenure.
    """

    ratio: Ratio = 1.0
    causes: tuple[str, ...] = ()
    when: When = When.DURING
    from_unit: Units = 1
    to_unit: MaybeUnits = None
    adds: Added = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits, and units that end before they begin."""
        check_fields(self)
        several(self.causes, "causes")
        if self.when not in set(When):
            raise ParameterError(
                f'"{self.when}" is no time of a reaction',
                where="when",
                remedy=nearest(self.when, list(When)),
            )
        if self.to_unit is not None and self.to_unit < self.from_unit:
            raise ParameterError(
                f"it ends with unit {self.to_unit} and begins with {self.from_unit}",
                where="to_unit",
                remedy="A reaction holds for one unit at least.",
            )


@dataclass(frozen=True)
class Behaviour:
    """How people react to an element.

    `reactions` are assumed; `effect`, where there is one, was estimated here, and holds for those
    who get the element: its units are those of tenure, of `Care` those since the contact. The name
    of a question may stand for its effect until `with_effects` puts it in. `lift` is the share by
    which sign-ups grow; or `always_buyers` is the share of takers who would have signed up anyway:
    where all take, that says lift = 1 / always_buyers - 1. `referrals` are the new customers whom a
    customer brings in a month because of it.
    """

    reactions: tuple[Reaction, ...] = ()
    lift: Lift = 0.0
    always_buyers: Amount = 1.0
    referrals: Amount = 0.0
    effect: Effect | str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits, and effects that are not by month."""
        check_fields(self)
        _check_effect(self.effect)
        if not isinstance(self.always_buyers, str) and not 0 < self.always_buyers <= 1:
            with under("always_buyers"):
                raise ParameterError(
                    f"it is {self.always_buyers:g}", remedy="A share above 0, at most 1."
                )
        if self.always_buyers != 1.0 and self.lift != 0.0:
            raise ParameterError(
                "sign-ups grow by a lift and by a share of always-buyers",
                where="lift",
                remedy="Both say the same: give one of them.",
            )


def _check_effect(effect: Effect | str | None) -> None:
    if effect == "":
        raise ParameterError(
            "the question has no name", where="effect", remedy="Name it, or leave it out."
        )
    if isinstance(effect, Effect) and effect.unit != MONTH:
        raise ParameterError(
            f"it was estimated by {effect.unit}, and a policy goes by {MONTH}",
            where="effect",
            remedy=f'Write `window.unit` as "{MONTH}".',
        )


NOTHING = Behaviour()
