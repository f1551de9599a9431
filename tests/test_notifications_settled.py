"""What is done needs nobody any more: its notification is read by the hub itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.events.kinds import EventKind
from hub.process import Process
from hub.store.events import Event
from hub.testing.company import Company, card, ledger_company
from hub.testing.paper import PaperCompany


@pytest.fixture
def acme(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        made.hub.mark_read("acme", None, "set-up")
        yield made


def unread(company: Company | PaperCompany) -> list[tuple[str, object]]:
    """Return the kind of what nobody has read, with the plan that it names; newest first."""
    with company.hub.store.read("acme") as session:
        plans = {one.id: one.detail.get("plan") for one in session.all(Event)}
    return [(one.kind, plans[one.id]) for one in company.hub.notifications("acme", unread=True)]


def test_what_is_done_is_read_by_itself(acme: Company) -> None:
    """A plan that was released, with the reminder of its period, a run that went on, a connection that works again."""
    acme.cards(card("t1"))
    with acme.hub.store.write("acme") as session:
        session.tell(EventKind.REMINDER, "ledger", administration="1", year=2026, number=10, timecards=1)
    plan, other = acme.plan(), acme.plan()
    acme.hub.release("acme", plan.id, "Robin")
    assert unread(acme) == [("export.planned", other.id)]
    acme.ledger.script = ["not executed"]
    acme.hub.run("acme", plan.id)
    kinds = ["run.paused", "connection.needs_attention", "export.planned"]
    assert [kind for kind, _ in unread(acme)] == kinds
    acme.hub.plan_sync("acme", "ledger")
    assert acme.hub.run("acme", plan.id).state == "done"
    assert [kind for kind, _ in unread(acme)] == ["run.finished", "export.planned"]
    done = [one for one in acme.hub.notifications("acme") if one.read_by == "hub"]
    assert {one.kind for one in done} == {"export.planned", "reminder", "run.paused", "connection.needs_attention"}


def test_a_file_that_payroll_took_is_not_to_be_fetched_any_more(paper: PaperCompany) -> None:
    """What is told then is how its run ended."""
    paper.cards(card("t1"))
    run = paper.made().id
    paper.fetch(run)
    assert unread(paper)[0][0] == "file.ready"
    paper.hub.file_imported("acme", run, "Robin")
    assert [kind for kind, _ in unread(paper)] == ["run.finished"]
