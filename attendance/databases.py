"""How the aggregation reaches a district's database: with its own role, which may write in one schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from attendance.exceptions import AggregationStopped, CredentialsRefused, NotPrepared
from districts.databases import connect, connection_parameters
from districts.exceptions import DistrictUnreachable
from districts.models import District

# JIT costs more than it gains: the statement is long, and its rows are few.
_SESSION = (
    "-c statement_timeout=280s -c lock_timeout=20s -c idle_in_transaction_session_timeout=120s"
    " -c search_path=public -c datestyle=ISO -c jit=off"
)


@contextmanager
def open_for_aggregation(district: District) -> Iterator[psycopg.Connection[Any]]:
    """A connection in one transaction: committed at the end, rolled back when an error leaves it.

    Raises DistrictNotConnected, NotPrepared, CredentialsRefused and AggregationStopped (trying again does not help),
    and DistrictUnreachable (may help). No text holds an address, a credential or a value.
    """
    try:
        with _connect(district) as database:
            yield database
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.InvalidSchemaName,
    ) as error:
        raise _not_prepared(district) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise _refused(district) from error
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as error:
        raise AggregationStopped(
            f"The aggregation of district {district.number} took too long, or something else writes the same rows. "
            "Try again in a quieter hour."
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DistrictUnreachable(
            f"The database of district {district.number} stopped answering during the aggregation. Start it again "
            "when the database runs."
        ) from error
    except psycopg.Error as error:
        raise AggregationStopped(
            f"The database of district {district.number} could not add the attendance up (error {error.sqlstate}). "
            "Tell the operator of Upstate."
        ) from error


def _connect(district: District) -> psycopg.Connection[Any]:
    if district.database_name and not district.aggregation_user:
        raise _not_prepared(district)
    parameters = connection_parameters(district) | {"user": district.aggregation_user}
    parameters.pop("password", None)
    if district.aggregation_password:
        parameters["password"] = district.aggregation_password
    options = f"{_SESSION} -c timezone={district.time_zone}"
    try:
        return psycopg.connect(**parameters, options=options)
    except psycopg.OperationalError as error:
        # Whoever only reads is let in: then it is not the database that fails. Raises DistrictUnreachable otherwise.
        connect(district).close()
        raise _refused(district) from error


def _not_prepared(district: District) -> NotPrepared:
    return NotPrepared(
        f"The database of district {district.number} is not prepared for the aggregation of attendance. The operator "
        "of Upstate prepares it: docs/attendance.md tells how."
    )


def _refused(district: District) -> CredentialsRefused:
    return CredentialsRefused(
        f"The database of district {district.number} does not let Upstate add attendance up: the role for it is "
        "refused, or lacks a right. The operator of Upstate checks its password and grants: docs/attendance.md."
    )
