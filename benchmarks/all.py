"""Runs every benchmark of this folder and prints one table; ends with 1 if a goal is missed or a benchmark fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Ratio, table

FOLDER = Path(__file__).resolve().parent
NO_BENCHMARKS = {"all", "report"}


def names() -> list[str]:
    """Return the benchmarks of this folder."""
    return sorted(one.stem for one in FOLDER.glob("*.py") if one.stem not in NO_BENCHMARKS)


def run(name: str) -> list[Ratio] | None:
    """Run one benchmark in a process of its own and return its ratios, None if it failed or reported none."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--json"]
    done = subprocess.run(command, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True)
    try:
        ratios = [Ratio(**one) for one in json.loads(done.stdout.splitlines()[-1])["ratios"]]
    except (IndexError, KeyError, TypeError, ValueError):  # it ended with something else than its report
        return None
    return ratios if done.returncode == 0 else None


def main() -> None:
    """Run all, show the table, and end with the exit code."""
    found = {name: run(name) for name in names()}
    print(table([(name, ratio) for name, ratios in found.items() for ratio in ratios or ()]))
    failed = [name for name, ratios in found.items() if ratios is None]
    for name in failed:
        print(f"{name} failed or reported nothing: see above, or run benchmarks/{name}.py")
    missed = [ratio for ratios in found.values() for ratio in ratios or () if not ratio.met]
    sys.exit(1 if failed or missed else 0)


if __name__ == "__main__":
    main()
