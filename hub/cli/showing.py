"""How a provider is shown to a person: a page of facts, then a table for each list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.cli.output import say, table, words

Facts = dict[str, Any]


def show_facts(facts: Facts) -> None:
    """Show what `hub.describing.describe` tells of a provider; of one that cannot run, why."""
    lines = [*_metadata(facts), *(_told_by(facts) if "api" in facts else ())]
    for label, text in lines:
        say(f"{label:<15} {text}")
    if "api" in facts:
        _show_abilities(facts)
    _show_conformance(facts)


def _metadata(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "provider", f"{facts['name']} ({facts['title']})" if "title" in facts else facts["name"]
    yield "distribution", f"{facts['distribution']} {facts['version']}"
    yield "status", f"{facts['status']}: {facts['reason']}" if facts["reason"] else facts["status"]


def _told_by(facts: Facts) -> Iterator[tuple[str, str]]:
    layout, rate = facts["layout"], facts["calls_per_second"]
    yield "contract", f"version {facts['api']}"
    yield "hosts", ", ".join(facts["hosts"]) or "none: it speaks to nobody"
    yield "calls", f"{rate or 'any number'} a second, {facts['concurrency']} at a time"
    yield "settles", f"{facts['settle_seconds']:g} seconds after a lost answer"
    yield "week 53", words(facts["week53"]) or "not known: the company chooses"
    yield "contract types", words(", ".join(facts["contract_types"])) + " by default"
    yield "BSN", "needed of everybody in its file" if facts["needs_bsn"] else "not needed"
    if layout:
        yield "layout", f"{layout['name']} version {layout['version']}, {layout['status']}"


def _show_abilities(facts: Facts) -> None:
    table(
        "Capabilities",
        ("capability", "grade"),
        [(words(one), words(is_)) for one, is_ in facts["capabilities"].items()],
    )
    if facts["settings"]:
        table("Settings", ("setting", "", "description"), [_setting(one) for one in facts["settings"]])
    if facts["rights"]:
        rights = [(one["name"], words(", ".join(one["capabilities"]))) for one in facts["rights"]]
        table("Rights that its login needs", ("right", "without it, it cannot"), rights)


def _setting(told: Facts) -> tuple[str, str, str]:
    marks = [word for word in ("secret", "required") if told[word]]
    return told["name"], ", ".join(marks), f"{told['title']}: {told['description']}"


def _show_conformance(facts: Facts) -> None:
    if found := facts["conformance"]:
        table("Conformance", tuple(map(words, found[0])), [tuple(one.values()) for one in found])
    else:
        say("conformance     no results here: `--conformance FILE` names them")
