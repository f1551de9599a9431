"""Storing what a host sends: the newest revision of a timecard holds, and nothing is wiped that was not told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from hub.errors import InputError
from hub.hub import Hub
from hub.intake import keep
from hub.intake.keep import Kept, bsn_place
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Deletion, Timecard, TimecardStatus, Unit
from hub.models import ContractType
from hub.process import Process
from hub.store.companies import Audit
from hub.store.database import Store
from hub.store.people import TeamMember
from hub.store.people import Timecard as TimecardRow

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BSN, OTHER_BSN = "123456782", "111222333"


@pytest.fixture
def acme(store: Store, process: Process) -> Iterator[Hub]:
    """Yield a hub with one company."""
    hub = Hub(store, process)
    hub.add_company("acme", "Acme")
    yield hub


# -- timecards --------------------------------------------------------------------------------------------------------


def card(name: str = "T-1", revision: int = 1, **changes: Any) -> Timecard:
    known = {
        "member": "M-1",
        "date": date(2026, 3, 28),
        "start": datetime(2026, 3, 28, 22, 0, tzinfo=AMSTERDAM),
        "end": datetime(2026, 3, 29, 6, 0, tzinfo=AMSTERDAM),  # the night in which the clock goes forward
        "break_minutes": 30,
        "status": TimecardStatus.APPROVED,
        "amounts": (ComponentAmount(component="meals", unit=Unit.PIECES, amount=1),),
    }
    return Timecard(**{"id": name, "revision": revision, **known, **changes})


def send(hub: Hub, *cards: Timecard | Deletion, strict: bool = False) -> Kept:
    return hub.import_timecards("acme", Reading(list(cards)), strict=strict)


def held(hub: Hub, name: str = "T-1") -> TimecardRow:
    return next(one for one in hub.timecards("acme") if one.id == name)


def test_a_timecard_is_kept_as_it_was_sent(acme: Hub) -> None:
    assert send(acme, card(venue="V")) == Kept(new=1)
    row = held(acme)
    assert (row.member, row.venue, row.date, row.minutes) == ("M-1", "V", date(2026, 3, 28), 390)
    assert row.start == datetime(2026, 3, 28, 22, 0, tzinfo=AMSTERDAM)
    assert (row.end - row.start).total_seconds() == 7 * 3600
    assert (row.status, row.category, row.deleted) == ("approved", "worked", False)
    assert row.amounts == [{"component": "meals", "unit": "pieces", "amount": 1}]


def test_a_newer_revision_replaces_an_older_one(acme: Hub) -> None:
    send(acme, card())
    assert send(acme, card(revision=2, break_minutes=60, amounts=())) == Kept(changed=1)
    row = held(acme)
    assert (row.revision, row.minutes, row.amounts) == (2, 360, [])


def test_an_older_revision_is_refused(acme: Hub) -> None:
    send(acme, card(revision=3))
    kept = send(acme, card(revision=2, break_minutes=60))
    assert kept.refused == [("T-1", "revision 2 is older than revision 3, which is held: send the newest.")]
    assert (held(acme).revision, held(acme).break_minutes) == (3, 30)


DIFFERENT: list[dict[str, Any]] = [
    {"break_minutes": 60},
    {"member": "M-2"},
    {"venue": "V"},
    {"status": TimecardStatus.WRITTEN},
    {"category": "leave"},
    {"amounts": ()},
    {"start": datetime(2026, 3, 28, 21, 0, tzinfo=AMSTERDAM)},
    {"date": date(2026, 3, 29)},
]


@pytest.mark.parametrize("changes", DIFFERENT, ids=lambda one: next(iter(one)))
def test_the_same_revision_with_other_content_is_refused(acme: Hub, changes: dict[str, Any]) -> None:
    send(acme, card())
    before = held(acme).model_dump()
    kept = send(acme, card(**changes))
    assert [reason.partition(" with ")[0] for _, reason in kept.refused] == ["revision 1 is held already"]
    assert held(acme).model_dump() == before


def test_the_same_content_again_is_unchanged(acme: Hub) -> None:
    send(acme, card())
    before = held(acme).model_dump()
    moved = card(start=datetime(2026, 3, 28, 21, 0, tzinfo=ZoneInfo("UTC")))  # the same moment by another clock
    assert [send(acme, card()), send(acme, moved)] == [Kept(unchanged=1), Kept(unchanged=1)]
    assert held(acme).model_dump() == before


def test_a_deletion_marks_the_card_and_keeps_what_it_was(acme: Hub) -> None:
    send(acme, card())
    assert send(acme, Deletion(id="T-1", revision=2)) == Kept(deleted=1)
    row = held(acme)
    assert (row.deleted, row.revision, row.minutes) == (True, 2, 390)


def test_a_deletion_again_is_unchanged(acme: Hub) -> None:
    send(acme, card())
    send(acme, Deletion(id="T-1", revision=2))
    assert send(acme, Deletion(id="T-1", revision=2)) == Kept(unchanged=1)


@pytest.mark.parametrize(("revision", "why"), [(1, "is older than revision 2"), (2, "is held already")])
def test_a_deletion_needs_a_higher_revision_too(acme: Hub, revision: int, why: str) -> None:
    send(acme, card(revision=2))
    [(_, reason)] = send(acme, Deletion(id="T-1", revision=revision)).refused
    assert why in reason
    assert not held(acme).deleted


def test_a_deletion_of_what_was_never_sent_is_refused(acme: Hub) -> None:
    kept = send(acme, Deletion(id="T-9"))
    assert kept == Kept(refused=[("T-9", "there is no such timecard to delete.")])
    assert acme.timecards("acme") == []


def test_a_deleted_card_comes_back_with_a_higher_revision(acme: Hub) -> None:
    send(acme, card())
    send(acme, Deletion(id="T-1", revision=2))
    assert send(acme, card(revision=2)).refused
    assert send(acme, card(revision=3)) == Kept(changed=1)
    assert not held(acme).deleted


def test_a_refused_card_does_not_keep_the_others_out(acme: Hub) -> None:
    send(acme, card(revision=2))
    kept = send(acme, card(revision=1), card("T-2"))
    assert (kept.new, len(kept.refused)) == (1, 1)
    assert held(acme, "T-2").revision == 1


def test_strict_one_refused_card_leaves_nothing_behind(acme: Hub) -> None:
    send(acme, card(revision=2))
    with pytest.raises(InputError, match="Nothing was stored: 1 timecards are refused; T-1: revision 1 is older"):
        send(acme, card("T-2"), card(revision=1), strict=True)
    assert [(one.id, one.revision, one.deleted) for one in acme.timecards("acme")] == [("T-1", 2, False)]


def test_what_payroll_holds_of_a_card_survives_a_change(acme: Hub, store: Store) -> None:
    send(acme, card())
    with store.write("acme") as session:
        session.change(TimecardRow, [{"id": "T-1", "exported_revision": 1, "exported_by": "run 1"}])
    send(acme, card(revision=2, break_minutes=0))
    send(acme, Deletion(id="T-1", revision=3))
    assert (held(acme).exported_revision, held(acme).exported_by) == (1, "run 1")


def test_many_cards_are_kept_in_batches(acme: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "BATCH", 3)
    cards = [card(f"T-{number}") for number in range(8)]
    assert send(acme, *cards) == Kept(new=8)
    assert send(acme, *cards[1:], card("T-9"), card("T-0", revision=2)) == Kept(new=1, changed=1, unchanged=7)


def test_an_id_that_is_named_twice_is_refused_before_anything_is_kept(acme: Hub) -> None:
    with pytest.raises(InputError, match="an id is named twice"):
        send(acme, card(revision=1), card(revision=2))
    with pytest.raises(InputError, match="an id is named twice"):
        bring(acme, member(), member())
    assert acme.timecards("acme") == []
    assert acme.members("acme") == []


def test_a_card_of_another_company_with_the_same_id_is_another_card(acme: Hub) -> None:
    acme.add_company("zenith", "Zenith")
    acme.import_timecards("zenith", Reading([card(revision=9)]))
    assert send(acme, card()) == Kept(new=1)
    assert [one.revision for one in acme.timecards("zenith")] == [9]


def test_what_was_kept_is_in_the_audit_trail_in_numbers_only(acme: Hub, store: Store) -> None:
    send(acme, card())
    bring(acme, member(bsn=SecretStr(BSN)))
    with store.read("acme") as session:
        rows = session.all(Audit, Audit.action != "company added")
    assert [(one.subject, one.detail) for one in rows] == [
        ("timecards", {"new": 1, "changed": 0, "deleted": 0}),
        ("members", {"new": 1, "changed": 0}),
    ]


# -- team members -----------------------------------------------------------------------------------------------------


def member(id_: str = "M-1", **changes: Any) -> Member:
    return Member(**{"id": id_, "name": "Fenna Tolsma", **changes})


def bring(hub: Hub, *members: Member) -> Kept:
    return hub.import_members("acme", Reading(list(members)))


def bsn_of(hub: Hub, name: str = "M-1") -> str | None:
    with hub.store.read("acme") as session:
        row = session.need(TeamMember, "The member", name)
        return hub.store.vault(session).open(bsn_place(name), row.bsn) if row.bsn else None


def row_of(hub: Hub, name: str = "M-1") -> TeamMember:
    return next(one for one in hub.members("acme") if one.id == name)


def test_a_member_is_kept_as_the_host_sent_it(acme: Hub) -> None:
    sent = member(email="fenna@example.nl", contract_type="zero_hours", venue="V", bsn=SecretStr(BSN))
    assert bring(acme, sent, member("M-2")) == Kept(new=2)
    row = row_of(acme)
    assert (row.name, row.email, row.contract_type, row.venue) == (
        "Fenna Tolsma",
        "fenna@example.nl",
        "zero_hours",
        "V",
    )
    assert (row.source, bsn_of(acme), bsn_of(acme, "M-2")) == ("host", BSN, None)


def test_the_same_member_again_is_unchanged(acme: Hub) -> None:
    bring(acme, member(venue="V", bsn=SecretStr(BSN)))
    sealed = row_of(acme).bsn
    assert bring(acme, member(venue="V", bsn=SecretStr(BSN)), member("M-2")) == Kept(new=1, unchanged=1)
    assert row_of(acme).bsn == sealed


EMPTY: Sequence[tuple[str, str]] = [("contract_type", "fixed_hours"), ("email", "a@example.nl"), ("venue", "V")]


@pytest.mark.parametrize(("field", "told"), EMPTY)
def test_what_a_file_leaves_empty_does_not_wipe_what_payroll_told(
    acme: Hub, store: Store, field: str, told: str
) -> None:
    bring(acme, member())
    with store.write("acme") as session:
        session.change(TeamMember, [{"id": "M-1", field: told}])
    assert bring(acme, member(name="Fenna Visser")) == Kept(changed=1)
    assert (getattr(row_of(acme), field), row_of(acme).name) == (told, "Fenna Visser")


def test_a_change_of_one_field_changes_that_field(acme: Hub) -> None:
    bring(acme, member(email="old@example.nl", venue="V"))
    assert bring(acme, member(email="new@example.nl")) == Kept(changed=1)
    assert (row_of(acme).email, row_of(acme).venue) == ("new@example.nl", "V")


def test_a_bsn_is_replaced_by_another_one(acme: Hub) -> None:
    bring(acme, member(bsn=SecretStr(BSN)))
    assert bring(acme, member(bsn=SecretStr(OTHER_BSN))) == Kept(changed=1)
    assert bsn_of(acme) == OTHER_BSN


def test_a_bsn_stays_where_the_file_gives_none(acme: Hub) -> None:
    bring(acme, member(bsn=SecretStr(BSN)))
    assert bring(acme, member(venue="V")) == Kept(changed=1)
    assert bsn_of(acme) == BSN


def test_the_bsn_of_somebody_who_became_a_freelancer_is_erased(acme: Hub) -> None:
    bring(acme, member(contract_type="zero_hours", bsn=SecretStr(BSN)))
    assert bring(acme, member(contract_type=ContractType.FREELANCE)) == Kept(changed=1)
    assert row_of(acme).bsn is None
    assert bring(acme, member(contract_type=ContractType.FREELANCE)) == Kept(unchanged=1)


def test_the_bsn_of_somebody_whom_payroll_knows_as_a_freelancer_is_not_kept(acme: Hub) -> None:
    bring(acme, member(contract_type=ContractType.FREELANCE))
    assert bring(acme, member(bsn=SecretStr(BSN))) == Kept(unchanged=1)
    assert row_of(acme).bsn is None


def test_a_member_that_a_sync_made_keeps_its_source(acme: Hub, store: Store) -> None:
    with store.write("acme") as session:
        session.insert(TeamMember, [{"id": "p-1", "name": "x", "source": "p"}])
    bring(acme, member("p-1", bsn=SecretStr(BSN)))
    assert (row_of(acme, "p-1").source, bsn_of(acme, "p-1")) == ("p", BSN)
