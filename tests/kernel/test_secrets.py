"""Keys are made once, kept for their owner, and never shown; pseudonyms are Python's HMAC."""

import os
import subprocess
import sys
from pathlib import Path

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError, WorkspaceError
from stammkunde.spells.secrets import KEY, key_file, pseudonym_expr, pseudonym_of, secret_of

SECRET = bytes(range(32))
POSIX = os.name == "posix"


@pytest.fixture(autouse=True)
def no_key_from_outside(monkeypatch):
    monkeypatch.delenv(KEY, raising=False)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    secret = secret_of(tmp_path, "telco")
    assert len(secret) == 32
    assert secret_of(tmp_path, "telco") == secret
    assert secret_of(tmp_path, "cdnow") != secret
    file = key_file(tmp_path, "telco")
    assert file == tmp_path / ".stammkunde" / "keys" / "telco.key"
    assert bytes.fromhex(file.read_text(encoding="ascii")) == secret
    assert sorted(p.name for p in file.parent.iterdir()) == ["cdnow.key", "telco.key"]
    if POSIX:
        assert mode(file) == 0o600
        assert mode(file.parent) == mode(file.parent.parent) == 0o700
        file.chmod(0o644)
        assert secret_of(tmp_path, "telco") == secret
        assert mode(file) == 0o600


def test_runs_at_once_agree_on_one_key(tmp_path):
    code = (
        "import sys; from pathlib import Path; from stammkunde.spells.secrets import secret_of;"
        "print(secret_of(Path(sys.argv[1]), 'telco').hex())"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = {run.communicate()[0].strip() for run in runs}
    assert said == {key_file(tmp_path, "telco").read_text(encoding="ascii").strip()}


def test_without_hard_links_it_is_made_too(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    secret = secret_of(tmp_path, "telco")
    assert secret_of(tmp_path, "telco") == secret
    assert [p.name for p in key_file(tmp_path, "telco").parent.iterdir()] == ["telco.key"]


def test_the_environment_takes_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, SECRET.hex())
    assert secret_of(tmp_path, "telco") == SECRET
    assert list(tmp_path.iterdir()) == []


WRONG = ["", "abc", SECRET.hex()[:-2], SECRET.hex() + "00", "zz" * 32, "ä" * 64]


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_key_gets_a_sentence_that_does_not_show_it(tmp_path, monkeypatch, text):
    file = key_file(tmp_path, "telco")
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError) as wrong:
        secret_of(tmp_path, "telco")
    assert str(wrong.value) == (
        ".stammkunde/keys/telco.key: this is not a key of 64 hexadecimal digits. "
        "Put the right one back, or remove the file: results do not depend on it."
    )
    assert file.read_text(encoding="utf-8") == text
    monkeypatch.setenv(KEY, text)
    with pytest.raises(ParameterError) as wrong:
        secret_of(tmp_path, "telco")
    assert str(wrong.value) == (
        "the environment variable STAMMKUNDE_KEY is not 64 hexadecimal digits. "
        "Correct it, or remove it to use the workspace's."
    )


KEYS = st.lists(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=80)
    | st.sampled_from(["Müller", "Mu\u0308ller", "😀", "", " ", "'; DROP TABLE k; --", "x" * 9000]),
    min_size=1,
)


@pytest.mark.long
@settings(deadline=None)
@given(keys=KEYS, secret=st.binary(min_size=32, max_size=32))
def test_the_engine_makes_the_pseudonyms_that_python_makes(keys, secret):
    engine = ibis.duckdb.connect()
    table = engine.create_table("k", ibis.memtable({"n": range(len(keys)), "key": keys}))
    made = table.order_by("n").select(p=pseudonym_expr(table.key, secret)).execute()
    assert made.p.tolist() == [pseudonym_of(k, secret) for k in keys]


def test_a_pseudonym_by_hand():
    """The first digits of RFC 4231's test case 2, whose key is shorter than a block."""
    told = pseudonym_of("what do ya want for nothing?", b"Jefe")
    assert told == "5bdcc146bf60754e6a042426089575c7"


def test_nobody_has_no_pseudonym_and_two_clients_have_two():
    engine = ibis.duckdb.connect()
    table = engine.create_table("k", ibis.memtable({"key": ["1001", None]}))
    two = table.select(
        one=pseudonym_expr(table.key, SECRET), other=pseudonym_expr(table.key, bytes(32))
    ).execute()
    assert two.one.tolist() == [pseudonym_of("1001", SECRET), None]
    assert two.other.tolist() == [pseudonym_of("1001", bytes(32)), None]


def test_neither_expression_nor_query_holds_the_key():
    engine = ibis.duckdb.connect()
    table = engine.create_table("k", ibis.memtable({"key": ["1001"]}))
    made = pseudonym_expr(table.key, SECRET)
    for text in (repr(made), ibis.to_sql(made), str(made.compile())):
        for pad in (0, 0x36, 0x5C):
            assert bytes(b ^ pad for b in SECRET).hex() not in text.lower()
