"""The contract between the hub and its providers: the public names, the models, the hooks and the errors."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

import hub
from hub import errors, models
from hub.hookspecs import HubSpecs
from hub.provider import Capability, Provider
from hub.registry import HOOKS

# -- the public names -------------------------------------------------------------------------------------------------


def test_the_public_names_are_sorted_as_the_linter_sorts_them_and_hold_none_twice() -> None:
    constants = [name for name in hub.__all__ if name.isupper()]
    classes = [name for name in hub.__all__ if name[0].isupper() and not name.isupper()]
    others = [name for name in hub.__all__ if not name[0].isupper()]
    assert hub.__all__ == sorted(constants) + sorted(classes) + sorted(others)
    assert len(set(hub.__all__)) == len(hub.__all__)


@pytest.mark.parametrize("name", hub.__all__)
def test_every_public_name_loads_and_says_what_it_is(name: str) -> None:
    found = getattr(hub, name)
    told = vars(found).get("__doc__") if isinstance(found, type) else inspect.getdoc(found)
    assert told
    assert not told.startswith(f"{name}(")  # which is only what a dataclass says of itself


def test_what_loads_is_what_is_public_and_what_a_type_checker_sees() -> None:
    (block,) = [one for one in ast.parse(inspect.getsource(hub)).body if isinstance(one, ast.If)]
    seen = {alias.name for one in block.body if isinstance(one, ast.ImportFrom) for alias in one.names}
    assert seen == set(hub.__all__) == set(hub._HOME_OF)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'hub' has no attribute 'Hubb'"):
        _ = hub.Hubb


# -- the models -------------------------------------------------------------------------------------------------------

MODELS: tuple[type[models.Model], ...] = tuple(
    one for one in vars(models).values() if isinstance(one, type) and models.Model in one.__mro__[1:]
)
WITH_MODELS = pytest.mark.parametrize("model", MODELS, ids=lambda one: one.__name__)

st.register_type_strategy(SecretStr, st.none())  # a BSN does not survive JSON, and must not: see below
for _model in MODELS:  # in the order of the file, in which each comes after those it holds
    _types: dict[str, Any] = {name: one.annotation for name, one in _model.model_fields.items()}
    st.register_type_strategy(_model, st.builds(_model, **{name: st.from_type(one) for name, one in _types.items()}))


def test_a_bsn_does_not_survive_json() -> None:
    row = models.Row(
        entry=1, employee="e1", name="An", date=date(2026, 10, 5), kind=models.Kind.HOURS, code="uren", amount=800
    )
    told = row.model_copy(update={"bsn": SecretStr("123456782")}).model_dump_json()
    assert "123456782" not in told
    assert models.Row.model_validate_json(row.model_dump_json()) == row


def test_there_are_models_to_test() -> None:
    assert {models.Entry, models.Employee, models.Workforce} <= set(MODELS)


@given(st.one_of([st.from_type(model) for model in MODELS]))
def test_every_model_comes_back_from_json_as_it_went_in(model: models.Model) -> None:
    assert type(model).model_validate_json(model.model_dump_json()) == model


@WITH_MODELS
def test_a_model_is_frozen_and_silent_about_values_and_refuses_names_that_it_does_not_know(
    model: type[models.Model],
) -> None:
    assert model.model_config == {"frozen": True, "extra": "forbid", "hide_input_in_errors": True}
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"unknown": "hunter2"})
    assert "unknown" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@WITH_MODELS
def test_a_model_says_what_it_is(model: type[models.Model]) -> None:
    assert vars(model).get("__doc__")


def held(annotation: Any) -> Iterator[Any]:
    """Yield every type within an annotation."""
    inner = typing.get_args(annotation)
    yield from (one for part in inner for one in held(part)) if inner else (annotation,)
    if inner:
        yield typing.get_origin(annotation)


@WITH_MODELS
def test_a_model_holds_only_what_survives_json_exactly_and_no_list_that_can_grow(model: type[models.Model]) -> None:
    found = {one for name, field in model.model_fields.items() for one in held(field.annotation)}
    file = {bytes} if model is models.RenderedFile else set()  # base64 in JSON: see below
    assert not found & ({float, complex, Decimal, list, set, bytes, Any, object} - file)


@given(st.binary(max_size=100))
def test_a_file_survives_json_byte_for_byte(content: bytes) -> None:
    file = models.RenderedFile(extension="csv", content=content, rows=1)
    assert models.RenderedFile.model_validate_json(file.model_dump_json()) == file


def test_a_wage_period_holds_its_first_and_last_day() -> None:
    day = date(2026, 10, 31)
    period = models.WagePeriod(type=models.PeriodType.MONTH, year=2026, number=10, start=day.replace(day=1), end=day)
    assert day in period
    assert day.replace(day=1) in period
    assert day.replace(month=12) not in period
    assert str(period) == "2026-10 (2026-10-01 to 2026-10-31)"


# -- the hooks --------------------------------------------------------------------------------------------------------

SPECS = {name: value for name, value in vars(HubSpecs).items() if not name.startswith("_")}


def test_there_are_four_hooks() -> None:
    assert set(SPECS) == {"activate", "sync_workforce", "validate", "export_timecards"} == set(HOOKS)


@pytest.mark.parametrize("hook", SPECS)
def test_a_hook_takes_one_request_and_says_what_it_does(hook: str) -> None:
    signature = inspect.signature(SPECS[hook])
    assert [(one.kind, one.default) for one in signature.parameters.values()] == [
        (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty)
    ] * 2
    assert list(signature.parameters) == ["self", "request"]
    assert SPECS[hook].__doc__


REQUESTS = {
    "activate": "ActivateRequest",
    "sync_workforce": "SyncRequest",
    "validate": "ValidateRequest",
    "export_timecards": "ExportRequest",
}


@pytest.mark.parametrize("hook", SPECS)
def test_a_request_is_a_frozen_model(hook: str) -> None:
    named = inspect.signature(SPECS[hook]).parameters["request"].annotation
    assert named == REQUESTS[hook]
    assert getattr(models, named) in MODELS


@pytest.mark.parametrize("hook", SPECS)
def test_only_validate_is_open_to_more_than_one(hook: str) -> None:
    assert SPECS[hook].payroll_hub_spec["firstresult"] is (hook != "validate")
    assert SPECS[hook].payroll_hub_spec["historic"] is False


def test_the_base_class_has_no_hooks_of_its_own() -> None:
    assert not set(SPECS) & set(dir(Provider))


@pytest.mark.parametrize("kind", models.Kind)
def test_every_kind_has_a_capability_to_post_to_replace_and_to_withdraw(kind: models.Kind) -> None:
    assert Capability.to_post(kind) == f"post_{kind}"
    assert {f"replace_{kind}", f"withdraw_{kind}"} <= set(Capability)


# -- the errors -------------------------------------------------------------------------------------------------------

ERRORS = tuple(one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.HubError))
WITH_ERRORS = pytest.mark.parametrize("error", ERRORS, ids=lambda one: one.__name__)


PEOPLE = ("sender", "operator", "integrator", "company admin", "owner of the data", "provider's author", "nobody")


def make(error: type[errors.HubError]) -> errors.HubError:
    """Make an error of a class with only what it demands."""
    if issubclass(error, errors.NotExecuted):
        return error(errors.AuthError("A sentence.", detail="a detail"))
    if issubclass(error, errors.Refused):
        return error("1004", "A sentence.", detail="a detail")
    return error("A sentence.", detail="a detail")


def test_the_drawing_of_the_errors_names_exactly_those_that_exist() -> None:
    drawn = re.findall(r"^(?:│   )?(?:[├└]── )?([A-Z]\w+) {2,}\S", errors.__doc__ or "", re.MULTILINE)
    assert drawn == [one.__name__ for one in ERRORS]


def test_the_drawing_is_the_tree() -> None:
    """What stands under another error is one of its kind."""
    drawn = re.findall(r"^│   [├└]── ([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    assert drawn == [one.__name__ for one in ERRORS[1:] if one.__base__ is not errors.HubError]
    assert errors.NotThere.__base__ is errors.InputError
    assert errors.HubError.__base__ is Exception


@WITH_ERRORS
def test_an_error_has_a_text_a_detail_and_somebody_who_must_act(error: type[errors.HubError]) -> None:
    made = make(error)
    assert (made.text, made.detail, str(made)) == ("A sentence.", "a detail", "A sentence.")
    assert made.who in PEOPLE


@WITH_ERRORS
def test_an_error_says_what_it_means(error: type[errors.HubError]) -> None:
    assert vars(error).get("__doc__")


@WITH_ERRORS
def test_an_error_that_is_not_asked_to_keep_more_keeps_nothing(error: type[errors.HubError]) -> None:
    extra = {
        name: value for name, value in vars(make(error)).items() if name not in ("text", "detail", "code", "reason")
    }
    assert set(extra.values()) <= {None, ""}


def test_a_plugin_can_raise_every_error() -> None:
    assert {one.__name__ for one in ERRORS} <= set(hub.__all__)


def test_every_module_of_the_contract_says_what_it_is() -> None:
    folder = Path(hub.__file__).parent
    for name in ("__init__", "errors", "hookspecs", "models", "provider"):
        assert ast.get_docstring(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8")))
