"""The house: floors, who may touch what, sizes, notebooks, and what may never be written.

Standard library only, so that it runs before anything else does.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rules import each

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "stammkunde"
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PYTHON = sorted(
    [
        *MODULES,
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "tools").rglob("*.py"),
        *(ROOT / "benchmark").rglob("*.py"),
    ]
)

# A room may import from its own floor or from those before it.
FLOORS = (
    ("errors", "result", "draws", "intervals", "version"),
    ("spells", "worlds", "workspace"),
    ("survival",),
    ("evidence",),
    ("policy",),
    ("client", "study"),
    ("chapters",),
    ("intake",),
    ("report",),
    ("cli", "__main__"),
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

READERS = {"spells/source.py", "spells/schema/loading.py", "spells/secrets.py"}
READERS |= {"study.py", "cli.py"}
# whole rooms whose work it is
READING_ROOMS = ("spells/delivery/", "intake/", "report/")
PAINTED = "figures style frame marks curves stacked dots series heat calibration tracks rows"
DRAWN = "likeness compared steps course tornado regions hatch"
PAINTERS = {f"report/{name}.py" for name in f"{PAINTED} {DRAWN}".split()}
RUNNERS = {"report/driver/runner.py"}
MODULE_LINES, FUNCTION_LINES, METHODS, CELL_LINES = 300, 40, 10, 6


def short(path: Path) -> str:
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(tree(path)))


def classes(path: Path) -> set[str]:
    return {n.name for n in nodes(path) if isinstance(n, ast.ClassDef)}


@cache
def all_classes() -> set[str]:
    return set().union(*map(classes, MODULES))


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module_name(p): p for p in MODULES}


def imports(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, wherever in it and for whatever purpose."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(path)}: relative import"
            base = node.module or ""
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in NAMES else base


def own(path: Path) -> set[str]:
    """Return the modules of the package that a file imports, but for the package's own face."""
    return {m for m in imports(path) if m in NAMES} - {"stammkunde"}


def room(module: str) -> str:
    return module.split(".")[1]


@each(MODULES)
def test_a_module_imports_from_its_own_floor_or_below(path):
    if path == PACKAGE / "__init__.py":
        return  # the face of the package names what stands on every floor
    here = room(module_name(path))
    assert here in LEVEL, f"`{here}` has no floor: put it into FLOORS and ARCHITECTURE.md"
    above = [m for m in own(path) if LEVEL[room(m)] > LEVEL[here]]
    assert not above, f"{short(path)} reaches up to {above}"


def test_modules_import_one_another_in_no_circle():
    """However imports are counted: inside functions and for type checkers too."""
    graph = {name: own(path) for name, path in NAMES.items() if name != "stammkunde"}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name in done:
            return
        for other in sorted(graph.get(name, ())):
            # a package's face imports its rooms; they import one another, not the face
            visit(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_nobody_inside_imports_the_face_of_the_package():
    """The face inside the house would tie every floor to every other."""
    found = []
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module == "stammkunde":
                names = {a.name for a in node.names}
                found += [(short(path), n) for n in names if f"stammkunde.{n}" not in NAMES]
    assert found == []


def uses_disk(path: Path) -> list[str]:
    """Return the calls of a file by which it would touch the disk."""
    verbs = {
        "read_text", "write_text", "read_bytes", "write_bytes", "mkdir", "unlink", "rename",
        "rmtree", "read_csv", "to_csv", "to_excel", "read_parquet", "to_parquet", "savefig",
        "copyfile", "copytree", "mkdtemp", "mkstemp", "TemporaryDirectory", "NamedTemporaryFile",
    }  # fmt: skip
    found = []
    for node in nodes(path):
        if not isinstance(node, ast.Call):
            continue
        f = node.func
        name = f.id if isinstance(f, ast.Name) else f.attr if isinstance(f, ast.Attribute) else ""
        # `open` is what files are opened with whatever they hang on: open(), path.open(), os.open()
        if name == "open" or (name in verbs and isinstance(f, ast.Attribute)):
            found.append(f"{name} in line {node.lineno}")
    return found


@each(MODULES)
def test_only_the_readers_and_the_report_touch_the_disk(path):
    if short(path) not in READERS and not short(path).startswith(READING_ROOMS):
        assert uses_disk(path) == []


@each(MODULES)
def test_only_the_painters_import_matplotlib_and_only_the_runner_papermill(path):
    roots = {m.split(".")[0] for m in imports(path)}
    assert not roots & {"matplotlib", "seaborn"} or short(path) in PAINTERS
    assert "papermill" not in roots or short(path) in RUNNERS


def test_those_who_may_are_there():
    """A list of exceptions that nobody uses any more is a hole."""
    assert {p for p in READERS | PAINTERS | RUNNERS if not (PACKAGE / p).is_file()} == set()


@each(PYTHON)
def test_a_module_has_at_most_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


@each(PYTHON)
def test_a_function_has_at_most_40_lines_and_a_class_10_methods(path):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    functions = [n for n in nodes(path) if isinstance(n, kinds)]
    assert [f"{f.name}: {body_lines(f)}" for f in functions if body_lines(f) > FUNCTION_LINES] == []
    for node in nodes(path):
        if isinstance(node, ast.ClassDef):
            methods = [n for n in node.body if isinstance(n, kinds)]
            assert len(methods) <= METHODS, f"{node.name} has {len(methods)} methods"


@each(MODULES)
def test_only_errors_and_what_a_library_demands_inherit(path):
    """An own base is allowed for errors only; other bases come from a library."""
    errors = classes(PACKAGE / "errors.py")
    for node in nodes(path):
        if isinstance(node, ast.ClassDef):
            bases = {b.id for b in node.bases if isinstance(b, ast.Name)}
            assert not (bases & all_classes()) - errors, f"{node.name} inherits from {bases}"


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_there_are_notebooks_to_look_at():
    assert any(p.name.startswith("1_") for p in NOTEBOOKS)


@each(NOTEBOOKS)
def test_a_notebook_is_thin(path):
    for number, cell in enumerate(cells(path)):
        source = "".join(cell["source"])
        where = f"{path.name}, cell {number}"
        if cell["cell_type"] != "code":
            continue
        assert len(source.splitlines()) <= CELL_LINES, where
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        plain = "\n".join(x for x in source.splitlines() if not x.lstrip().startswith(("%", "!")))
        assert not any(isinstance(n, kinds) for n in ast.walk(ast.parse(plain))), where
        assert cell["outputs"] == [], where
        assert cell["execution_count"] is None, where


@each(NOTEBOOKS)
def test_a_chapter_has_one_cell_of_parameters_and_notes_tagged_for_analysts(path):
    if not path.name[0].isdigit():
        return
    tags = [set(c["metadata"].get("tags", [])) for c in cells(path)]
    assert sum("parameters" in t for t in tags) == 1
    for cell, own_tags in zip(cells(path), tags, strict=True):
        if cell["cell_type"] == "markdown":
            assert "analyst" in own_tags, "".join(cell["source"])[:60]


# Put together from pieces, so that this file does not hold what it looks for.
MACHINES = "|".join(("work", "root", "home", "Users", "tmp"))
REGISTRIES = "|".join(("py" + "pi", "python" + "hosted", "ana" + "conda"))
LEFT = "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX"))
FORBIDDEN = {
    "a path of one machine": re.compile(rf"(?<![\w.}}])/({MACHINES})/\w"),
    "a drive of one machine": re.compile(r"\b[C-Z]" + r":\\\\?\w"),
    "the folder of the plans": re.compile(r"\.\." + "/shared"),
    "a registry": re.compile(rf"({REGISTRIES})\.(org|com)", re.IGNORECASE),
    "work left to do": re.compile(rf"\b({LEFT})\b"),
    "a test set aside": re.compile(r"pytest\.(mark\.)?" + "(skip|x" + "fail|importor" + "skip)"),
}
WRITTEN = sorted(
    p
    for folder in ("src", "tests", "tools", "benchmark", "docs", "notebooks", "clients", ".ci")
    for p in (ROOT / folder).rglob("*")
    if p.suffix in {".py", ".toml", ".md", ".ipynb", ".R", ".typ", ".j2", ".css", ""}
    and p.is_file()
    and not {"_build", "__pycache__", ".ipynb_checkpoints"} & set(p.parts)
)
TOP = {".md", ".toml", ".yml", ".cff"}
WRITTEN += [p for p in ROOT.iterdir() if p.suffix in TOP or p.name == "Makefile"]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_names_a_machine_a_registry_or_work_left(what):
    hits = []
    for path in WRITTEN:
        lines = path.read_text(encoding="utf-8").splitlines()
        hits += [
            f"{short(path)}:{i}: {x.strip()[:90]}"
            for i, x in enumerate(lines, 1)
            if FORBIDDEN[what].search(x)
        ]
    assert hits == []


def test_the_forbidden_is_found_where_it_is():
    samples = ["/" + "home/x", "D:" + "\\data", ".." + "/shared", "https://py" + "pi.org"]
    samples += ["TO" + "DO", "pytest.mark.sk" + "ip"]
    for pattern, sample in zip(FORBIDDEN.values(), samples, strict=True):
        assert pattern.search(sample)
