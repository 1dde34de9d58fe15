"""What every kernel needs, loaded once: the server that kernels are forked from imports this.

Importing this module is its whole purpose; nobody else does. It must start no thread and open no
connection, for a fork keeps neither.
"""

import gc
import os
import signal
from contextlib import suppress
from importlib import import_module

# The driver answers Ctrl-C and then ends this server; a traceback from here would only confuse.
signal.signal(signal.SIGINT, signal.SIG_IGN)

# The debugger, loaded with ipykernel and never used here, would greet on the terminal.
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
# Threads of the linear algebra do not outlive a fork, and cost more than its small systems do.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# Some of these a system may do without; a missing one says so itself, in the notebook.
LIBRARIES = (
    "numpy",
    "pandas",
    "scipy.stats",
    "matplotlib.figure",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "seaborn",
    "duckdb",
    "ibis",
    "ibis.backends.duckdb",
    "sqlglot",
    "babel.dates",
    "babel.numbers",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    "tornado.queues",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
)
OWN = (
    "stammkunde",
    "stammkunde.study",
    "stammkunde.survival",
    "stammkunde.chapters",
    "stammkunde.report.show",
    "stammkunde.report.figures",
)

# Nothing that is loaded here is garbage: not looking for any saves a tenth of the time.
gc.disable()
for name in LIBRARIES:
    with suppress(ImportError):
        import_module(name)
for name in OWN:
    import_module(name)
gc.enable()
