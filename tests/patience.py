"""How many generated examples a test may take: few in `make test`, all in `make test-full`."""

import os

THOROUGH = "STAMMKUNDE_THOROUGH"


def examples(most: int) -> int:
    """Return `most` where the environment asks for thoroughness, else a quarter of it."""
    return most if os.environ.get(THOROUGH) else max(1, most // 4)
