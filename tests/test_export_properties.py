"""Random months of a company: whatever is planned, changed, run and lost, payroll holds no more than was approved.

The oracle knows the cards that the test sent and the rows that the ledger holds, and nothing of how the hub works.
Mutants of the hub show that the machine notices what it is there for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from hub.administrations import Booking
from hub.export import draft, journal
from hub.export.states import LEADS_TO, EntryState, Outcome
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.intake.shapes import Unit
from hub.process import Process
from hub.store.exports import Contribution
from hub.testing.company import employee, ledger_company
from hub.testing.fixtures import SECRET_KEY
from hub.testing.ledger import BOOKS, LedgerProvider
from hub.testing.month import Month
from hub.timecards import Target

MONTHS = 40
"""So many months show every mutant below; the hub itself was put through thousands."""
STEPS = 10


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Yield a database with a company whose people are linked and whose codes are mapped, and the name of its book."""
    file = tmp_path_factory.mktemp("properties") / "hub.db"
    known = set(BOOKS)
    with ledger_company(Process(database_url=f"sqlite:///{file}", secret_key=SECRET_KEY)) as made:
        (book,) = set(BOOKS) - known
        made.ledger.employees.append(employee("e3"))
        made.hub.import_members("acme", Reading(good=[Member(id="m3", name="Cas")]))
        made.hub.apply_sync("acme", made.hub.plan_sync("acme", "ledger"))
        made.hub.link("acme", "ledger", "e3", "m3")
        made.hub.map("acme", "ledger", Booking("surcharge:night", "100"))
        made.hub.assign_venue("acme", "ledger", "bar", "1", "A")
        made.hub.assign_venue("acme", "ledger", "kitchen", "1", "B")
    yield file, book


@pytest.fixture
def months(template: tuple[Path, str], tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Yield what lives through random months, always the same ones; what fails tells its story."""

    def live() -> None:
        for seed in range(MONTHS):
            month = Month(template, tmp_path, seed)
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


def resends_when_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LEADS_TO, Outcome.UNKNOWN, EntryState.PLANNED)


def rounds_each_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def amount(self: Target) -> int:
        minutes = [one.amount for one in self.contributions if one.unit is Unit.MINUTES]
        return sum((one * 10 + 3) // 6 for one in minutes) + self.hundredths + 100 * len(self.days)

    monkeypatch.setattr(Target, "amount", property(amount))


def ignores_what_was_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    line_of = draft._line

    def line(*given: Any) -> Iterator[draft.Line]:
        for one in line_of(*given):
            yield one.model_copy(update={"amount": one.amount and one.target})

    monkeypatch.setattr(draft, "_line", line)


def sends_stale_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_stale", lambda *_: "")


def sends_more_for_somebody_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "UNSETTLED", frozenset())


def turns_white_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    def any_confirmed(session: Any, entry: Any) -> dict[str, int]:
        rows = session.all(Contribution, Contribution.entry == entry.id)
        return {one.timecard: one.revision for one in rows}

    monkeypatch.setattr(journal, "_fully_confirmed", any_confirmed)


def overwrites_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_typed_over", lambda *_: "")


@pytest.mark.parametrize(
    ("mutant", "notices"),
    [
        (resends_when_in_doubt, "too much|in doubt"),
        (rounds_each_card, "too much|not exactly|waits for nothing|white and not"),
        (ignores_what_was_confirmed, "too much|twice|not exactly"),
        (sends_stale_entries, "too much|twice|in doubt"),
        (sends_more_for_somebody_in_doubt, "in doubt"),
        (turns_white_in_part, "white and not in payroll"),
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
