"""Estimators against truths that are known: `python -m tests.validate` (see docs/validation.md)."""

import os

# before numpy comes: threads of linear algebra cost more than small systems do
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
