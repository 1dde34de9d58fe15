"""JupyterLab on the notebooks of a workspace, with the right kernel and no call to the net."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from stammkunde.report.driver.kernels import jupyter_path
from stammkunde.workspace import Workspace

QUIET = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--MultiKernelManager.default_kernel_name=stammkunde",
    "--KernelSpecManager.allowed_kernelspecs=stammkunde",
    "--KernelSpecManager.ensure_native_kernel=False",
)


def command(workspace: Workspace, options: Sequence[str] = ()) -> list[str]:
    """Return the command line that opens JupyterLab; `options` are passed on to it."""
    root = f"--ServerApp.root_dir={workspace.notebooks}"
    return [sys.executable, "-m", "jupyterlab", root, *QUIET, *options]


def environment() -> dict[str, str]:
    """Return the environment in which JupyterLab finds this package's kernel and settings."""
    own = str(Path(__file__).parent / "jupyter" / "config")
    config = os.pathsep.join(filter(None, (own, os.environ.get("JUPYTER_CONFIG_PATH"))))
    return os.environ | {"JUPYTER_PATH": jupyter_path(), "JUPYTER_CONFIG_PATH": config}


def run(workspace: Workspace, options: Sequence[str] = ()) -> int:
    """Return the exit code of JupyterLab, once its user has ended it."""
    line = command(workspace, options)
    with subprocess.Popen(line, env=environment(), cwd=workspace.notebooks) as server:
        # Ctrl-C reaches JupyterLab, too, which asks whether it is meant and puts its kernels away
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            code = server.wait()
        except BaseException:
            server.terminate()
            raise
        finally:
            signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code
