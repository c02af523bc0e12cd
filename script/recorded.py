"""`python -m script.recorded RECORD SIGNAL COMMAND`: writes down who it is, then becomes the command.

So there is no moment in which a server runs and nothing says so, whoever is killed when.
"""

import os
import sys
from pathlib import Path

from script.processes import Record, die_with_parent


def main(arguments: list[str]) -> None:
    record, dies_by, *command = arguments
    if int(dies_by):
        die_with_parent(int(dies_by))
    Record.of_this_process(command[0]).save(Path(record))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
