"""What a second reading found: days paid twice, hours forgotten, and one person who stopped everybody's file."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from hub.administrations import Booking
from hub.errors import InputError, Unsupported
from hub.hub import Hub
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Deletion, Unit
from hub.models import ContractType
from hub.process import Process
from hub.store.exports import Entry
from hub.store.files import File
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, card
from hub.testing.paper import PER_CODE, PER_DAY, PROVIDERS, PaperCompany, paper_company, person, rows_in

SUNDAY = ComponentAmount(component="surcharge:sunday", unit=Unit.MINUTES, amount=60)
MEAL = ComponentAmount(component="meals", unit=Unit.PIECES, amount=1)
EARLY = (date(2026, 10, 1), date(2026, 10, 10))
FREELANCER = Reading(good=[person("m1", contract_type=ContractType.FREELANCE, bsn=None)])


def per_day(paper: PaperCompany, **changes: object) -> None:
    paper.hub.use_layout("acme", "paper", PER_DAY.model_copy(update=changes))


def days(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(one["Datum"], one["Uren"], one["Dagen"]) for one in rows]


# -- nobody is paid twice, nothing is forgotten -----------------------------------------------------------------------


def test_a_day_is_paid_once_where_dates_overlap(paper: PaperCompany) -> None:
    """A late card on a day that went out in other dates brings its hours, and no second day."""
    paper.cards(card("t1", day=5))
    paper.exported(dates=EARLY)
    paper.cards(card("t2", day=5, minutes=120))
    _, rows = paper.exported()
    assert [(one["Code"], one["Aantal"]) for one in rows] == [("uren", "2,00")]


def test_what_was_left_out_of_other_dates_is_told(paper: PaperCompany) -> None:
    """A card is white by its hours; its surcharge goes out with those dates, and the plan of others says so."""
    paper.cards(card("t1", day=5, amounts=(SUNDAY,)))
    paper.exported(dates=EARLY, groups=("worked",))
    (held,) = paper.plan().held
    assert (held.finding.code, "surcharge:sunday" in held.finding.text) == ("exported_in_part", True)
    assert {one.code for one in paper.plan(dates=EARLY).lines} == {"zondag", "dagen"}


def test_a_file_of_days_follows_a_card_that_moves(paper: PaperCompany) -> None:
    """Within the dates and out of them: the old day is taken back, whatever day the card has by now."""
    per_day(paper)
    paper.cards(card("t1", day=5))
    first, _ = paper.exported(dates=EARLY)
    paper.cards(card("t1", day=6, revision=2))
    _, moved = paper.exported(dates=EARLY)
    assert days(moved) == [("05-10-2026", "-8,00", "-1,00"), ("06-10-2026", "8,00", "1,00")]
    paper.cards(card("t1", day=20, revision=3))
    _, gone = paper.exported(dates=EARLY)
    assert days(gone) == [("06-10-2026", "-8,00", "-1,00")]
    per_day(paper, version="2", quotes="all")
    assert days(rows_in(paper.fetch(first.receipt.run).file)) == [("05-10-2026", "8,00", "1,00")]


def test_an_old_backup_is_noticed_before_hours_go_out_again(process: Process, tmp_path: Path) -> None:
    """Payroll that takes a file cannot be read back: a person looks there, and says so with a name."""
    if not process.database_url.startswith("sqlite"):
        pytest.skip("a backup of SQLite is a copy of its file; PostgreSQL's is the operator's")
    database = Path(process.database_url.removeprefix("sqlite:///"))
    with paper_company(process, tmp_path) as paper:
        paper.cards(card("t1"))
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(database, tmp_path / "backup.db")
    find = lambda name, allowed=None: PROVIDERS[name]  # noqa: E731 - stands in for `hub.registry.find`
    with patch("hub.activation.find", find), patch("hub.filing.find", find):
        with Hub.open(process, lambda: NOW) as hub:
            PaperCompany(hub=hub, ledger=None, folder=tmp_path).exported()  # type: ignore[arg-type]
        shutil.copy(tmp_path / "backup.db", database)
        with Hub.open(process, lambda: NOW) as hub:
            again = PaperCompany(hub=hub, ledger=None, folder=tmp_path)  # type: ignore[arg-type]
            with pytest.raises(InputError, match="restored from a backup"):
                again.exported()
            with pytest.raises(Unsupported, match="--checked-by"):
                hub.reread("acme", "paper")
            hub.reread("acme", "paper", checked_by="Robin")
            assert again.made().state == "ready"


def test_the_older_of_two_runs_is_not_rejected_alone(paper: PaperCompany) -> None:
    """The later one is the difference with it; in the other order both can be told."""
    paper.cards(card("t1", amounts=(SUNDAY,)))
    first, _ = paper.exported(groups=("worked", "days"))
    second, _ = paper.exported()
    with pytest.raises(InputError, match="tell first what payroll said"):
        paper.hub.file_rejected("acme", first.receipt.run, "Robin", "no")
    for run in (second.receipt.run, first.receipt.run):
        paper.hub.file_rejected("acme", run, "Robin", "no")
    assert paper.white() == set()
    assert {one.code: one.amount for one in paper.plan().lines} == {"uren": 800, "dagen": 100, "zondag": 100}


# -- one person never stops the others --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        (Deletion(id="t1", revision=2),),
        (card("t1", minutes=360, revision=2), card("t4", day=8)),
        (Deletion(id="t1", revision=2), card("t4", day=6)),
    ],
    ids=["deleted", "less on a day of a positive entry", "moved between days"],
)
def test_what_may_not_be_taken_back_holds_that_person_only(paper: PaperCompany, changed: tuple[Deletion, ...]) -> None:
    """Whether the card is there still or not, and whether the entry as a whole is negative or only a day of it."""
    per_day(paper, negative=False)
    paper.cards(card("t1"), card("t2", "m2"))
    paper.exported()
    paper.cards(*changed, card("t3", "m2", day=7))
    assert {one.employee for one in paper.plan().lines} == {"m2"}
    assert len(paper.exported()[1]) == 1


def test_hours_that_a_clock_in_xlsx_cannot_take_back_hold_that_person_only(paper: PaperCompany) -> None:
    """A negative time cannot be shown there; the plan says so, not the run."""
    per_day(paper, format="xlsx", hours="hh:mm")
    paper.cards(card("t1"), card("t2", "m2"))
    paper.fetch(paper.made().id)
    paper.cards(card("t1", minutes=360, revision=2), card("t3", "m2", day=7))
    assert {one.employee for one in paper.plan().lines} == {"m2"}
    assert paper.fetch(paper.made().id).receipt.people == 1


@pytest.mark.parametrize("moved", [Deletion(id="t1", revision=2), card("t1", "m2", revision=2)], ids=["gone", "moved"])
def test_a_take_back_of_somebody_without_a_bsn_is_told_in_the_plan(paper: PaperCompany, moved: Deletion) -> None:
    """Who became a freelancer cannot be named any more; the others go out."""
    paper.cards(card("t1", day=5), card("t2", "m2", day=6))
    paper.exported()
    paper.hub.import_members("acme", FREELANCER)
    paper.cards(moved, card("t3", "m2", day=7))
    plan = paper.plan()
    assert {one.employee for one in plan.lines} == {"m2"}
    assert any(one.finding.code == "bsn_missing" for one in plan.held)
    paper.exported()


def test_one_word_is_not_both_hours_and_money(paper: PaperCompany) -> None:
    """A file would add them up: the second mapping is refused."""
    paper.hub.map("acme", "paper", Booking("surcharge:sunday", "extra"))
    with pytest.raises(InputError, match="another kind of amount"):
        paper.hub.map("acme", "paper", Booking("allowance:travel", "extra"))


# -- what is in the file is true --------------------------------------------------------------------------------------


def test_a_bsn_that_was_corrected_before_anybody_fetched_is_right_in_the_file(paper: PaperCompany) -> None:
    """The file is made anew; what was fetched before stays as it was."""
    paper.cards(card("t1"))
    run = paper.made().id
    paper.hub.import_members("acme", Reading(good=[person("m1", bsn=SecretStr("012345672"))]))
    handed = paper.fetch(run)
    assert ({one["BSN"] for one in rows_in(handed.file)}, handed.receipt.version) == ({"012345672"}, 2)
    paper.hub.import_members("acme", Reading(good=[person("m1")]))
    assert paper.fetch(run).file.read_bytes() == handed.file.read_bytes()


def test_a_file_with_a_freelancer_in_it_is_not_handed_over(paper: PaperCompany) -> None:
    """Who became one after the file was made is in no file: a new plan is needed."""
    paper.cards(card("t1"), card("t2", "m2"))
    run = paper.made().id
    paper.hub.import_members("acme", FREELANCER)
    with pytest.raises(InputError, match="m1 was in this file"):
        paper.fetch(run)
    assert {one.state for one in paper.rows(Entry)} == {"ready"}


def test_a_meal_is_no_hour_on_a_clock(paper: PaperCompany) -> None:
    """Pieces are always decimal, also under a code of hours."""
    paper.hub.use_layout("acme", "paper", PER_CODE.model_copy(update={"name": "clock", "hours": "hh:mm"}))
    paper.cards(card("t1", amounts=(MEAL,)))
    _, rows = paper.exported()
    assert {one["Code"]: one["Aantal"] for one in rows} == {"uren": "8:00", "dagen": "1,00", "maaltijden": "1,00"}


def test_a_file_that_is_too_old_is_gone_even_if_it_is_asked_for(paper: PaperCompany, clock: FakeClock) -> None:
    """The refusal does not bring it back."""
    paper.cards(card("t1"))
    handed, _ = paper.exported()
    clock.forward(40 * 86_400)
    with pytest.raises(InputError, match="was deleted"):
        paper.fetch(handed.receipt.run)
    assert [one.sealed for one in paper.rows(File)] == [None]
