"""Files are handed over once: the cards turn white then, and not before; what no longer holds is never handed over."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hub.errors import InputError
from hub.intake.shapes import ComponentAmount, Deletion, Unit
from hub.store.exports import Entry
from hub.testing.company import card
from hub.testing.paper import PER_DAY, PaperCompany, rows_in

SUNDAY = ComponentAmount(component="surcharge:sunday", unit=Unit.MINUTES, amount=60)


def states(paper: PaperCompany) -> set[str]:
    return {one.state for one in paper.rows(Entry)}


def test_a_run_makes_the_file_and_hands_nothing_over(paper: PaperCompany) -> None:
    """The entries are ready, no card is white, and no file lies anywhere."""
    paper.cards(card("t1"))
    run = paper.made()
    assert (run.state, run.white, states(paper)) == ("ready", (), {"ready"})
    assert [one.rows for one in run.files] == [2]
    assert list(paper.folder.iterdir()) == []


def test_fetching_hands_over_and_turns_white(paper: PaperCompany) -> None:
    """The file holds person, BSN, code and amount; its receipt the sums, its hash and that the layout is unverified."""
    paper.cards(card("t1", minutes=440), card("t2", minutes=440, day=6), card("t3", "m2", amounts=(SUNDAY,)))
    handed, rows = paper.exported()
    assert rows == [
        {"BSN": "123456782", "Naam": "M1", "Code": "dagen", "Aantal": "2,00"},
        {"BSN": "123456782", "Naam": "M1", "Code": "uren", "Aantal": "14,67"},
        {"BSN": "111222333", "Naam": "M2", "Code": "dagen", "Aantal": "1,00"},
        {"BSN": "111222333", "Naam": "M2", "Code": "uren", "Aantal": "8,00"},
        {"BSN": "111222333", "Naam": "M2", "Code": "zondag", "Aantal": "1,00"},
    ]
    assert (states(paper), paper.white(), handed.entries) == ({"handed over"}, {"t1", "t2", "t3"}, 5)
    receipt = json.loads(handed.receipt_file.read_text())
    assert receipt["sums"] == {"dagen": 300, "uren": 2267, "zondag": 100}
    assert receipt["sha256"] == hashlib.sha256(handed.file.read_bytes()).hexdigest()
    assert (receipt["rows"], receipt["people"], receipt["layout_status"]) == (5, 2, "unverified")
    assert "123456782" not in handed.receipt_file.read_text()


def test_the_same_run_gives_the_same_bytes(paper: PaperCompany, tmp_path: Path) -> None:
    """Fetched again, elsewhere or in the same place, it is the same file, and nothing is handed over twice."""
    paper.cards(card("t1"))
    first = paper.fetch(paper.made().id)
    elsewhere = tmp_path / "again"
    elsewhere.mkdir()
    again = paper.hub.fetch("acme", first.receipt.run, elsewhere)
    assert again.file.read_bytes() == first.file.read_bytes() == paper.fetch(first.receipt.run).file.read_bytes()
    assert (first.entries, again.entries, again.receipt) == (2, 0, first.receipt)


def test_a_card_that_changed_meanwhile_voids_the_file(paper: PaperCompany) -> None:
    """No file appears, every entry is `changed` with the reason, and a new plan has all of it."""
    paper.cards(card("t1"), card("t2", "m2"))
    run = paper.made()
    paper.cards(card("t1", minutes=300, revision=2))
    with pytest.raises(InputError, match="timecard t1 changed after the plan was made"):
        paper.fetch(run.id)
    assert (states(paper), paper.white(), list(paper.folder.iterdir())) == ({"changed"}, set(), [])
    with pytest.raises(InputError, match="may not be used"):
        paper.fetch(run.id)
    _, rows = paper.exported()
    assert [one["Aantal"] for one in rows if one["Code"] == "uren"] == ["5,00", "8,00"]


def test_of_two_files_with_the_same_hours_one_is_handed_over(paper: PaperCompany) -> None:
    """Planned twice before either is fetched: the second is void, whichever it is."""
    paper.cards(card("t1"))
    first, second = paper.made(), paper.made()
    paper.fetch(second.id)
    with pytest.raises(InputError, match="no longer holds"):
        paper.fetch(first.id)
    assert len(list(paper.folder.glob("*.csv"))) == 1


def test_what_was_handed_over_is_not_planned_again(paper: PaperCompany) -> None:
    """The same cards offered again send nothing; a late card comes alone, rounded with the ones before."""
    paper.cards(card("t1", minutes=440), card("t2", minutes=440, day=6))
    paper.exported()
    assert paper.plan().lines == ()
    paper.cards(card("t3", minutes=440, day=7))
    _, rows = paper.exported()
    assert [(one["Code"], one["Aantal"]) for one in rows] == [("dagen", "1,00"), ("uren", "7,33")]


def test_rejected_by_payroll_the_cards_are_green_again(paper: PaperCompany) -> None:
    """The reason stays with the entries; the next plan has all of it, in a file of its own."""
    paper.cards(card("t1"))
    handed, rows = paper.exported()
    assert paper.hub.file_rejected("acme", handed.receipt.run, "Robin", "unknown column") == 2
    assert ({(one.state, one.reason) for one in paper.rows(Entry)}, paper.white()) == (
        {("refused", "unknown column")},
        set(),
    )
    again, same_rows = paper.exported()
    assert (same_rows, paper.white(), again.file != handed.file) == (rows, {"t1"}, True)
    with pytest.raises(InputError, match="may not be used"):
        paper.fetch(handed.receipt.run)


def test_imported_it_cannot_be_rejected_any_more(paper: PaperCompany) -> None:
    """A person tells what payroll did, once, with a name; nothing can be told of what was not handed over."""
    paper.cards(card("t1"))
    run = paper.made().id
    with pytest.raises(InputError, match="it is ready"):
        paper.hub.file_imported("acme", run, "Robin")
    paper.fetch(run)
    with pytest.raises(InputError, match="--by"):
        paper.hub.file_imported("acme", run, " ")
    with pytest.raises(InputError, match="--reason"):
        paper.hub.file_rejected("acme", run, "Robin", " ")
    assert paper.hub.file_imported("acme", run, "Robin") == 2
    assert paper.hub.show("acme", run).state == "done"
    with pytest.raises(InputError, match="it is confirmed"):
        paper.hub.file_rejected("acme", run, "Robin", "too late")


def test_a_correction_is_a_row_of_its_own(paper: PaperCompany) -> None:
    """What a changed or withdrawn card gave too much is taken back, on its own day; going back to it yields nothing."""
    paper.hub.use_layout("acme", "paper", PER_DAY)
    paper.cards(card("t1"), card("t2", day=6))
    paper.exported()
    paper.cards(card("t1", minutes=360, revision=2), Deletion(id="t2", revision=2))
    _, rows = paper.exported()
    assert [(one["Datum"], one["Uren"], one["Dagen"]) for one in rows] == [
        ("05-10-2026", "-2,00", ""),
        ("06-10-2026", "-8,00", "-1,00"),
    ]
    assert paper.plan().lines == ()
    paper.cards(card("t1", revision=3))
    _, rows = paper.exported()
    assert [(one["Datum"], one["Uren"], one["Dagen"]) for one in rows] == [("05-10-2026", "2,00", "")]


def test_a_layout_that_takes_nothing_back_holds_a_correction(paper: PaperCompany) -> None:
    """It is held in the plan with what to do; nothing of that person goes out meanwhile, the others do."""
    paper.hub.use_layout("acme", "paper", PER_DAY.model_copy(update={"negative": False}))
    paper.cards(card("t1"), card("t2", "m2"))
    paper.exported()
    paper.cards(card("t1", minutes=360, revision=2), card("t3", "m2", day=7))
    plan = paper.plan()
    assert {one.employee for one in plan.lines} == {"m2"}
    assert any("cannot take anything back" in one.finding.text for one in plan.held)


def test_another_layout_gives_a_new_version_of_the_same_run(paper: PaperCompany) -> None:
    """Also after it was handed over; the first version stays, and no name and version stands for two layouts."""
    paper.cards(card("t1"))
    first = paper.fetch(paper.made().id)
    paper.hub.use_layout("acme", "paper", PER_DAY)
    second = paper.fetch(first.receipt.run)
    assert rows_in(second.file) == [{"BSN": "123456782", "Datum": "05-10-2026", "Uren": "8,00", "Dagen": "1,00"}]
    assert (second.receipt.version, second.entries, first.file.exists()) == (2, 0, True)
    assert second.receipt.sums == first.receipt.sums
    with pytest.raises(InputError, match="raise its version"):
        paper.hub.use_layout("acme", "paper", PER_DAY.model_copy(update={"delimiter": ","}))


def test_a_file_in_the_way_stops_the_hand_over(paper: PaperCompany) -> None:
    """Another file of that name is not overwritten, and nothing is handed over."""
    paper.cards(card("t1"))
    run = paper.made()
    (paper.folder / run.files[0].file).write_text("somebody's own")
    with pytest.raises(InputError, match="in the way"):
        paper.fetch(run.id)
    assert states(paper) == {"ready"}
