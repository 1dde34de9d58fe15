"""JupyterLab comes up on the workspace with one kernel, the right one, and asks nobody for news."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stammkunde.workspace import Workspace

Ask = Callable[[str], Any]


@pytest.fixture
def ask(workspace: Workspace, tmp_path: Path) -> Iterator[Ask]:
    """Ask the server that `stammkunde lab` started for an address, and give what it says."""
    runtime = tmp_path / "runtime"
    options = ["--no-browser", "--ServerApp.port=0", "--allow-root"]
    folders = {"JUPYTER_RUNTIME_DIR": runtime, "JUPYTER_CONFIG_DIR": tmp_path / "config"}
    server = subprocess.Popen(
        [sys.executable, "-m", "stammkunde", "lab", *options],
        cwd=workspace.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **{name: str(path) for name, path in folders.items()}},
    )  # fmt: skip
    try:
        known = _wait_for_note(runtime, server)

        def get(address: str) -> Any:
            url = f"http://127.0.0.1:{known['port']}/{address}"
            request = urllib.request.Request(
                url, headers={"Authorization": f"token {known['token']}"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()

        yield get
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for_note(runtime: Path, server: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Return what the server notes of itself, once its port answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8") or "{}")
            if note.get("port"):
                return note
        time.sleep(0.1)
    raise AssertionError(f"the server did not come up (exit code {server.poll()})")


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
