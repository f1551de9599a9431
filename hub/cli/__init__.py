"""The command line: thin over `hub.Hub`. `main` is the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done · 1 refused or failed, nothing was changed · 2 wrong command line · 3 done, but something waits for a
person · 70 a fault of the hub itself · 130 interrupted. Each but 0 comes with one sentence on standard error.
"""

from __future__ import annotations

import io
import os
import sys

from hub.errors import HubError

FAILED, WRONG_COMMAND, WAITING, FAULT, STOPPED = 1, 2, 3, 70, 130


class WrongCommand(HubError):
    """The command line itself is wrong, in a way that the parser cannot see."""

    who = "sender"


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _show_every_letter()
    try:
        sys.exit(_run())
    except HubError as error:
        _tell(str(error))
        sys.exit(WRONG_COMMAND if isinstance(error, WrongCommand) else FAILED)
    except KeyboardInterrupt:
        _tell("Stopped.")
        sys.exit(STOPPED)
    except OSError as error:
        # The system's own words for it; the whole text of the error may name a file.
        _tell(f"This machine refused ({error.strerror or type(error).__name__}): the operator must look why.")
        sys.exit(FAILED)
    except Exception as error:
        if os.environ.get("HUB_DEBUG") == "1":
            raise
        place = _place(error)
        _tell(f"A fault of the hub itself ({type(error).__name__} at {place}); HUB_DEBUG=1 shows all of it.")
        sys.exit(FAULT)


def _run() -> int:
    """Run it and return the exit code; what the parser refuses becomes a `WrongCommand`."""
    import typer

    from hub.cli.app import app

    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except _refused_by_parser() as error:
        raise WrongCommand(_usage(error)) from None
    if code == STOPPED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _refused_by_parser() -> type[Exception]:
    """Return click's UsageError, which has another home in each version of typer."""
    import typer

    return next(one for one in typer.BadParameter.__mro__ if one.__name__ == "UsageError")


def _usage(error: Exception) -> str:
    """Say in one sentence what the parser refused; it has no words of its own where a command is left out."""
    context = getattr(error, "ctx", None)
    said = " ".join(getattr(error, "format_message", error.__str__)().split()) or "No command is given"
    said = said.replace("Value error, ", "").split(", unable to parse")[0]
    return f"{said.rstrip('.')}: see `{context.command_path if context else 'hub'} --help`."


def _show_every_letter() -> None:
    """Show what the terminal's encoding lacks as an escape, instead of failing on somebody's name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _place(error: Exception) -> str:
    """Return file and line where an error was raised; its text may hold personal data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "?"
