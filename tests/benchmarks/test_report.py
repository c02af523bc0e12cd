"""What the benchmark tells of the runs that it made, and of those that it could not make."""

import io

import pytest
from rich.console import Console

from benchmarks import report
from benchmarks.measuring import Measured, Row
from benchmarks.peers import Unavailable, installing
from benchmarks.peers.installing import environment_of, timed


def row(who: str, *seconds: float, records: int = 1_000, case: str = "unchanged") -> Row:
    return Row(case, who, [Measured(each, records, peak=2**20, wal=2**21) for each in seconds])


def drawn(*rows: Row) -> str:
    console = Console(file=io.StringIO(), width=200)
    report.draw(rows, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("seconds", "median"), [((3.0,), "3.00"), ((1.0, 9.0, 2.0), "2.00"), ((1.0, 2.0), "1.50")], ids=str
)
def test_the_median_of_the_runs_is_told(seconds: tuple[float, ...], median: str) -> None:
    assert f" {median} " in drawn(row("somebody", *seconds))


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (row("tool", 8.0), "4.00"),
        (row("tool", 1.0), "0.50"),
        (row("tool", 8.0, records=500), "8.00"),
        (row("tool", 8.0, case="first load"), ""),
    ],
    ids=["slower", "faster", "half of the records", "no run of ours"],
)
def test_a_ratio_is_by_record_and_to_ours_in_the_same_case(theirs: Row, expected: str) -> None:
    assert report.ratio(theirs, [row(report.OURS, 2.0), theirs]) == expected


def test_a_tool_that_could_not_be_run_is_told_with_its_reason() -> None:
    missing = Row("first load", "tool", why_not="tool==9 cannot be installed: no such version")
    assert "not run: tool==9 cannot be installed: no such version" in drawn(missing)
    assert report.ratio(missing, [row(report.OURS, 2.0), missing]) == ""


def test_what_cannot_be_installed_says_why(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "_FOLDER", tmp_path)
    with pytest.raises(Unavailable, match=r"^/does/not/exist cannot be installed: "):
        environment_of("nothing", "/does/not/exist")


@pytest.mark.django_db(transaction=True)
def test_a_tool_that_fails_says_so_in_its_own_words() -> None:
    command = ["bash", "-c", "echo fine; echo 'ERROR: no such table'; echo bye; exit 3"]
    with pytest.raises(Unavailable, match="^bash failed: ERROR: no such table$"):
        timed(1, command)


@pytest.mark.django_db(transaction=True)
def test_a_tool_is_measured_with_all_that_it_starts() -> None:
    measured = timed(7, ["bash", "-c", "sleep 0.3 & wait"])
    assert (measured.records, measured.seconds > 0.25, measured.peak > 2**20) == (7, True, True)
