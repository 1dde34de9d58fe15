"""The documentation names what there is, and its examples are right."""

import importlib
import inspect
import re
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import nbformat
import pytest

import stammkunde
from stammkunde import chapters, evidence, policy, survival, worlds
from stammkunde.cli import cli
from stammkunde.policy.declared import RulesToml, check_policies
from stammkunde.policy.offers import Behaviour
from stammkunde.report.driver import forks, job
from stammkunde.report.driver.parameters import declared
from stammkunde.spells.schema.loading import build
from stammkunde.spells.schema.tables import Delivery
from stammkunde.spells.source import Source
from stammkunde.study import StudyToml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md"])


def page(name):
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def missing(names, text):
    """Those names that the text does not mention as code."""
    return [n for n in names if not re.search(rf"(?<![\w.]){re.escape(n)}(?![\w])", text)]


def keys(noun, prefix=""):
    """The dotted keys of a TOML that is read as the dataclass; of named tables, the inner ones."""
    found = []
    inline = {f.name for f in fields(noun) if f.metadata.get("inline")}
    for name, kind in get_type_hints(noun).items():
        if name in inline:
            # where a table lies, and what a policy gives, is told once
            own = keys(kind, "" if kind in (Delivery, RulesToml) else prefix)
            found += [f"`{key}`" for key in own] if kind is Delivery else own
            continue
        # of what may be a name too, only that stands in a TOML
        named = get_origin(kind) in (Union, UnionType) and str in get_args(kind)
        inner = [] if named else [kind, *get_args(kind)]
        inner = [k for k in inner if is_dataclass(k) and k is not RulesToml]
        for part in inner:
            # how people react is told once, for all elements
            found += keys(part, "behaviour." if part is Behaviour else f"{prefix}{name}.")
        if not inner:
            found.append(prefix + name)
    return list(dict.fromkeys(found))


def blocks(language):
    """Every block of that language in the documentation, with its page."""
    found = []
    for file in PAGES:
        text = file.read_text(encoding="utf-8")
        for block in re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            found.append(pytest.param(block, id=f"{file.stem}-{len(found)}"))
    return found


def test_every_target_of_make_is_told():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = makefile.partition(".PHONY:")[2].partition("\n\n")[0].replace("\\", " ").split()
    assert len(targets) > 10
    assert missing([f"make {t}" for t in targets], page("quickstart")) == []


def test_every_target_that_is_told_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = {t for f in PAGES for t in re.findall(r"make ([a-z-]+)", code(f))}
    assert {t for t in told if not re.search(rf"^{t}:", makefile, re.MULTILINE)} == set()


def code(file):
    """What stands in backticks or blocks on a page."""
    text = file.read_text(encoding="utf-8")
    fenced = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    return "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", text)])


def test_every_command_and_option_is_told():
    text = page("quickstart")
    assert missing([f"stammkunde {verb}" for verb in cli.commands], text) == []
    options = [o for c in (cli, *cli.commands.values()) for p in c.params for o in p.opts]
    assert missing([o for o in options if o.startswith("-")], text) == []


def test_every_public_name_is_told():
    assert len(stammkunde.__all__) <= 25
    assert (
        missing(
            [f"stammkunde.{n}" for n in stammkunde.__all__],
            page("api").replace("sk.", "stammkunde."),
        )
        == []
    )


FACES = (survival, evidence, policy)
ROOMS = [getattr(f, n) for f in FACES for n in f.__all__ if inspect.ismodule(getattr(f, n))]


@pytest.mark.parametrize("room", [*FACES, *ROOMS, chapters, worlds], ids=lambda r: r.__name__)
def test_every_name_of_a_room_is_told(room):
    home = {n: "stammkunde" if n in stammkunde.__all__ else room.__name__ for n in room.__all__}
    assert missing([f"{place}.{n}" for n, place in home.items()], page("api")) == []


def test_every_name_that_is_told_exists():
    told = re.findall(r"^\.\. auto\w+:: ([\w.]+)$", page("api"), re.MULTILINE)
    assert len(told) == len(set(told)) > 20
    for place, _, name in (full.rpartition(".") for full in told):
        assert name in importlib.import_module(place).__all__, f"{place}.{name}"


def test_the_version_to_cite_is_the_version():
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {stammkunde.__version__}\n" in cited


def test_what_a_run_leaves_and_obeys_is_told():
    text = page("quickstart")
    for name in (forks.COLD, f"reports/{job.FAILED}/", "reports/.lock-", "--debug"):
        assert name in text, name


@pytest.mark.parametrize(("noun", "where"), [(StudyToml, "toml"), (Source, "your-own-data")])
def test_every_toml_key_is_told(noun, where):
    assert missing(keys(noun), page(where)) == []


def test_every_toml_key_that_is_told_exists():
    told = re.findall(r"`([a-z]+\.[a-z_]+)`", page("toml"))
    assert set(told) - set(keys(StudyToml)) == set()


def test_every_notebook_parameter_is_told():
    notebooks = sorted((ROOT / "notebooks").glob("[0-9]*_*.ipynb"))
    assert notebooks
    for file in notebooks:
        names = declared(nbformat.read(file, as_version=4), file.name)
        assert missing([f"`{n}`" for n in names], page("notebooks")) == []


@pytest.mark.parametrize("block", blocks("toml"))
def test_a_toml_example_is_read(block):
    table = tomllib.loads(block)
    if "caveats" in table:
        texts = {k: {"en": "x"} for k in ("title", "description", "origin", "licence")}
        source = texts | {"file": "x", "sha256": "x"}
        assert build(Source, source | {"nature": "real"} | table, "docs").caveats.leavers_window
    else:
        assert table.pop("schema") == 1
        toml = build(StudyToml, table, "docs")
        check_policies(toml, toml.client.languages, "docs")
        assert toml.data.table.delivery.file


@pytest.mark.parametrize("block", blocks("python"))
def test_a_python_example_names_what_there_is(block):
    names = re.findall(r"\bsk\.([A-Za-z_]+)", block)
    assert names
    assert [n for n in names if n not in stammkunde.__all__] == []
    compile(block, "docs", "exec")


@pytest.mark.parametrize("file", PAGES, ids=lambda f: f.stem)
def test_every_link_leads_somewhere(file):
    text = file.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)\)", text):
        assert (file.parent / link).exists(), link
