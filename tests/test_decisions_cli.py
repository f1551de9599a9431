"""The commands for decisions and runs: what they print, their keys, and their exit codes, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.cli.plans import show_run, unfinished
from hub.export.report import EntryView, RunView
from hub.export.states import RunState
from hub.models import Kind
from hub.process import Process
from hub.store.exports import Run
from hub.testing.clock import FakeClock
from hub.testing.command import Told, hub
from hub.testing.company import Company, card, ledger_company
from hub.testing.deciding import ONLY_HOURS, in_payroll, only, row, trail, waiting
from hub.testing.shell import DONE, REFUSED, WAITS, WRONG_COMMAND, documented, keys_of

DOCUMENTED = documented(Path(__file__).parents[1] / "docs" / "commands.md")


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process, FakeClock()) as made:
        made.cards(card("a"))
        yield made


def tell(company: Company, *words: object) -> Told:
    return hub(company.hub.process, *words)


# -- decisions --------------------------------------------------------------------------------------------------------


def test_what_waits_is_listed_with_the_documented_keys(company: Company) -> None:
    """And the exit code says that it waits; afterwards nothing does."""
    assert tell(company, "decisions", "list", "acme").code == DONE
    entry = waiting(company, "lost")
    told = tell(company, "decisions", "list", "acme", "--json")
    assert (told.code, keys_of(told.data)) == (WAITS, DOCUMENTED["hub decisions list"])
    assert told.err == f"1 entry waits for a decision: look in payroll, then hub decisions show {entry.id}.\n"
    assert "a reading cannot tell" in tell(company, "decisions", "list", "acme", "--run", "1").out
    assert tell(company, "decisions", "list", "acme", "--run", "2", "--json").data == []


def test_the_evidence_is_shown_with_what_may_be_chosen(company: Company) -> None:
    """What was sent and when, payroll before and now, what each row is, and what each choice means here."""
    entry = waiting(company, "lost")
    company.ledger.rows[next(iter(company.ledger.rows))] += [row("900", 700), row("901")]
    told = tell(company, "decisions", "show", entry.id)
    assert told.code == WAITS
    for said in (
        f"Entry {entry.id} of run 1: needs decision. a reading cannot tell",
        "It adds 8.00 under hours 100, for e1 (nr e1),",
        "1-1-1-20261020100000000000",
        "--send-again: Payroll does not hold this amount. The run sends it once more.",
        "--leave-out --reason TEXT: ",
    ):
        assert said in told.out
    shown = {line.split()[0]: line.rstrip().split("  ")[-1] for line in told.out.splitlines() if line.strip()}
    assert (shown["1"], shown["900"], shown["901"]) == ("could be it", "new", "could be it")
    data = tell(company, "decisions", "show", entry.id, "--json").data
    assert keys_of(data) == DOCUMENTED["hub decisions show"]
    assert (data["candidates"], data["rows_before"], data["timecards"]) == (["1", "901"], [], 1)
    assert [one["outcome"] for one in data["attempts"]] == ["unknown"]


@pytest.mark.parametrize(
    ("option", "state", "next_step"),
    [
        (("--it-is-there", "1"), "confirmed", "For the closing check, run it once more: hub export run 1."),
        (("--send-again",), "planned", "It is sent again by hub export run 1."),
        (("--leave-out", "--reason", "in cash"), "left out", "See to it in payroll by hand."),
    ],
)
def test_each_choice_is_taken_and_says_what_comes_next(
    company: Company, option: tuple[str, ...], state: str, next_step: str
) -> None:
    """In the name of who decided it."""
    entry = waiting(company, "lost" if state == "confirmed" else "vanished")
    told = tell(company, "decisions", "settle", entry.id, *option, "--by", "Kim")
    assert (told.code, told.out) == (DONE, f"Entry {entry.id} is {state}, as Kim decided. {next_step}\n")
    assert trail(company, entry.id)[-1] == ("Kim", "needs decision", state)


def test_a_settled_entry_is_printed_with_the_documented_keys(company: Company) -> None:
    """The same as what waits."""
    entry = waiting(company, "lost")
    told = tell(company, "decisions", "settle", entry.id, "--it-is-there", "1", "--by", "Kim", "--json")
    assert (keys_of(told.data), told.data["evidence"]) == (DOCUMENTED["hub decisions settle"], "statement")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--send-again",), WRONG_COMMAND, "Missing option '--by'"),
        (("--by", "Kim"), WRONG_COMMAND, "Choose one of --it-is-there ID, --send-again and --leave-out."),
        (("--by", "Kim", "--send-again", "--leave-out"), WRONG_COMMAND, "Choose one of"),
        (("--by", "", "--send-again"), REFUSED, "A decision is made by a person"),
        (("--by", "Kim", "--leave-out"), REFUSED, "Say why it is left out"),
        (("--by", "Kim", "--it-is-there", "7"), REFUSED, "Payroll holds no row 7"),
    ],
)
def test_a_choice_that_cannot_be_taken_says_why(company: Company, words: tuple[str, ...], code: int, said: str) -> None:
    """In one sentence, and it changes nothing."""
    entry = waiting(company, "lost")
    told = tell(company, "decisions", "settle", entry.id, *words)
    assert (told.code, told.out, said in told.err, len(told.err.splitlines())) == (code, "", True, 1)
    assert company.hub.decision("acme", entry.id).state == "needs decision"


# -- a run ------------------------------------------------------------------------------------------------------------


def test_a_run_shows_what_needs_somebody_grouped_by_what_is_to_be_done(company: Company) -> None:
    """Counts first, what is verified only as a count, then the most urgent; the sentence is about that."""
    company.cards(card("b", "m2"))
    company.ledger.script = ["refused", ""]
    run = company.export()
    told = tell(company, "export", "show", run.id)
    lines = told.out.splitlines()
    assert (told.code, lines[0]) == (
        WAITS,
        "Run 1 of plan 1: done in part. Entries: 1 refused, 3 verified.",
    )
    assert lines[1] == "Timecards turned white: 1."
    assert "Refused by payroll: nothing was done" in told.out
    assert [line.split()[0] for line in lines if "The ledger refuses this." in line] == ["1"]
    assert told.err == "Run 1 is done in part: entry 1: The ledger refuses this. For the owner of the data.\n"
    assert keys_of(tell(company, "export", "show", run.id, "--json").data) == DOCUMENTED["hub export show"]


def test_a_run_in_doubt_says_when_to_run_it_again_or_to_wait(company: Company) -> None:
    """With --wait it ends by itself; here its effect cannot come any more, so that there is nothing to wait for."""
    company.ledger.script = ["vanished"]
    run = company.export(**ONLY_HOURS)
    (doubt,) = run.entries
    assert doubt.again_at == datetime(2026, 10, 20, 10, 15, tzinfo=UTC)
    told = tell(company, "export", "show", run.id)
    assert told.err.endswith("Run it again after 2026-10-20 12:15, or now with --wait: hub export run 1 --wait.\n")
    assert "Looked at again after 2026-10-20 12:15." in " ".join(told.out.split())
    waited = tell(company, "export", "run", "1", "--wait", "--json")
    assert (waited.code, waited.data["state"], in_payroll(company)) == (DONE, "done", [("1", 800)])


def test_a_run_that_another_worker_has_says_so(company: Company) -> None:
    """One clear sentence, and nothing is sent twice."""
    plan = company.plan(**ONLY_HOURS)
    company.hub.release("acme", plan.id, "Robin")
    company.ledger.script = ["not sent"]
    company.hub.run("acme", plan.id)
    with company.hub.store.write("acme") as session:
        (run,) = session.all(Run)
        run.holder, run.held_until = "another/4/812/99", datetime.now(UTC) + timedelta(minutes=5)
        session.add(run)
    told = tell(company, "export", "run", plan.id)
    assert told.code == WAITS
    assert told.err == (
        "Run 1 is being carried out by another worker, process 812: look again with `hub export show 1`.\n"
    )
    assert company.ledger.posted == []


def test_plans_and_runs_are_listed_newest_first(company: Company) -> None:
    """A plan that nobody released, one that was, and one that was carried out."""
    company.export(**ONLY_HOURS)
    company.cards(card("b", day=6))
    company.hub.release("acme", company.plan().id, "Kim")
    company.plan()
    told = tell(company, "export", "list", "acme", "--json")
    assert (told.code, keys_of(told.data)) == (DONE, DOCUMENTED["hub export list"])
    assert [(one["plan"], one["state"], one["released_by"], one["run"], one["counts"]) for one in told.data] == [
        (3, "planned", "", None, {}),
        (2, "released", "Kim", None, {}),
        (1, "done", "Robin", 1, {"verified": 1}),
    ]
    assert "1 verified" in tell(company, "export", "list", "acme").out


def large(number: int) -> RunView:
    """Return a run of which many entries drifted and one needs a decision."""
    fields = {"employee": "e", "number": "1", "name": "An", "kind": Kind.HOURS, "code": "100", "cost_centre": ""}
    entries = [
        EntryView(**fields, id=one, amount=800, before=0, state="drifted", reason="gone", action=f"see {one}")  # type: ignore[arg-type]
        for one in range(number)
    ]
    entries.append(entries[0].model_copy(update={"id": number, "state": "needs decision", "reason": "which one"}))
    return RunView(
        id=1,
        plan=2,
        state=RunState.NEEDS_DECISION,
        paused="",
        counts={"drifted": number, "needs decision": 1},
        entries=tuple(entries),
        white=(),
        in_part=tuple(f"T-{one}" for one in range(number)),
        started_at=datetime(2026, 10, 20, tzinfo=UTC),
        ended_at=None,
        held_by="",
        held_until=None,
    )


def test_a_large_run_stays_readable(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The most urgent group comes first, and of a long one only the first twenty are shown."""
    monkeypatch.setenv("COLUMNS", "120")
    view = large(1500)
    show_run(view)
    said = capsys.readouterr().out
    assert said.index("which one") < said.index("gone")
    assert (said.count("gone"), said.count("… and 1480 more; --json shows all.")) == (20, 1)
    assert said.rstrip().endswith("T-19 … and 1480 more.")
    assert len(said.splitlines()) < 60
    assert unfinished(view) == "Run 1 needs a decision: entry 1500: which one. see 0: hub decisions show 1500."


def test_what_drifted_is_told_with_its_run(company: Company) -> None:
    """And its sentence names the command that shows the evidence."""
    company.cards(card("b", "m2"))
    first = {"e1": 0}
    company.ledger.watch = lambda entry, key: (
        next(iter(company.ledger.rows.values())).clear() if entry.slot.employee == "e2" else first.clear()
    )
    entry = only(company.export(**ONLY_HOURS), "drifted")
    told = tell(company, "export", "show", "1")
    assert told.err == (
        f"Run 1 has drifted: entry {entry.id}: row 1 is no longer in payroll. "
        f"Look in payroll and settle it: hub decisions show {entry.id}.\n"
    )
