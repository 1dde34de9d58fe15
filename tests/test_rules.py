"""A rule for every file names each file that breaks it."""

from pathlib import Path

from tests.rules import ROOT, broken


def test_every_file_that_breaks_a_rule_is_named_with_what_is_wrong():
    here, other = Path(__file__), ROOT / "tests" / "rules.py"

    def rule(path: Path) -> None:
        assert path != here, "it is this one"

    assert broken(rule, [other]) == []
    assert len(broken(rule, [here, other, here])) == 2
    assert broken(rule, [here])[0].startswith("tests/test_rules.py: it is this one")
