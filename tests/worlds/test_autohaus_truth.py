"""What is true of the garage: computed, complete, and as its page of documentation quotes it."""

import json
import re
from pathlib import Path

import pytest

from stammkunde.worlds.autohaus import KIND, parameters
from stammkunde.worlds.autohaus.claims import claims
from stammkunde.worlds.autohaus.expect import ledger
from stammkunde.worlds.autohaus.outcomes import outlook

PAGE = Path(__file__).resolve().parents[2] / "docs" / "autohaus.md"
FALSE = ("A6", "A18", "A20", "A30", "A43", "A45")


@pytest.fixture(scope="module")
def truth():
    return KIND.world().truth()


@pytest.fixture(scope="module")
def values(truth):
    return {row["id"]: row["value"] for row in truth["truths"]}


def claims_under(**policy):
    levers = dict(KIND.world().under(**policy).levers)
    return claims(outlook(ledger(tuple(sorted(levers.items())))), levers)


def test_truth_is_plain_data(truth):
    again = json.loads(json.dumps(truth, allow_nan=False))
    assert again == truth
    assert [truth[k] for k in ("schema", "world", "seed", "process_version")] == [
        1, "autohaus", 1, parameters.VERSION,
    ]  # fmt: skip
    names = [row["id"] for row in truth["truths"]]
    assert len(names) == len(set(names)) > 50
    for row in truth["truths"]:
        assert set(row) == {"id", "about", "value", "unit", "error", "how"}
        assert (row["error"] > 0) == row["how"].startswith("simulation")
    assert set(truth["questions"]) == {str(q) for q in range(1, 21)}


def test_truth_does_not_hang_on_the_seed():
    one, two = (KIND.world(seed=seed, size=200).truth() for seed in (1, 2))
    assert one | {"seed": 2} == two


def test_claims_reach_what_they_reach(truth):
    claims = truth["claims"]
    assert len(claims) >= 10
    for name, claim in claims.items():
        assert claim["reaches"] == (claim["value"] >= claim["smallest_relevant"]), name
        assert claim["says"] == ("true" if claim["reaches"] else "false")
    assert sum(c["reaches"] for c in claims.values()) >= 10
    assert [n for n, c in claims.items() if not c["reaches"]] == list(FALSE)


def test_planted_false_claims_are_below_the_smallest_relevant_effect(truth):
    for name in FALSE:
        claim = truth["claims"][name]
        assert abs(claim["value"]) < claim["smallest_relevant"], name


def test_traps_that_the_naive_comparison_falls_into(truth, values):
    # who was answered well is more loyal: harmed, and yet fewer of them are lost
    assert values["paradox.naive"] > 0.01 > 0 > values["paradox.lost"]
    # who stays has time to join, and who joins is more loyal
    assert values["points.naive"] > 0.05
    assert truth["claims"]["A30"]["value"] == pytest.approx(0, abs=1e-12)
    # busy days have more of everything
    assert values["surprise.count_with_lost"] > 0.2
    errors = {row["id"]: row["error"] for row in truth["truths"]}
    rate = "surprise.rate_with_lost"
    assert abs(values[rate]) < 3.5 * errors[rate]
    # who has moved gladly says so
    assert values["answers.stated.Umzug"] > 1.5 * values["answers.all.Umzug"]


def test_shares_add_up(values):
    for group in ("cause.", "lapsed.", "answers.stated.", "answers.all."):
        shares = [v for name, v in values.items() if name.startswith(group)]
        assert sum(shares) == pytest.approx(1, abs=1e-9), group


def test_levers_move_what_they_are_about(truth):
    now = truth["claims"]
    dear = claims_under(team_spread=0.0, price_leaving=2.0)
    assert dear["A16"]["value"] == pytest.approx(0, abs=1e-12)
    assert dear["A12"]["value"] < now["A12"]["value"]
    calm = claims_under(incidents=0.0, card=False, gestures=False)
    assert [calm[k]["value"] for k in ("A17", "A20", "A37")] == [None, None, None]
    assert not calm["A17"]["reaches"]
    assert calm["A44"]["value"] > 0  # what an invitation would do to those who get none now


def quoted(heading):
    """The rows of the table under a heading of the page: name -> figure as printed."""
    part = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `?([^|`]+?)`? \| ([^|]+?) \|", part, re.MULTILINE)
    return {name: figure for name, figure in rows if name not in ("id", "claim", "name")}


def test_the_page_quotes_what_is_true(truth, values):
    told = quoted("What is true")
    assert len(told) > 20
    for name, figure in told.items():
        assert f"{values[name]:.3f}" == figure, name


def test_the_page_quotes_every_claim(truth):
    claims = truth["claims"]
    told = quoted("Claims")
    assert told == {
        name: f"{c['value']:.3f}".replace("-0.000", "0.000") for name, c in claims.items()
    }


def test_the_page_quotes_the_parameters():
    told = quoted("Parameters")
    assert len(told) > 15
    for name, figure in told.items():
        value = getattr(parameters, name)
        cells = value.values() if isinstance(value, dict) else value
        many = isinstance(value, dict | tuple)
        assert (", ".join(f"{c:g}" for c in cells) if many else f"{value:g}") == figure, name


def test_the_page_names_every_lever():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in KIND.levers if f"`{name}`" not in text] == []
