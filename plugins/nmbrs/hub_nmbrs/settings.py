"""What a connection to Nmbrs needs to know. The JSON Schema of the class drives every form, in English and in Dutch."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue, SecretStr

from hub import ProviderSettings

PRODUCTION = "api.nmbrs.nl"
SANDBOX = "api-sandbox.nmbrs.nl"
HOSTS = (PRODUCTION, SANDBOX)


def _bare(domain: str | None) -> str | None:
    """Return `x` for `x`, `x.nmbrs.nl` and `https://x.nmbrs.nl/`; None for an empty domain.

    Nmbrs wants the bare sub-domain and answers 1001 to the full one (help centre, "Nmbrs 2020 API Changes").
    """
    if domain is None:
        return None
    host = domain.strip().lower().removeprefix("https://").split("/")[0]
    return host.split(".")[0] or None


def _without_slash(endpoint: str) -> str:
    return endpoint.strip().rstrip("/")


def _dutch(title: str, description: str) -> dict[str, JsonValue]:
    return {"nl": {"title": title, "description": description}}


class NmbrsSettings(ProviderSettings):
    """The login of one company at Nmbrs, and where to find it."""

    email: SecretStr = Field(
        title="E-mail address",
        description="The e-mail address of the Nmbrs login that this connection uses.",
        json_schema_extra=_dutch("E-mailadres", "Het e-mailadres van de Nmbrs-login die deze koppeling gebruikt."),
    )
    token: SecretStr = Field(
        title="API token",
        description="The token of that login: in Nmbrs under User profile, API token.",
        json_schema_extra=_dutch("API-token", "Het token van die login: in Nmbrs onder Gebruikersprofiel, API-token."),
    )
    domain: Annotated[str | None, AfterValidator(_bare)] = Field(
        default=None,
        title="Domain",
        description="The part before .nmbrs.nl in the address of your Nmbrs. Leave it empty to have it found.",
        json_schema_extra=_dutch(
            "Domein", "Het deel voor .nmbrs.nl in het adres van jullie Nmbrs. Laat het leeg om het te laten opzoeken."
        ),
    )
    endpoint: Annotated[str, AfterValidator(_without_slash)] = Field(
        default=f"https://{PRODUCTION}",
        title="Address of the API",
        description=f"Change this only to test: the sandbox of Nmbrs is https://{SANDBOX}.",
        json_schema_extra=_dutch(
            "Adres van de API", f"Alleen wijzigen om te testen: de sandbox van Nmbrs is https://{SANDBOX}."
        ),
    )
