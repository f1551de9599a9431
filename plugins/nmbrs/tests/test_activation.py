"""Activation: what a login reaches is found, every right is tried, and nothing is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest
import stamina

from hub import (
    ActivateRequest,
    Activation,
    AuthError,
    Capability,
    Context,
    Http,
    Kind,
    PeriodType,
    PermissionMissing,
    RightState,
    SettingsError,
)
from hub_nmbrs.periods import current_period
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator

PROBED = {
    *("CompanyService.Company_GetCurrentPeriod", "CompanyService.CostCenter_GetList"),
    *("CompanyService.HourModel_GetHourCodes", "CompanyService.HourModel2_GetHourCodes"),
    *("CompanyService.WageModel_GetWageCodes", "CompanyService.WageModel2_GetWageCodes"),
    "EmployeeService.PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany",
    "EmployeeService.Contract_GetAll_AllEmployeesByCompany",
    "EmployeeService.Employment_GetAll_AllEmployeesByCompany",
    "EmployeeService.Salary_GetAll_AllEmployeesByCompany",
    "EmployeeService.Schedule_GetAll_AllEmployeesByCompany",
    "EmployeeService.Department_GetAll_AllEmployeesByCompany",
    *("EmployeeService.HourComponentVar_Get", "EmployeeService.HourComponentVar_Insert"),
    *("EmployeeService.WageComponentVar_Get", "EmployeeService.WageComponentVar_Insert"),
    *("EmployeeService.DaysVar_Get", "EmployeeService.DaysVar_Set"),
    *("EmployeeService.HourComponent_Update", "EmployeeService.HourComponent_Delete"),
    "EmployeeService.WageComponent_Delete",
}
RIGHTS = PROBED | {"DebtorService.Environment_Get", "CompanyService.List_GetAll"}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def activate(simulator: NmbrsSimulator, **changes: str) -> Activation:
    settings = NmbrsProvider.Settings.model_validate({**simulator.connect_settings(), **changes})
    with closing(Http((), allow_loopback=True)) as http:
        return NmbrsProvider(Context(settings, http)).activate(ActivateRequest(today=date(2026, 11, 2)))


def states(found: Activation) -> dict[str, RightState]:
    return {right.name: right.state for right in found.rights}


def test_it_finds_the_domain_and_the_administrations() -> None:
    with NmbrsSimulator(employees=4) as simulator:
        found = activate(simulator)
    assert found.settings == {"domain": "hospitality"}
    month, weeks = found.administrations
    assert (month.id, month.number, month.name) == ("3101", "1", "Grand Café De Linde B.V.")
    assert (month.period_type, month.current_year, month.current_number) == (PeriodType.MONTH, 2026, 10)
    assert (weeks.period_type, weeks.current_year, weeks.current_number) == (PeriodType.FOUR_WEEKS, 2026, 11)
    assert [(one.id, one.code, one.title) for one in month.cost_centres][:1] == [("901", "KP10", "Café")]


def test_it_finds_the_codes_of_both_models_and_one_for_days() -> None:
    with NmbrsSimulator(employees=4) as simulator:
        codes = {(code.kind, code.code): code.title for code in activate(simulator).administrations[0].codes}
    assert codes[Kind.HOURS, "2100"] == "Gewerkte uren"
    assert codes[Kind.HOURS, "5564"] == "Zondagtoeslag 50%"
    assert codes[Kind.WAGE, "5310"] == "Reiskosten"
    assert codes[Kind.WAGE, "5600"] == "Bonus"
    assert [code for kind, code in codes if kind is Kind.DAYS] == ["days"]


def test_a_full_login_has_every_right() -> None:
    with NmbrsSimulator(employees=4) as simulator:
        assert states(activate(simulator)) == dict.fromkeys(RIGHTS, RightState.GRANTED)


@pytest.mark.parametrize("name", sorted(PROBED))
def test_a_missing_right_is_named_and_says_how_to_grant_it(name: str) -> None:
    with NmbrsSimulator(employees=2, denied=(name,)) as simulator:
        found = activate(simulator)
    (missing,) = [right for right in found.rights if right.state is RightState.MISSING]
    assert missing.name == name
    assert "accountant" in missing.grant
    assert f"tick {name} in the API user template" in missing.grant
    assert len(found.administrations) == 2


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("HourComponentVar_Insert", {Capability.POST_HOURS}),
        ("WageComponentVar_Insert", {Capability.POST_WAGE}),
        ("DaysVar_Set", {Capability.POST_DAYS}),
        ("HourComponent_Update", {Capability.REPLACE_HOURS}),
        ("HourComponent_Delete", {Capability.WITHDRAW_HOURS}),
        ("WageComponent_Delete", {Capability.WITHDRAW_WAGE}),
        ("HourComponentVar_Get", {Capability.READ_BACK}),
        ("Contract_GetAll_AllEmployeesByCompany", {Capability.SYNC_WORKFORCE}),
        ("Company_GetCurrentPeriod", {Capability.POST_HOURS, Capability.POST_WAGE, Capability.POST_DAYS}),
        ("HourModel2_GetHourCodes", set()),
        ("CostCenter_GetList", set()),
        ("Salary_GetAll_AllEmployeesByCompany", set()),
    ],
)
def test_a_missing_right_takes_its_capabilities_away(name: str, lost: set[Capability]) -> None:
    with NmbrsSimulator(employees=2, denied=(name,)) as simulator:
        missing = [right for right in activate(simulator).rights if right.state is RightState.MISSING]
    assert {capability for right in missing for capability in right.capabilities} == lost


def test_without_the_second_models_and_cost_centres_the_rest_is_there() -> None:
    denied = ("HourModel2_GetHourCodes", "WageModel2_GetWageCodes", "CostCenter_GetList", "Company_GetCurrentPeriod")
    with NmbrsSimulator(employees=2, denied=denied) as simulator:
        first = activate(simulator).administrations[0]
    assert first.cost_centres == ()
    assert first.period_type is None
    assert {code.code for code in first.codes} == {"2100", "2190", "6050", "6080", "6150", "1000", "5310", "days"}


def test_without_the_list_of_companies_there_is_no_activation() -> None:
    denied = ("CompanyService.List_GetAll",)
    with NmbrsSimulator(employees=2, denied=denied) as simulator, pytest.raises(PermissionMissing) as caught:
        activate(simulator)
    assert caught.value.right == "CompanyService.List_GetAll"


@pytest.mark.parametrize(
    "call", ["HourComponentVar_Insert", "HourComponent_Update", "HourComponent_Delete", "WageComponent_Delete"]
)
@pytest.mark.parametrize("fault", ["fault-9999", "fault-2001", "reset", "html-502", "throttle-429"])
def test_a_right_to_write_that_answers_oddly_is_unproven_and_tried_once(fault: str, call: str) -> None:
    with NmbrsSimulator(employees=2, faults=(f"{fault}@{call}",)) as simulator:
        found = states(activate(simulator))
        assert simulator.state()["calls"][call] == 1
    unproven = [name for name, state in found.items() if state is not RightState.GRANTED]
    assert unproven == [f"EmployeeService.{call}"]
    assert found[unproven[0]] is RightState.UNPROVEN


def test_a_right_to_read_with_a_fault_that_explains_nothing_is_unproven() -> None:
    with NmbrsSimulator(employees=2, faults=("fault-9999@DaysVar_Get",)) as simulator:
        assert states(activate(simulator))["EmployeeService.DaysVar_Get"] is RightState.UNPROVEN


def test_it_writes_nothing_and_calls_nothing_else() -> None:
    with NmbrsSimulator(employees=4) as simulator:
        activate(simulator)
        state = simulator.state()
    assert state["rows"] == []
    assert set(state["calls"]) == {name.partition(".")[2] for name in RIGHTS}
    writes = {name for name in state["calls"] if re.search("Insert|Set$|Update|Delete", name)}
    assert {name: state["calls"][name] for name in writes} == dict.fromkeys(writes, 1)
    assert len(writes) == 6
    assert state["departures"] == []
    assert state["errors"] == []


@pytest.mark.parametrize("given", ["hospitality", "hospitality.nmbrs.nl", "https://Hospitality.nmbrs.nl/"])
def test_a_given_domain_is_used_in_its_bare_form(given: str) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        assert activate(simulator, domain=given).settings == {"domain": "hospitality"}


def test_a_given_domain_is_enough_without_the_right_to_find_it() -> None:
    with NmbrsSimulator(employees=2, denied=("Environment_Get",)) as simulator:
        assert states(activate(simulator, domain="hospitality"))["DebtorService.Environment_Get"] is RightState.MISSING
        with pytest.raises(PermissionMissing):
            activate(simulator)


def test_a_wrong_domain_is_told_with_the_right_one() -> None:
    with NmbrsSimulator(employees=2) as simulator, pytest.raises(SettingsError, match="is hospitality, and not other"):
        activate(simulator, domain="other")


def test_a_wrong_token_is_no_login() -> None:
    with NmbrsSimulator(employees=2) as simulator, pytest.raises(AuthError):
        activate(simulator, token="wrong")


def test_a_list_that_may_not_be_seen_in_one_company_does_not_stop_the_others() -> None:
    with NmbrsSimulator(employees=2, faults=("fault-1003@CostCenter_GetList*1",)) as simulator:
        first, second = activate(simulator).administrations
    assert first.cost_centres == ()
    assert second.cost_centres != ()


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("2026-3-M", PeriodType.MONTH, 3),
        ("2026-03-M", PeriodType.MONTH, 3),
        ("2026-12-M", PeriodType.MONTH, 12),
        ("2026-4-4W", PeriodType.FOUR_WEEKS, 4),
        ("2026-4-W4", PeriodType.FOUR_WEEKS, 4),
        ("2026-13-4W", PeriodType.FOUR_WEEKS, 13),
        ("2026-53-W1", PeriodType.WEEK, 53),
        ("2026-53-1W", PeriodType.WEEK, 53),
        (" 2026-1-w1 ", PeriodType.WEEK, 1),
    ],
)
def test_every_spelling_of_a_period_is_understood(text: str, kind: PeriodType, number: int) -> None:
    assert current_period(text) == (kind, 2026, number)


@pytest.mark.parametrize("text", ["", "2026", "2026-3", "2026-3-Q", "2026-13-M", "2026-14-4W", "2026-0-M", "26-3-M"])
def test_what_is_no_period_is_none(text: str) -> None:
    assert current_period(text) is None


@pytest.mark.parametrize("switch", ["padded_periods", "letter_first_periods"])
def test_a_login_with_another_spelling_of_periods_finds_the_same(switch: str) -> None:
    with NmbrsSimulator(employees=2, **{switch: True}) as simulator:  # type: ignore[arg-type]
        found = activate(simulator).administrations
    assert [one.current_number for one in found] == [10, 11]
