"""What a model of the hub does not take, told to whoever gave it, without the values."""

from __future__ import annotations

from pydantic import ValidationError

from hub.errors import InputError


def refused_shape(error: ValidationError) -> InputError:
    """Return what is wrong with the first value that a model does not take, for a person."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return InputError(f"{place or 'The request'}: {first['msg'].removeprefix('Value error, ').removesuffix('.')}.")
