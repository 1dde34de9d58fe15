"""No customer's number or name is found in anything a run leaves, but in rejected.csv."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest

from stammkunde.spells.secrets import KEY, key_file, pseudonym_of, secret_of
from stammkunde.study import read_study
from stammkunde.workspace import Workspace

TOML = """\
schema = 1
[client]
name = { de = "Gemüsehof", en = "Greengrocer" }
as_of = 2024-12-31
[window]
open = 2020-01-01
close = 2025-01-01
[contracts]
file = "contracts.csv"
separator = ";"
encoding = "windows-1252"
date_format = "%d.%m.%Y"
person = "Kundennummer"
start = "Beginn"
end = "Ende"
reason = "Grund"
[events]
file = "events.csv"
person = "Kundennummer"
date = "Tag"
kind = "Art"
[groups.tariff]
column = "Tarif"
title = { de = "Tarif", en = "tariff" }
"""
PEOPLE = 400
STEMS = ("Zwiebel", "Möhren", "Rüben", "Kohl", "Lauch", "Spargel", "Kürbis", "Gurken")
ENDS = ("turm", "burger", "meisterin", "schmied", "huber")
NUMBERS = [f"Q{7_700_000 + 37 * i}Z" for i in range(PEOPLE)]
NAMES = [f"{STEMS[i % 8]}{ENDS[i % 5]}{i}" for i in range(PEOPLE)]
# where a name has an umlaut, the rest of it will do, however the umlaut is written
TRACES = [*NUMBERS, *(re.split("[^a-zA-Z0-9]", name)[-1] for name in NAMES)]
BAD = {3: "41.13.2020", 5: "", 8: "vorgestern", 11: "01.01.1700"}


def day(number: int) -> str:
    return (date(2019, 6, 1) + timedelta(days=number)).strftime("%d.%m.%Y")


def contracts() -> str:
    rows = ["Kundennummer;Name;Beginn;Ende;Grund;Tarif"]
    for i, (number, name) in enumerate(zip(NUMBERS, NAMES, strict=True)):
        begin = 4 * i
        left = i % 3 == 0
        end = day(begin + 30 * (1 + i % 20)) if left else ""
        tail = f"{end};{'Umzug' if left else ''};{'AB'[i % 2]}"
        rows.append(f"{number};{name};{BAD.get(i, day(begin))};{tail}")
        if i % 9 == 0 and left:
            rows.append(f"{number};{name};{day(begin + 900)};;;B")
    return "\r\n".join([*rows, f"{NUMBERS[20]};{NAMES[20]}", ""])


def events() -> str:
    rows = [f"{n},2022-03-0{1 + i % 9},Beschwerde,{NAMES[i]}" for i, n in enumerate(NUMBERS[::3])]
    return "\n".join(["Kundennummer,Tag,Art,Name", *rows, ""])


@dataclass(frozen=True)
class Run:
    """A workspace in which a command ran, what it said, and the folders it could write to."""

    workspace: Workspace
    said: str
    aside: Path

    def left(self) -> dict[str, Path]:
        """Everything that is there now, but for the data as delivered."""
        inside = [p for p in self.workspace.root.rglob("*") if p.is_file()]
        raw = self.workspace.raw
        files = [p for p in inside if not p.is_relative_to(raw) or p.name == "SOURCE.toml"]
        aside = [p for p in self.aside.rglob("*") if p.is_file()]
        return {str(p.relative_to(self.workspace.root.parent)): p for p in [*files, *aside]}


def started(folder: Path) -> Run:
    """A workspace with the client, and a home, a cache and a folder for temporary files."""
    folder.mkdir(exist_ok=True)
    aside = folder / "aside"
    environment = {k: v for k, v in os.environ.items() if k != KEY} | {
        "HOME": str(aside / "home"), "TMPDIR": str(aside / "tmp"),
        "STAMMKUNDE_CACHE": str(aside / "cache"), "XDG_CACHE_HOME": str(aside / "home"),
    }  # fmt: skip
    for name in ("home", "tmp", "cache"):
        (aside / name).mkdir(parents=True)
    command = [sys.executable, "-m", "stammkunde"]
    subprocess.run([*command, "init", "work"], cwd=folder, env=environment, check=True)
    workspace = Workspace(folder / "work")
    raw = workspace.raw / "gemuese"
    raw.mkdir()
    (raw / "contracts.csv").write_bytes(contracts().encode("cp1252"))
    (raw / "events.csv").write_bytes(events().encode())
    (workspace.clients / "gemuese.toml").write_text(TOML, encoding="utf-8")
    done = subprocess.run(
        [*command, "report", "gemuese"],
        cwd=workspace.root, env=environment, capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    return Run(workspace, done.stdout + done.stderr, aside)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = started(tmp_path_factory.mktemp("privacy"))
    assert (made.workspace.reports / "gemuese" / "results.json").is_file(), made.said
    return made


def found(content: str) -> list[str]:
    """Which customers a text names."""
    return [t for t in TRACES if t in content]


def texts(path: Path) -> list[str]:
    """The bytes of a file in every reading that could show a name, unpacked where it is packed."""
    data = path.read_bytes()
    parts = [data]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            parts += [book.read(name) for name in book.namelist()]
    read = [part.decode(code, "replace") for part in parts for code in ("utf-8", "utf-16-le")]
    return [*read, printed(data)] if data.startswith(b"%PDF") else read


def printed(pdf: bytes) -> str:
    """Everything in a PDF: the unpacked streams, and the text that the pages show."""
    said = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for thing in document.objects:
            if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") != "/Image":
                said.append(thing.read_bytes().decode("utf-8", "replace"))
        for page in document.pages:
            fonts = {name: glyphs(font) for name, font in page.Resources.Font.items()}
            said.append(shown(page, fonts))
    return "\n".join(said)


def glyphs(font: pikepdf.Object) -> dict[int, str]:
    """The letters that the glyphs of a font stand for, from its own table."""
    letters = {}
    for line in font.ToUnicode.read_bytes().decode("ascii", "replace").splitlines():
        codes = re.findall("<([0-9A-Fa-f]+)>", line)
        if len(codes) == 2:
            letters[int(codes[0], 16)] = bytes.fromhex(codes[1]).decode("utf-16-be")
    return letters


def shown(page: pikepdf.Page, fonts: dict[str, dict[int, str]]) -> str:
    letters, text = {}, []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            letters = fonts[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            for part in operands[0] if str(operator) == "TJ" else operands:
                if isinstance(part, pikepdf.String):
                    codes = bytes(part)
                    pairs = zip(codes[::2], codes[1::2], strict=True)
                    text += [letters.get(256 * high + low, "?") for high, low in pairs]
    return "".join(text)


def test_the_search_finds_what_there_is(run: Run) -> None:
    rejected = run.workspace.reports / "gemuese" / "rejected.csv"
    assert {NUMBERS[3], NUMBERS[8]} <= set(found(rejected.read_text(encoding="utf-8")))
    assert len({t for p in run.workspace.raw.rglob("*.csv") for t in found(texts(p)[0])}) > PEOPLE
    for file, word in (("report.de.pdf", "Gemüsehof"), ("tables.de.xlsx", "Gemüsehof")):
        path = run.workspace.reports / "gemuese" / file
        assert any(word.replace(" ", "") in t.replace(" ", "") for t in texts(path)), file


def test_no_product_log_cache_or_temporary_file_names_a_customer(run: Run) -> None:
    left = {name: p for name, p in run.left().items() if p.name != "rejected.csv"}
    kinds = {p.suffix for p in left.values()}
    assert {".html", ".pdf", ".xlsx", ".json", ".ipynb", ".txt", ".key"} <= kinds
    named = {name: found("\n".join(texts(path)))[:3] for name, path in left.items()}
    assert {name: who for name, who in named.items() if who} == {}
    assert found(run.said) == []


def test_no_file_is_left_aside(run: Run) -> None:
    assert list((run.aside / "tmp").iterdir()) == []
    assert list((run.aside / "cache").glob("engine-*")) == []


def test_nobodys_pseudonym_is_handed_out(run: Run) -> None:
    secret = secret_of(run.workspace.root, "gemuese")
    own = [pseudonym_of(number, secret) for number in NUMBERS]
    for path in run.left().values():
        content = "\n".join(texts(path))
        assert [p for p in own if p in content] == [], path.name


def test_rejected_rows_and_the_key_are_for_their_owner(run: Run) -> None:
    rejected = run.workspace.reports / "gemuese" / "rejected.csv"
    key = key_file(run.workspace.root, "gemuese")
    assert key.is_file()
    if os.name == "posix":
        assert rejected.stat().st_mode & 0o777 == 0o600
        assert key.stat().st_mode & 0o777 == 0o600
        assert run.workspace.raw.stat().st_mode & 0o777 == 0o700
    ignored = (run.workspace.root / ".gitignore").read_text(encoding="utf-8").split()
    assert {"/.stammkunde/", "/reports/"} <= set(ignored)


def test_persons_are_pseudonyms_once_read(run: Run) -> None:
    study = read_study("gemuese", workspace=run.workspace)
    persons = set(study.spells().relation.person.execute())
    secret = secret_of(run.workspace.root, "gemuese")
    assert persons
    assert persons <= {pseudonym_of(number, secret) for number in NUMBERS}


def test_results_do_not_depend_on_the_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    study = read_study("gemuese", workspace=run.workspace)
    one = study.spells().to_frame()
    monkeypatch.setenv(KEY, "ab" * 32)
    other = study.spells().to_frame()
    assert set(one.person).isdisjoint(other.person)
    assert one.drop(columns="person").equals(other.drop(columns="person"))


BROKEN = {
    "too many bad rows": lambda text: re.sub(r";\d\d\.(?=\d\d\.\d{4};)", ";99.", text),
    "another separator": lambda text: text.replace(";", ","),
    "a quote that never ends": lambda text: text.replace(f";{NAMES[9]}", f';"{NAMES[9]}', 1),
    "two names of a column": lambda text: text.replace("Name", "Beginn", 1),
    "a zero byte": lambda text: text.replace(NAMES[9], NAMES[9] + "\x00", 1),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_fails_names_nobody_either(run: Run, tmp_path: Path, how: str) -> None:
    raw = run.workspace.raw / "gemuese" / "contracts.csv"
    whole, said = raw.read_bytes(), ""
    try:
        raw.write_bytes(BROKEN[how](contracts()).encode("cp1252"))
        done = subprocess.run(
            [sys.executable, "-m", "stammkunde", "report", "gemuese"],
            cwd=run.workspace.root, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert done.returncode in {2, 3}, said
    finally:
        raw.write_bytes(whole)
    assert "contracts.csv" in said or "Beginn" in said
    assert found(said) == []
    for path in (run.workspace.reports / ".failed").rglob("*.ipynb"):
        assert (
            found(json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False))
            == []
        )
