"""WHAT an offer or an event did: arms made comparable, compared, and doubted.

The last floor that may read episodes. Every design ends in a `Trial`: integer counts by arm,
history, unit and block, and the shares that weights are made of.
"""
