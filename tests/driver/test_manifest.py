"""What makes a report out of date, and what does not."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stammkunde.report.driver import manifest
from stammkunde.workspace import Workspace

ASKED = {"-p gap": "90"}


@pytest.fixture
def data(workspace: Workspace, chapter: Callable[..., Path]) -> Path:
    """A workspace whose report of telco has just been made; the path of its data."""
    chapter("1")
    path = workspace.raw / "telco" / "data.csv"
    path.parent.mkdir()
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    target = workspace.reports / "telco"
    (target / "notebooks").mkdir(parents=True)
    (target / "report.de.html").write_text("<p>", encoding="utf-8")
    (target / "notebooks" / "1_test.de.ipynb").write_text("{}", encoding="utf-8")
    (target / "log.txt").write_text("2 s", encoding="utf-8")
    made = manifest.current(workspace, "telco", [path], ASKED)
    made = replace(made, products=manifest.products_in(target))
    (target / manifest.NAME).write_text(made.to_json(), encoding="utf-8")
    return path


def why(workspace: Workspace, asked: dict[str, str] | None = None) -> str | None:
    return manifest.out_of_date(workspace, "telco", ASKED if asked is None else asked)


def test_nothing_changed(workspace: Workspace, data: Path) -> None:
    assert why(workspace) is None


def test_times_and_the_log_do_not_count(workspace: Workspace, data: Path) -> None:
    os.utime(data, (0, 0))
    (workspace.reports / "telco" / "log.txt").write_text("3 s", encoding="utf-8")
    (workspace.notebooks / "explore.ipynb").write_text("{}", encoding="utf-8")
    assert why(workspace) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data/raw/telco/data.csv", "data/raw/telco/data.csv changed"),
        ("data/raw/telco/SOURCE.toml", "data/raw/telco/SOURCE.toml changed"),
        ("clients/telco.toml", "clients/telco.toml changed"),
        ("notebooks/1_test.ipynb", "notebooks/1_test.ipynb changed"),
        ("notebooks/2_more.ipynb", "notebooks/2_more.ipynb changed"),
        ("notebooks/helper.py", "notebooks/helper.py changed"),
        ("requirements.lock", "requirements.lock changed"),
        ("reports/telco/report.de.html", "reports/telco/report.de.html changed or is missing"),
    ],
)
def test_every_input_and_product_counts(
    workspace: Workspace, data: Path, name: str, said: str
) -> None:
    path = workspace.root / name
    path.write_text("other", encoding="utf-8")
    assert why(workspace) == said


@pytest.mark.parametrize("name", ["data/raw/telco/data.csv", "reports/telco/report.de.html"])
def test_a_missing_file_counts(workspace: Workspace, data: Path, name: str) -> None:
    (workspace.root / name).unlink()
    assert name in str(why(workspace))


def test_another_client_does_not_count(workspace: Workspace, data: Path) -> None:
    (workspace.clients / "cdnow.toml").write_text("other", encoding="utf-8")
    assert why(workspace) is None


def test_parameters_code_and_versions_count(
    workspace: Workspace, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert why(workspace, {}) == "other parameters"
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "hash_of_code", lambda: "0")
        assert why(workspace) == "the program changed"
    known = manifest.installed() | {"pandas": "0"}
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "installed", lambda: known)
        assert why(workspace) == "another version of pandas"


def test_the_code_is_hashed_by_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "PACKAGE", tmp_path)
    seen = {manifest.hash_of_code()}
    for name in ("a.py", "b.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        seen.add(manifest.hash_of_code())
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    seen.add(manifest.hash_of_code())
    assert len(seen) == 4
    for name in ("__pycache__/a.pyc", "_workspace/clients/a.toml", ".ipynb_checkpoints/a", ".a.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1", encoding="utf-8")
    assert manifest.hash_of_code() in seen


def test_versions_are_read_in_whichever_way_a_package_was_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for name in ("pandas-2.3.1.dist-info", "autograd_gamma-0.5.0-py3.11.egg-info", "own.egg-info"):
        (first / name).mkdir(parents=True)
    (first / "own.egg-info" / "PKG-INFO").write_text("Name: own\nVersion: 1.0\n", encoding="utf-8")
    (first / "py_age-3.2.egg-info").write_text("Name: py-age\n", encoding="utf-8")
    (second / "pandas-2.2.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(first), str(second), str(tmp_path / "none")])
    assert manifest.installed() == {
        "pandas": "2.3.1",
        "autograd-gamma": "0.5.0",
        "own": "1.0",
        "py-age": "3.2",
    }


@pytest.mark.parametrize("text", ["", "{", "[]", '{"client": "telco"}', '{"other": 1}'])
def test_a_manifest_that_cannot_be_read_is_none(
    workspace: Workspace, data: Path, text: str
) -> None:
    (workspace.reports / "telco" / manifest.NAME).write_text(text, encoding="utf-8")
    assert why(workspace) == "its manifest is missing"


def test_without_a_report(workspace: Workspace) -> None:
    assert why(workspace) == "there is no report yet"


def test_it_names_no_path_outside_and_no_time(workspace: Workspace, data: Path) -> None:
    text = (workspace.reports / "telco" / manifest.NAME).read_text(encoding="utf-8")
    assert str(workspace.root.parent) not in text
    assert str(manifest.PACKAGE.parent) not in text
    whole = json.loads(text)
    assert list(whole) == sorted(whole)
    assert "pandas" in whole["packages"]
    assert "stammkunde" not in whole["packages"]
