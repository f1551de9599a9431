"""Plan, release, run: through Hub, on both databases, against a payroll that does what a test tells it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

import hub.activation
from hub.administrations import Booking
from hub.durations import AMSTERDAM
from hub.errors import InputError
from hub.export.basis import Scope
from hub.export.engine import Engine
from hub.export.journal import Ending, begin, finish
from hub.export.report import PlanView, RunView
from hub.export.states import ALLOWED, EntryState, Outcome, RunState, check_transition, run_state
from hub.hub import Hub
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Deletion, Timecard, Unit
from hub.models import Contract, ContractType, Employee, Entry, Kind, PeriodType, PostedEntry, Slot
from hub.periods import Calendar
from hub.process import Process
from hub.store.exports import Attempt, Plan
from hub.store.exports import Entry as EntryRow
from hub.testing.ledger import BOOKS, Ledger, LedgerProvider

START = date(2020, 1, 1)


@dataclass
class Company:
    """A company on the ledger, with short ways to do what a host does."""

    hub: Hub
    ledger: Ledger
    name: str = "acme"

    def cards(self, *cards: Timecard | Deletion) -> None:
        kept = self.hub.import_timecards(self.name, Reading(good=list(cards)))
        assert not kept.refused

    def plan(self, **more: Any) -> PlanView:
        return self.hub.plan(self.name, Scope(provider="ledger", administration="1", year=2026, number=10, **more))

    def export(self, **more: Any) -> RunView:
        plan = self.plan(**more)
        self.hub.release(self.name, plan.id, "Robin")
        return self.hub.run(self.name, plan.id)

    def white(self) -> set[str]:
        return {one.id for one in self.hub.timecards(self.name) if one.exported_revision == one.revision}

    def rows(self, table: type[Any]) -> list[Any]:
        with self.hub.store.read(self.name) as session:
            return session.all(table)


@pytest.fixture
def company(process: Process, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """A company with two employees of zero hours, everything mapped, nothing exported."""
    monkeypatch.setattr(hub.activation, "find", lambda name, allowed: LedgerProvider)
    book = uuid.uuid4().hex
    with Hub.open(process, now=lambda: datetime(2026, 10, 20, 12, tzinfo=AMSTERDAM)) as one:
        made = Company(one, BOOKS[book])
        made.ledger.employees += [employee("e1"), employee("e2")]
        one.add_company("acme", "Acme")
        one.connect("acme", "ledger", {"book": book})
        one.set_wage_period("acme", "ledger", "1", Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1)))
        for component, code in (
            ("worked", "100"),
            ("surcharge:sunday", "150"),
            ("meals", "200"),
            ("allowance:travel", "300"),
        ):
            one.map("acme", "ledger", Booking(component, code))
        one.import_members("acme", Reading(good=[Member(id="m1", name="An"), Member(id="m2", name="Bo")]))
        one.apply_sync("acme", one.plan_sync("acme", "ledger"))
        one.link("acme", "ledger", "e1", "m1")
        one.link("acme", "ledger", "e2", "m2")
        yield made
    del BOOKS[book]


def employee(name: str, **more: Any) -> Employee:
    contract = Contract(id=f"c-{name}", start=START, weekly_hours=0, type=ContractType.ZERO_HOURS)
    return Employee(**{"id": name, "administration": "1", "starts": START, "contracts": (contract,), **more})


def card(name: str, member: str = "m1", *, minutes: int = 480, day: int = 5, **more: Any) -> Timecard:
    start = datetime(2026, 10, day, 8, tzinfo=AMSTERDAM)
    fields = {"date": date(2026, 10, day), "start": start, "end": start + timedelta(minutes=minutes)}
    return Timecard(**{"id": name, "member": member, "status": "approved", **fields, **more})


def reasons(view: PlanView) -> dict[str, str]:
    return {one.finding.timecard: one.finding.code for one in (*view.held, *view.left)}


# -- the main job -----------------------------------------------------------------------------------------------------


def test_approved_cards_are_posted_once_and_turn_white(company: Company) -> None:
    """Each amount is in payroll, each card white, and the same cards offered again send nothing."""
    company.cards(card("a"), card("b", day=6), card("c", "m2"))
    run = company.export()
    assert run.state == RunState.DONE
    assert company.ledger.totals() == {
        ("e1", "100"): 1600,
        ("e1", "days"): 200,
        ("e2", "100"): 800,
        ("e2", "days"): 100,
    }
    assert company.white() == {"a", "b", "c"}
    again = company.plan()
    assert (again.lines, again.already) == ((), 3)


def test_a_late_card_costs_one_more_row_and_no_second_rounding(company: Company) -> None:
    """Three cards of 7 h 20 in two exports are 22.00 hours, where rounding each makes 21.99."""
    company.cards(card("a", minutes=440), card("b", minutes=440, day=6))
    company.export()
    company.cards(card("c", minutes=440, day=7))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 2200, ("e1", "days"): 300}
    assert [
        row.amount for slot in company.ledger.rows for row in company.ledger.rows[slot] if slot.kind is Kind.HOURS
    ] == [1467, 733]


def test_a_late_card_that_changes_nothing_turns_white_without_a_call(company: Company) -> None:
    """A second shift on a day that was counted already, with only the days exported, needs no posting."""
    company.cards(card("a"))
    company.export(groups=("days",))
    company.cards(
        card("b", start=datetime(2026, 10, 5, 18, tzinfo=AMSTERDAM), end=datetime(2026, 10, 5, 20, tzinfo=AMSTERDAM))
    )
    posted = len(company.ledger.posted)
    run = company.export(groups=("days",))
    assert (len(company.ledger.posted), run.state) == (posted, RunState.DONE)
    assert company.white() == {"a", "b"}


def test_what_was_left_out_first_goes_later(company: Company) -> None:
    """Meals that were not ticked the first time go out the second time, and hours do not go again."""
    meal = (ComponentAmount(component="meals", unit=Unit.PIECES, amount=1),)
    company.cards(card("a", amounts=meal))
    company.export(groups=("worked",))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "200"): 100, ("e1", "days"): 100}


def test_a_plan_must_be_released_by_somebody(company: Company) -> None:
    """Neither an unreleased plan runs nor a release without a name counts."""
    company.cards(card("a"))
    plan = company.plan()
    with pytest.raises(InputError, match="not released"):
        company.hub.run("acme", plan.id)
    with pytest.raises(InputError, match="by a person"):
        company.hub.release("acme", plan.id, "  ")
    assert not company.ledger.posted


def test_a_plan_that_was_tampered_with_is_not_run(company: Company) -> None:
    """The run carries out what was released and nothing else."""
    company.cards(card("a"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    with company.hub.store.write("acme") as session:
        row = session.exec(select(Plan)).one()
        lines = [{**line, "amount": line["amount"] * 10} for line in row.body["lines"]]
        row.body = {**row.body, "lines": lines}
        session.add(row)
    with pytest.raises(InputError, match="not what was released"):
        company.hub.run("acme", plan.id)
    assert not company.ledger.posted


def test_rows_of_others_do_not_change_the_hash_and_are_told(company: Company) -> None:
    """A clerk who typed hours under the same code is a warning, not another plan."""
    company.cards(card("a"))
    before = company.plan()
    slot = company.ledger.rows  # a clerk's row in the slot that the plan read
    read = next(one for one in slot if one.kind is Kind.HOURS)
    company.ledger.rows[read].append(PostedEntry(id="clerk", kind=Kind.HOURS, code="100", amount=500))
    after = company.plan()
    assert after.hash == before.hash
    assert [one.code for one in after.warnings] == ["others_in_payroll"]


# -- what stays and why -----------------------------------------------------------------------------------------------


def test_every_card_that_stays_says_why(company: Company) -> None:
    """Not approved, not worked, unknown, not linked, not in service, not exported contract type."""
    company.ledger.employees += [
        employee("e3", starts=date(2026, 10, 10)),
        employee("e4", contracts=(Contract(id="x", start=START, weekly_hours=3800, type=ContractType.FIXED_HOURS),)),
    ]
    company.hub.import_members("acme", Reading(good=[Member(id=one, name=one) for one in ("m3", "m4", "m5")]))
    company.hub.apply_sync("acme", company.hub.plan_sync("acme", "ledger"))
    company.hub.link("acme", "ledger", "e3", "m3")
    company.hub.link("acme", "ledger", "e4", "m4")
    company.cards(
        card("a", status="written"), card("b", category="leave"), card("c", "ghost"), card("d", "m5"),
        card("e", "m3", day=9), card("f", "m4"), card("g"),
    )  # fmt: skip
    plan = company.plan()
    assert reasons(plan) == {
        "a": "not_approved",
        "b": "not_worked",
        "c": "unknown_member",
        "d": "not_in_payroll",
        "e": "not_in_service",
        "f": "contract_type_not_exported",
    }
    assert plan.timecards == 1


def test_cards_outside_the_wage_period_are_not_of_this_export(company: Company) -> None:
    """The first and last business date belong to it, the days around it do not."""
    company.cards(card("first", day=1), card("last", day=31))
    late = datetime(2026, 11, 1, 8, tzinfo=AMSTERDAM)
    company.cards(card("next", date=date(2026, 11, 1), start=late, end=late + timedelta(hours=8)))
    run = company.export()
    assert set(run.white) == {"first", "last"}


def test_days_that_payroll_holds_already_are_asked_about(company: Company) -> None:
    """Kept or overwritten only when somebody says so; until then the person's cards wait."""
    company.cards(card("a"))
    company.plan()
    days = next(slot for slot in company.ledger.rows if slot.kind is Kind.DAYS)
    company.ledger.rows[days] = [PostedEntry(id="", kind=Kind.DAYS, code="days", amount=1500)]
    assert reasons(company.plan()) == {"a": "days_in_payroll"}
    company.export(days="keep")
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 1500}
    company.cards(card("b", day=6))
    company.export(days="overwrite")
    assert company.ledger.totals() == {("e1", "100"): 1600, ("e1", "days"): 200}


# -- after the export -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [card("a", minutes=540, revision=2), card("a", minutes=60, revision=2), Deletion(id="a", revision=2)]
)
def test_a_card_that_changes_after_it_turned_white_sends_nothing_more(company: Company, change: Any) -> None:
    """Corrections are not sent yet: the person waits, with a reason, and others are not touched."""
    company.cards(card("a"))
    company.export()
    company.cards(change, card("b", day=6), card("c", "m2"))
    plan = company.plan()
    assert reasons(plan)["b"] == "correction_needed"
    assert {one.employee for one in plan.lines} == {"e2"}


def test_a_mapping_that_moves_after_the_export_does_not_pay_again(company: Company) -> None:
    """The hours under the old code would otherwise be posted once more under the new one."""
    company.cards(card("a"))
    company.export()
    company.ledger.codes = (*company.ledger.codes, company.ledger.codes[0].model_copy(update={"code": "101"}))
    company.plan()
    company.hub.map("acme", "ledger", Booking("worked", "101"))
    company.cards(card("b", day=6))
    plan = company.plan()
    assert (plan.lines, reasons(plan)) == ((), {"b": "correction_needed"})


def test_a_card_that_changes_between_plan_and_run_is_not_sent(company: Company) -> None:
    """What was released is what is sent, or nothing."""
    company.cards(card("a"), card("b", "m2"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.cards(card("a", minutes=60, revision=2))
    run = company.hub.run("acme", plan.id)
    assert run.state == RunState.DONE_IN_PART
    assert company.ledger.totals() == {("e2", "100"): 800, ("e2", "days"): 100}
    assert company.white() == {"b"}


def test_two_released_plans_for_the_same_cards_pay_once(company: Company) -> None:
    """The second finds that something was posted under its keys and sends nothing."""
    company.cards(card("a"))
    plans = [company.plan(), company.plan()]
    for plan in plans:
        company.hub.release("acme", plan.id, "Robin")
        run = company.hub.run("acme", plan.id)
    assert {one.state for one in run.entries} == {"changed"}
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100}


# -- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["lost", "vanished", "same id"])
def test_an_unknown_outcome_stops_the_run_and_stays_in_doubt(company: Company, word: str) -> None:
    """Nothing more is sent: not by this run, not by running it again, not by a new plan."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "", "", word] if word == "same id" else [word]
    run = company.export()
    posted = len(company.ledger.posted)
    assert run.state == RunState.IN_DOUBT
    assert [one.state for one in run.entries].count("in doubt") == 1
    assert company.hub.run("acme", run.plan).state == RunState.IN_DOUBT
    assert len(company.ledger.posted) == posted
    doubtful = next(one for one in run.entries if one.state == "in doubt")
    waiting = {"e1": "a", "e2": "b"}[doubtful.employee]
    assert reasons(company.plan())[waiting] == "in_doubt"
    assert waiting not in company.white()


@pytest.mark.parametrize("word", ["not sent", "not executed"])
def test_what_certainly_did_not_happen_is_sent_when_the_run_goes_on(company: Company, word: str) -> None:
    """The run pauses with the reason, keeps the entry planned, and posts each once when it is run again."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", word]
    run = company.export()
    assert run.state == RunState.PAUSED
    assert "ledger" in run.paused
    assert company.hub.run("acme", run.plan).state == RunState.DONE
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100, ("e2", "100"): 800, ("e2", "days"): 100}


def test_a_refusal_keeps_its_card_green_and_lets_the_others_go(company: Company) -> None:
    """The reason is shown, the card is confirmed in part only, the run is done in part."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "refused"]
    run = company.export()
    assert (run.state, run.white, run.in_part) == (RunState.DONE_IN_PART, ("b",), ("a",))
    assert [one.reason for one in run.entries if one.state == "refused"] == ["The ledger refuses this."]


def test_a_slot_that_cannot_be_read_is_not_posted_to(company: Company) -> None:
    """Without knowing what is there, nothing is sent."""
    company.cards(card("a"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.ledger.readable = False
    run = company.hub.run("acme", plan.id)
    assert (run.state, company.ledger.posted) == (RunState.PAUSED, [])


def test_a_crash_while_sending_leaves_a_doubt_never_a_second_posting(company: Company) -> None:
    """The process dies inside the call; the next run finds the open attempt and stops."""
    company.cards(card("a"), card("b", "m2"))

    def die(entry: Entry, key: str) -> None:
        raise KeyboardInterrupt

    company.ledger.watch = die
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    with pytest.raises(KeyboardInterrupt):
        company.hub.run("acme", plan.id)
    company.ledger.watch = lambda entry, key: None
    run = company.hub.run("acme", plan.id)
    assert run.state == RunState.IN_DOUBT
    assert company.ledger.posted == []


# -- the journal ------------------------------------------------------------------------------------------------------


def committed_before_every_call(company: Company) -> list[bool]:
    """Tell for each posting whether its attempt was in the database, seen from another connection, when it was made."""
    seen: list[bool] = []

    def look(entry: Entry, key: str) -> None:
        seen.append(any(one.key == key and not one.outcome for one in company.rows(Attempt)))

    company.ledger.watch = look
    company.cards(card("a"), card("b", "m2"))
    company.export()
    return seen


def test_an_attempt_is_committed_before_its_call(company: Company) -> None:
    """What was sent is known after any crash."""
    seen = committed_before_every_call(company)
    assert seen == [True] * 4


def test_an_engine_that_sends_before_it_commits_is_caught(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant posts first and writes afterwards."""

    def send_first(self: Engine, row: EntryRow) -> str:
        slot = Slot(administration=row.administration, employee=row.employee, period=self.period, kind=Kind(row.kind))
        entry = Entry(slot=slot, code=row.code, cost_centre=row.cost_centre, amount=row.amount, sets=row.sets)
        answer = self.posting.post(entry, "early")
        with self.store.write(self.company) as session:
            row = session.merge(row)
            attempt = begin(session, row, ())
            assert attempt and isinstance(answer, PostedEntry)
            finish(session, row, attempt, Ending(Outcome.ACCEPTED, posted_id=answer.id))
        return ""

    monkeypatch.setattr(Engine, "_send", send_first)
    assert committed_before_every_call(company) == [False] * 4


def test_every_change_of_state_has_its_audit_row(company: Company) -> None:
    """Each entry went from planned to sending to confirmed, and the trail says so, in order."""
    from hub.store.companies import Audit

    company.cards(card("a"))
    company.export()
    trail = [row.detail for row in company.rows(Audit) if row.action == "entry"]
    assert trail == [{"from": "planned", "to": "sending"}, {"from": "sending", "to": "confirmed"}] * 2


def test_the_comment_traces_an_entry_back(company: Company) -> None:
    """A clerk who sees the row in payroll can find the plan and the entry."""
    company.cards(card("a"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.hub.run("acme", plan.id)
    assert {one.comment for one in company.ledger.posted} == {
        f"payroll-hub plan {plan.id} entry {number}, 1 timecards" for number in (1, 2)
    }


def test_a_past_period_is_changed_only_with_permission(company: Company) -> None:
    """The flag that opens a protected period is on only where the released plan says so."""
    company.cards(card("a"), card("b", "m2"))
    company.export()
    assert {one.unprotected for one in company.ledger.posted} == {False}
    company.cards(card("c", day=7))
    company.export(past_period=True)
    assert [one.unprotected for one in company.ledger.posted[4:]] == [True, True]


@pytest.mark.parametrize("old", list(EntryState))
def test_only_transitions_in_the_table_are_allowed(old: EntryState) -> None:
    """In particular a doubt never becomes planned by itself, and what is confirmed stays so."""
    for new in EntryState:
        if new in ALLOWED[old]:
            check_transition(old, new)
        else:
            with pytest.raises(RuntimeError):
                check_transition(old, new)


def test_the_state_of_a_run_follows_from_its_entries() -> None:
    """A doubt weighs most; what is still to do comes next; only all confirmed is done."""
    state = EntryState
    assert run_state([state.CONFIRMED, state.IN_DOUBT, state.PLANNED], True) is RunState.IN_DOUBT
    assert run_state([state.CONFIRMED, state.PLANNED], True) is RunState.PAUSED
    assert run_state([state.CONFIRMED, state.PLANNED], False) is RunState.RUNNING
    assert run_state([state.CONFIRMED, state.REFUSED], False) is RunState.DONE_IN_PART
    assert run_state([state.CONFIRMED], False) is RunState.DONE
    assert run_state([], False) is RunState.DONE
