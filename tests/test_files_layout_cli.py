"""The commands `hub layout check` and `hub layout from-sample`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from hub.cli.layouts import add_to
from hub.errors import InputError
from hub.files.layout_file import read_layout, write_layout
from hub.files.sample import layout_from_sample

SAMPLE = "BSN;Looncode;Uren;Afdeling\r\n123456782;100;7,50;Bar\r\n"
SHORT = "CSV, one row per person and code, 4 columns, unverified"


@pytest.fixture(name="sample")
def _sample(tmp_path: Path) -> Path:
    (tmp_path / "sample.csv").write_bytes(SAMPLE.encode())
    return tmp_path / "sample.csv"


def run(*words: object) -> Result:
    """Run a command of the group."""
    app = typer.Typer()
    add_to(app)
    return CliRunner().invoke(app, ["layout", *map(str, words)])


def test_a_layout_is_proposed_written_and_checked(sample: Path, tmp_path: Path) -> None:
    """What is written reads back as what was proposed; what was not sure is said and stands in the file."""
    made = tmp_path / "made.toml"
    result = run("from-sample", sample, "--name", "mine", "-o", made)
    proposal = layout_from_sample(sample, "mine")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"Wrote the layout mine to {made}: {SHORT}.",
        *(f"- {note}" for note in proposal.notes),
    ]
    assert [line for line in made.read_text().splitlines() if line[0:1] == "#"] == [
        f"# {one}" for one in proposal.notes
    ]
    assert read_layout(made) == proposal.layout
    assert run("check", made).stdout == f"The layout mine is right: {SHORT}.\n"


def test_without_a_file_the_layout_is_printed(sample: Path) -> None:
    """What is printed is the file, and nothing else."""
    proposal = layout_from_sample(sample, "mine")
    result = run("from-sample", sample, "--name", "mine")
    assert (result.exit_code, result.stdout) == (0, write_layout(proposal.layout, proposal.notes))


def test_a_file_that_is_there_is_never_written_over(sample: Path, tmp_path: Path) -> None:
    """It stays as it is, and the command says so."""
    made = tmp_path / "made.toml"
    made.write_text("mine")
    result = run("from-sample", sample, "--name", "mine", "-o", made)
    assert isinstance(result.exception, InputError)
    assert result.exception.text.startswith("There is a file of that name already, and it is left as it is")
    assert made.read_text() == "mine"


def test_a_folder_that_is_not_there_is_said(sample: Path, tmp_path: Path) -> None:
    """The sentence says what to check."""
    result = run("from-sample", sample, "--name", "mine", "-o", tmp_path / "none" / "made.toml")
    assert isinstance(result.exception, InputError)
    assert result.exception.text.startswith("The layout cannot be written there")


def test_everything_is_there_as_json(sample: Path, tmp_path: Path) -> None:
    """A script gets the layout, the notes, the text of the file and where it was written."""
    made = tmp_path / "made.toml"
    proposal = layout_from_sample(sample, "mine")
    data = json.loads(run("from-sample", sample, "--name", "mine", "-o", made, "--json").stdout)
    layout = proposal.layout.model_dump(mode="json")
    assert data == {
        "layout": layout,
        "notes": [*proposal.notes],
        "unmatched": ["Afdeling"],
        "toml": made.read_text(),
        "file": str(made),
    }
    checked = json.loads(run("check", made, "--json").stdout)
    assert checked == {"ok": True, "summary": SHORT, "problems": [], "layout": layout}


def test_everything_that_is_wrong_is_shown_and_the_command_fails(tmp_path: Path) -> None:
    """Each problem has its row; the error counts them and is one sentence."""
    bad = tmp_path / "bad.toml"
    bad.write_text('name = "A"\nversion = "1"\ngrain = "day"\n[[columns]]\nheader = "BSN"\nsource = "bsn"\n')
    result = run("check", bad)
    assert isinstance(result.exception, InputError)
    assert result.exception.text == "The layout has 2 problems: correct the file and check it again."
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [row[0] for row in rows if row[1:2] in (["write"], ["choose"])] == ["name", "grain"]
    data = json.loads(run("check", bad, "--json").stdout)
    assert (data["ok"], [one["where"] for one in data["problems"]]) == (False, ["name", "grain"])


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Nothing is printed but the error."""
    result = run("check", tmp_path / "none.toml")
    assert isinstance(result.exception, InputError)
    assert result.stdout == ""
