"""Set-up in a copy of what it needs: what it says when it cannot go on, and what it leaves."""

import os
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9/simple"


@pytest.fixture
def clone(tmp_path):
    """The files of the project that set-up reads, in a folder with a name that breaks scripts."""
    root = tmp_path / "Müller & Söhne"
    (root / "tools").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, root)
    shutil.copy(ROOT / "tools" / "bootstrap.py", root / "tools")
    return root


@pytest.fixture
def bootstrap(clone):
    """The set-up script of the copy, imported."""
    spec = spec_from_file_location("bootstrap", clone / "tools" / "bootstrap.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(clone, *arguments, **variables):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "MAKE"))}
    command = [sys.executable, "-I", "-S", str(clone / "tools" / "bootstrap.py"), *arguments]
    return subprocess.run(
        command, env=env | variables, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


@pytest.mark.long
def test_no_registry_is_one_sentence_with_the_remedy_and_leaves_nothing(clone):
    done = run(clone, PIP_INDEX_URL=NOBODY, PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("stammkunde: no package registry can be reached")
    assert "make wheelhouse" in last
    assert "Traceback" not in done.stderr
    assert not (clone / ".venv").exists()


def test_an_environment_without_the_project_is_named(clone, tmp_path):
    done = run(clone, "--active")
    assert done.returncode == 1
    assert "has no stammkunde" in done.stderr
    assert "pip install -e ." in done.stderr


def test_a_python_that_is_too_old_is_named(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert bootstrap.main([]) == 1
    assert "Python 3.9 is too old, 3.11 or newer is needed" in capsys.readouterr().err


def test_a_python_without_venv_is_named(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert bootstrap.main([]) == 1
    assert "-venv" in capsys.readouterr().err
    assert not bootstrap.VENV.exists()


def test_a_stamp_that_fits_is_left_alone_and_any_change_is_seen(bootstrap, monkeypatch):
    installed = []
    monkeypatch.setattr(bootstrap, "make_venv", lambda: bootstrap.VENV.mkdir(exist_ok=True))
    monkeypatch.setattr(bootstrap, "install", lambda lock, housed: installed.append(lock.name))
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    bootstrap.set_up("runtime")
    bootstrap.set_up("runtime")
    assert installed == ["requirements.lock"]
    bootstrap.set_up("dev")
    bootstrap.set_up("runtime")
    assert installed[1:] == ["requirements-dev.lock"]
    with (bootstrap.ROOT / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n")
    bootstrap.set_up("runtime")
    assert installed[2:] == ["requirements-dev.lock"]


def test_a_failed_update_keeps_the_environment_and_is_tried_again(bootstrap, monkeypatch):
    tries = []

    def fail(lock, housed):
        tries.append(lock.name)
        raise bootstrap.SetupError("no")

    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    bootstrap.write_stamp(bootstrap.fingerprints() | {"runtime": "older", "dev": "older"})
    monkeypatch.setattr(bootstrap, "install", fail)
    for _ in range(2):
        with pytest.raises(bootstrap.SetupError):
            bootstrap.set_up("runtime")
    assert len(tries) == 2
    assert bootstrap.PYTHON.exists()


def test_what_must_be_there_first_is_pinned_with_hashes(bootstrap):
    pins = bootstrap.builders(bootstrap.LOCKS["runtime"])
    assert pins.count("==") == len(bootstrap.BUILDERS)
    assert pins.count("--hash=sha256:") >= len(bootstrap.BUILDERS)


PIP_REFUSED = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError("Failed to \
establish a new connection: [Errno 111] Connection refused")': /simple/timeout-decorator/
ERROR: No matching distribution found for timeout-decorator==9"""
UV_NO_NAME = """\
error: Request failed after 1 retry in 1.4s
  cause: client error (Connect)
  cause: failed to lookup address information: Name or service not known"""
PIP_LACKS = "ERROR: No matching distribution found for timeout-decorator==9"
PIP_SILENT = """\
ERROR: Could not find a version that satisfies the requirement setuptools==83.0.0 (from versions: \
none)
ERROR: No matching distribution found for setuptools==83.0.0"""
UV_LACKS = "error: No solution found\n  cause: Because numpy was not found in the provided package"
BUILD_FAILED = "error: subprocess-exited-with-error\nnetwork.c: connect() undeclared; timeout"


@pytest.mark.parametrize(
    ("told", "housed", "said"),
    [
        (PIP_REFUSED, False, "no package registry can be reached (Connection refused). Name"),
        (UV_NO_NAME, False, "no package registry can be reached (Name or service not known). Na"),
        (PIP_SILENT, False, "no package registry can be reached. Name yours (`pip config set glob"),
        (PIP_SILENT, True, "wheelhouse/ has no setuptools==83.0.0 for this system and Python. Fi"),
        (PIP_LACKS, False, "the registry has no timeout-decorator==9 for this system and Python. "),
        (PIP_LACKS, True, "wheelhouse/ has no timeout-decorator==9 for this system and Python. "),
        (UV_LACKS, True, "wheelhouse/ has no numpy for this system and Python. Fill it anew with "),
    ],
)
def test_why_a_package_could_not_be_had_is_one_sentence(bootstrap, told, housed, said):
    assert bootstrap.refusal(told, housed).startswith(said)


def test_what_is_no_matter_of_a_registry_is_not_blamed_on_one(bootstrap):
    assert bootstrap.refusal(BUILD_FAILED, False) is None


def test_a_wheelhouse_serves_the_runtime_lock_and_nothing_else(bootstrap, monkeypatch):
    asked = []
    monkeypatch.setattr(bootstrap, "make_venv", lambda: bootstrap.VENV.mkdir(exist_ok=True))
    monkeypatch.setattr(bootstrap, "run", lambda command, env=None: asked.append(command) or "")
    bootstrap.WHEELHOUSE.mkdir()
    offline = {}
    for kind, housed in (("runtime", True), ("runtime", False), ("dev", True)):
        asked.clear()
        bootstrap.STAMP.unlink(missing_ok=True)
        bootstrap.set_up(kind, housed)
        named = [c for c in asked if "--require-hashes" in c or "--editable" in c]
        assert len(named) == 3
        offline[kind, housed] = {"--no-index" in c for c in named}
    assert offline == {
        ("runtime", True): {True},
        ("runtime", False): {False},
        ("dev", True): {False},
    }


@pytest.mark.long
def test_an_empty_wheelhouse_is_named_with_the_remedy(clone):
    (clone / "wheelhouse").mkdir()
    done = run(clone, PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("stammkunde: wheelhouse/ has no ")
    assert "Fill it anew with `make wheelhouse`" in last
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("word", ["--lock", "--wheelhouse"])
def test_the_active_environment_is_not_used_for_locks(clone, word):
    done = run(clone, "--active", word)
    assert done.returncode == 1
    assert done.stderr == (
        "stammkunde: this needs the project's own .venv. Call make without PYTHON=…\n"
    )


@pytest.mark.parametrize(("given", "active"), [([], False), (["PYTHON=python"], True)])
def test_make_obeys_python_on_its_command_line_only(clone, given, active):
    done = subprocess.run(
        ["make", "--dry-run", "setup", *given],
        cwd=clone, env=os.environ | {"PYTHON": "elsewhere"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ("--active" in done.stdout) is active
    assert "elsewhere" not in done.stdout


def test_make_alone_lists_every_target(clone):
    done = subprocess.run(["make"], cwd=clone, capture_output=True, text=True, check=True)
    text = (clone / "Makefile").read_text(encoding="utf-8")
    targets = text.partition(".PHONY:")[2].partition("\n\n")[0].replace("\\", " ").split()
    assert targets
    for target in targets:
        assert f"make {target} " in done.stdout


def test_make_passes_options_on_to_lab(clone):
    told = subprocess.run(
        ["make", "--dry-run", "lab", "OPTIONS=--allow-root --no-browser"],
        cwd=clone, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "-m stammkunde lab --allow-root --no-browser\n" in told
