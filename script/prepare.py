"""`python -m script.prepare [demo]`: brings the database up to date; prints how to sign in to the demo."""

import sys

import django
from django.core.management import CommandError, call_command
from django.db import OperationalError


def main(arguments: list[str]) -> int:
    # All in one process: the longest of it is the start of Django.
    django.setup()
    try:
        # With the checks, which refuse a production start on the demo's accounts.
        call_command("migrate", verbosity=0, skip_checks=False)
        if "demo" in arguments:
            call_command("fill_demo")
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    except OperationalError as error:
        print(f"The database cannot be used. Check DATABASE_URL.\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
