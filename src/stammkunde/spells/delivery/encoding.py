"""The bytes of a text as delivered: are they what they are declared to be, and as UTF-8."""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stammkunde.errors import DataError
from stammkunde.spells.delivery.engine import scratch
from stammkunde.spells.delivery.junk import HEAD_BYTES, looks_like, remedy_for

CHUNK = 1 << 22
CODECS = {"utf-8": "utf-8-sig", "latin-1": "latin-1", "windows-1252": "cp1252"}
BOM = codecs.BOM_UTF8


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes of a text found: how many lines there are, is it all ASCII."""

    lines: int
    ascii: bool


def survey(path: Path, encoding: str) -> Survey:
    """Return a survey of the text; DataError where it is no text of this encoding.

    The message names the first byte (counted from 0) that cannot be, and what the file looks like.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = looks_like(head)
    if kind:
        what = f"this is {kind}, not a text"
        raise DataError(what, where=path.name, remedy=remedy_for(kind))
    if encoding != "utf-8" and head.startswith(BOM):
        what = f"its first bytes say that it is UTF-8, not {encoding}"
        raise DataError(what, where=path.name, remedy='Write `encoding = "utf-8"`.')
    return _survey(path, encoding)


def _survey(path: Path, encoding: str) -> Survey:
    declared = codecs.getincrementaldecoder(CODECS[encoding])()
    also = codecs.getincrementaldecoder("utf-8")()
    at, ends, plain, utf8 = 0, 0, True, True
    before = last = b""
    for chunk in _chunks(path):
        null = chunk.find(b"\x00")
        if null >= 0:
            what = f"byte {at + null} is a NUL, which no text has"
            raise DataError(what, where=path.name, remedy="Ask for the table again, as text.")
        # "\r\n" is one end of a line, also across two chunks
        ends += chunk.count(b"\n") + chunk.count(b"\r") - (before + chunk).count(b"\r\n")
        last = chunk[-1:]
        before = last if last == b"\r" else b""
        if not chunk.isascii() or not plain:
            plain = False
            _decode(declared, chunk, at, path, encoding)
            utf8 = utf8 and decodes(also, chunk)
        at += len(chunk)
    if not plain:
        _decode(declared, b"", at, path, encoding, final=True)
        utf8 = utf8 and decodes(also, b"", final=True)
        if encoding != "utf-8" and utf8:
            what = f"every letter beyond ASCII is written in UTF-8, not in {encoding}"
            raise DataError(what, where=path.name, remedy='Write `encoding = "utf-8"`.')
    return Survey(ends + (last not in (b"", b"\n", b"\r")), plain)


def _decode(
    decoder: codecs.IncrementalDecoder,
    chunk: bytes,
    at: int,
    path: Path,
    encoding: str,
    final: bool = False,
) -> None:
    # what the decoder still holds from the chunk before it counts in the position of an error
    held = len(decoder.getstate()[0])
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8" else encoding
        other = "windows-1252" if encoding == "utf-8" else "utf-8"
        raise DataError(
            f"the file is not {name} (byte {at - held + error.start})",
            where=path.name,
            remedy=f'If it is {other}, write `encoding = "{other}"`; else ask for it as UTF-8.',
        ) from None


def decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    """Return whether bytes that follow those before are of the decoder's encoding."""
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def as_utf8(path: Path, encoding: str, found: Survey) -> Iterator[Path]:
    """Yield a file with the same text in UTF-8: itself, or a copy that only its owner can read.

    The copy lies in the process's own folder and is gone afterwards.
    """
    if encoding == "utf-8" or found.ascii:
        yield path
        return
    decoder = codecs.getincrementaldecoder(CODECS[encoding])()
    with tempfile.TemporaryDirectory(dir=scratch()) as folder:
        copy = Path(folder) / path.name
        with copy.open("wb") as file:
            for chunk in _chunks(path):
                file.write(decoder.decode(chunk).encode("utf-8"))
        yield copy


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
