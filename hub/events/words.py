"""Events in plain words, Dutch and English: what happened, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from hub.events.kinds import EventKind
from hub.export.states import RunState

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")


class Words(NamedTuple):
    """One sentence on what happened, and one on what to do; the second is empty where there is nothing to do."""

    text: str
    action: str


class _Known(dict[str, object]):
    """What is known of an event; what an older hub did not write down yet is shown as a question mark."""

    def __missing__(self, name: str) -> str:
        return "?"


_WORDS: Mapping[EventKind, Mapping[Language, Words]] = {
    EventKind.CONNECTION_NEEDS_ATTENTION: {
        "nl": Words(
            "De koppeling met {provider} werkt niet meer: de inlog of een recht wordt geweigerd.",
            "Verbind {provider} opnieuw of geef het recht in het salarispakket; alles wat gekoppeld is blijft.",
        ),
        "en": Words(
            "The connection with {provider} no longer works: the login or a right is refused.",
            "Reconnect {provider} or grant the right in payroll; everything that is linked stays.",
        ),
    },
    EventKind.SYNC_CONFLICTS: {
        "nl": Words(
            "Bij het ophalen van medewerkers uit {provider} zijn er {people} niet herkend.",
            "Koppel deze medewerkers met de hand.",
        ),
        "en": Words(
            "Of the employees that came in from {provider}, {people} were not recognised.",
            "Link these employees by hand.",
        ),
    },
    EventKind.EXPORT_PLANNED: {
        "nl": Words(
            "Plan {plan} voor {provider} is klaar: {timecards} urenkaarten gaan mee, {held} wachten op iemand.",
            "Bekijk plan {plan}, los op wat wacht, en geef het vrij.",
        ),
        "en": Words(
            "Plan {plan} for {provider} is ready: {timecards} timecards go, {held} wait for somebody.",
            "Look at plan {plan}, solve what waits, and release it.",
        ),
    },
    EventKind.RUN_PAUSED: {
        "nl": Words(
            "Run {run} naar {provider} is gestopt voordat alles was verstuurd.",
            "Bekijk bij run {run} waarom, los dat op en ga door met de run: niets gaat dubbel.",
        ),
        "en": Words(
            "Run {run} to {provider} stopped before everything was sent.",
            "See at run {run} why, solve that and go on with the run: nothing goes twice.",
        ),
    },
    EventKind.EXPORT_DRIFTED: {
        "nl": Words(
            "{provider} bevat niet meer wat er is verstuurd: {entries} regels wijken af, {slots} zijn onbekend.",
            "Kijk in het salarispakket en beslis per regel.",
        ),
        "en": Words(
            "{provider} no longer holds what was sent: {entries} entries differ, {slots} are unknown.",
            "Look in payroll and decide for each entry.",
        ),
    },
    EventKind.FILE_READY: {
        "nl": Words(
            "Het bestand van run {run} voor {provider} staat klaar ({rows} regels).",
            "Haal het bestand van run {run} op, lees het in het salarispakket in, en meld daarna hoe dat ging.",
        ),
        "en": Words(
            "The file of run {run} for {provider} is ready ({rows} rows).",
            "Fetch the file of run {run}, import it in payroll, and tell afterwards how that went.",
        ),
    },
    EventKind.REMINDER: {
        "nl": Words(
            "Loonperiode {period} van administratie {administration} loopt af: "
            "{timecards} goedgekeurde urenkaarten zijn nog niet naar {provider}.",
            "Maak een plan voor {period} en geef het vrij.",
        ),
        "en": Words(
            "Wage period {period} of administration {administration} is about to end: "
            "{timecards} approved timecards have not gone to {provider} yet.",
            "Make a plan for {period} and release it.",
        ),
    },
    EventKind.JOB_FAILED: {
        "nl": Words(
            "Opdracht {job} voor {provider} is mislukt ({what}).",
            "Bekijk bij opdracht {job} wat er mis is en wie iets moet doen.",
        ),
        "en": Words(
            "Job {job} for {provider} failed ({what}).",
            "See at job {job} what is wrong and who must act.",
        ),
    },
    EventKind.ENDPOINT_OFF: {
        "nl": Words(
            "Bestemming {endpoint} voor berichten is uitgezet: er kwam drie dagen niets aan, of zij bestaat niet meer.",
            "Laat de integrator de bestemming herstellen, weer aanzetten en de gemiste berichten opnieuw sturen.",
        ),
        "en": Words(
            "Endpoint {endpoint} for messages was switched off: for three days nothing arrived, or it is gone.",
            "Have the integrator mend it, switch it on again and replay what was missed.",
        ),
    },
}

_FINISHED: Mapping[RunState, Mapping[Language, Words]] = {
    RunState.DONE: {
        "nl": Words("Run {run} naar {provider} is klaar: alles staat in het salarispakket.", ""),
        "en": Words("Run {run} to {provider} is done: payroll holds all of it.", ""),
    },
    RunState.NEEDS_DECISION: {
        "nl": Words(
            "Run {run} naar {provider} wacht op een beslissing.",
            "Kijk in het salarispakket en beslis bij run {run} per regel.",
        ),
        "en": Words(
            "Run {run} to {provider} waits for a decision.",
            "Look in payroll and decide for each entry of run {run}.",
        ),
    },
    RunState.DRIFTED: {
        "nl": Words(
            "Run {run}: {provider} bevat niet meer wat er is verstuurd.",
            "Kijk in het salarispakket en beslis bij run {run} per regel.",
        ),
        "en": Words(
            "Run {run}: {provider} no longer holds what was sent.",
            "Look in payroll and decide for each entry of run {run}.",
        ),
    },
}
"""Of the states in which a run may end; all others are told as done in part."""

_IN_PART: Mapping[Language, Words] = {
    "nl": Words(
        "Run {run} naar {provider} is ten dele klaar: niet alles is aangenomen.",
        "Bekijk bij run {run} wat bleef liggen, los dat op en maak een nieuw plan.",
    ),
    "en": Words(
        "Run {run} to {provider} is done in part: not everything was taken.",
        "See at run {run} what stayed, solve that and make a new plan.",
    ),
}


def in_words(kind: str, language: Language, known: Mapping[str, object]) -> Words:
    """Say what happened, from what is `known`: the event's detail with its `provider` and `run`.

    Raises `KeyError` for a kind that is not for people.
    """
    if kind == EventKind.RUN_FINISHED:
        words = _FINISHED.get(_state(known), _IN_PART)[language]
    else:
        words = _WORDS[EventKind(kind)][language]
    values = _Known(known)
    if "year" in known:
        values["period"] = f"{known['year']}-{known.get('number', '?')}"
    return Words(words.text.format_map(values), words.action.format_map(values))


def _state(known: Mapping[str, object]) -> RunState:
    return RunState(str(known.get("state", RunState.DONE_IN_PART)))
