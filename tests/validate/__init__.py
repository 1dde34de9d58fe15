"""Estimators against truths that are known: `python -m tests.validate` (see docs/validation.md)."""
