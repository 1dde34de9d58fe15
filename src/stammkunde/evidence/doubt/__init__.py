"""How wrong it would have to be: balance, counterparts, the unrecorded, bounds, permutations."""
