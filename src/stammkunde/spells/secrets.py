"""The client's key, and the pseudonyms made with it.

A pseudonym is HMAC-SHA256 of the person key as text (trimmed, NFC, UTF-8), its first 32 hexadecimal
digits. It tells persons apart without naming them; only who has the client's key and its customer
numbers can say whose it is. Results do not depend on it.
"""

from __future__ import annotations

import hmac
import os
import secrets
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from stammkunde.errors import ParameterError, WorkspaceError
from stammkunde.spells.blocks import engine_of

KEY = "STAMMKUNDE_KEY"
FOLDER = ".stammkunde"
SIZE = 32
DIGITS = 32
BLOCK = 64


def key_file(root: Path, client: str) -> Path:
    """Return where the key of `client` lies in the workspace at `root`, there or not."""
    return root / FOLDER / "keys" / f"{client}.key"


def secret_of(root: Path, client: str) -> bytes:
    """Return the client's key, 32 bytes, made at random where there is none yet.

    It lies in `.stammkunde/keys/` of the workspace, readable by its owner alone; the environment
    variable STAMMKUNDE_KEY (64 hexadecimal digits) takes its place. ParameterError or
    WorkspaceError where it is not a key; neither shows it.
    """
    given = os.environ.get(KEY)
    if given is not None:
        secret = _bytes(given)
        if secret is None:
            said = f"the environment variable {KEY} is not 64 hexadecimal digits"
            raise ParameterError(said, remedy="Correct it, or remove it to use the workspace's.")
        return secret
    file = key_file(root, client)
    if not file.exists():
        _make(file)
    secret = _bytes(_read(file))
    if secret is None:
        raise WorkspaceError(
            "this is not a key of 64 hexadecimal digits",
            where=f"{FOLDER}/keys/{file.name}",
            remedy="Put the right one back, or remove the file: results do not depend on it.",
        )
    return secret


def pseudonym_of(key: str, secret: bytes) -> str:
    """Return the pseudonym of a person key, 32 hexadecimal digits."""
    return hmac.new(secret, key.encode("utf-8"), sha256).hexdigest()[:DIGITS]


def pseudonym_expr(key: ir.StringValue, secret: bytes) -> ir.StringValue:
    """Return the pseudonyms of a column of person keys, by the engine that holds it; null for null.

    The engine's session keeps the key as a variable from now on, so that no expression, query or
    message holds it. Engines: DuckDB, PostgreSQL.
    """
    pads = {0x36: "inner", 0x5C: "outer"}
    padded = secret.ljust(BLOCK, b"\0")
    # two clients in one session must not share a variable; the name gives nothing of the key away
    mark = sha256(b"name of " + secret).hexdigest()[:16]
    names = {}
    for pad, part in pads.items():
        names[part] = f"stammkunde_{part}_{mark}"
        _remember(key.get_backend(), names[part], bytes(byte ^ pad for byte in padded))
    if engine_of(key) == "postgres":
        inner, outer = (_decode(_setting(_dotted(n)), "hex") for n in names.values())
        digest = _encode(_sha_of(outer + _sha_of(inner + _bytes_of(key, "UTF8"))), "hex")
    else:
        inner, outer = map(_variable, names.values())
        digest = _sha_hex(outer + _unhex(_sha_hex(inner + _utf8(key))))
    return digest.left(DIGITS)


def _remember(engine: BaseBackend, name: str, pad: bytes) -> None:
    if engine.name == "postgres":
        with engine.raw_sql(f"SELECT set_config('{_dotted(name)}', '{pad.hex()}', false)"):
            engine.con.commit()
    else:
        engine.raw_sql(f"SET VARIABLE {name} = unhex('{pad.hex()}')")


def _dotted(name: str) -> str:
    """Return the name of a variable as PostgreSQL wants it: with the prefix of a program."""
    return name.replace("_", ".", 1)


def _bytes(text: str) -> bytes | None:
    """Return the key that a text spells, None where it spells none."""
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        return None
    return secret if len(secret) == SIZE else None


def _read(file: Path) -> str:
    """Return the text of a key file, whose rights are narrowed where somebody has widened them."""
    if sys.platform != "win32" and file.stat().st_mode & 0o077:
        file.chmod(0o600)
    return file.read_bytes().decode("ascii", errors="replace")


def _make(file: Path) -> None:
    """Make a key, seen by others whole or not at all; one that another run has made stays."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (file.parent, file.parent.parent):
        folder.chmod(0o700)
    # mkstemp makes files for the owner only
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii", newline="\n") as stream:
            stream.write(secrets.token_bytes(SIZE).hex() + "\n")
        try:
            os.link(new, file)
        except FileExistsError:
            return
        except OSError:
            # a file system without hard links
            new.replace(file)
    finally:
        new.unlink(missing_ok=True)


# What these return are bytes, called text here: Ibis joins texts with `||`, which joins bytes too,
# but has no word for joining bytes.


@ibis.udf.scalar.builtin(name="getvariable")
def _variable(called: str) -> str:  # type: ignore[empty-body]
    """Return a variable of the session (DuckDB)."""


@ibis.udf.scalar.builtin(name="encode")
def _utf8(text: str) -> str:  # type: ignore[empty-body]
    """Return the bytes of a text (DuckDB)."""


@ibis.udf.scalar.builtin(name="unhex")
def _unhex(text: str) -> str:  # type: ignore[empty-body]
    """Return the bytes that hexadecimal digits spell (DuckDB)."""


@ibis.udf.scalar.builtin(name="sha256")
def _sha_hex(data: str) -> str:  # type: ignore[empty-body]
    """Return the hash of bytes as hexadecimal digits (DuckDB)."""


@ibis.udf.scalar.builtin(name="current_setting")
def _setting(called: str) -> str:  # type: ignore[empty-body]
    """Return a variable of the session (PostgreSQL)."""


@ibis.udf.scalar.builtin(name="convert_to")
def _bytes_of(text: str, encoding: str) -> str:  # type: ignore[empty-body]
    """Return the bytes of a text (PostgreSQL)."""


@ibis.udf.scalar.builtin(name="decode")
def _decode(text: str, form: str) -> str:  # type: ignore[empty-body]
    """Return the bytes that a text spells (PostgreSQL)."""


@ibis.udf.scalar.builtin(name="sha256")
def _sha_of(data: str) -> str:  # type: ignore[empty-body]
    """Return the hash of bytes as bytes (PostgreSQL)."""


@ibis.udf.scalar.builtin(name="encode")
def _encode(data: str, form: str) -> str:  # type: ignore[empty-body]
    """Return bytes as text (PostgreSQL)."""
