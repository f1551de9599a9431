"""The provider as the hub sees it: settings, capabilities, lazy imports, offline validation, and no secret anywhere."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date

import pytest
import stamina

from hub import (
    ActivateRequest,
    Administration,
    Capability,
    Code,
    Context,
    CostCentre,
    Entry,
    ExportRequest,
    Finding,
    Http,
    HubError,
    Kind,
    PeriodType,
    Severity,
    Slot,
    Support,
    SyncRequest,
    ValidateRequest,
    WagePeriod,
)
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.settings import NmbrsSettings
from hub_nmbrs.simulator import NmbrsSimulator

TODAY = date(2026, 11, 2)
OCTOBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))
LINDE = Administration(
    id="3101",
    name="De Linde",
    period_type=PeriodType.MONTH,
    current_year=2026,
    current_number=10,
    codes=(
        Code(kind=Kind.HOURS, code="2100"),
        Code(kind=Kind.WAGE, code="5310"),
        Code(kind=Kind.DAYS, code="days"),
    ),
    cost_centres=(CostCentre(id="901"),),
)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def http() -> Iterator[Http]:
    with closing(Http((), allow_loopback=True)) as client:
        yield client


# -- settings and class -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        ("linde", "linde"),
        ("linde.nmbrs.nl", "linde"),
        (" https://Linde.nmbrs.nl/app ", "linde"),
        ("", None),
        (None, None),
    ],
)
def test_a_domain_is_brought_to_its_bare_form(given: str | None, domain: str | None) -> None:
    settings = NmbrsSettings.model_validate({"email": "a@example.test", "token": "t", "domain": given})
    assert settings.domain == domain


def test_every_setting_has_a_title_and_a_description_in_english_and_dutch() -> None:
    for field in NmbrsSettings.model_json_schema()["properties"].values():
        assert field["title"]
        assert field["description"]
        assert set(field["nl"]) == {"title", "description"}


def test_the_login_is_not_shown_by_the_settings() -> None:
    settings = NmbrsSettings.model_validate({"email": "a@example.test", "token": "canary"})
    assert "canary" not in repr(settings) + settings.model_dump_json()
    assert "a@example.test" not in repr(settings) + settings.model_dump_json()


def test_it_reaches_the_two_hosts_of_nmbrs_only() -> None:
    assert NmbrsProvider.hosts == ("api.nmbrs.nl", "api-sandbox.nmbrs.nl")
    assert NmbrsSettings.model_fields["endpoint"].default == "https://api.nmbrs.nl"


def test_its_capabilities_are_graded_honestly() -> None:
    full = {capability for capability in Capability if NmbrsProvider.support(capability) is Support.FULL}
    assert {capability.value for capability in full} == {
        *("sync_workforce", "read_back", "post_hours", "post_wage", "post_days"),
        *("replace_hours", "withdraw_hours", "withdraw_wage"),
    }
    assert {NmbrsProvider.support(capability) for capability in set(Capability) - full} == {Support.NO}


def test_importing_the_provider_and_validating_imports_neither_zeep_nor_lxml() -> None:
    code = "import sys, hub_nmbrs.provider, hub_nmbrs.validation; print({'zeep', 'lxml', 'stamina'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# -- validation -------------------------------------------------------------------------------------------------------


def entry(**changes: object) -> Entry:
    """Return an entry that Nmbrs would take, but for the changes; those of its slot are told as such."""
    slot = {"administration": "3101", "employee": "5", "period": OCTOBER, "kind": changes.pop("kind", Kind.HOURS)}
    return Entry.model_validate({"slot": Slot.model_validate(slot), "code": "2100", "amount": 750, **changes})


def validate(
    *entries: Entry,
    administration: Administration = LINDE,
    monkeypatch: pytest.MonkeyPatch | None = None,
    **period: int,
) -> tuple[Finding, ...]:
    """Validate entries, all of them in October but for the changes of `period`."""
    settings = NmbrsSettings.model_validate({"email": "a@example.test", "token": "t", "endpoint": "http://127.0.0.1:9"})
    asked = OCTOBER.model_copy(update=period)
    there = (one.model_copy(update={"slot": one.slot.model_copy(update={"period": asked})}) for one in entries)
    with closing(Http(())) as http:
        provider = NmbrsProvider(Context(settings, http))
        return provider.validate(
            ValidateRequest(administration=administration, period=asked, entries=tuple(there), today=TODAY)
        )


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, Severity]]:
    return [(finding.code, finding.severity) for finding in findings]


def test_what_nmbrs_would_take_has_no_findings() -> None:
    days = entry(kind=Kind.DAYS, code="days", amount=1200, sets=True)
    assert validate(entry(cost_centre="901"), entry(kind=Kind.WAGE, code="5310"), days) == ()


def test_validating_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert len(validate(entry(code="9"))) == 1


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({"code": "5310"}, "unknown_code", Severity.BLOCK),
        ({"kind": Kind.WAGE, "code": "2100"}, "unknown_code", Severity.BLOCK),
        ({"cost_centre": "902"}, "unknown_cost_centre", Severity.BLOCK),
        ({"kind": Kind.DAYS, "code": "days", "amount": 1250, "sets": True}, "days_not_whole", Severity.BLOCK),
        ({"kind": Kind.WAGE, "code": "5310", "amount": -1}, "negative_amount", Severity.WARN),
    ],
)
def test_an_entry_that_nmbrs_would_refuse_is_found(changes: dict[str, object], code: str, severity: Severity) -> None:
    (finding,) = validate(entry(**changes))
    assert (finding.code, finding.severity, finding.employee) == (code, severity, "5")


def test_the_past_blocks_without_permission_and_says_how_to_get_it() -> None:
    (finding,) = validate(entry(), number=9)
    assert (finding.code, finding.severity) == ("past_period", Severity.BLOCK)
    assert "permission" in finding.action
    assert "reopen" in finding.action
    assert validate(entry(unprotected=True), number=9) == ()


def test_december_of_last_year_is_past() -> None:
    assert codes(validate(entry(), year=2025, number=12)) == [("past_period", Severity.BLOCK)]


def test_a_period_to_come_is_a_warning() -> None:
    assert codes(validate(entry(), number=11)) == [("future_period", Severity.WARN)]
    assert codes(validate(entry(), year=2027, number=1)) == [("future_period", Severity.WARN)]


def test_a_period_of_another_type_blocks() -> None:
    weeks = LINDE.model_copy(update={"period_type": PeriodType.FOUR_WEEKS})
    assert codes(validate(entry(), administration=weeks)) == [("other_period_type", Severity.BLOCK)]


def test_a_period_that_does_not_exist_blocks() -> None:
    unknown = LINDE.model_copy(update={"current_year": None, "current_number": None})
    assert codes(validate(entry(), administration=unknown, number=13)) == [("no_such_period", Severity.BLOCK)]
    assert validate(entry(), administration=unknown, number=12) == ()


def test_days_of_one_employee_in_two_entries_block() -> None:
    days = [entry(kind=Kind.DAYS, code="days", amount=100, sets=True, cost_centre=centre) for centre in (None, "901")]
    assert codes(validate(*days)) == [("days_twice", Severity.BLOCK)]


def test_each_finding_on_an_entry_names_its_place_in_the_request() -> None:
    found = validate(entry(code="2100"), entry(code="9"), entry(code="9", cost_centre="901"))
    assert [one.entry for one in found] == [1, 2]


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["", "fault-9999", "html-502", "cut-body", "reset", "html-200"])
def test_login_and_bsn_are_in_no_log_error_or_repr(http: Http, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    told: list[str] = []
    with caplog.at_level(logging.DEBUG), NmbrsSimulator(employees=6) as simulator:
        logging.getLogger("test").debug("the log is listening")
        login = simulator.connect_settings()
        provider = NmbrsProvider(Context(NmbrsSettings.model_validate({**login, "domain": "hospitality"}), http))
        bsns = [str(person.bsn) for person in simulator.desk.world.people.values()]
        if fault:
            simulator.inject(*(f"{fault}@{name}" for name in ("List_GetAll", "HourComponentVar_Insert", "DaysVar_Get")))
            simulator.inject(f"{fault}@Contract_GetAll_AllEmployeesByCompany")
        destination = provider.export_timecards(ExportRequest(administration=LINDE, period=OCTOBER))
        posted = entry(slot=entry().slot.model_copy(update={"employee": "50001"}))
        for step in (
            lambda: provider.activate(ActivateRequest(today=TODAY)),
            lambda: provider.sync_workforce(SyncRequest(administrations=("3101",), today=TODAY)),
            lambda: destination.read(posted.slot.model_copy(update={"kind": Kind.DAYS})),
            lambda: destination.post(posted, "key"),
        ):
            with suppress(HubError):
                try:
                    told.append(repr(step()))
                except HubError as error:
                    told += [repr(error), error.text, error.detail, *traceback.format_exception(error)]
                    raise
        told += [repr(provider), repr(vars(provider)), repr(destination), repr(vars(destination))]
    assert len(told) > 7
    assert "the log is listening" in caplog.text
    everything = "".join(told) + caplog.text
    for secret in (login["token"], login["email"], *bsns):
        assert secret not in everything
