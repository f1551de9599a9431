"""The command line: thin over `hub.Hub`. `main` is the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done · 1 refused or failed, nothing was changed · 2 wrong command line · 3 done, but something waits for a
person · 70 a fault of the hub itself.
"""

from __future__ import annotations

import os
import sys

from hub.errors import HubError

FAILED, WAITING, FAULT = 1, 3, 70


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        from hub.cli.app import app

        app(standalone_mode=True)
    except HubError as error:
        _tell(error.text)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        _tell("Stopped.")
        sys.exit(130)
    except Exception as error:
        if os.environ.get("HUB_DEBUG") == "1":
            raise
        place = _place(error)
        _tell(f"A fault of the hub itself ({type(error).__name__} at {place}); HUB_DEBUG=1 shows all of it.")
        sys.exit(FAULT)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _place(error: Exception) -> str:
    """Return file and line where an error was raised; its text may hold personal data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "?"
