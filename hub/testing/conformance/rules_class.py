"""Rules about the provider's class: found by its name, with settings that a form can be made of."""

from __future__ import annotations

from importlib.metadata import entry_points

from hub.connection import secret_names
from hub.registry import PROVIDERS, Status, check_class
from hub.testing.conformance.bench import Bench
from hub.testing.conformance.rule import Group, Level, expect, rule
from hub.testing.conformance.settings import described, secret_fields

_MEANT_FOR_TWO = " / "


@rule(
    "entry-point-loads",
    "The hub finds a provider by the entry point of its name, and takes only a class that keeps the contract.",
    Group.CLASS,
    wire=False,
)
def entry_point_loads(bench: Bench) -> None:
    """One entry point has the provider's name, loads its class, and the hub takes that."""
    name = bench.provider.name
    found = [one for one in entry_points(group=PROVIDERS) if one.name == name]
    expect(len(found) == 1, f"{len(found)} entry points in {PROVIDERS} are called {name}")
    expect(found[0].load() is bench.provider, f"the entry point {name} loads another class")
    status, reason = check_class(bench.provider, name)
    expect(status is Status.OK, f"the hub does not take the class: {reason}")


@rule(
    "settings-are-complete",
    "A form is made of the schema of the settings: each of them needs a title and a description.",
    Group.CLASS,
    wire=False,
)
def settings_are_complete(bench: Bench) -> None:
    """Every setting has a title of its own and a description."""
    for name, field in bench.provider.Settings.model_fields.items():
        expect(field.title, f"the setting {name} has no title")
        expect(field.description, f"the setting {name} has no description")


@rule(
    "secrets-are-typed",
    "Only what is typed SecretStr is sealed in the store and kept out of logs.",
    Group.CLASS,
    wire=False,
)
def secrets_are_typed(bench: Bench) -> None:
    """Every setting that is called like a secret is typed as one."""
    open_ones = secret_fields(bench.provider) - secret_names(bench.provider)
    expect(not open_ones, f"{', '.join(sorted(open_ones))} must be typed SecretStr")


@rule(
    "settings-in-dutch-and-english",
    "The forms are filled in by people in the Netherlands, in Dutch or in English.",
    Group.CLASS,
    level=Level.RECOMMENDED,
    wire=False,
    after=("settings-are-complete",),
)
def settings_in_dutch_and_english(bench: Bench) -> None:
    """Title and description are in both languages: as `English / Nederlands`, or with `nl` beside them."""
    for name, one in described(bench.provider):
        both = _MEANT_FOR_TWO in one.get("title", "") and _MEANT_FOR_TWO in one.get("description", "")
        dutch = one.get("nl", {})
        apart = isinstance(dutch, dict) and dutch.get("title") and dutch.get("description")
        expect(both or apart, f"the setting {name} is not described in Dutch and in English")
