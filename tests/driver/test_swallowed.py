"""A signal whose exception gets lost on its way is answered all the same: POSIX only."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

# how an exception is swallowed: where Python has no caller to give it to, or by a library
LOST = {
    "a weak reference's callback": """
class Thing: pass
thing = Thing()
ref = weakref.ref(thing, lambda _: signal.raise_signal(number))
del thing
""",
    "the end of an object": """
class Thing:
    def __del__(self): signal.raise_signal(number)
thing = Thing()
del thing
""",
    "the garbage collector": """
def collected(*_):
    gc.callbacks.clear()
    signal.raise_signal(number)
gc.callbacks.append(collected)
gc.collect()
""",
    "a library that catches everything": """
try:
    signal.raise_signal(number)
except BaseException:
    pass
""",
    "a library that makes an error of it": """
try:
    signal.raise_signal(number)
except BaseException as lost:
    raise ImportError("initialization failed") from lost
""",
    "one lost after the other": """
for _ in range(3):
    try:
        signal.raise_signal(number)
        time.sleep(5)
    except BaseException:
        pass
""",
}
RUN = """
import gc, signal, sys, time, weakref
from stammkunde import cli
number = signal.Signals({number})
def run(words):
{lost}
    print("went on", flush=True)
    time.sleep(20)
cli.run = run
cli.main(["report"])
"""
# what is imported signals itself half way
IMPORTING = """
import sys, time
from stammkunde import cli
sys.path.insert(0, {folder!r})
def run(words):
    import signalled
    time.sleep(20)
cli.run = run
cli.main(["report"])
"""
# putting things away takes its time, and further signals must not cut it short
UNWINDING = """
import os, signal, sys, time
from stammkunde import cli
number = signal.Signals({number})
def run(words):
    try:
        signal.raise_signal(number)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)
        print("put away", flush=True)
cli.run = run
cli.main(["report"])
"""
STOPPED = "stammkunde: stopped; the previous reports are untouched.\n"


def ended(code: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, encoding="utf-8", timeout=15, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("lost", LOST)
def test_a_swallowed_signal_comes_again(lost: str, number: signal.Signals) -> None:
    body = "\n".join(f"    {line}" for line in LOST[lost].strip().splitlines())
    code, out, err = ended(RUN.format(number=int(number), lost=body))
    assert out in ("went on\n", "")
    assert (code, err) == (128 + number, STOPPED)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_unwinds_and_further_ones_do_not_cut_it_short(
    number: signal.Signals,
) -> None:
    told = ended(UNWINDING.format(number=int(number)))
    assert told == (128 + number, "put away\n", STOPPED)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_being_imported_is_loaded_whole_before_the_run_stops(
    number: signal.Signals, tmp_path: Path
) -> None:
    module = (
        f"import signal, time\nsignal.raise_signal({int(number)})\ntime.sleep(0.2)\nprint('whole')"
    )
    (tmp_path / "signalled.py").write_text(module, encoding="utf-8")
    told = ended(IMPORTING.format(folder=str(tmp_path)))
    assert told == (128 + number, "whole\n", STOPPED)
