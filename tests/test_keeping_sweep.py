"""What was kept long enough is deleted: whole, never too early, and without letting anything go out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlmodel import select

from hub.errors import InputError
from hub.export import service
from hub.intake import keep
from hub.intake.reading import Reading
from hub.intake.shapes import Deletion
from hub.keeping import past as past_module
from hub.keeping import sweeping, terms
from hub.keeping.terms import Terms, checked
from hub.process import Process
from hub.store.companies import Audit
from hub.store.exports import Attempt, Contribution, Entry, Plan, Run
from hub.store.people import Timecard
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, Company, card, ledger_company
from hub.testing.deciding import waiting

LATER = datetime(2050, 6, 1, 12, tzinfo=UTC)
"""So late that all that a test did is past, whatever day it is today: some rows bear the day on which the test ran."""

JOURNAL = (Plan, Run, Entry, Contribution, Attempt)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def company(process: Process, tmp_path: Path, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(replace(process, mark_file=str(tmp_path / "mark")), clock) as made:
        yield made


@pytest.fixture
def exported(company: Company, clock: FakeClock) -> Company:
    """Return a company that exported two timecards, long ago."""
    company.cards(card("a"), card("b", "m2"))
    company.export()
    clock.set(LATER)
    return company


def held(company: Company) -> dict[str, int]:
    """Count what the journal holds."""
    return {table.__name__: len(company.rows(table)) for table in JOURNAL}


def again(name: str, member: str = "m1") -> Any:
    """Return a timecard that was moved to the year that is now."""
    start = datetime(2049, 10, 5, 8, tzinfo=UTC)
    return card(name, member, revision=2, date=date(2049, 10, 5), start=start, end=start + timedelta(hours=8), venue="")


# -- how long ---------------------------------------------------------------------------------------------------------


def test_wage_data_are_kept_for_seven_years_from_the_first_of_january_after_their_year() -> None:
    """Those of 2018: the whole of 2025, and not on 1 January 2026."""
    assert Terms().wage_from(date(2025, 12, 31)) == date(2018, 1, 1)
    assert Terms().wage_from(date(2026, 1, 1)) == date(2019, 1, 1)


@pytest.mark.parametrize(("name", "least"), [("wage_years", 7), ("card_weeks", 52), ("event_days", 7), ("job_days", 1)])
def test_nothing_is_kept_shorter_than_its_floor(name: str, least: int) -> None:
    """The floor itself is allowed, and one less is not."""
    assert checked({name: least}) == {name: least}
    with pytest.raises(InputError, match=f"{name} is a number from {least} to"):
        checked({name: least - 1})


def test_a_company_that_keeps_longer_is_swept_later(exported: Company, clock: FakeClock) -> None:
    """The term is stored, told in the audit trail, and asked at each sweep."""
    clock.set(datetime(2042, 6, 1, tzinfo=UTC))
    before = held(exported)
    shown = exported.hub.change_keeping("acme", {"wage_years": 20}, "Robin")
    assert (shown.terms.wage_years, shown.terms.card_weeks) == (20, 52)
    assert "runs" not in exported.hub.sweep("acme").deleted
    assert held(exported) == before
    assert [(one.actor, one.detail) for one in exported.rows(Audit) if one.action == "keeping changed"] == [
        ("Robin", {"wage_years": 20})
    ]


# -- wage data --------------------------------------------------------------------------------------------------------


def test_a_past_run_goes_with_all_that_hangs_on_it(exported: Company) -> None:
    """Counts are told, the timecards go too, and a second sweep finds nothing."""
    before = held(exported)
    swept = exported.hub.sweep("acme")
    assert {name: swept.deleted[name] for name in ("plans", "runs", "entries", "contributions", "attempts")} == {
        "plans": before["Plan"],
        "runs": before["Run"],
        "entries": before["Entry"],
        "contributions": before["Contribution"],
        "attempts": before["Attempt"],
    }
    assert swept.deleted["timecards"] == 2
    assert (set(held(exported).values()), exported.rows(Timecard)) == ({0}, [])
    assert set(exported.hub.sweep("acme").deleted) <= {"audit"}  # its trail is of today, which is long ago by the clock


def test_nothing_goes_that_is_of_a_year_that_is_kept(exported: Company, clock: FakeClock) -> None:
    """Not by the day of the period alone: a run of an old period that was made later is as old as its own day."""
    before = held(exported)
    clock.set(datetime(2033, 12, 31, 12, tzinfo=UTC))
    assert set(exported.hub.sweep("acme").deleted) <= {"members", "employees"}
    assert held(exported) == before
    clock.set(LATER)
    with exported.hub.store.write("acme") as session:
        run = session.exec(select(Run)).one()
        run.started_at = LATER
        session.add(run)
    assert "runs" not in exported.hub.sweep("acme").deleted
    assert held(exported) == before


def test_a_run_that_waits_for_a_decision_is_never_swept(company: Company, clock: FakeClock) -> None:
    """Its timecards neither; the sweep tells its number."""
    company.cards(card("a"))
    waiting(company, "lost")
    clock.set(LATER)
    before = held(company)
    assert company.hub.sweep("acme").waiting == (1,)
    assert (held(company), [one.id for one in company.rows(Timecard)]) == (before, ["a"])


# -- nothing goes out again -------------------------------------------------------------------------------------------


def test_the_same_timecards_uploaded_again_are_refused(exported: Company) -> None:
    """The hub knows nothing of that year any more, and says so; those of a year that is kept are taken."""
    exported.hub.sweep("acme")
    reason = "the wage data of before 2043-01-01 were deleted, kept long enough: correct it in payroll by hand."
    kept = exported.hub.import_timecards("acme", Reading(good=[card("a"), card("b", "m2"), again("c")]))
    assert (kept.new, kept.refused) == (1, [("a", reason), ("b", reason)])
    with pytest.raises(InputError, match="2 timecards are refused; a: the wage data of before 2043-01-01"):
        exported.hub.import_timecards("acme", Reading(good=[card("a"), card("b", "m2")]), strict=True)


def test_a_past_timecard_that_is_still_held_may_come_again_as_it_is(company: Company) -> None:
    """A host that sends all it has is refused nothing that changes nothing; a change of it is refused."""
    company.cards(card("a"))
    with company.hub.store.write("acme") as session:
        terms.remember(session, date(2027, 1, 1))
    company.cards(card("a"))
    kept = company.hub.import_timecards("acme", Reading(good=[card("a", revision=2)]))
    assert [name for name, _ in kept.refused] == ["a"]
    company.cards(Deletion(id="a", revision=2))


def test_a_timecard_of_before_what_is_kept_is_not_planned(exported: Company) -> None:
    """Even if it came in somehow; `validate` says so too."""
    exported.hub.sweep("acme")
    posted = len(exported.ledger.posted)
    with patch.object(keep, "kept_from", lambda session: None):
        exported.cards(card("a"), card("b", "m2"))
    with pytest.raises(InputError, match=r"before 2043-01-01 were deleted.*by hand"):
        exported.plan()
    with pytest.raises(InputError, match=r"before 2043-01-01 were deleted.*by hand"):
        exported.hub.validate("acme", exported.hub.scope("acme", "ledger", "1", 2026, 10))
    assert len(exported.ledger.posted) == posted
    with patch.object(service, "check_kept", lambda session, scope: None):
        assert exported.plan(groups=("worked",)).lines  # what a hub without the check would pay once more


def test_a_timecard_that_was_moved_to_a_year_that_is_kept_keeps_the_run_that_exported_it(exported: Company) -> None:
    """So that it is still known as exported; else it would be paid once more in its new period."""
    exported.cards(again("a"))
    before = held(exported)
    assert "runs" not in exported.hub.sweep("acme").deleted
    assert held(exported) == before
    assert exported.plan(year=2049).lines == ()


def test_without_that_rule_the_moved_timecard_would_be_planned_again(exported: Company) -> None:
    """Show that the test above would see it."""
    exported.cards(again("a"))
    with patch.object(past_module, "_standing_alone", lambda session, old, day: old):
        exported.hub.sweep("acme")
    assert exported.plan(year=2049, groups=("worked",)).lines


def test_a_crash_in_the_middle_leaves_nothing_that_goes_out_again(exported: Company) -> None:
    """The day is written down before the first run goes; the next sweep does the rest."""
    with patch.object(sweeping, "_timecards", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        exported.hub.sweep("acme")
    assert set(held(exported).values()) == {0}
    with pytest.raises(InputError, match="were deleted"):
        exported.plan()
    assert exported.hub.sweep("acme").deleted["timecards"] == 2


def test_a_term_that_is_made_longer_afterwards_does_not_bring_the_knowledge_back(exported: Company) -> None:
    """The day that was written down stays."""
    exported.hub.sweep("acme")
    exported.hub.change_keeping("acme", {"wage_years": 20})
    exported.hub.sweep("acme")
    assert exported.hub.keeping("acme").kept_from == date(2043, 1, 1)


# -- an old backup ----------------------------------------------------------------------------------------------------


def test_what_was_swept_is_no_sign_of_an_old_backup(exported: Company) -> None:
    """The mark outside the database follows; the next export goes out."""
    exported.hub.sweep("acme")
    exported.cards(again("c"))
    run = exported.export(year=2049)
    assert (run.state, exported.white()) == ("done", {"c"})


def test_a_restored_backup_is_not_swept_before_payroll_was_read_back(exported: Company) -> None:
    """A sweep would else move the mark back and hide that the database is older than payroll."""
    before = held(exported)
    exported.hub.store.mark.set("acme", 99, 99)
    with pytest.raises(InputError, match="restored from a backup"):
        exported.hub.sweep("acme")
    assert held(exported) == before
    assert "acme" in exported.hub.sweep_all().problems
