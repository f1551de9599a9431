"""Random months of a company: whatever is planned, changed, run and lost, payroll holds what was approved, in the end.

The oracle knows the cards that the test sent and the rows that the ledger holds, and nothing of how the hub works.
Mutants of the hub show that the machine notices what it is there for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import bindparam, select

from hub.export.planning import draft
from hub.export.planning.line import Line
from hub.export.posting import calls, doubt, engine, journal, stale, statements
from hub.export.posting.jobs import Ending
from hub.export.posting.journal import Journal
from hub.export.posting.standing import Standing
from hub.export.states import Outcome
from hub.intake.shapes import Unit
from hub.store.prepared import Prepared, here
from hub.testing.ledger import LedgerProvider
from hub.testing.month import Month, template
from hub.timecards import Target

MONTHS = 40
"""So many months show every mutant below; the hub itself was put through thousands."""
STEPS = 10


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What every month begins with."""
    return template(tmp_path_factory.mktemp("properties") / "hub.db")


@pytest.fixture
def months(begun: tuple[Path, str], tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Yield what lives through random months, always the same ones; what fails tells its story."""

    def live() -> None:
        for seed in range(MONTHS):
            month = Month(begun, tmp_path, seed)
            try:
                month.live(STEPS)
            except AssertionError as error:
                error.add_note("\n".join([f"month {seed}:", *month.story]))
                raise
            finally:
                month.company.hub.close()

    with patch("hub.activation.find", lambda name, allowed: LedgerProvider):
        yield live


def test_payroll_holds_what_was_approved_and_nothing_else(months: Callable[[], None]) -> None:
    """Through faults, changes, other plans and a clerk's rows."""
    months()


# -- mutants ----------------------------------------------------------------------------------------------------------


def believes_absence_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubt, "waits", lambda *_: 0.0)


def takes_a_fault_for_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_failed", lambda error: Ending(Outcome.REFUSED, fault=error.text))


def resends_after_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def resend(journal: Journal, now: Standing) -> int:
        left = [call for call in now.doubts if call.outcome is Outcome.OPEN]
        for call in left:
            journal.finish(call, Ending(Outcome.NOT_SENT))
        return len(left)

    monkeypatch.setattr(engine, "recover", resend)


def rounds_each_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def amount(self: Target) -> int:
        minutes = [one.amount for one in self.contributions if one.unit is Unit.MINUTES]
        return sum((one * 10 + 3) // 6 for one in minutes) + self.hundredths + 100 * len(self.days)

    monkeypatch.setattr(Target, "amount", property(amount))


def ignores_what_was_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    lines_of = draft._lines

    def lines(*given: Any) -> Iterator[Line]:
        for one in lines_of(*given):
            yield one.model_copy(update={"amount": one.amount and one.target})

    monkeypatch.setattr(draft, "_lines", lines)


def sends_stale_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "stale", lambda *_: "")


def sends_more_for_somebody_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stale, "UNSETTLED", frozenset())


def turns_white_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    given = statements.GIVEN
    mine = select(given.c.timecard, given.c.revision).where(given.c.company_id == here())
    monkeypatch.setattr(statements, "WHITE", Prepared(mine.where(given.c.entry == bindparam("entry"))))


def overwrites_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "typed_over", lambda *_: "")


@pytest.mark.parametrize(
    ("mutant", "notices"),
    [
        (believes_absence_at_once, "in doubt"),
        (takes_a_fault_for_a_refusal, "too much|twice|in doubt|not exactly"),
        (resends_after_a_crash, "too much|twice|in doubt|not exactly"),
        (rounds_each_card, "too much|not exactly|waits for nothing|white and not"),
        (ignores_what_was_confirmed, "too much|twice|not exactly|waits for nothing"),
        (sends_stale_entries, "too much|twice|in doubt|not exactly"),
        (sends_more_for_somebody_in_doubt, "in doubt"),
        (turns_white_in_part, "white and not in payroll|is not white"),
        (overwrites_days, "foreign"),
    ],
)
def test_a_hub_that_pays_wrongly_is_noticed(
    months: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    mutant: Callable[[pytest.MonkeyPatch], None],
    notices: str,
) -> None:
    """Within as many months as the hub itself is put through."""
    mutant(monkeypatch)
    with pytest.raises(AssertionError, match=notices):
        months()
