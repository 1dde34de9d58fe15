"""Write environment.yml (conda) from pyproject.toml: `make environment`.

`environment()` returns the text, so that a test can compare it with the file.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("test", "dev")
# where conda-forge calls a package otherwise
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "jupyter-client": "jupyter_client",
    "jupyter-core": "jupyter_core",
    "matplotlib": "matplotlib-base",
    "typst": None,  # conda's `typst` is the compiler without Python
    "axe-playwright-python": None,
    "outloud": None,
    "pdfua": None,
}
HEAD = """\
# Written from pyproject.toml by `make environment`; edit that. The locks, not this file, are what
# the tests run on: conda resolves versions itself, and this way is not tested in CI.
#
#   conda env create -f environment.yml && conda activate stammkunde
#   make PYTHON=python reports
name: stammkunde
channels:
  - conda-forge
dependencies:
"""


def environment() -> str:
    """Return the text of environment.yml that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in EXTRAS:
        wanted += project["optional-dependencies"][extra]
    conda = [f"python{project['requires-python']}"]
    pip = []
    for requirement in wanted:
        name, rest = split(requirement)
        known = CONDA_NAMES.get(name, name)
        if known is None:
            pip.append(requirement)
        else:
            conda.append(known + rest)
    lines = [f"  - {c}" for c in conda] + ["  - pip:"] + [f"      - {p}" for p in (*pip, "-e .")]
    return HEAD + "\n".join(lines) + "\n"


def split(requirement: str) -> tuple[str, str]:
    """Return the name of a requirement, without extras, and its versions."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(.*)", requirement)
    if not found:
        raise ValueError(f"pyproject.toml: cannot read the requirement {requirement!r}")
    return found[1], found[2].strip()


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment(), encoding="utf-8", newline="\n")
