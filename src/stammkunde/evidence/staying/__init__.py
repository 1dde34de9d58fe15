"""Offers for those who stayed: to be given them one must not have left, which fools curves."""
