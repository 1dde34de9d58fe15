"""Whatever a table holds: a draft that is TOML, or one sentence; never another error."""

import csv
import io
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import StammkundeError
from tests.intake.making import take_in, workspace_at
from tests.patience import examples

WORDS = (
    "Vertragsbeginn",
    "Vertragsende",
    "Kunde",
    "Datum",
    "Churn",
    "tenure",
    "Grund",
    "😀 ü",
    "a b",
)
NAMES = st.lists(
    st.one_of(st.sampled_from(WORDS), st.text(min_size=1, max_size=8)), min_size=1, max_size=5
)
CELLS = st.one_of(
    st.dates().map(str),
    st.dates().map(lambda d: f"{d.day:02d}.{d.month:02d}.{d.year:04d}"),
    st.floats().map(str),
    st.integers().map(str),
    st.sampled_from(["", "ja", "nein", "NULL", 'say "x"', "a\nb", "1.234,5"]),
    st.text(max_size=6),
)


@st.composite
def tables(draw):
    """Bytes of a text with a header and rows, most of them as wide as it."""
    names = draw(NAMES)
    rows = draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=12))
    out = io.StringIO()
    separator = draw(st.sampled_from(";,\t|"))
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([names, *rows])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "latin-1"]))
    return out.getvalue().encode(encoding, errors="ignore")


@settings(max_examples=examples(60), deadline=None)
@given(tables())
@pytest.mark.long
def test_any_table_makes_a_draft_or_one_sentence(data):
    with tempfile.TemporaryDirectory() as folder:
        workspace = workspace_at(Path(folder))
        file = Path(folder) / "x.csv"
        file.write_bytes(data)
        made, said = outcome(workspace, file)
        kept = workspace.raw / "a" / "x.csv"
        assert "\n" not in said
        assert kept.exists() == (workspace.clients / "a.toml").exists() == (made is not None)
        if made is not None:
            assert tomllib.loads(made.toml.read_text("utf-8"))["schema"] == 1
            assert kept.read_bytes() == data


def outcome(workspace, file):
    """The client made of the file, or None, and the sentence that refused it."""
    try:
        return take_in(workspace, "a", file), ""
    except StammkundeError as refused:
        return None, str(refused)
