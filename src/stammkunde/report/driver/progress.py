"""What a run says of itself: a live line on a terminal, plain lines elsewhere, a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class Progress:
    """Tells how far a run has come, on `out` (standard error by default).

    On a terminal the step in hand is shown and goes again; elsewhere only what is done is said,
    line by line. `log` holds the lines of `log.txt`: seconds since the start, then the step.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._begun = time.perf_counter()
        self._status: Any = None
        self.log: list[str] = []

    def begin(self) -> None:
        """Start the clock and the log anew, for the next client."""
        self._begun = time.perf_counter()
        self.log = []

    @property
    def seconds(self) -> float:
        """Return the seconds since `begin`."""
        return time.perf_counter() - self._begun

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show `text` while the block runs and note in the log how long it took."""
        start = time.perf_counter()
        self._show(text)
        try:
            yield
        finally:
            self._hide()
            self.log.append(f"{self.seconds:7.2f} s  {time.perf_counter() - start:6.2f} s  {text}")

    def say(self, line: str) -> None:
        """Say one line that stays."""
        self._hide()
        print(line, file=self._out, flush=True)

    def _show(self, text: str) -> None:
        if not self._out.isatty():
            return
        from rich.console import Console

        console = Console(file=self._out, highlight=False)
        self._status = console.status(text, spinner="line")
        self._status.start()

    def _hide(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
