"""A TOML becomes the policies and the ledger that one would build by hand."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

from stammkunde.policy.declared import RulesToml, ledger_of, policies_of
from stammkunde.policy.ledger import Assumption, Correlation, Law, Ledger, Source
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    CoolOff,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Policy,
    Population,
    Programme,
    Reaction,
    RebateForAll,
    Recovery,
    Step,
    When,
    WinBack,
)
from stammkunde.result import Label
from tests.policy.declared.written import CLIENT, POLICIES, edited, toml_of

NEWCOMER = NewcomerRebate(
    12, 10.0, take_up="loyalty.taken", behaviour=Behaviour(always_buyers="always_buyers")
)
KEPT = (
    LoyaltyRebate(
        13,
        1.0,
        12,
        cap=3.0,
        applies=Population.BASE,
        behaviour=Behaviour(effect="loyalty"),
    ),
    RebateForAll(
        share=0.05,
        behaviour=Behaviour(
            lift=0.1,
            reactions=(
                Reaction("loyalty_ratio", ("price",), When.DURING, 2, 9),
                Reaction(when=When.AFTER, adds=0.01),
            ),
        ),
    ),
    WinBack(("price",), 0.1, 5.0, capacity=40.0),
    CoolOff(6),
    MinimumTerm(3, ("price", "unknown")),
    Care("call", 6.0, 0.5),
)
GLIDE = GlidePath((Step(1, 6, 5.0), Step(7, 12, 2.0)))
HIGH = {"high": (LoyaltyRebate(steps=(Step(13, 24, 1.0), Step(25, None, 3.0))),)}

MACHINE = Programme("machine", once=4000.0, monthly=250.0)


def by_hand() -> tuple[Policy, ...]:
    def titled(name: str, de: str, en: str) -> tuple[str, Label]:
        return name, Label(name, {"de": de, "en": en})

    return (
        Policy(*titled("today", "wie heute", "as today"), (NEWCOMER,)),
        Policy(
            *titled("everything", "alles", "everything"),
            (*KEPT, GLIDE, Recovery(0.8, 2.0), MACHINE),
            HIGH,
        ),
        Policy(*titled("no_glide", "ohne", "without"), (*KEPT, MACHINE), HIGH),
    )


def test_policies_are_those_built_by_hand():
    assert policies_of(toml_of(CLIENT + POLICIES)) == by_hand()


def test_the_ledger_is_the_one_built_by_hand():
    guess = {"when": date(2026, 11, 22), "why": "Schätzung; a guess"}
    us, ours = {"says": "wir; us"}, {"says": "angenommen von uns; assumed by us"}
    rows = (
        Assumption("always_buyers", 0.8, 0.7, 0.9, Law.TRIANGULAR, "share", **ours, **guess),
        Assumption(
            "loyalty_ratio", 0.8, 0.7, 0.9142857142857143, Law.LOGNORMAL, "ratio",
            **ours, **guess, source=Source.LITERATURE,
        ),
        Assumption("handling", 4.0, unit="EUR", **us, **guess),
        Assumption("switching_cost", 60.0, unit="EUR", **us, **guess),
    )  # fmt: skip
    pair = (Correlation("always_buyers", "loyalty_ratio", -0.5),)
    assert ledger_of(toml_of(CLIENT + POLICIES)) == Ledger(rows, pair)


def test_the_setting_rival_and_pilot_are_as_written():
    toml = toml_of(CLIENT + POLICIES)
    own, rival, pilot = toml.setting, toml.rival, toml.pilot
    assert (own.comparator, own.horizon, own.segments, own.draws) == ("today", 60, "usage", 500)
    assert (own.price, own.acquisition, own.handling, own.signups) == (12.0, "kwh", "handling", 300)
    assert (own.service, own.serve, own.margin, own.arrears) == (("contact",), None, None, True)
    assert (rival.switching_cost, rival.price, rival.months, rival.firms) == (
        "switching_cost", None, 12, 3,
    )  # fmt: skip
    assert (pilot.policy, pilot.element, pilot.months) == ("everything", "call", 12)
    assert (pilot.per_customer, pilot.difference, pilot.begins) == (2.5, 0.5, date(2026, 3, 1))


def test_a_client_without_policies_has_none():
    toml = toml_of(CLIENT)
    assert (toml.setting, toml.rival, toml.pilot) == (None, None, None)
    assert policies_of(toml) == ()
    assert ledger_of(toml) == Ledger()


def test_every_kind_of_element_can_be_written():
    kinds = {type(e) for p in by_hand() for _, e in p.all()}
    assert kinds == set(map(_element, fields(RulesToml)))


def _element(field) -> type:
    """Return the class of the elements that a key of rules holds, by its name."""
    name = "".join(part.title() for part in field.name.split("_"))
    kinds = (
        NewcomerRebate, LoyaltyRebate, RebateForAll, GlidePath, WinBack, CoolOff, MinimumTerm,
        Care, Recovery, Programme,
    )  # fmt: skip
    return next(k for k in kinds if k.__name__ == name)


def _tables(text: str) -> list[str]:
    """Return the top tables of a TOML, each with those below it."""
    heads = ("[setting]", "[[policy]]", "[[assumption]]", "[[correlation]]", "[rival]", "[pilot]")
    parts: list[list[str]] = []
    for line in text.splitlines():
        if line in heads:
            parts.append([])
        if parts:
            parts[-1].append(line)
    return ["\n".join(p) for p in parts]


def test_the_order_of_sections_changes_nothing():
    parts = _tables(POLICIES)
    assert len(parts) == 11
    like = next(p for p in parts if "like =" in p)
    # who is like another stands below it
    turned = [*(p for p in reversed(parts) if p != like), like]
    before, after = toml_of(CLIENT + POLICIES), toml_of("\n".join([CLIENT, *turned]))
    assert {p.name: p for p in policies_of(before)} == {p.name: p for p in policies_of(after)}
    assert after.setting == before.setting
    assert after.pilot == before.pilot
    drawn = [ledger_of(t).draws(50) for t in (before, after)]
    assert drawn[0].keys() == drawn[1].keys()
    # of two that are correlated the first keeps its own draws: it is the other one now
    for name in ("handling", "switching_cost"):
        assert (drawn[0][name] == drawn[1][name]).all()


def test_the_order_of_elements_changes_nothing():
    lines = "[[policy.cool_off]]\nmonths = 6\n\n"
    minimum = '[[policy.minimum_term]]\nmonths = 3\ncauses = ["price", "unknown"]\n\n'
    turned = edited(lines + minimum, minimum + lines)
    assert policies_of(toml_of(turned)) == by_hand()


@pytest.mark.parametrize(
    ("written", "read"), [("12", 12.0), ("12.5", 12.5), ('"switching_cost"', "switching_cost")]
)
def test_a_number_may_be_typed_or_named(written, read):
    found = toml_of(edited("price = 12\n", f"price = {written}\n")).setting.price
    assert found == read
    assert type(found) is type(read)
