"""What is no wage data: working time, people, BSNs, events, jobs, answers, and files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from hub.intake.contracts import HostContract
from hub.intake.reading import Reading
from hub.intake.shapes import Deletion
from hub.models import ContractType
from hub.store.access import Answered, ApiKey
from hub.store.companies import Audit, Company, Connection
from hub.store.events import Delivery, Endpoint, Event
from hub.store.files import File
from hub.store.jobs import Job
from hub.store.people import Employee, MemberContract, TeamMember, Timecard
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, card
from hub.testing.paper import PaperCompany, clock, paper, person  # noqa: F401 - fixtures


def swept(paper: PaperCompany, clock: FakeClock, **later: float) -> dict[str, int]:  # noqa: F811
    """Let time pass and sweep; return what was deleted."""
    clock.set(NOW.astimezone(UTC) + timedelta(**later))
    return paper.hub.sweep("acme").deleted


def cards(paper: PaperCompany) -> list[str]:  # noqa: F811
    return [one.id for one in paper.rows(Timecard)]


# -- working time -----------------------------------------------------------------------------------------------------


def test_working_time_that_payroll_never_got_goes_after_52_weeks(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """By its business date; what was approved is wage that may be owed, and stays."""
    paper.cards(card("written", status="written"), card("approved", day=6), card("withdrawn", day=7))
    paper.cards(Deletion(id="withdrawn", revision=2))
    clock.set(datetime(2027, 10, 4, 12, tzinfo=UTC))
    assert "timecards" not in paper.hub.sweep("acme").deleted
    clock.set(datetime(2027, 10, 5, 12, tzinfo=UTC))
    assert paper.hub.sweep("acme").deleted.get("timecards") == 1
    clock.set(datetime(2027, 10, 8, 12, tzinfo=UTC))
    paper.hub.sweep("acme")
    assert cards(paper) == ["approved"]


def test_approved_hours_that_nobody_exported_stay_as_long_as_wage_data(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """Until the year is past: seven years from 1 January after it."""
    paper.cards(card("approved"))
    clock.set(datetime(2033, 12, 31, 12, tzinfo=UTC))
    paper.hub.sweep("acme")
    assert cards(paper) == ["approved"]
    clock.set(datetime(2034, 1, 1, 12, tzinfo=UTC))
    paper.hub.sweep("acme")
    assert cards(paper) == []


# -- people -----------------------------------------------------------------------------------------------------------


def left(paper: PaperCompany, member: str, end: date) -> None:  # noqa: F811
    """Tell that a team member leaves."""
    contract = HostContract(start=date(2026, 1, 1), end=end, payroll="paper", contract_type=ContractType.ZERO_HOURS)
    paper.hub.import_members("acme", Reading(good=[person(member, contracts=(contract,))]))


def bsns(paper: PaperCompany) -> set[str]:  # noqa: F811
    return {one.id for one in paper.rows(TeamMember) if one.bsn}


def test_a_bsn_is_erased_a_year_after_the_last_contract(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """Long before the name, and of nobody else's."""
    left(paper, "m1", date(2026, 10, 31))
    clock.set(datetime(2027, 10, 30, 12, tzinfo=UTC))
    paper.hub.sweep("acme")
    assert bsns(paper) == {"m1", "m2"}
    clock.set(datetime(2027, 11, 1, 12, tzinfo=UTC))
    assert paper.hub.sweep("acme").deleted["bsns"] == 1
    assert (bsns(paper), {one.id for one in paper.rows(TeamMember)}) == ({"m2"}, {"m1", "m2"})
    assert [one.subject for one in paper.rows(Audit) if one.action == "BSN erased"] == ["member m1"]


def test_a_bsn_stays_while_approved_hours_are_still_to_go_out(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """Payroll could not pay them without it."""
    left(paper, "m1", date(2026, 10, 31))
    paper.cards(card("a"))
    swept(paper, clock, days=500)
    assert bsns(paper) == {"m1", "m2"}


def test_no_bsn_is_kept_that_no_connection_needs(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """Once the last connection is gone whose payroll asks for it; one that is only switched off may come back."""
    paper.hub.switch("acme", "paper", active=False)
    swept(paper, clock, days=9_000)
    assert bsns(paper) == {"m1", "m2"}
    with paper.hub.store.write("acme") as session:
        session.delete(session.exec(select(Connection)).one())
        session.exec(update(Company).values(created_at=NOW))
    swept(paper, clock, days=89)  # a company that is new has people before it has a payroll
    assert bsns(paper) == {"m1", "m2"}
    assert swept(paper, clock, days=90)["bsns"] == 2
    assert bsns(paper) == set()


def test_who_left_goes_when_nothing_of_them_is_kept(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """With contracts, and not before: while a timecard is kept, so is who worked it."""
    left(paper, "m1", date(2026, 10, 31))
    left(paper, "m2", date(2026, 10, 31))
    paper.cards(card("a"))
    with paper.hub.store.write("acme") as session:
        session.exec(update(Timecard).values(date=date(2030, 1, 1)))
    clock.set(datetime(2034, 1, 1, 12, tzinfo=UTC))
    assert paper.hub.sweep("acme").deleted["members"] == 1
    assert {one.id for one in paper.rows(TeamMember)} == {"m1"}
    assert {one.member for one in paper.rows(MemberContract)} == {"m1"}


def test_who_did_not_leave_stays_for_ever(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """Somebody without a contract in the host's files may be at work today."""
    assert "members" not in swept(paper, clock, days=9_000)
    assert {one.id for one in paper.rows(TeamMember)} == {"m1", "m2"}


def test_an_employee_who_left_goes_with_the_team_member(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """The link does not keep either of them."""
    rows = [
        {"provider": "paper", "id": "e1", "administration": "1", "member": "m1", "body": {"ends": "2026-10-31"}},
        {"provider": "paper", "id": "e2", "administration": "1", "member": "m2", "body": {"ends": None}},
    ]
    with paper.hub.store.write("acme") as session:
        session.insert(Employee, rows)
    gone = swept(paper, clock, days=9_000)
    assert (gone["employees"], gone["members"]) == (1, 1)
    assert [(one.id, one.member) for one in paper.rows(Employee)] == [("e2", "m2")]


# -- what happened ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        ({"kind": "timecard.exported"}, False),
        ({"kind": "timecard.exported", "spread_at": None}, True),
        ({"kind": "run.finished"}, True),
        ({"kind": "run.finished", "read_at": NOW}, False),
        ({"kind": "timecard.exported", "at": NOW + timedelta(days=2)}, True),
    ],
)
def test_events_go_after_ninety_days(
    paper: PaperCompany,  # noqa: F811
    clock: FakeClock,  # noqa: F811
    event: dict[str, Any],
    stays: bool,
) -> None:
    """Not before they were spread, nor what a person is told and did not read yet."""
    with paper.hub.store.write("acme") as session:
        session.exec(update(Event).values(at=NOW + timedelta(days=500)))  # what the company's making told
        session.insert(Event, [{"at": NOW, "spread_at": NOW, "detail": {}, **event}])
    swept(paper, clock, days=91)
    assert any(one.kind == event["kind"] and one.at < NOW + timedelta(days=9) for one in paper.rows(Event)) is stays


def test_an_event_stays_while_a_message_of_it_is_under_way(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """Once it arrived, the event goes with what is known of its messages."""
    with paper.hub.store.everywhere() as everywhere:
        endpoint = Endpoint(url="https://host.example", secret=b"x")
        everywhere.add(endpoint)
        everywhere.flush()
        number = endpoint.id
    with paper.hub.store.write("acme") as session:
        (event,) = session.insert_numbered(Event, [{"at": NOW, "kind": "timecard.left", "spread_at": NOW}])
        session.insert(Delivery, [{"endpoint": number, "event": event, "due_at": NOW}])
    swept(paper, clock, days=91)
    assert len(paper.rows(Delivery)) == 1
    with paper.hub.store.write("acme") as session:
        session.exec(update(Delivery).values(due_at=None, arrived_at=NOW))
    swept(paper, clock, days=91)
    assert paper.rows(Delivery) == []
    assert event not in [one.id for one in paper.rows(Event)]


def test_the_events_of_a_run_are_numbered_on_after_a_sweep(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """As long as its run is kept the newest event stays, so that no number comes twice; the others go."""
    paper.cards(card("t1"))
    run = paper.made().id
    paper.fetch(run)
    paper.hub.deliver_due()
    paper.hub.mark_read("acme", None, "Robin")
    highest = max(one.sequence for one in paper.rows(Event) if one.run == run)
    assert highest > 1
    with paper.hub.store.write("acme") as session:
        session.exec(update(Event).values(at=NOW))
    swept(paper, clock, days=91)
    assert [(one.run, one.sequence) for one in paper.rows(Event)] == [(run, highest)]
    paper.hub.file_imported("acme", run, "Robin")
    paper.hub.deliver_due()
    later = [one.sequence for one in paper.rows(Event) if one.run == run]
    assert later == list(range(highest, highest + len(later)))
    assert len(later) > 1


def test_jobs_go_a_month_after_they_ended(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """One that never ended stays."""
    ends = {"ended": NOW, "just ended": NOW + timedelta(days=2), "open": None}
    with paper.hub.store.write("acme") as session:
        session.insert(Job, [{"kind": "sync", "key": name, "ended_at": end} for name, end in ends.items()])
    assert swept(paper, clock, days=31)["jobs"] == 1
    assert {one.key for one in paper.rows(Job)} == {"just ended", "open"}


def test_answers_under_an_idempotency_key_go_after_a_day(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """They belong to no company, so the sweep of all of them does it."""
    ages = {"old": timedelta(hours=25), "new": timedelta(hours=23)}
    with paper.hub.store.everywhere() as session:
        session.add(ApiKey(name="x", digest=b"x"))
        for name, age in ages.items():
            session.add(Answered(api_key=1, key=name, request=b"", status=200, made_at=NOW.astimezone(UTC) - age))
    clock.set(NOW.astimezone(UTC))
    assert paper.hub.sweep_all().answers == 1
    with paper.hub.store.everywhere() as session:
        assert session.exec(select(Answered.key)).all() == ["new"]


def test_a_file_goes_after_thirty_days_and_its_receipt_stays(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """Its receipt goes with its run, years later."""
    paper.cards(card("a"))
    paper.exported()
    assert swept(paper, clock, days=29).get("files") is None
    assert swept(paper, clock, days=31)["files"] == 1
    (file,) = paper.rows(File)
    assert (file.sealed, file.receipt["entries"]) == (None, 2)


def test_the_audit_trail_goes_with_the_wage_data(paper: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """The line of the day before the oldest year that is kept goes, that of its first day stays."""
    days = {"old": datetime(2018, 12, 31, 22, tzinfo=UTC), "kept": datetime(2018, 12, 31, 23, tzinfo=UTC)}
    with paper.hub.store.write("acme") as session:
        for name, at in days.items():
            session.add(Audit(company_id="acme", at=at, actor="x", action=name, subject="x"))
    assert swept(paper, clock, days=1)["audit"] == 1
    with paper.hub.store.read("acme") as session:
        assert len(session.all(Audit, col(Audit.action).in_(list(days)))) == 1
