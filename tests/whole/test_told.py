"""What a finding estimates is a result, told as it is or, of what an offer took, turned."""

import json

from tests.whole.test_numbers import BOTH, facts


@BOTH
def test_what_a_finding_estimates_is_in_the_results(reports, client, language):
    told_of = json.loads(reports.product(client, "results.json").read_text(encoding="utf-8"))
    known = tellable(told_of["results"])
    found = [f for part in facts(reports, client, language) for f in part["findings"]]
    used = [e for f in found for e in estimates(f["made_of"])]
    assert len(used) >= 5
    assert [e for e in used if (e["value"], e["low"], e["high"]) not in known] == []


def tellable(results):
    """Return (value, low, high) of each result, of what an offer took also the other way round.

    "0.6 months sooner" is the difference of −0.6 months.
    """
    known = {(r["value"], r["low"], r["high"]) for r in results}
    taken = [r for r in results if r["id"].startswith("offers.") and (r["value"] or 0) < 0]
    turned = [[x and -x for x in (r["value"], r["high"], r["low"])] for r in taken]
    return known | {tuple(three) for three in turned}


def test_only_what_an_offer_took_may_be_told_the_other_way_round():
    def told_of(name, *three):
        return tellable([{"id": name} | dict(zip(("value", "low", "high"), three, strict=True))])

    taken, given = (-0.6, -0.8, -0.4), (0.6, 0.4, 0.8)
    assert told_of("offers.call.months", *taken) == {taken, given}
    assert told_of("offers.call.months", *given) == {given}
    assert told_of("lifetimes.longer.24", *taken) == {taken}
    assert told_of("offers.call.gain", -5.0, None, None) == {(-5.0, None, None), (5.0, None, None)}
    assert told_of("offers.call.brought_in", None, None, None) == {(None, None, None)}


def estimates(made):
    """Yield every estimate in what a text was made of."""
    if isinstance(made, list):
        for part in made:
            yield from estimates(part)
    elif isinstance(made, dict):
        if {"value", "low", "high", "level"} <= made.keys():
            yield made
        else:
            for value in made.values():
                yield from estimates(value)
