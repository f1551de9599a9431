"""The demonstration and the README: both end with a file, its receipt and white timecards."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hub.testing.shell import HUB, environment

PROVIDER = "connexie"
README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    """What `hub demo --provider … --json` prints."""
    command = [HUB, "demo", "--provider", PROVIDER, "--json"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def test_the_file_holds_exactly_the_rows_that_were_worked_out_by_hand(outcome: dict[str, Any]) -> None:
    """Two evenings of seven hours; the person who moves to another payroll on the 16th has the days before only."""
    (file,) = outcome["files"]
    dates = ["2026-10-01", "2026-10-31"]
    people = {"L": ["123456782", "Lieve Molenweg"], "A": ["111222333", "Abel van Sluiswijk"]}
    people["W"] = ["012345672", "Wout Heidehof"]
    expected = [
        ("L", "dagen", "2"),
        ("L", "maaltijden", "2"),
        ("L", "toeslag nacht 25%", "3"),
        ("L", "uren", "14"),
        ("A", "dagen", "2"),
        ("A", "reiskosten", "13.8"),
        ("A", "uren", "16"),
        ("W", "dagen", "1"),
        ("W", "uren", "6"),
    ]
    assert file["rows"][0] == ["BSN", "Naam", "Van", "Tot en met", "Code", "Aantal"]
    assert file["rows"][1:] == [[*people[who], *dates, code, amount] for who, code, amount in expected]
    assert (file["receipt"]["rows"], file["receipt"]["layout_status"]) == (9, "unverified")


def test_every_timecard_is_white_or_says_why_not(outcome: dict[str, Any]) -> None:
    """Five of six: the last is run by a payroll that this company has not switched on."""
    reasons = {one["timecard"]: one["reason"] for one in outcome["timecards_left"]}
    assert outcome["timecards_exported"] == 5
    assert reasons == {
        "CT-06": "the contract of C-03 on 2026-10-20 is run by horecalonen, which is not switched on",
    }


def test_the_readme_ends_with_a_white_timecard_and_a_file_with_its_receipt(tmp_path: Path) -> None:
    """Executed as it is written, in an empty folder."""
    (block,) = re.findall(r"^```sh\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    path = f"{Path(HUB).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-ec", block], cwd=tmp_path, env=environment(PATH=path), capture_output=True, text=True, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"T-1 .* 510 .* white", done.stdout)
    names = sorted(one.name for one in tmp_path.glob(f"{PROVIDER}-*"))
    extension = "xlsx" if PROVIDER == "connexie" else "csv"
    assert names == [f"{PROVIDER}-2026-10-01-2026-10-31-run1-v1.{extension}{more}" for more in ("", ".receipt.json")]
