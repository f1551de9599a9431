"""Faults 32 to 35, 41 to 43, 46 and 49: what a host repeats or changes, a bad plugin, a wrong key."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from hub import Entry, Hub, InputError, PostedEntry, SettingsError
from hub.export.planning.plan import PlanBody
from hub.export.posting.journal import Journal
from hub.intake.reading import Reading
from hub.intake.shapes import Deletion, Timecard
from hub.store.exports import Plan
from hub.testing.at_work import COMPANY, AtWork, just_before
from hub.testing.company import NOW, card
from hub.testing.shell import monthly
from hub_nmbrs import operations
from hub_nmbrs.operations import Operation
from hub_nmbrs.posting import NmbrsPosting
from hub_nmbrs.simulator import NmbrsSimulator

Work = AtWork[NmbrsSimulator]


# -- what a host repeats ----------------------------------------------------------------------------------------------


def test_the_same_plan_again_is_the_same_run(work_on_both: Work) -> None:
    """32: not a second run, and not a second call."""
    work = work_on_both
    work.release(card("a", "nmbrs-50001"))
    first, again = work.run(), work.run()
    assert (again.id, again.state, again.white) == (first.id, "done", ("a",))
    assert (work.received, len(work.rows), len(work.entries)) == (1, 1, 1)


def test_a_plan_that_is_not_what_was_released_is_not_run(work: Work) -> None:
    """33: another content under the same number is refused, and nothing of it is planned or sent."""
    plan = work.release(card("a", "nmbrs-50001"))
    with work.hub.store.write(COMPANY) as session:
        row = next(one for one in session.all(Plan) if one.id == plan)
        body = PlanBody.model_validate(row.body)
        more = tuple(line.model_copy(update={"amount": 900}) for line in body.to_send)
        row.body = body.model_copy(update={"lines": more}).model_dump(mode="json")
        session.add(row)
    with pytest.raises(InputError, match="is not what was released: make a new plan"):
        work.run()
    assert (work.entries, work.received) == ([], 0)


def test_the_same_timecards_in_a_new_plan_are_exported_already(work: Work) -> None:
    """34: the plan counts them, each says by which run it went, and there is nothing to release."""
    work.release(card("a", "nmbrs-50001"))
    work.run()
    work.cards(card("a", "nmbrs-50001"))
    plan = work.hub.plan(COMPANY, work.scope)
    assert (plan.lines, plan.timecards, plan.already) == ((), 0, 1)
    assert [(one.id, one.exported_by) for one in work.hub.timecards(COMPANY)] == [("a", "run 1")]
    with pytest.raises(InputError, match="holds nothing to export"):
        work.hub.release(COMPANY, plan.id, "Robin")
    assert (work.received, len(work.rows)) == (1, 1)


@pytest.mark.parametrize(
    "change", [card("a", "nmbrs-50001", minutes=540, revision=2), Deletion(id="a", revision=2)], ids=["more", "gone"]
)
def test_a_timecard_that_changes_after_the_export_sends_nothing_unreleased(
    work: Work, change: Timecard | Deletion
) -> None:
    """35: whatever a new plan makes of it, payroll hears nothing of it until somebody has released that."""
    plan = work.release(card("a", "nmbrs-50001"))
    work.run()
    rows = work.rows
    work.cards(change)
    assert "a" not in work.white
    assert work.run(plan).state == "done"
    new = work.hub.plan(COMPANY, work.scope)
    with pytest.raises(InputError, match=f"Plan {new.id} is not released"):
        work.run(new.id)
    assert (work.rows, work.received) == (rows, 1)


# -- what would touch the rows of others ------------------------------------------------------------------------------


def test_nothing_is_ever_sent_in_a_batch_or_cleared(work: Work) -> None:
    """41 to 43: an answer that is lost then leaves one amount in doubt, and no row of others is ever taken away."""
    known = [one.name for one in vars(operations).values() if isinstance(one, Operation)]
    assert [one for one in known if "Batch" in one or "Clear" in one] == []
    work.scope = work.scope.model_copy(update={"groups": ("worked", "days")})
    work.release(card("a", "nmbrs-50001"), card("b", "nmbrs-50003"))
    work.spoil("lost-answer")
    assert work.run().state == "done"
    called = work.simulator.state()["calls"]
    assert {"HourComponentVar_Insert", "DaysVar_Set"} <= set(called)
    assert [one for one in called if "Batch" in one or "Clear" in one] == []


# -- a plugin that misbehaves -----------------------------------------------------------------------------------------


def _raise(error: BaseException) -> Callable[[PostedEntry], Any]:
    def instead(_: PostedEntry) -> Any:
        raise error

    return instead


MISBEHAVES: dict[str, Callable[[PostedEntry], Any]] = {
    "raises": _raise(ZeroDivisionError("bsn 111222333")),
    "exits": _raise(SystemExit(0)),
    "answers nothing": lambda row: None,
    "answers another type": lambda row: row.model_dump(),
    "answers another amount": lambda row: row.model_copy(update={"amount": 1}),
    "forgets the id": lambda row: row.model_copy(update={"id": ""}),
}


@pytest.mark.parametrize("how", MISBEHAVES)
def test_whatever_a_plugin_does_after_the_call_is_read_back_and_others_go_on(work: Work, how: str) -> None:
    """46: in doubt, found, there once; another company exports in the middle of it."""
    real, seen = NmbrsPosting.post, []

    def post(posting: NmbrsPosting, entry: Entry, key: str) -> Any:
        row = real(posting, entry, key)
        return MISBEHAVES[how](row) if entry.slot.employee == "50001" else row

    def another() -> None:
        seen.append(work.hub.run("beta", 2).state)

    work.release(card("a", "nmbrs-50001"))
    monthly(work.hub, "beta", work.scope, work.simulator.connect_settings(), "2100")
    work.hub.import_timecards("beta", Reading(good=[card("a", "nmbrs-50003")]))
    work.hub.release("beta", work.hub.plan("beta", work.scope).id, "Kim")
    work.simulator.reset_counters()
    with patch.object(NmbrsPosting, "post", post), just_before(Journal, "finish", another):
        assert work.run().state == "done"
    assert seen == ["done"]
    assert [(one.evidence, one.state) for one in work.entries] == [("read back", "verified")]
    assert (work.outcomes, work.received, len(work.rows)) == (["found"], 2, 2)


# -- keys and lists ---------------------------------------------------------------------------------------------------

ANOTHER_KEY = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize("key", ["", ANOTHER_KEY], ids=["missing", "wrong"])
def test_without_the_right_key_nothing_is_called(work_on_both: Work, key: str) -> None:
    """49: it does not even open, and says what the operator must do."""
    work_on_both.release(card("a", "nmbrs-50001"))
    before = work_on_both.simulator.state()["calls"]
    with pytest.raises(SettingsError, match="HUB_SECRET_KEY"):
        Hub.open(replace(work_on_both.hub.process, secret_key=key), lambda: NOW)
    assert work_on_both.simulator.state()["calls"] == before


def test_a_provider_that_is_not_on_the_list_is_not_called(work: Work) -> None:
    """49: what the operator did not allow does not run; the entry stays as it was."""
    work.release(card("a", "nmbrs-50001"))
    before = work.simulator.state()["calls"]
    told = "not in HUB_PROVIDERS: the operator can add it"
    process = replace(work.hub.process, providers=frozenset())
    with Hub.open(process, lambda: NOW) as hub, pytest.raises(SettingsError, match=told):
        hub.run(COMPANY, 1)
    assert (work.simulator.state()["calls"], work.entries) == (before, [])
