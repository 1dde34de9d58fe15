"""A signal ends the run by one exception, which nothing may swallow. Light to import.

An exception raised by a handler can be lost: where Python has no caller to give it to (a weak
reference's callback, such as the one every import leaves behind, a `__del__`, a callback of the
garbage collector), or where a library catches everything. The run would go on, deaf. So whoever
lost it is told by the exception's own end: it is freed before it came to `over`, and raised again.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
import weakref
from typing import Any, NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
AGAIN = 0.02  # seconds


class Stopped(KeyboardInterrupt):
    """The run was told to stop by a signal; asyncio lets only this kind of error through."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


_raised: list[weakref.ref[Stopped]] = []
_deaf = False


def listen() -> None:
    """Answer the signals by `Stopped` in the main thread, once, until `over`."""
    global _deaf
    _raised.clear()
    _deaf = False
    before = sys.unraisablehook

    def unraisable(lost: Any) -> None:
        # it comes again: no reason to frighten anybody with a traceback
        if not isinstance(lost.exc_value, Stopped):
            before(lost)

    sys.unraisablehook = unraisable
    for number in SIGNALS:
        signal.signal(number, _answer)


def over() -> None:
    """Be deaf from now on: the exception has arrived where it is answered."""
    global _deaf
    _raised.clear()
    _deaf = True


def _answer(number: int, _: object) -> None:
    """Unwind once, deaf to further signals while it lasts, so that nothing is left half done."""
    if not (_deaf or any(raised() is not None for raised in _raised)):
        _unwind(number)


def _unwind(number: int) -> NoReturn:
    stopped = Stopped(number)
    _raised[:] = [weakref.ref(stopped, lambda gone: _lost(gone, number))]
    try:
        raise stopped
    finally:
        del stopped  # its traceback holds this frame, which would keep it alive


def _lost(gone: weakref.ref[Stopped], number: int) -> None:
    # not from here: this is a callback too, and would swallow it as well
    threading.Thread(target=_send_again, args=(gone, number), daemon=True).start()


def _send_again(gone: weakref.ref[Stopped], number: int) -> None:
    """Send the signal to the main thread until it has been answered anew."""
    while gone in _raised:
        time.sleep(AGAIN)
        if not hasattr(signal, "pthread_kill"):
            _thread.interrupt_main(signal.Signals(number))
        elif (main := threading.main_thread().ident) is not None:
            # unlike `interrupt_main`, it ends a wait
            signal.pthread_kill(main, number)
