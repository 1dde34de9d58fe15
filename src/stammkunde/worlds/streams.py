"""Random numbers that do not depend on what else is drawn.

Every draw has an address: the seed of the world, a purpose in words and a time. So the same person
meets the same chance under every policy, and a new purpose changes none of the old draws.
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np


def stream(seed: int, purpose: str, time: int = 0) -> np.random.Generator:
    """Return the generator at an address: Philox keyed by SHA-256 of seed, purpose and time."""
    digest = sha256(f"stammkunde world\0{seed}\0{purpose}\0{time}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))


def uniform(seed: int, purpose: str, size: int, time: int = 0) -> np.ndarray:
    """Return `size` numbers in [0, 1): the i-th is the i-th person's, whoever else there is."""
    return stream(seed, purpose, time).random(size)
