"""The class that a provider's conformance file subclasses. It names the provider; the kit brings the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hub.errors import SettingsError
from hub.models import Entry, Redirect, Slot
from hub.provider import Provider
from hub.testing.conformance.settings import secret_fields
from hub.testing.simulator import Simulator

if TYPE_CHECKING:
    import pytest

    from hub.testing.conformance.rule import Rule
    from hub.testing.simulated_importer import SimulatedImporter

KEPT = frozenset({"test_rule", "pytest_generate_tests"})
"""What belongs to the kit alone: with another one of these, a provider could pass without keeping the rules."""


class ProviderConformance:
    """Every rule as a test of one provider: `-k posted-is-readable` runs one.

    `remote` is the simulator's class, None for a provider of files; that may have an `importer` instead, the class of
    what takes its files. The other attributes are given only where what the kit finds out by itself does not fit:

    `employee` is the id of an employee that exists, where the provider cannot tell its people. `without_right` are
    arguments of the remote under which the login lacks a right that sync or posting needs. `writes` are the operations
    of the remote that a posting calls, and `patience` the seconds after which the kit gives up an answer. `settings`
    are what a company types where there is no remote that says so.

    People of a remote of forty are named by their ids: `leavers` with the last day of each, `rehired` with the first
    day of the employment of today, `undated` whose dates are empty. Faults of the remote's own are named where it has
    them: `suspended` is its answer where the account is, and `refusals` are what it answers to a posting for certain.
    """

    provider: type[Provider]
    remote: type[Simulator] | None = None
    importer: type[SimulatedImporter] | None = None
    employee: str = ""
    without_right: ClassVar[Mapping[str, Any]] = {}
    writes: tuple[str, ...] = ()
    patience: float = 1.0
    settings: ClassVar[Mapping[str, str]] = {}
    leavers: ClassVar[Mapping[str, date]] = {}
    rehired: ClassVar[Mapping[str, date]] = {}
    undated: tuple[str, ...] = ()
    suspended: str = ""
    refusals: tuple[str, ...] = ()

    failed: ClassVar[set[str]] = set()
    """The ids of the rules that failed so far, which other rules stand on."""

    def __init_subclass__(cls) -> None:
        """Refuse a conformance class that changes the kit: a rule that cannot hold is exempted, with a reason."""
        super().__init_subclass__()
        bases = [one for one in cls.__mro__ if one not in ProviderConformance.__mro__]
        own = sorted({name for one in bases for name in vars(one) if name in KEPT or name.startswith("test_")})
        if own:
            raise SettingsError(
                f"{cls.__name__} overrides {', '.join(own)} of the conformance kit: exempt a rule in conformance.toml, "
                "with a reason, and write tests of your own in a class of their own."
            )
        cls.failed = set()

    # -- what an author may give instead ------------------------------------------------------------------------------

    def wrong_settings(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the settings with credentials that are not right: every secret is another one."""
        secret = secret_fields(self.provider)
        return {name: f"{value}-wrong" if name in secret else value for name, value in settings.items()}

    def refused(self, entry: Entry) -> Entry:
        """Return an entry that the remote refuses for certain: on a code that no administration has."""
        return entry.model_copy(update={"code": "987654"})

    def people(self, remote: Simulator) -> int:
        """Return how many people a complete sync of the remote holds."""
        return remote.employees

    def logged_in(self, remote: Simulator, redirect: Redirect) -> dict[str, str]:
        """Return what comes back from a log-in at the remote, for a provider that sends a person there."""
        raise SettingsError("This provider sends a person to log in: give `logged_in` in its conformance class.")

    def typed_by_a_clerk(self, remote: Simulator, slot: Slot) -> None:
        """Add a row to a slot at the remote, with all that it holds and the hub knows nothing of, such as a remark.

        Only a provider that writes a slot as a whole needs it.
        """
        from hub.testing.conformance.rule import NotApplicable

        raise NotApplicable("give `typed_by_a_clerk`, which adds a row with what the hub does not know")

    # -- the tests ----------------------------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of each rule, named by its id."""
        from hub.testing.conformance.registry import RULES

        if "rule" in metafunc.fixturenames:
            metafunc.parametrize("rule", RULES, ids=[one.id for one in RULES])

    def test_rule(
        self, rule: Rule, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
    ) -> None:
        """The provider keeps the rule, or is exempt from it with a reason."""
        from hub.testing.conformance.reporting import run_as_test

        run_as_test(self, rule, Path(request.path).parent, record_property)
