"""Offers for the new: what they do while they last and after, and for whom they were needless."""
