"""Judging a provider by a rule: whether it applies, whether what it stands on holds, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib import import_module

from hub.testing.conformance.bench import Bench
from hub.testing.conformance.kit import ProviderConformance
from hub.testing.conformance.rule import NotApplicable, Rule


class Outcome(StrEnum):
    """What came of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    EXEMPT = "exempt"


@dataclass(frozen=True)
class Verdict:
    """What came of a rule, and why it did not just pass."""

    outcome: Outcome
    reason: str = ""


def at_once(end: Callable[[], None]) -> None:
    """End what a rule started before the next one begins."""
    end()


def check(
    rule: Rule,
    kit: ProviderConformance,
    failed: Collection[str] = (),
    ending: Callable[[Callable[[], None]], object] = at_once,
) -> None:
    """Try a provider by a rule. Raises `NotApplicable`, or whatever shows that the rule is not kept.

    `ending` is given what stops the remotes that were started.
    """
    if reason := _not_applicable(rule, kit, failed):
        raise NotApplicable(reason)
    ends = ExitStack()
    try:
        with _without_waiting():
            _check_on(Bench(kit, ends), rule)
    finally:
        ending(ends.close)


def _check_on(bench: Bench, rule: Rule) -> None:
    """Check a rule; where it fails because a remote did, say so: that is no fault of the provider."""
    try:
        rule.check(bench)
    except NotApplicable:
        raise
    except Exception as error:
        if failures := bench.failures:
            raise RuntimeError(f"the remote itself failed, not the provider: {'; '.join(failures)}") from error
        raise


def judge(kit: ProviderConformance, rules: Iterable[Rule]) -> dict[str, Verdict]:
    """Try a provider by many rules, in their order; return the verdicts by the ids of the rules."""
    verdicts: dict[str, Verdict] = {}
    with ThreadPoolExecutor() as others:  # a server takes longer to stop than most rules take
        for rule in rules:
            failed = [id for id, one in verdicts.items() if one.outcome is Outcome.FAILED]
            verdicts[rule.id] = _verdict(partial(check, rule, kit, failed, others.submit))
    return verdicts


def _verdict(check_it: Callable[[], None]) -> Verdict:
    try:
        check_it()
    except NotApplicable as reason:
        return Verdict(Outcome.SKIPPED, str(reason))
    except Exception as error:  # noqa: BLE001 - whatever it is, the rule was not kept
        return Verdict(Outcome.FAILED, f"{type(error).__name__}: {error}")
    return Verdict(Outcome.PASSED)


def _not_applicable(rule: Rule, kit: ProviderConformance, failed: Collection[str]) -> str:
    if rule.wire and kit.remote is None:
        return "it is not called over the wire"
    if lacking := rule.lacking(kit.provider):
        return lacking
    broken = [one for one in rule.stands_on if one in failed]
    return f"it stands on {broken[0]}, which failed" if broken else ""


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Let readings that are tried again be so at once, where a provider has stamina do that."""
    try:
        stamina = import_module("stamina")
    except ImportError:
        yield
        return
    with stamina.set_testing(True, attempts=3):
        yield
