"""Simulated clients whose truth is known: the data are made by code that can be read."""
