"""What a rule is: an id, a level, a reason and what it needs, and the function that checks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hub.provider import Capability, Provider, Support

if TYPE_CHECKING:
    from hub.testing.conformance.bench import Bench

Check = Callable[["Bench"], None]
Alternatives = tuple[Capability, ...]

SYNCS: Alternatives = (Capability.SYNC_WORKFORCE,)
READS: Alternatives = (Capability.READ_BACK,)
POSTS: Alternatives = (Capability.POST_HOURS, Capability.POST_WAGE, Capability.POST_DAYS)
REPLACES: Alternatives = (Capability.REPLACE_HOURS, Capability.REPLACE_WAGE, Capability.REPLACE_DAYS)
WITHDRAWS: Alternatives = (Capability.WITHDRAW_HOURS, Capability.WITHDRAW_WAGE, Capability.WITHDRAW_DAYS)
RENDERS: Alternatives = (Capability.RENDER_FILE,)

FIRST = "activates"
"""The rule that every other one stands on that talks to the remote."""


class Level(StrEnum):
    """How much a rule asks: a provider must keep what is required, and is told of what is recommended."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"


class Group(StrEnum):
    """What a rule is about."""

    CLASS = "the class and its settings"
    CONNECTION = "the connection"
    READING = "reading"
    VALIDATING = "validating"
    POSTING = "posting"
    DOUBT = "answers that do not come"
    CORRECTING = "correcting"
    HUB = "the hub at work"
    SECRETS = "secrets"
    FILES = "files"


class NotConforming(AssertionError):
    """The provider does not keep the rule; the text says what was seen."""


class NotApplicable(Exception):
    """The rule has nothing to check here; the text says why."""


@dataclass(frozen=True)
class Rule:
    """A rule of the kit.

    `needs` are groups of capabilities, of each of which the provider has at least one. `wire` says that it is about a
    provider that is called over the wire. `after` are rules that it stands on: where one of them failed, this one says
    nothing new and is skipped.
    """

    id: str
    reason: str
    group: Group
    check: Check
    needs: tuple[Alternatives, ...] = ()
    level: Level = Level.REQUIRED
    wire: bool = True
    after: tuple[str, ...] = ()

    @property
    def holds(self) -> str:
        """What must hold, in a sentence."""
        return " ".join((self.check.__doc__ or "").split())

    @property
    def stands_on(self) -> tuple[str, ...]:
        """The ids of the rules that must hold for this one to mean anything."""
        return (FIRST, *self.after) if self.wire and self.id != FIRST else self.after

    def lacking(self, provider: type[Provider]) -> str:
        """Return why a provider has nothing to do with this rule; empty where it does."""
        for alternatives in self.needs:
            if not any(can(provider, one) for one in alternatives):
                return "it declares " + ", ".join(f"{one} {provider.support(one)}" for one in alternatives)
        return ""


def can(provider: type[Provider], capability: Capability) -> bool:
    """Tell whether a provider declares that it does something."""
    return provider.support(capability) in (Support.FULL, Support.EMULATED)


def rule(
    id: str,
    reason: str,
    group: Group,
    *needs: Alternatives,
    level: Level = Level.REQUIRED,
    wire: bool = True,
    after: tuple[str, ...] = (),
) -> Callable[[Check], Rule]:
    """Make a rule of the function below it."""
    return lambda check: Rule(id, reason, group, check, needs, level, wire, after)


def expect(holds: object, text: str) -> None:
    """Raise `NotConforming` with this text unless something holds."""
    if not holds:
        raise NotConforming(text)
