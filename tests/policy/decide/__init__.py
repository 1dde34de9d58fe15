"""Deciding under doubt: each test is named after the truth it holds."""
