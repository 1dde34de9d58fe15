"""Tests that share something costly run in one process."""

import os

import pytest


@pytest.mark.parametrize("number", range(4))
def test_the_tests_of_a_file_stay_in_one_process(request, number):
    """pytest 9.2 lost what pytest-xdist 3.8 writes into a test's id, and made reports twice."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@test_together")
    else:
        assert "@" not in request.node.nodeid
