"""How long the command line takes before it does anything, beside typer, which it is built on.

`import hub.cli.app` is all commands, beside `import typer` alone. `hub --help` is the whole process, beside that of a
typer program with two commands that do nothing. Processes take turns, one round warms up, and the median counts.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.report import Ratio, report, wants_json

ROUNDS = 5
HEAVY = (
    "alembic",
    "cryptography",
    "httpcore",
    "httpx",
    "lxml",
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "structlog",
    "zeep",
)
SMALL_PROGRAM = """
import typer
app = typer.Typer()
@app.command()
def one(): "Do nothing."
@app.command()
def two(): "Do nothing either."
app()
"""
HUB_HELP = (str(Path(sysconfig.get_path("scripts")) / "hub"), "--help")


def imports(*arguments: str) -> dict[str, float]:
    """Run Python and return the milliseconds that each module took to import, without those it imports itself."""
    command = [sys.executable, "-X", "importtime", *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    rows = (line.removeprefix("import time:").split("|") for line in told.splitlines() if "[us]" not in line)
    return {row[2].strip(): int(row[0]) / 1000 for row in rows if len(row) == 3}


def import_milliseconds(*arguments: str) -> float:
    """Return the milliseconds that all imports of a program took together."""
    return sum(imports(*arguments).values())


def milliseconds(*arguments: str) -> float:
    """Return the milliseconds that a Python process took from beginning to end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return (time.perf_counter() - began) * 1000


def medians(measure: Callable[..., float], programs: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Measure programs in turn and return the median of each."""
    rounds = [{name: measure(*arguments) for name, arguments in programs.items()} for _ in range(ROUNDS + 1)]
    return {name: median(one[name] for one in rounds[1:]) for name in programs}


def main() -> None:
    """Measure and report."""
    as_json = wants_json(__doc__)
    imported = medians(import_milliseconds, {"hub": ("-c", "import hub.cli.app"), "typer": ("-c", "import typer")})
    whole = medians(milliseconds, {"hub": HUB_HELP, "small": ("-c", SMALL_PROGRAM, "--help")})
    loaded = imports(*HUB_HELP)
    heavy = [one for one in loaded if one in HEAVY or one.startswith("hub_")]
    ratios = [
        Ratio("import hub.cli.app / import typer", imported["hub"] / imported["typer"], "<= 2.0"),
        Ratio("hub --help / a small typer program --help", whole["hub"] / whole["small"], "<= 1.5"),
        Ratio("heavy modules loaded by hub --help", len(heavy), "<= 0"),
    ]
    notes = [
        f"imports: hub.cli.app {imported['hub']:.0f} ms, typer alone {imported['typer']:.0f} ms",
        f"process: hub --help {whole['hub']:.0f} ms, a small typer program {whole['small']:.0f} ms",
        f"heavy modules among the {len(loaded)} that hub --help loads: {', '.join(heavy) or 'none'}",
    ]
    report("startup", ratios, as_json=as_json, notes=notes)


if __name__ == "__main__":
    main()
