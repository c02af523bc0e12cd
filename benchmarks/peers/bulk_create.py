"""Django's own upsert, in this process: what one would write first."""

import os
from itertools import islice

from django.db import connection, transaction

from benchmarks import names
from benchmarks.dataset import Dataset
from benchmarks.measuring import Measured, ask, measuring, resident
from benchmarks.peers import Peer, tables
from dis_objects.catalogue import ObjectDefinition, definition
from districts.databases import open_district

# Of the whole set it would take minutes; the ratio is by record.
_OBJECTS = ("PersonIdentity", "Enrollment")
_BATCH = 2_000
_SCHEMA = "peer_django"


class BulkCreate(Peer):
    name = "Django bulk_create, 2 objects"
    cases = names.RESYNCS

    def run(self, case: str, data: Dataset) -> Measured:
        if case == names.FIRST:
            tables.empty_target(_SCHEMA)
            for name in _OBJECTS:
                table = definition(name).table
                ask(f"CREATE TABLE {_SCHEMA}.{table} (LIKE public.{table} INCLUDING ALL)")
        tables.settle_target(_SCHEMA)
        with measuring(0) as measured, transaction.atomic(), connection.cursor() as cursor:
            # The models' tables are found in the other schema for the length of this transaction.
            cursor.execute(f"SET LOCAL search_path = {_SCHEMA}, public")
            measured.records = sum(_upsert(definition(name), data) for name in _OBJECTS)
            measured.peak = resident(os.getpid())
        return measured


def _upsert(known: ObjectDefinition, data: Dataset) -> int:
    names_of = [field.name for field in known.fields]
    done = 0
    with open_district(data.district) as database, database.cursor(name="rows") as rows:
        rows.execute(f"SELECT {', '.join(names_of)} FROM sound.{known.table}")
        while batch := list(islice(rows, _BATCH)):
            known.model._default_manager.bulk_create(
                [
                    known.model(district_id=data.district.pk, **dict(zip(names_of, row, strict=True)))
                    for row in batch
                ],
                update_conflicts=True,
                unique_fields=["district_id", known.key],
                update_fields=names_of[1:],
            )
            done += len(batch)
    return done
