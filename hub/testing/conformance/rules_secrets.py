"""Rules about secrets and people: what a company typed to connect, and who works there, is in no log and no error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from hub.errors import HubError
from hub.models import Employee, Kind, PostedEntry
from hub.provider import Capability
from hub.testing.canary import leaks, told
from hub.testing.conformance.bench import Bench, Opened
from hub.testing.conformance.rule import SYNCS, Group, NotApplicable, can, expect, rule
from hub.testing.conformance.settings import secret_fields
from hub.testing.conformance.watching import logged, named
from hub.testing.faults import rewritten

_SHORTEST = 8
"""A shorter secret is found by accident in what does not hold it."""

_TYPED = ("secrets-are-typed",)


@dataclass
class Tour:
    """What a provider said while everything was done with it that can be, well and badly."""

    secrets: tuple[str, ...]
    log: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    people: tuple[Employee, ...] = ()

    def clean(self, texts: Sequence[str], where: str, hidden: Sequence[str]) -> None:
        """Raise `NotConforming` where something hidden is in one of some texts."""
        found = leaks("\n".join(texts).encode("utf-8", "replace"), hidden)
        expect(not found, f"what must stay out is in {where}: {', '.join(found)}")


@rule("secrets-stay-out-of-logs", "Logs are read by many and kept for long.", Group.SECRETS, after=_TYPED)
def secrets_stay_out_of_logs(bench: Bench) -> None:
    """No record of any level and nothing that is printed holds a secret."""
    tour = _tour(bench)
    tour.clean(tour.log, "what it logs or prints", _secrets(tour))


@rule(
    "secrets-stay-out-of-errors",
    "An error is shown to people and stored with the run.",
    Group.SECRETS,
    after=(*_TYPED, "malformed-answer-is-not-quoted"),
)
def secrets_stay_out_of_errors(bench: Bench) -> None:
    """No text, detail, repr or traceback of an error holds a secret."""
    tour = _tour(bench)
    tour.clean(tour.errors, "an error", _secrets(tour))


@rule(
    "people-stay-out-of-logs-and-errors",
    "Who works where, and how they are reached, is theirs: a log and an error tell ids.",
    Group.SECRETS,
    SYNCS,
    after=("malformed-answer-is-not-quoted",),
)
def people_stay_out_of_logs_and_errors(bench: Bench) -> None:
    """No log, error or traceback holds an e-mail address, a telephone number or a whole name of somebody."""
    tour = _tour(bench)
    known = [text for one in tour.people for text in (one.email, one.phone, one.name)]
    tour.clean([*tour.log, *tour.errors], "what it logs or an error", [one for one in known if len(one) >= _SHORTEST])


@rule("secrets-stay-out-of-results", "Results are stored as they are, unsealed.", Group.SECRETS, after=_TYPED)
def secrets_stay_out_of_results(bench: Bench) -> None:
    """No result, and no repr of the connection and its settings, holds a secret."""
    tour = _tour(bench)
    tour.clean(tour.results, "a result", _secrets(tour))


def _secrets(tour: Tour) -> tuple[str, ...]:
    if not tour.secrets:
        raise NotApplicable("its settings hold no secret")
    return tour.secrets


def _tour(bench: Bench) -> Tour:
    """Do everything with a provider, with good and wrong credentials and with spoilt answers."""
    remote = bench.remote()
    settings = bench.settings(remote)
    secrets = tuple(
        settings[one] for one in sorted(secret_fields(bench.provider)) if len(settings.get(one, "")) >= _SHORTEST
    )
    tour = Tour(secrets)
    with logged() as tour.log:
        _badly(tour, lambda: bench.activation(remote, bench.connect(bench.kit.wrong_settings(settings))))
        opened = bench.open(remote)
        tour.results += [repr(opened.connection), opened.activation.model_dump_json(warnings=False)]
        _work(tour, opened)
        if can(bench.provider, Capability.SYNC_WORKFORCE):
            tour.people = opened.workforce.employees
        with named("echo", rewritten(lambda _: " ".join(secrets).encode())) as echo:
            for fault in (echo, "html-502", "reset"):
                with opened.spoilt(fault):
                    _badly(tour, lambda: bench.activation(remote, opened.connection))
                    _work(tour, opened)
    return tour


def _work(tour: Tour, opened: Opened) -> None:
    """Sync, read and post, and keep what comes of it."""
    acts: list[Callable[[], object]] = []
    if can(opened.kit.provider, Capability.SYNC_WORKFORCE):
        acts.append(opened.sync)
    for kind in opened.kinds:
        acts += [partial(opened.read, kind), partial(_post, opened, kind), partial(_post_refused, opened, kind)]
    for act in acts:
        _badly(tour, act)


def _post(opened: Opened, kind: Kind) -> PostedEntry:
    return opened.post(opened.entry(kind))


def _post_refused(opened: Opened, kind: Kind) -> PostedEntry:
    return opened.post(opened.kit.refused(opened.entry(kind)))


def _badly(tour: Tour, act: Callable[[], object]) -> None:
    try:
        tour.results.append(repr(act()))
    except HubError as error:
        tour.errors.append(told(error))
