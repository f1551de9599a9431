"""The API's own sentences in English and Dutch, and which of the two a caller reads."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request

TITLES: Mapping[str, tuple[str, str]] = {
    "sender": ("The request cannot be taken as it is", "Het verzoek kan zo niet worden aangenomen"),
    "integrator": ("A setting is missing or wrong", "Een instelling ontbreekt of is verkeerd"),
    "company admin": ("The payroll link needs attention", "De salariskoppeling vraagt aandacht"),
    "owner of the data": ("Payroll refused it", "Het salarispakket weigerde het"),
    "nobody": ("Not now", "Nu niet"),
    "operator": ("The operator must look", "De beheerder moet kijken"),
    "provider's author": ("The payroll link is broken", "De salariskoppeling is kapot"),
}
"""Titles of problems, by who must act."""

UNFIT_KEY = "An Idempotency-Key has at most 255 characters that can be seen."

DUTCH: Mapping[str, str] = {
    "The request does not fit: see the fields.": "Het verzoek past niet: zie de velden.",
    "A number or text in the request is out of range.": "Een getal of tekst in het verzoek valt buiten het bereik.",
    "The body cannot be read: send it as its type says.": "De inhoud is niet te lezen: stuur die zoals het type zegt.",
    "No key, or one that opens nothing: send one as a bearer token.": (
        "Geen sleutel, of een die niets opent: stuur er een als bearer-token."
    ),
    "The key lacks the scope for this.": "De sleutel mag dit niet: er ontbreekt een bevoegdheid.",
    "There is no such thing for this key.": "Dat is er niet voor deze sleutel.",
    "This address does not know that method.": "Dit adres kent die methode niet.",
    "The body is too large: send it in parts.": "De inhoud is te groot: stuur die in delen.",
    "This type of body is not taken here.": "Dit type inhoud wordt hier niet aangenomen.",
    "The database cannot be reached now: try again.": "De database is nu niet bereikbaar: probeer het opnieuw.",
    "The hub failed: the operator must look in its log.": "De hub faalde: de beheerder moet in het logboek kijken.",
    "A person does this: name the host's user in `by` or Hub-Actor.": (
        "Dit doet een mens: noem de gebruiker in `by` of Hub-Actor."
    ),
    "`by` and Hub-Actor name different people: send one of them.": (
        "`by` en Hub-Actor noemen verschillende mensen: stuur er een."
    ),
    "This is no cursor of a page: leave it out to begin anew.": (
        "Dit is geen cursor van een pagina: laat hem weg om opnieuw te beginnen."
    ),
    "This Idempotency-Key came with another request: use a new one.": (
        "Deze Idempotency-Key kwam met een ander verzoek: gebruik een nieuwe."
    ),
    "The first request with this Idempotency-Key is still being carried out: ask again.": (
        "Het eerste verzoek met deze Idempotency-Key is nog bezig: vraag het opnieuw."
    ),
    "This was done before, and its answer is not kept.": "Dit is eerder gedaan, en het antwoord is niet bewaard.",
    UNFIT_KEY: "Een Idempotency-Key heeft hoogstens 255 zichtbare tekens.",
    "This log-in was not begun here, by you, or a short while ago: begin anew.": (
        "Deze aanmelding is niet hier, niet door u of niet kort geleden begonnen: begin opnieuw."
    ),
}
"""What the API says itself. What the hub says stands in its errors, in English."""

OF_STATUS: Mapping[int, str] = {
    400: "The body cannot be read: send it as its type says.",
    401: "No key, or one that opens nothing: send one as a bearer token.",
    403: "The key lacks the scope for this.",
    404: "There is no such thing for this key.",
    405: "This address does not know that method.",
    413: "The body is too large: send it in parts.",
    415: "This type of body is not taken here.",
    500: "The hub failed: the operator must look in its log.",
}


def is_dutch(request: Request) -> bool:
    """Tell whether a caller reads Dutch rather than English: which of the two its Accept-Language wants more."""
    wanted = {"nl": 0.0, "en": 0.0}
    for one in request.headers.get("accept-language", "").lower().split(","):
        name, _, weight = one.strip().partition(";")
        language = name.partition("-")[0]
        if language in wanted:
            wanted[language] = max(wanted[language], _weight(weight))
    return wanted["nl"] > wanted["en"]


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=")) if text else 1.0
    except ValueError:
        return 0.0


def said(request: Request, text: str) -> str:
    """Return one of the API's own sentences in the caller's language; another one stays as it is."""
    return DUTCH.get(text, text) if is_dutch(request) else text


def of_status(status: int) -> str:
    """Return what a status means here, in English."""
    return OF_STATUS.get(status) or f"{HTTPStatus(status).phrase}."
