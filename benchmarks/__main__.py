"""`python -m benchmarks`, as ./upstate bench calls it, on servers that were started for it."""

import argparse
import sys
from pathlib import Path

import django
from django.core.management import call_command
from rich.console import Console

from benchmarks import names

_WORDS = (*names.BY_WORD, "growth", "pages")


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    django.setup()
    call_command("migrate", verbosity=0)
    from benchmarks import cases, dataset, growth, pages, report  # noqa: PLC0415 (models need Django)
    from benchmarks.peers import chosen  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else 140)
    results = cases.Results(say=console.print)
    if wanted := frozenset(names.BY_WORD[each] for each in options.only if each in names.BY_WORD):
        for _ in range(options.runs):
            # Verifications take records away.
            data = dataset.make(options.scale)
            cases.run(data, chosen(options.peers), results, wanted)
    if "growth" in options.only:
        growth.run(options.scale, results)
    if "pages" in options.only:
        pages.run(options.scale, results)
    rows = list(results.rows.values())
    report.draw(rows, console)
    if options.json:
        Path(options.json).write_text(report.as_json(rows, options.scale))
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./upstate bench")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1.0 (the default) is about 1,000,000 records"
    )
    parser.add_argument("--runs", type=int, default=1, help="how often everything is run; medians are told")
    parser.add_argument(
        "--only", type=_words, default=[*names.BY_WORD], help=f"with commas between: {', '.join(_WORDS)}"
    )
    parser.add_argument("--peers", default="all", help="names with commas between, or none")
    parser.add_argument("--json", help="the file that gets every run")
    return parser.parse_args(arguments)


def _words(text: str) -> list[str]:
    words = text.split(",")
    if unknown := [each for each in words if each not in _WORDS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(_WORDS)}.")
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
