"""The same inputs give the same bytes, wherever and in whatever surroundings a report is made."""

import pytest

from tests.whole.conftest import CLIENTS, Made, make_reports
from tests.whole.test_reports import SAME


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_reports(tmp_path_factory.mktemp("here"), TZ="UTC", PYTHONHASHSEED="0")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("another place ü")
    return make_reports(folder, TZ="Pacific/Auckland", LC_ALL="C", LANG="C", PYTHONHASHSEED="4711")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", SAME)
def test_place_time_zone_locale_and_hash_seed_change_no_byte(here, elsewhere, client, name):
    one, two = (made.product(client, name).read_bytes() for made in (here, elsewhere))
    assert one == two
