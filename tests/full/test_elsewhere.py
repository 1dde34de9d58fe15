"""The same inputs give the same bytes, wherever and in whatever surroundings a report is made."""

import pytest

from tests.whole.conftest import CLIENTS, elsewhere, reports  # noqa: F401 - fixtures
from tests.whole.test_reports import SAME


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", SAME)
def test_place_time_zone_locale_and_hash_seed_change_no_byte(reports, elsewhere, client, name):
    one, two = (made.product(client, name).read_bytes() for made in (reports, elsewhere))
    assert one == two
