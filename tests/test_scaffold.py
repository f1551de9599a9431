"""The command `hub new-provider`: what it makes and where, and what it refuses without a trace."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from hub.cli.scaffold import add_to
from hub.errors import InputError
from hub.scaffold import Flavour, NewPlugin, write_plugin
from hub.scaffold.writing import ENDING, TEMPLATES, files_of
from hub.testing.distributions import Site

REPOSITORY = Path(__file__).parents[1]

BOTH = ("README.md", "pyproject.toml", "tests/conftest.py", "tests/test_conformance.py", "tests/test_provider.py")
FILES = {
    Flavour.API: {"client.py", "posting.py", "simulator.py"},
    Flavour.FILE: {"layout.toml"},
}
IN_BOTH_PACKAGES = {"__init__.py", "mapping.py", "provider.py", "py.typed", "settings.py"}


def run(*words: object) -> Result:
    """Run the command."""
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    return CliRunner().invoke(app, ["new-provider", *map(str, words)])


def refused(*words: object) -> str:
    """Run the command, which must refuse; return what it says."""
    result = run(*words)
    assert isinstance(result.exception, InputError)
    assert result.stdout == ""
    return result.exception.text


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that looks like a checkout of the hub."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "payroll-hub"\n')
    (tmp_path / "plugins").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(folder: Path) -> set[str]:
    """Return the paths of all files in a folder."""
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


# -- what it makes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", list(Flavour))
def test_in_a_checkout_of_the_hub_the_plugin_comes_among_the_others(checkout: Path, flavour: Flavour) -> None:
    """Every file of its flavour is there, and the command prints each."""
    result = run("acme_pay", "--flavour", flavour, "--json")
    made = checkout / "plugins" / "acme_pay"
    expected = {*BOTH, "tox.ini", *(f"hub_acme_pay/{one}" for one in IN_BOTH_PACKAGES | FILES[flavour])}
    printed = json.loads(result.stdout)
    assert (files_in(made), set(printed.pop("files"))) == (expected, expected)
    words = {"name": "acme_pay", "flavour": str(flavour), "distribution": "payroll-hub-acme-pay", "folder": str(made)}
    assert printed == words
    assert os.listdir(checkout / "plugins") == ["acme_pay"]


def test_elsewhere_the_plugin_comes_into_the_folder_that_is_given(tmp_path: Path) -> None:
    """Without a flavour it is called over the wire; a person reads what to do next."""
    result = run("acme", "--dir", tmp_path / "mine")
    assert result.stdout.splitlines() == [
        f"Made payroll-hub-acme in {tmp_path / 'mine'}: 14 files, in the flavour api.",
        f"Its tests pass as it is: run tox in {tmp_path / 'mine'}. What to change is in its README.md.",
    ]
    assert (tmp_path / "mine" / "hub_acme" / "client.py").is_file()


@pytest.mark.parametrize(("title", "shown"), [("", "Acme Pay 2"), (" Loon & Zo's 'Pay' ", "Loon & Zo's 'Pay'")])
def test_the_title_is_what_is_given_or_made_of_the_name(title: str, shown: str) -> None:
    """It stands in the provider's class and in the description of the distribution."""
    files = dict(files_of(NewPlugin("acme_pay_2", Flavour.FILE, title)))
    assert f'    title = "{shown}"\n' in files["hub_acme_pay_2/provider.py"]
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert project["description"].startswith(f"{shown} for payroll-hub: ")


@pytest.mark.parametrize("flavour", list(Flavour))
def test_no_word_of_a_template_is_left_open(flavour: Flavour) -> None:
    """Neither in a file nor in a path; each file ends with one line end."""
    for path, content in files_of(NewPlugin("acme", flavour)):
        assert not re.search(r"\$|\bNAME|hub_NAME|\.tmpl", path + content), path
        assert content == "" or (content.endswith("\n") and not content.endswith("\n\n")), path


def test_only_the_api_flavour_ships_a_simulator() -> None:
    """Its entry points name what is there."""
    points = {
        flavour: tomllib.loads(dict(files_of(NewPlugin("acme", flavour)))["pyproject.toml"])["project"]["entry-points"]
        for flavour in Flavour
    }
    providers = {"payroll_hub.providers": {"acme": "hub_acme.provider:AcmeProvider"}}
    simulators = {"payroll_hub.simulators": {"acme": "hub_acme.simulator:AcmeSimulator"}}
    assert points == {Flavour.API: providers | simulators, Flavour.FILE: providers}


@pytest.mark.parametrize("flavour", list(Flavour))
def test_every_file_is_told_of_in_the_readme_and_in_the_docs(flavour: Flavour) -> None:
    """A file that nobody tells of is a file that nobody fills in."""
    files = dict(files_of(NewPlugin("acme", flavour)))
    docs = (REPOSITORY / "docs" / "new-provider.md").read_text()
    assert [path for path in files if f"`{path.replace('acme', 'NAME')}`" not in docs] == []
    own = [path for path in files if path.startswith("hub_acme/") and not path.endswith(("__init__.py", "py.typed"))]
    assert [path for path in own if f"`{path}`" not in files["README.md"]] == []


def test_every_template_is_named_so_that_no_tool_takes_it_for_code() -> None:
    """Only files that end as templates do."""
    assert [one.name for one in TEMPLATES.rglob("*") if one.is_file() and one.suffix != ENDING] == []


# -- what it refuses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Acme", "1acme", "acme-pay", "acme__pay", "_acme", "acme_", "acmé", "", "a" * 31])
def test_a_name_that_cannot_be_a_package_is_refused(checkout: Path, name: str) -> None:
    """The text says what a name is; nothing is made."""
    assert refused("--", name).startswith("The name of a provider is 1 to 30 lower-case letters, digits and single")
    assert os.listdir(checkout / "plugins") == []


def test_a_name_that_a_provider_has_is_refused(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two claimants of a name would both be refused by the hub; the one that is there is not even imported."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.add("acme")
    monkeypatch.syspath_prepend(str(site.folder))
    assert refused("acme") == "A provider called acme is installed already: choose another name."
    assert not site.imported("hub-acme")
    assert os.listdir(checkout / "plugins") == []


def test_a_name_whose_package_is_there_is_refused(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of that name would be imported in its place."""
    (checkout / "hub_acme").mkdir()
    (checkout / "hub_acme" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(checkout))
    assert refused("acme") == "A package called hub_acme is there already: choose another name."


@pytest.mark.parametrize("title", ['Say "pay"', "back\\slash", "two\nlines", "a\ttab", "<b>", "[a](b)", "M" * 41])
def test_a_title_that_cannot_stand_everywhere_is_refused(checkout: Path, title: str) -> None:
    """It would end a text of Python or TOML, or be more than text in Markdown."""
    assert refused("acme", "--title", title).startswith("A title has at most 40 characters on one line, without")
    assert os.listdir(checkout / "plugins") == []


@pytest.mark.parametrize("pyproject", [None, "[project]\nname = 'acme'\n", "project = 1\n", "not toml"])
def test_outside_a_checkout_a_folder_must_be_given(checkout: Path, pyproject: str | None) -> None:
    """A project of another name, or none, is no checkout of the hub."""
    file = checkout / "pyproject.toml"
    file.unlink() if pyproject is None else file.write_text(pyproject)
    expected = "This folder is no checkout of the hub: say with --dir where the plugin is to be."
    assert refused("acme") == expected
    assert os.listdir(checkout / "plugins") == []


@pytest.mark.parametrize("there", ["a folder", "a file", "a link to nowhere"])
def test_what_is_there_is_left_as_it_is(tmp_path: Path, there: str) -> None:
    """Also an empty folder: somebody may be about to fill it."""
    folder = tmp_path / "acme"
    match there:
        case "a folder":
            folder.mkdir()
        case "a file":
            folder.touch()
        case _:
            folder.symlink_to("gone")
    before = folder.lstat()
    expected = f"There is a {folder} already, and it is left as it is: choose another folder."
    assert refused("acme", "--dir", folder) == expected
    assert (os.listdir(tmp_path), folder.lstat()) == (["acme"], before)


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    """The folder above it is not made: it may have been misspelt."""
    expected = f"The folder {tmp_path / 'gone' / 'acme'} cannot be made (No such file or directory): "
    assert refused("acme", "--dir", tmp_path / "gone" / "acme").startswith(expected)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("step", ["mkdir", "write_text", "rename"])
def test_nothing_half_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A disk that is full in the middle, or a folder that cannot be put in its place, leaves nothing behind."""
    whole, times = getattr(Path, step), []

    def full(self: Path, *arguments: object, **more: object) -> object:
        times.append(os.listdir(tmp_path))
        if step == "rename" or len(times) > 3:
            raise OSError(28, "No space left on device")
        return whole(self, *arguments, **more)

    monkeypatch.setattr(Path, step, full)
    with pytest.raises(InputError, match=r"cannot be made \(No space left on device\)"):
        write_plugin(NewPlugin("acme"), tmp_path / "acme")
    assert len(times[-1]) == 1 and "acme" not in times[-1]  # it was being written, beside its place
    assert os.listdir(tmp_path) == []
