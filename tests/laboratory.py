"""JupyterLab as `stammkunde lab` starts it, for tests that ask it something."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OPTIONS = ["--no-browser", "--ServerApp.port=0", "--allow-root"]


@contextmanager
def laboratory(workspace: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Give what the server notes of itself (its port and token), with its own files in `folder`."""
    runtime = folder / "runtime"
    own = {"JUPYTER_RUNTIME_DIR": runtime, "JUPYTER_CONFIG_DIR": folder / "config"}
    server = subprocess.Popen(
        [sys.executable, "-m", "stammkunde", "lab", *OPTIONS],
        cwd=workspace, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, **{name: str(path) for name, path in own.items()}},
    )  # fmt: skip
    try:
        yield _wait_for_note(runtime, server)
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
