"""The same inputs give the same bytes, wherever and in whatever surroundings a report is made."""

import pytest

from stammkunde.report.driver import forks
from tests.whole.conftest import CLIENTS, make_reports
from tests.whole.test_reports import SAME

pytestmark = pytest.mark.long

SURROUNDINGS = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "4711"}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Return each client's reports made anew, those of telco in kernels started cold."""
    here, cold = (tmp_path_factory.mktemp(name) for name in ("another place ü", "cold"))
    others = make_reports(here, [c for c in CLIENTS if c != "telco"], **SURROUNDINGS)
    telco = make_reports(cold, ["telco"], **SURROUNDINGS, **{forks.COLD: "1"})
    return {client: telco if client == "telco" else others for client in CLIENTS}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", SAME)
def test_place_time_zone_locale_hash_seed_and_kind_of_kernel_change_no_byte(
    reports, elsewhere, client, name
):
    made = (found.product(client, name).read_bytes() for found in (reports, elsewhere[client]))
    assert len(set(made)) == 1
