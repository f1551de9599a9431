"""A connection's settings: what is said of those that are wrong, what is stored, and what must be sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr, field_validator, model_validator

from hub import Provider, ProviderSettings, SettingsError
from hub.connection import parse_settings, secret_names, split_settings

SECRET = "hunter2hunter2"


class Settings(ProviderSettings):
    """Settings of every sort."""

    user: str
    token: SecretStr
    spare: SecretStr | None = None
    company: int | None = None
    since: date | None = None


class Payroll(Provider):
    """A provider with these settings."""

    name = "payroll"
    title = "Some Payroll"
    Settings = Settings


class Token(SecretStr):
    """A provider's own type for a secret."""


class Strict(Settings):
    """Settings with checks of the provider's own, which quote what they were given."""

    @field_validator("token", "user")
    @classmethod
    def _no_dash(cls, value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if "-" in text:
            raise ValueError(f"{text} has a dash")
        return value

    @model_validator(mode="after")
    def _no_same(self) -> Strict:
        if self.user == self.token.get_secret_value():
            raise ValueError(f"{self.user} is user and token")
        return self


PAIR = {"user": "robin", "token": SECRET}


def problem(values: Mapping[str, str], settings: type[ProviderSettings] = Settings) -> str:
    """Return what is said of settings that are refused."""
    with pytest.raises(SettingsError) as caught:
        parse_settings(type("Parsing", (Payroll,), {"Settings": settings}), values)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value.text


def test_settings_that_are_right_are_taken() -> None:
    found = parse_settings(Payroll, {**PAIR, "company": "7", "since": "2026-01-01"})
    assert found == Settings(user="robin", token=SecretStr(SECRET), company=7, since=date(2026, 1, 1))


def test_every_setting_that_is_missing_is_named_with_what_to_type() -> None:
    """A secret is asked for as one, so that it stays out of the shell's history."""
    assert problem({}) == "Some Payroll: give user; give token."


def test_a_setting_that_does_not_exist_is_named() -> None:
    assert problem({**PAIR, "tokn": "abc"}) == "Some Payroll: there is no setting tokn."


def test_a_setting_that_is_wrong_is_named_without_its_value() -> None:
    told = problem({**PAIR, "company": "seventy"})
    assert told.startswith("Some Payroll: company: ")
    assert "seventy" not in told


def test_of_a_secret_that_is_wrong_only_the_kind_of_fault_is_told() -> None:
    assert problem({**PAIR, "token": "abc-def"}, Strict) == "Some Payroll: token: not accepted (value error)."


def test_what_a_providers_own_check_says_of_a_setting_that_is_no_secret_is_told() -> None:
    assert "a-b has a dash" in problem({**PAIR, "user": "a-b"}, Strict)


def test_a_check_over_all_settings_cannot_quote_a_secret() -> None:
    assert (
        problem({"user": SECRET, "token": SECRET}, Strict) == "Some Payroll: the settings: not accepted (value error)."
    )


def test_secrets_are_known_by_their_type() -> None:
    class Odd(Settings):
        secret_strategy: str = ""
        own: Token | None = None

    assert secret_names(type("Parsing", (Payroll,), {"Settings": Odd})) == {"token", "spare", "own"}


def test_settings_are_split_into_what_may_be_stored_and_what_must_be_sealed() -> None:
    plain, sealed = split_settings(parse_settings(Payroll, {**PAIR, "since": "2026-01-01"}))
    assert plain == {"user": "robin", "since": "2026-01-01"}
    assert sealed == {"token": SECRET}


def test_what_was_split_can_be_read_back() -> None:
    settings = parse_settings(Payroll, {**PAIR, "spare": "x", "company": "7", "since": "2026-01-01"})
    plain, sealed = split_settings(settings)
    assert parse_settings(Payroll, {**plain, **sealed}) == settings


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        parse_settings(Payroll, PAIR).user = "sam"  # type: ignore[attr-defined]


def test_settings_do_not_show_their_secrets() -> None:
    settings = parse_settings(Payroll, {**PAIR, "spare": SECRET})
    assert "robin" in repr(settings)
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
