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
    monkeypatch.setattr(bootstrap, "install", lambda lock: installed.append(lock.name))
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

    def fail(lock):
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


def test_make_alone_lists_every_target(clone):
    done = subprocess.run(["make"], cwd=clone, capture_output=True, text=True, check=True)
    text = (clone / "Makefile").read_text(encoding="utf-8")
    targets = text.partition(".PHONY:")[2].partition("\n\n")[0].replace("\\", " ").split()
    assert targets
    for target in targets:
        assert f"make {target} " in done.stdout
