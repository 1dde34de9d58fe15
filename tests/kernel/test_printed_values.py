"""The printed values of Telco and lung, to the last printed digit."""

from __future__ import annotations

import pytest

from stammkunde.survival.contrasts import logrank
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier

TELCO = {
    1: "0.945961", 6: "0.884826", 12: "0.843200", 24: "0.788736",
    36: "0.748545", 48: "0.708840", 60: "0.664404", 72: "0.592790",
}  # fmt: skip
TELCO_HAZARD = ("0.054039", "0.019162", "0.015208", "0.013877", "0.011025", "0.007052")
CONTRACTS = {
    # rows as delivered, how many left, the mean within 72 months
    "Month-to-month": (3875, 1655, "36.30"),
    "One year": (1473, 166, "66.42"),
    "Two year": (1695, 48, "71.54"),
}
LUNG_MALE = {180: (".644465", ".040786"), 365: (".336088", ".043424"), 730: (".078124", ".027648")}
LUNG_FEMALE = {180: ".842402", 365: ".526463", 730: ".187232"}


def printed(value: float | None, like: str) -> str:
    """Return `value` with the decimals of `like`, and a leading zero only where it has one."""
    assert value is not None
    text = f"{value:.{len(like.partition('.')[2])}f}"
    return text.removeprefix("0") if like.startswith(".") else text


@pytest.mark.parametrize("month", TELCO)
def test_telco_survival_is_as_printed(telco_all, month):
    assert printed(kaplan_meier(telco_all).at(month).value, TELCO[month]) == TELCO[month]


def test_telco_interval_at_a_year_is_as_printed(telco_all):
    at = kaplan_meier(telco_all).at(12)
    assert (printed(at.low, ".8342"), printed(at.high, ".8518")) == (".8342", ".8518")


def test_telco_median_is_not_reached(telco_all):
    median = kaplan_meier(telco_all).median()
    assert (median.value, median.reason) == (None, "not_reached")


def test_telco_mean_and_its_error_are_as_printed(telco_all):
    mean = kaplan_meier(telco_all).rmst(72)
    assert (printed(mean.value, "54.49"), printed(mean.se, ".348")) == ("54.49", ".348")


def test_telco_hazards_are_as_printed(telco_all):
    curve = hazard(telco_all)
    assert tuple(printed(curve.at(t).value, "0.000000") for t in range(1, 7)) == TELCO_HAZARD


def test_telco_has_7043_rows_of_which_7032_were_at_risk(telco, telco_all):
    assert (telco.tally.read, telco.tally.never_at_risk, telco.tally.rejected) == (7043, 11, 0)
    assert int(telco_all.at_risk[0, :, 0].sum()) == telco.persons == 7032
    assert int(telco_all.moves.sum()) == 1869


@pytest.mark.parametrize("contract", CONTRACTS)
def test_telco_by_contract_is_as_printed(telco_by_contract, contract):
    delivered, left, mean = CONTRACTS[contract]
    table = telco_by_contract[contract]
    assert int(table.moves.sum()) == left
    assert 0 <= delivered - int(table.spells.sum()) <= 11
    assert printed(kaplan_meier(table).rmst(72).value, mean) == mean


def test_those_never_at_risk_are_the_only_ones_missing_from_the_contracts(telco_by_contract):
    missing = sum(n - int(telco_by_contract[c].spells.sum()) for c, (n, _, _) in CONTRACTS.items())
    assert missing == 11


def test_telco_monthly_contracts_have_a_median_of_35_months(telco_by_contract):
    median = kaplan_meier(telco_by_contract["Month-to-month"]).median()
    assert (median.value, median.low, median.high) == (35, 32, 38)


def test_telco_logrank_is_as_printed(telco_by_contract):
    test = logrank(list(telco_by_contract.values()))
    assert (printed(test.statistic, "2352.87"), test.df) == ("2352.87", 2)


def test_lung_counts_are_as_printed(lung, lung_all):
    assert (lung.persons, int(lung_all.moves.sum())) == (228, 165)


def test_lung_median_is_as_printed(lung_all):
    median = kaplan_meier(lung_all, interval="log").median()
    assert (median.value, median.low, median.high) == (310, 285, 363)


def test_lung_restricted_mean_to_the_last_day_is_as_printed(lung_all):
    mean = kaplan_meier(lung_all).rmst()
    assert (printed(mean.value, "376.275"), printed(mean.se, "19.708")) == ("376.275", "19.708")


@pytest.mark.parametrize(("sex", "days"), [("male", (270, 212, 310)), ("female", (426, 348, 550))])
def test_lung_medians_by_sex_are_as_printed(lung_by_sex, sex, days):
    median = kaplan_meier(lung_by_sex[sex], interval="log").median()
    assert (median.value, median.low, median.high) == days


def test_lung_logrank_is_as_printed(lung_by_sex):
    test = logrank([lung_by_sex["male"], lung_by_sex["female"]])
    assert (printed(test.statistic, "10.32674195"), test.df) == ("10.32674195", 1)


@pytest.mark.parametrize("day", LUNG_MALE)
def test_lung_survival_of_men_and_its_error_are_as_printed(lung_by_sex, day):
    at = kaplan_meier(lung_by_sex["male"]).at(day)
    value, se = LUNG_MALE[day]
    assert (printed(at.value, value), printed(at.se, se)) == (value, se)


@pytest.mark.parametrize("day", LUNG_FEMALE)
def test_lung_survival_of_women_is_as_printed(lung_by_sex, day):
    value = kaplan_meier(lung_by_sex["female"]).at(day).value
    assert printed(value, LUNG_FEMALE[day]) == LUNG_FEMALE[day]


@pytest.mark.parametrize(
    ("sex", "mean", "se"), [("male", "241.4951", "10.3582"), ("female", "297.4654", "10.7913")]
)
def test_lung_restricted_means_are_as_printed(lung_by_sex, sex, mean, se):
    found = kaplan_meier(lung_by_sex[sex]).rmst(365)
    assert (printed(found.value, mean), printed(found.se, se)) == (mean, se)
