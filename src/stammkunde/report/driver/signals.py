"""A signal ends the run by one exception, which nothing may swallow. Light to import.

A handler that raises can do harm while libraries load: the callback that every import leaves behind
swallows the exception, and a native library takes it for its own and aborts. There the answer waits
for a moment. Elsewhere, too, it can be lost (a `__del__`, a callback of the garbage collector, a
library that catches everything), and the run would go on, deaf: so an exception that ends on its
way makes another one come.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
AGAIN = 0.02  # seconds
IMPORT = "<frozen importlib._bootstrap"


class Stopped(KeyboardInterrupt):
    """The run was told to stop by a signal; asyncio lets only this kind of error through."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Told:
    """What signals have said so far: whether to stop, and the exception that says so."""

    number: int | None = None
    raised: weakref.ref[Stopped] | None = None
    deaf = False

    def unwinding(self) -> bool:
        """Return whether the exception is on its way, or has arrived."""
        return self.deaf or (self.raised is not None and self.raised() is not None)


_told = _Told()


def listen() -> None:
    """Answer signals by `Stopped` in the main thread, once, until the work that is `heard` ends."""
    global _told
    _told = _Told()
    before = sys.unraisablehook

    def unraisable(lost: Any) -> None:
        # it comes again: no reason to frighten anybody with a traceback
        if not isinstance(lost.exc_value, Stopped):
            before(lost)

    sys.unraisablehook = unraisable
    for number in SIGNALS:
        signal.signal(number, _answer)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _answer)


@contextmanager
def heard() -> Iterator[None]:
    """Let `Stopped` come out, whatever the work has made of a signal; be deaf from then on."""
    try:
        yield
    except Exception as error:
        # a native library may have turned the signal into an error of its own
        if _told.number is None:
            raise
        raise Stopped(_told.number) from error
    finally:
        _told.deaf = True


def _answer(number: int, frame: FrameType | None) -> None:
    """Unwind once, deaf to further signals while it lasts, so that nothing is left half done."""
    if _told.unwinding():
        return
    _told.number = _told.number or number
    if _importing(frame):
        _later()
    else:
        _unwind(_told.number)


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(IMPORT):
            return True
        frame = frame.f_back
    return False


def _unwind(number: int) -> NoReturn:
    stopped = Stopped(number)
    _told.raised = weakref.ref(stopped, lambda _: _later())
    try:
        raise stopped
    finally:
        del stopped  # its traceback holds this frame, which would keep it alive


def _later() -> None:
    """Let the signal come again in a moment: raised from here, it would be swallowed as well."""
    if _told.deaf:
        return
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
    else:
        threading.Timer(AGAIN, _thread.interrupt_main).start()
