"""What a worker tells of an attempt that failed, and whether it helps to try again.

The text of an error may hold values of a record, so none of it is told: only our own sentences, codes, and where a
fault of ours was met.
"""

import logging
import traceback
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from django.db import Error as DatabaseError

from districts.exceptions import DistrictError, DistrictUnreachable
from interchange.exceptions import InterchangeError, StateMoved

_log = logging.getLogger(__name__)

# How long work waits for what does not answer, attempt by attempt; after the last it fails.
RETRY_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 240))


@dataclass(frozen=True)
class Failure:
    """`reason` is a sentence for the person who asked. A fault of ours is tried again too: without an end to the
    attempts what it belongs to would never end."""

    reason: str
    may_help_to_retry: bool


def failure_of(error: Exception, what: str) -> Failure:
    """`what` names the piece of work in the log, as "Batch object 7". The caller's transaction has been rolled back."""
    if isinstance(error, DistrictUnreachable):
        return Failure(str(error), may_help_to_retry=True)
    if isinstance(error, psycopg.Error | DatabaseError | StateMoved):
        return Failure(_of_state(error, what), may_help_to_retry=True)
    if isinstance(error, DistrictError | InterchangeError):
        return Failure(str(error), may_help_to_retry=False)
    return Failure(_of_ours(error, what), may_help_to_retry=True)


def _of_state(error: Exception, what: str) -> str:
    state = (
        getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or type(error).__name__
    )
    _log.warning("%s: the state's database refused (error %s).", what, state)
    return f"The state's database refused (error {state}). Tell the operator of Upstate."


def _of_ours(error: Exception, what: str) -> str:
    place, name = traceback.extract_tb(error.__traceback__)[-1], type(error).__name__
    _log.error("%s: %s in %s, line %s.", what, name, place.filename, place.lineno)
    return f"An unexpected error stopped it ({name}). Tell the operator of Upstate."
