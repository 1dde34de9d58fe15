"""JupyterLab comes up on the workspace with one kernel, the right one, and asks nobody for news."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stammkunde.workspace import Workspace
from tests.laboratory import laboratory

Ask = Callable[[str], Any]


@pytest.fixture
def ask(workspace: Workspace, tmp_path: Path) -> Iterator[Ask]:
    """Ask the server that `stammkunde lab` started for an address, and give what it says."""
    with laboratory(workspace.root, tmp_path) as known:

        def get(address: str) -> Any:
            url = f"http://127.0.0.1:{known['port']}/{address}"
            request = urllib.request.Request(
                url, headers={"Authorization": f"token {known['token']}"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()

        yield get


@pytest.mark.long
def test_lab(ask: Ask, workspace: Workspace, chapter: Callable[..., Path]) -> None:
    chapter("1")
    specs = json.loads(ask("api/kernelspecs"))
    assert specs["default"] == "stammkunde"
    assert list(specs["kernelspecs"]) == ["stammkunde"]
    files = json.loads(ask("api/contents"))["content"]
    assert [f["name"] for f in files] == ["1_test.ipynb"]
    start = ask("lab").split('id="jupyter-config-data" type="application/json">')[1]
    settings = json.loads(start.split("</")[0])
    assert settings["news"] == {"disabled": True}
    asked = json.loads(ask("lab/api/settings/@jupyterlab/apputils-extension:notification"))
    assert asked["schema"]["properties"]["fetchNews"]["default"] == "false"
