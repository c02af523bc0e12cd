"""`python -m script COMMAND`, as ./upstate calls it."""

import os
import sys

from script import bench, check, manage, up
from script.exceptions import LaunchError


def main(command: str, arguments: list[str]) -> int:
    if command == "test":
        # In the place of this process: pytest then gets Ctrl+C and the terminal at first hand.
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])
    commands = {"up": up.main, "check": check.main, "manage": manage.main, "bench": bench.main}
    try:
        return commands[command](arguments)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
