"""`hub matrix`: what the collected results say, per provider, Python, hub and database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from hub.cli import matrix
from hub.conformance_results import OUTCOMES, Cell, counts, read_results, required_failures, untried
from hub.errors import InputError

app = typer.Typer()
app.callback()(lambda: None)
matrix.add_to(app)


def results(outcomes: dict[str, str], python: str = "3.11.7", name: str = "nmbrs", **more: str) -> dict[str, Any]:
    """Return what a run writes, with a rule for each outcome; `c` is only recommended."""
    levels = {rule: "recommended" if rule == "c" else "required" for rule in outcomes}
    rules = {rule: {"level": levels[rule], "outcome": one, "reason": ""} for rule, one in outcomes.items()}
    told = {"distribution": f"payroll-hub-{name}", "version": "1.2.0", "rules": rules}
    return {"hub": "0.1.0", "python": python, **more, "providers": {name: told}}


def write(folder: Path, name: str, content: object) -> Path:
    """Write a file of results."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    return file


def ran(*words: object) -> Result:
    """Run the command within this process."""
    return CliRunner().invoke(app, ["matrix", *map(str, words)], env={"COLUMNS": "120"})


def refused(*words: object) -> str:
    """Run the command, which must end with an error for a person; return its text."""
    error = ran(*words).exception
    assert isinstance(error, InputError)
    return error.text


CELL = Cell("nmbrs", "1.2.0", "3.11.7", "0.1.0", "sqlite")
ALL = {"a": "passed", "b": "passed", "c": "failed", "d": "exempt", "e": "skipped", "f": "not run"}


def test_every_cell_is_counted(tmp_path: Path) -> None:
    """Two rules passed and one of everything else; the database is told by the name of the environment."""
    file = write(tmp_path, "nmbrs-py311-sqlite.json", results(ALL))
    ((cell, outcomes),) = read_results([file]).items()
    assert cell == CELL
    assert counts(outcomes) == {"passed": 2, "failed": 1, "exempt": 1, "skipped": 1, "not_run": 1}


@pytest.mark.parametrize(
    ("name", "more", "database"),
    [
        ("nmbrs-py311-lowest-postgresql.json", {}, "postgresql"),
        ("conformance.json", {"database": "sqlite"}, "sqlite"),
        ("nmbrs-sqlite.json", {"database": "postgresql"}, "postgresql"),
        ("conformance.json", {}, "?"),
    ],
)
def test_the_database_is_as_the_file_tells_and_else_as_its_name_does(
    tmp_path: Path, name: str, more: dict[str, str], database: str
) -> None:
    """And where nobody tells it is shown as not known."""
    (cell,) = read_results([write(tmp_path, name, results(ALL, **more))])
    assert cell.database == database


@pytest.mark.parametrize("order", [1, -1])
def test_where_a_cell_was_tried_twice_the_worst_counts(tmp_path: Path, order: int) -> None:
    """Alone and with all others: a rule that fails in one of them is not kept, in whatever order they are read."""
    one = write(tmp_path, "nmbrs-py311-sqlite.json", results({"a": "passed", "b": "failed", "c": "skipped"}))
    other = write(tmp_path, "all-py311-sqlite.json", results({"a": "exempt", "b": "passed", "d": "passed"}))
    (outcomes,) = read_results([one, other][::order]).values()
    assert outcomes == {"a": "exempt", "b": "failed", "c": "skipped", "d": "passed"}


def test_cells_are_sorted_with_3_9_before_3_11(tmp_path: Path) -> None:
    """And by provider before that."""
    made = [("nmbrs", "3.11.7"), ("nmbrs", "3.9.18"), ("acme", "3.13.0")]
    files = [write(tmp_path, f"{name}-{python}.json", results(ALL, python, name)) for name, python in made]
    found = [(one.provider, one.python) for one in read_results(files)]
    assert found == [("acme", "3.13.0"), ("nmbrs", "3.9.18"), ("nmbrs", "3.11.7")]


def test_what_is_not_known_of_a_run_is_shown_as_such_and_a_new_outcome_is_never_taken_for_passed(
    tmp_path: Path,
) -> None:
    """A file may come from another version of the hub."""
    content = {"providers": {"acme": {"rules": {"a": {"outcome": "splendid"}, "b": "passed", "c": 7}}}}
    ((cell, outcomes),) = read_results([write(tmp_path, "x.json", content)]).items()
    assert cell == Cell("acme", "?", "?", "?", "?")
    assert outcomes == {"a": "not run", "b": "passed", "c": "not run"}


@pytest.mark.parametrize("content", [[], {}, {"providers": []}, {"providers": {"a": {}}}, {"providers": {"a": 1}}, 3])
def test_a_file_with_something_else_is_refused(tmp_path: Path, content: object) -> None:
    """With its name and no traceback."""
    assert refused(write(tmp_path, "other.json", content)) == (
        "other.json holds no results of conformance: name a file that a run of tests wrote."
    )


def test_a_file_that_is_no_json_or_is_not_there_is_refused(tmp_path: Path) -> None:
    """Each in its own words."""
    (tmp_path / "torn.json").write_text('{"providers"')
    assert refused(tmp_path / "torn.json").startswith("torn.json holds no results")
    assert refused(tmp_path / "gone.json").startswith("gone.json cannot be read (No such file or directory)")


# -- the command ------------------------------------------------------------------------------------------------------


def test_a_person_gets_a_table(tmp_path: Path) -> None:
    """One line for each cell, under the names of the columns."""
    told = ran(write(tmp_path, "nmbrs-py311-sqlite.json", results(ALL)))
    assert told.exit_code == 0
    lines = [line.split() for line in told.output.splitlines() if line.strip()]
    assert lines[1] == ["provider", "version", "python", "hub", "database", *" ".join(OUTCOMES).split()]
    assert lines[-1] == ["nmbrs", "1.2.0", "3.11.7", "0.1.0", "sqlite", "2", "1", "1", "1", "1"]


def test_a_script_gets_json(tmp_path: Path) -> None:
    """With the same names."""
    (row,) = json.loads(ran(write(tmp_path, "nmbrs-py311-sqlite.json", results(ALL)), "--json").output)
    cell = {"provider": "nmbrs", "version": "1.2.0", "python": "3.11.7", "hub": "0.1.0", "database": "sqlite"}
    assert row == {**cell, "passed": 2, "failed": 1, "exempt": 1, "skipped": 1, "not_run": 1}


def test_a_release_gets_markdown(tmp_path: Path) -> None:
    """A table that can be pasted as it is."""
    told = ran(write(tmp_path, "nmbrs-py311-sqlite.json", results(ALL)), "--markdown")
    assert told.output.splitlines() == [
        "| provider | version | python | hub | database | passed | failed | exempt | skipped | not run |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| nmbrs | 1.2.0 | 3.11.7 | 0.1.0 | sqlite | 2 | 1 | 1 | 1 | 1 |",
    ]


def test_what_tox_collected_is_found_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the file of a single run beside it."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, ".tox/conformance/acme-py312-sqlite.json", results(ALL, "3.12.1", "acme"))
    write(tmp_path, "conformance.json", results(ALL))
    assert [row["provider"] for row in json.loads(ran("--json").output)] == ["acme", "nmbrs"]


def test_nothing_collected_is_an_error_and_no_empty_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty table could be attached to a release; so could one of runs that tried no provider."""
    monkeypatch.chdir(tmp_path)
    assert refused().startswith("No results of conformance are here")
    assert refused(write(tmp_path, "hub.json", {"providers": {}})).startswith("No results of conformance are here")


# -- rules that failed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["", "--json", "--markdown"])
def test_a_required_rule_that_failed_ends_it_with_another_exit_status_after_the_table(
    tmp_path: Path, form: str
) -> None:
    """It says which rule and for whom, each once; the table is there all the same."""
    files = [
        write(tmp_path, "nmbrs-py311-sqlite.json", results({"a": "failed", "b": "passed"})),
        write(tmp_path, "nmbrs-py313-postgresql.json", results({"a": "failed", "b": "failed"}, "3.13.0")),
        write(tmp_path, "acme-py311-sqlite.json", results({"a": "passed"}, "3.11.7", "acme")),
    ]
    told = ran(*files, *([form] if form else []))
    assert isinstance(told.exception, InputError)
    why = "the provider's author must mend it, or exempt it with a reason."
    assert told.exception.text == f"Required rules failed: a for nmbrs, b for nmbrs; {why}"
    assert (told.output.count("nmbrs"), told.output.count("acme")) == (2, 1)


@pytest.mark.parametrize("outcome", ["exempt", "skipped", "not run", "passed"])
def test_nothing_else_that_comes_of_a_rule_ends_it_so(tmp_path: Path, outcome: str) -> None:
    """Nor does a recommended rule that failed, which `c` is."""
    told = ran(write(tmp_path, "x.json", results({"a": outcome, "c": "failed"})))
    assert told.exit_code == 0


@pytest.mark.parametrize("told", [{"outcome": "failed"}, {"outcome": "failed", "level": "urgent"}, "failed"])
def test_a_rule_that_failed_of_no_known_level_counts_as_required(tmp_path: Path, told: object) -> None:
    """A file may come from another version of the hub."""
    file = write(tmp_path, "x.json", {"providers": {"acme": {"rules": {"a": told}}}})
    assert list(required_failures([file]).values()) == [["a"]]


def test_a_rule_that_failed_in_one_of_two_runs_of_a_cell_failed(tmp_path: Path) -> None:
    """As in the table, in whatever order they are read."""
    names = {"nmbrs-py311-sqlite.json": "failed", "all-py311-sqlite.json": "passed"}
    files = [write(tmp_path, name, results({"a": one})) for name, one in names.items()]
    assert required_failures(files) == required_failures(files[::-1]) == {CELL: ["a"]}


def test_a_failure_and_a_missing_interpreter_are_told_together(tmp_path: Path) -> None:
    """Whoever mends the one need not run it again to hear of the other."""
    told = ran(write(tmp_path, "x.json", results({"a": "failed"})), "--require", "3.12")
    assert isinstance(told.exception, InputError)
    assert told.exception.text.startswith("Required rules failed: a for nmbrs; ")
    assert told.exception.text.endswith(" Not tried: nmbrs on Python 3.12; QA must install what is missing and run it.")


# -- required interpreters --------------------------------------------------------------------------------------------


def test_a_missing_interpreter_fails_after_the_table(tmp_path: Path) -> None:
    """Every provider is to be tried on each; it says which was not."""
    files = [
        write(tmp_path, "nmbrs-py311-sqlite.json", results(ALL, "3.11.7")),
        write(tmp_path, "nmbrs-py313-sqlite.json", results(ALL, "3.13.0")),
        write(tmp_path, "acme-py311-sqlite.json", results(ALL, "3.11.7", "acme")),
    ]
    told = ran(*files, "--markdown", "--require", "3.11, 3.13")
    assert isinstance(told.exception, InputError)
    assert told.exception.text == "Not tried: acme on Python 3.13; QA must install what is missing and run it."
    assert len(told.output.splitlines()) == 5
    assert ran(*files, "--require", "3.11").exit_code == 0


def test_a_version_counts_as_a_whole_and_not_as_letters() -> None:
    """3.1 is not the beginning of 3.11, and a release of it is one of it."""
    found = {Cell("nmbrs", "1", "3.11.7", "1", "sqlite"): {"a": "passed"}}
    assert untried(found, ["3.1"]) == ["nmbrs on Python 3.1"]
    assert untried(found, ["3.11"]) == untried(found, ["3.11.9"]) == []


def test_a_run_in_which_no_rule_was_tried_does_not_count() -> None:
    """Of everything skipped nothing is known."""
    found = {Cell("nmbrs", "1", "3.11.7", "1", "sqlite"): {"a": "skipped", "b": "not run"}}
    assert untried(found, ["3.11"]) == ["nmbrs on Python 3.11"]
