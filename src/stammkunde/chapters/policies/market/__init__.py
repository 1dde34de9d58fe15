"""The market as observed: who is there, who signs up, how they leave, and what they bring."""

from stammkunde.chapters.policies.market.read import read_market

__all__ = ["read_market"]
