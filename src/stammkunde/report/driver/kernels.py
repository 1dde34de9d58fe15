"""Kernels for the chapters: forked warm where the system can, started cold where it cannot.

Papermill and nbclient do not notice: `jupyter_client` asks a kernel provisioner for a process, and
this one forks instead of starting an interpreter.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets.config import Config

from stammkunde.report.driver import forks
from stammkunde.spells.delivery.engine import ASIDE, scratch

NAME = "stammkunde"
PROVISIONER = "stammkunde-warm"
JUPYTER = Path(__file__).parent / "jupyter"
LONGEST_SOCKET_FOLDER = 80
LAUNCHER = ["-m", "ipykernel_launcher"]


class ForkedKernel:
    """A forked process with the manners of `subprocess.Popen`, which jupyter_client expects."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Return the exit code, once it has ended."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended (its number may be somebody else's by then)."""
        if number == signal.SIGKILL:
            self.kill()
        elif self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once, with what it has started."""
        forks.end(self._process)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()


class WarmProvisioner(LocalProvisioner):
    """The provisioner `stammkunde-warm`: forks Python kernels, starts all others as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Return how to connect to the kernel that `cmd` describes, now starting."""
        if cmd[1:3] != LAUNCHER or not forks.possible():
            return await super().launch_kernel(cmd, **kwargs)
        directory = str(kwargs.get("cwd") or Path.cwd())
        environment = kwargs.get("env") or os.environ
        kernel: Any = ForkedKernel(forks.fork_kernel(cmd[3:], directory, environment))
        # The group a forked kernel is born into is the driver's own; signals must not go there.
        self.process, self.pid, self.pgid = kernel, kernel.pid, None
        self.cwd = directory
        return self.connection_info


@contextmanager
def kernels(**variables: str) -> Iterator[None]:
    """Let kernels named `stammkunde` be started while it lasts, with these environment variables.

    Nothing of the user's own Jupyter or IPython set-up takes part, and nothing is left in it.
    """
    factory = KernelProvisionerFactory.instance()
    group = KernelProvisionerFactory.GROUP_NAME
    target = f"{WarmProvisioner.__module__}:{WarmProvisioner.__qualname__}"
    factory.provisioners.setdefault(PROVISIONER, EntryPoint(PROVISIONER, target, group))
    usual = factory.default_provisioner_name
    with (
        tempfile.TemporaryDirectory(prefix="stammkunde-", ignore_cleanup_errors=True) as private,
        tempfile.TemporaryDirectory(dir=scratch(), ignore_cleanup_errors=True) as spilled,
    ):
        own = {"JUPYTER_PATH": jupyter_path(), "IPYTHONDIR": private, ASIDE: spilled}
        own |= {"JUPYTER_RUNTIME_DIR": private, "OPENBLAS_NUM_THREADS": "1"} | variables
        before = {name: os.environ.get(name) for name in own}
        try:
            os.environ.update(own)
            factory.default_provisioner_name = PROVISIONER if forks.possible() else usual
            yield
        finally:
            factory.default_provisioner_name = usual
            for name, value in before.items():
                os.environ.pop(name, None)
                os.environ.update({} if value is None else {name: value})


def kernel_config() -> Config:
    """Return the settings of the next kernel; needs `kernels()` to be in force.

    Where the system allows it, kernel and driver talk through sockets in a folder that nobody else
    may enter: anyone on the machine can listen to a local port.
    """
    private = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    config = Config()
    if sys.platform == "linux" and len(os.fsencode(private)) < LONGEST_SOCKET_FOLDER:
        config.KernelManager.transport = "ipc"
        config.KernelManager.connection_file = str(private / f"{uuid4().hex[:12]}.json")
    return config


def jupyter_path() -> str:
    """Return the value of JUPYTER_PATH under which Jupyter finds the kernel of this package."""
    return os.pathsep.join(filter(None, [str(JUPYTER), os.environ.get("JUPYTER_PATH", "")]))
