"""One version: that of the package, in pyproject.toml and on every report."""

import tomllib
from pathlib import Path

import stammkunde

ROOT = Path(__file__).resolve().parents[2]


def test_the_package_and_pyproject_name_the_same_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == stammkunde.__version__
