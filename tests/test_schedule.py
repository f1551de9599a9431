"""What is done by itself: once a day at its time in Amsterdam, as soon as a worker is there, and reminders."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import InputError
from hub.jobs.kinds import JobKind
from hub.jobs.schedule import Schedule, ask_for_due, last_times
from hub.process import Process
from hub.store.companies import Connection
from hub.store.jobs import Job
from hub.testing.company import Company, card, ledger_company
from hub.working.doing import do

RUNS = threading.Event()
MORNING = datetime(2026, 10, 20, 10, tzinfo=UTC)  # 12:00 in Amsterdam


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        with made.hub.store.write("acme") as session:
            (row,) = session.all(Connection)
            row.activated_at = MORNING
            session.add(row)
        yield made


def asked(company: Company) -> list[tuple[str, str]]:
    return [(one.kind, one.key) for one in company.rows(Job)]


def test_nothing_is_due_before_the_first_evening(company: Company) -> None:
    """What a time of the day was before the company was connected is nobody's to catch up with."""
    ask_for_due(company.hub.store, MORNING + timedelta(hours=1))
    assert asked(company) == []


def test_each_is_asked_for_once_a_day(company: Company) -> None:
    """However often a worker looks, and with whatever pauses in between: a day that was missed is not made up for."""
    store = company.hub.store
    for hours in (9.9, 10.1, 11, 18, 24, 26, 24 * 4):
        ask_for_due(store, MORNING + timedelta(hours=hours))
    wanted = [key for kind, key in asked(company) if kind != JobKind.TIDY]
    assert wanted == [
        "sync/ledger/2026-10-20",
        "closing check/ledger/2026-10-21",
        "reminder/ledger/2026-10-21",
        "sync/ledger/2026-10-23",
        "closing check/ledger/2026-10-24",
        "reminder/ledger/2026-10-24",
    ]


def test_the_sync_of_the_evening_is_carried_out(company: Company) -> None:
    ask_for_due(company.hub.store, MORNING + timedelta(hours=10.1))
    (sync,) = (one for one in company.rows(Job) if one.kind == JobKind.SYNC)
    assert do(company.hub, "acme", sync.id, RUNS)
    assert company.hub.job("acme", sync.id).result == {"applied": True, "counts": {"same": 2}, "conflicts": []}


def test_a_schedule_can_be_changed_and_switched_off(company: Company) -> None:
    """And a connection that is switched off does nothing by itself."""
    hub, store = company.hub, company.hub.store
    changed = hub.change_schedule("acme", "ledger", {"sync_at": "", "check_at": "23:15"})
    assert changed == hub.schedule("acme", "ledger") == Schedule(sync_at="", check_at="23:15")
    ask_for_due(store, MORNING + timedelta(hours=12))
    assert [key for kind, key in asked(company) if kind != JobKind.TIDY] == ["closing check/ledger/2026-10-20"]
    hub.switch("acme", "ledger", False)
    ask_for_due(store, MORNING + timedelta(days=1, hours=12))
    assert len([1 for kind, _ in asked(company) if kind != JobKind.TIDY]) == 1


@pytest.mark.parametrize("wrong", [{"sync_at": "24:00"}, {"remind_days": 15}, {"check_at": "9"}, {"dance_at": "12:00"}])
def test_what_cannot_be_is_refused(company: Company, wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="The schedule cannot be so"):
        company.hub.change_schedule("acme", "ledger", wrong)


def test_a_company_hears_of_hours_that_wait_when_the_period_ends(company: Company) -> None:
    """Only if there are any that would go out, and only in the last days."""
    hub = company.hub
    hub.change_schedule("acme", "ledger", {"remind_days": 14})
    with hub.store.write("acme") as session:
        session.insert(Job, [{"id": 1, "kind": "reminder", "provider": "ledger", "detail": {}}])
    assert do(hub, "acme", 1, RUNS)
    assert hub.job("acme", 1).result == {"told": 0}
    company.cards(card("t1"))
    with hub.store.write("acme") as session:
        session.insert(Job, [{"id": 2, "kind": "reminder", "provider": "ledger", "detail": {}}])
    assert do(hub, "acme", 2, RUNS)
    assert hub.job("acme", 2).result == {"told": 1}


@given(seconds=st.integers(0, 2 * 365 * 86_400), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_the_last_time_is_within_a_day(seconds: int, hour: int, minute: int) -> None:
    """Also in the nights when the clock changes, where a day has 23 or 25 hours."""
    here = MORNING + timedelta(seconds=seconds)
    schedule = Schedule(sync_at=f"{hour:02}:{minute:02}", check_at="", remind_at="")
    ((_, moment, _),) = last_times(schedule.times(), "p", here)
    assert timedelta(0) <= here - moment <= timedelta(hours=25)
