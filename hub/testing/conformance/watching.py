"""What a provider does beside its answers: the connections that it opens, what it logs and what it keeps."""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

from hub.provider import Provider
from hub.testing.faults import WIRE_FAULTS, Fault

# -- connections ------------------------------------------------------------------------------------------------------


@contextmanager
def connections() -> Iterator[list[str]]:
    """Note every name that is looked up and every address that is connected to, in any thread of this process."""
    seen: list[str] = []
    look_up = socket.getaddrinfo
    ways = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}

    def looking_up(host: Any, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - as the real one
        seen.append(f"the name {host}")
        return look_up(host, *arguments, **more)

    def connecting(name: str) -> Any:  # noqa: ANN401 - a method
        def call(opened: socket.socket, address: Any) -> Any:  # noqa: ANN401 - as the real one
            seen.append(f"the address {address}")
            return ways[name](opened, address)

        return call

    with contextlib.ExitStack() as patches:
        patches.enter_context(patch.object(socket, "getaddrinfo", looking_up))
        for name in ways:
            patches.enter_context(patch.object(socket.socket, name, connecting(name)))
        yield seen


# -- logs -------------------------------------------------------------------------------------------------------------


class _Everything(logging.Handler):
    """Keeps all that a record holds, as text."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message, the arguments and the traceback."""
        self.texts.append(self.format(record))
        self.texts.append(repr(vars(record)))


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect what is logged at any level, and what is printed."""
    handler, root, printed = _Everything(), logging.getLogger(), io.StringIO()
    before = root.level, root.handlers
    root.setLevel(1)
    root.handlers = [handler]  # alone: what is found here must not be shown elsewhere either
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield handler.texts
    finally:
        root.setLevel(before[0])
        root.handlers = before[1]
        handler.texts.append(printed.getvalue())


# -- what is kept -----------------------------------------------------------------------------------------------------

_CAN_GROW = (dict, list, set, bytearray)


def kept(provider: type[Provider]) -> dict[str, object]:
    """Return what the provider's classes and modules hold, by name: equal again where nothing was kept there."""
    places: list[tuple[str, Any]] = [(one.__qualname__, one) for one in provider.__mro__ if _own(one.__module__)]
    package = provider.__module__.partition(".")[0]
    names = [name for name in sys.modules if name in (package, provider.__module__) or name.startswith(f"{package}.")]
    places += [(name, sys.modules[name]) for name in names]
    return {f"{place}.{name}": _shape(value) for place, holder in places for name, value in _held(holder)}


def _own(module: str) -> bool:
    return module.partition(".")[0] not in ("hub", "builtins")


def _held(holder: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - a class or a module
    return [(name, value) for name, value in vars(holder).items() if not name.startswith("__")]


def _shape(value: Any) -> object:  # noqa: ANN401 - whatever is held
    """Return what tells a value from what it was before: its content where that can grow, else which it is."""
    if isinstance(value, _CAN_GROW):
        return repr(value)
    return "a module" if isinstance(value, ModuleType) else id(value)


# -- faults of the kit's own ------------------------------------------------------------------------------------------


@contextmanager
def named(name: str, fault: Fault) -> Iterator[str]:
    """Give a fault a name that every simulator takes, for as long as this lasts."""
    with patch.dict(WIRE_FAULTS, {name: fault}):
        yield name
