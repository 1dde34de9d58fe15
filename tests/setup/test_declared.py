"""What is installed is what is declared: environment.yml, locks, and the imports of the code."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("requirements.lock", "requirements-dev.lock")
OWN = {"stammkunde", "tests"}


def names(requirements):
    return {canonicalize_name(Requirement(r).name) for r in requirements}


def pins(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[^\s#])", text)
    found = (re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", b) for b in blocks)
    return {canonicalize_name(m[1]): (m[2], m.string) for m in found if m}


def imported(files):
    """Third-party modules imported anywhere in the files, with one of the files."""
    found = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [a.name for a in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module]
            for module in modules:
                top = module.partition(".")[0]
                if top not in sys.stdlib_module_names and top not in OWN:
                    found.setdefault(top, file.relative_to(ROOT).as_posix())
    return found


def undeclared(files, declared, beside=()):
    """Imports that no declared requirement provides."""
    providers = packages_distributions()
    missing = {}
    for module, file in imported(files).items():
        homes = {canonicalize_name(d) for d in providers.get(module, [module])}
        if not homes & declared and module not in beside:
            missing[module] = file
    return missing


def test_environment_yml_is_what_pyproject_says():
    spec = spec_from_file_location("environment", ROOT / "tools" / "environment.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == module.environment()


@pytest.mark.long
def test_the_package_imports_only_what_it_declares():
    declared = names(PROJECT["dependencies"])
    assert undeclared((ROOT / "src").rglob("*.py"), declared) == {}


@pytest.mark.long
def test_the_tests_import_only_what_they_declare():
    declared = names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])
    files = [f for f in (ROOT / "tests").rglob("*.py") if "full" not in f.parts]
    siblings = {p.stem for p in files} | {p.name for p in (ROOT / "tests").iterdir()}
    assert undeclared(files, declared, beside=siblings) == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_all_that_pyproject_wants(lock):
    extras = PROJECT["optional-dependencies"]
    wanted = PROJECT["dependencies"] + extras["test"] + extras["setup"]
    wanted += extras["dev"] + extras["bench"] if lock == "requirements-dev.lock" else []
    locked = pins(lock)
    for requirement in map(Requirement, wanted):
        version, _ = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_hashes_and_names_no_host(lock):
    assert not re.search("https?:|file:|index-url|find-links", (ROOT / lock).read_text("utf-8"))
    bare = [name for name, (_, block) in pins(lock).items() if "--hash=sha256:" not in block]
    assert bare == []


def test_the_locks_agree():
    runtime, dev = map(pins, LOCKS)
    assert {n: v for n, (v, _) in runtime.items()}.items() <= {
        n: v for n, (v, _) in dev.items()
    }.items()
