"""The same inputs give the same bytes, wherever and in whatever surroundings a report is made."""

import pytest

from stammkunde.report.driver import forks
from tests.whole.conftest import CLIENTS, make_reports
from tests.whole.test_reports import SAME

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    folder = tmp_path_factory.mktemp("another place ü")
    circumstances = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", forks.COLD: "1"}
    return make_reports(folder, **circumstances, PYTHONHASHSEED="4711")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", SAME)
def test_place_time_zone_locale_hash_seed_and_cold_kernels_change_no_byte(
    reports, elsewhere, client, name
):
    one, two = (made.product(client, name).read_bytes() for made in (reports, elsewhere))
    assert one == two
