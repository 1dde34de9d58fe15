"""Processes forked from a server that has the libraries loaded: the floor under warm kernels.

    driver ── alive pipe ──► fork server (report/driver/warm.py) ──fork──► kernel
       └───────────────── sentinel pipe ─────────────────────────────┘

No process outlives the driver, even one that was killed: a kernel ends when its sentinel pipe
closes, and the server when the last holder of the alive pipe has gone. Light to import.
"""

from __future__ import annotations

import atexit
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from types import ModuleType

COLD = "STAMMKUNDE_COLD_KERNELS"
_running: list[BaseProcess] = []


def possible() -> bool:
    """Return whether kernels can be forked here (Linux, unless STAMMKUNDE_COLD_KERNELS is set)."""
    return (
        sys.platform == "linux"
        and "forkserver" in multiprocessing.get_all_start_methods()
        and not os.environ.get(COLD)
    )


def start() -> None:
    """Begin to load the libraries in the fork server and return at once; nothing where it runs.

    Call it from the main thread, before the imports of one's own that can overlap with it.
    """
    if not possible():
        return
    from multiprocessing import forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["stammkunde.report.driver.warm"]
    )
    atexit.register(stop)
    with _ignoring_interrupts():
        forkserver.ensure_running()


def stop() -> None:
    """End every forked process and the server itself."""
    for process in _running:
        end(process)
    _running.clear()
    module = sys.modules.get("multiprocessing.forkserver")
    if module is not None:
        server = module._forkserver
        if server._forkserver_pid is not None:
            # It holds nothing that would need to be put away, and that would take a while.
            os.kill(server._forkserver_pid, signal.SIGKILL)
        server._stop()
    atexit.unregister(stop)


def fork_kernel(
    arguments: Sequence[str], directory: str, environment: Mapping[str, str]
) -> BaseProcess:
    """Return the process of a new kernel, given the arguments of `ipykernel_launcher`."""
    process = multiprocessing.get_context("forkserver").Process(
        target=serve, args=(list(arguments), directory, dict(environment)), name="stammkunde-kernel"
    )
    start()
    with _without_main(), _ignoring_interrupts():
        process.start()
    _running[:] = [p for p in _running if p.is_alive()] + [process]
    return process


def end(process: BaseProcess) -> None:
    """End a forked kernel at once, together with whatever processes it has started."""
    if process.pid is not None and process.is_alive():
        try:
            # a kernel leads its own group, except in its first moments
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.kill()
    process.join()


def serve(arguments: list[str], directory: str, environment: dict[str, str]) -> None:
    """Be a kernel, in the forked process, until told to end."""
    os.setsid()
    threading.Thread(target=_end_with_driver, daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(directory)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["ipykernel_launcher", *arguments]
    from ipykernel.kernelapp import IPKernelApp

    # 1 keeps ipykernel from looking after its parent, which is the server, and from greeting.
    app = IPKernelApp.instance(parent_handle=1)
    app.initialize(arguments)
    app.start()


def _end_with_driver() -> None:
    """Wait until the driver has gone, then end this kernel and whatever it started."""
    driver = multiprocessing.parent_process()
    if driver is not None:
        multiprocessing.connection.wait([driver.sentinel])
        os.killpg(0, signal.SIGKILL)


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the caller's script, which multiprocessing would otherwise run again in the child."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Let a child start with Ctrl-C ignored: it is the driver's to answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
