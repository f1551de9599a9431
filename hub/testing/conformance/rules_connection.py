"""Rules about the connection: what activation proves and says, and that connections share nothing."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

import re

from hub.errors import AuthError, HubError, NotExecuted, PermissionMissing
from hub.models import RightState
from hub.provider import Capability
from hub.testing.conformance.bench import SAYS_WHAT_TO_DO, Bench, Opened, held, raised
from hub.testing.conformance.rule import FIRST, Group, NotApplicable, can, expect, rule
from hub.testing.conformance.settings import described
from hub.testing.conformance.watching import connections
from hub.testing.simulator import Simulator

_HOST = re.compile(r"\.?([a-z0-9-]+\.)+[a-z]{2,}")
_HOST_IN_URL = re.compile(r"^https?://([^/:]+)")


@rule(FIRST, "Nothing else can be tried before a connection is activated with good credentials.", Group.CONNECTION)
def activates(bench: Bench) -> None:
    """Activation says which administrations there are, each once and with a name."""
    administrations = bench.open().activation.administrations
    expect(administrations, "activate found no administration with the settings of its own remote")
    ids = [one.id for one in administrations]
    expect(all(ids) and len(set(ids)) == len(ids), "an administration has no id, or two have the same")
    expect(all(one.name for one in administrations), "an administration has no name")


@rule(
    "hosts-are-declared",
    "The hub lets a provider reach only the hosts that it declares; an operator can read there where data goes.",
    Group.CONNECTION,
)
def hosts_are_declared(bench: Bench) -> None:
    """The hosts are bare names, and an address that a setting has by itself is on one of them."""
    hosts = bench.provider.hosts
    expect(hosts, "it is called over the wire and declares no hosts")
    for host in hosts:
        expect(_HOST.fullmatch(host), f"{host!r} is not the bare name of a host in lower case")
    for name, one in described(bench.provider):
        found = _HOST_IN_URL.match(str(one.get("default", "")))
        listed = found and any(found[1] == host or (host[:1] == "." and found[1].endswith(host)) for host in hosts)
        expect(not found or listed, f"the address that {name} has by itself is on no host that is declared")


@rule("activate-writes-nothing", "A company tries a connection at any time, on its real payroll.", Group.CONNECTION)
def activate_writes_nothing(bench: Bench) -> None:
    """The remote holds the same before and after."""
    remote = bench.remote()
    before = held(remote)
    bench.open(remote)
    expect(held(remote) == before, "activate changed something at the remote")


@rule(
    "wrong-credentials-are-told",
    "The company's admin must reconnect, and only AuthError says so.",
    Group.CONNECTION,
)
def wrong_credentials_are_told(bench: Bench) -> None:
    """Wrong credentials raise `AuthError` when the connection is activated."""
    remote = bench.remote()
    right = bench.settings(remote)
    wrong = bench.kit.wrong_settings(right)
    if wrong == right:
        raise NotApplicable("its settings hold no credentials")
    error = raised(lambda: bench.activation(remote, bench.connect(wrong)), "a connection with wrong credentials")
    expect(isinstance(error, AuthError), f"wrong credentials raise {type(error).__name__} instead of AuthError")


@rule(
    "missing-right-is-named",
    "The accountant can switch a right on only where its name is told.",
    Group.CONNECTION,
)
def missing_right_is_named(bench: Bench) -> None:
    """Without a right, activation reports it and what needs it raises `PermissionMissing` with its name."""
    if not bench.kit.without_right:
        raise NotApplicable("its remote cannot take a right away: give `without_right`")
    error = _without_right(bench, bench.remote(**bench.kit.without_right))
    expect(isinstance(error, PermissionMissing), f"a missing right raises {type(error).__name__}")
    expect(getattr(error, "right", ""), "PermissionMissing does not name the right")


def _without_right(bench: Bench, remote: Simulator) -> HubError:
    """Return the first error that a missing right makes; where activation takes it, it must tell of the right."""
    try:
        opened = bench.open(remote)
    except HubError as error:
        return error
    missing = [one for one in opened.activation.rights if one.state is RightState.MISSING]
    expect(missing and all(one.name and one.grant for one in missing), "activate does not tell which right is missing")
    return raised(lambda: _use(opened), "what needs the missing right")


def _use(opened: Opened) -> None:
    if can(opened.kit.provider, Capability.SYNC_WORKFORCE):
        _ = opened.workforce
    for kind in opened.kinds:
        try:
            opened.post(opened.entry(kind))
        except NotExecuted as error:
            raise error.reason from None


@rule(
    "suspended-account-says-who-acts",
    "A customer who has not paid must not look for a fault in the hub.",
    Group.CONNECTION,
)
def suspended_account_says_who_acts(bench: Bench) -> None:
    """Where the account is suspended, activation raises `AuthError` or `PermissionMissing`, with what to do."""
    if not bench.kit.suspended:
        raise NotApplicable("its remote cannot suspend an account: give `suspended`")
    remote = bench.remote()
    remote.inject(bench.kit.suspended)
    error = raised(lambda: bench.open(remote), "a suspended account")
    expect(isinstance(error, AuthError | PermissionMissing), f"a suspended account raises {type(error).__name__}")
    expect(SAYS_WHAT_TO_DO.fullmatch(error.text), "the error does not say what happened, a colon, and what to do")


@rule(
    "only-through-its-client",
    "What goes around the client of the hub goes around its list of hosts, its time limits and its checks.",
    Group.CONNECTION,
)
def only_through_its_client(bench: Bench) -> None:
    """Where the hub may not reach this machine, a provider whose remote is here opens no connection at all."""
    remote = bench.remote()
    connection = bench.connect(bench.settings(remote), loopback=False)
    with connections() as seen:
        raised(lambda: bench.activation(remote, connection), "a host that the hub does not allow")
    expect(not seen, f"it went around the client that it was given, to {', '.join(seen)}")
    expect(not remote.state()["calls"], "the remote was called where the hub did not allow it")
