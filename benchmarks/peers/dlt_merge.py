"""Run by dlt's own Python: brings tables from one PostgreSQL database to another, upserting by their keys."""

import sys

import dlt
from dlt.sources.sql_database import sql_database


def main(folder: str, source: str, source_schema: str, target: str, target_schema: str, *tables: str) -> None:
    keys = dict(each.split("=") for each in tables)
    records = sql_database(
        source, schema=source_schema, table_names=list(keys), backend="connectorx", include_views=True
    )
    for table, key in keys.items():
        records.resources[table].apply_hints(
            primary_key=key, write_disposition={"disposition": "merge", "strategy": "upsert"}
        )
    pipeline = dlt.pipeline(
        "upstate_bench",
        destination=dlt.destinations.postgres(target),
        dataset_name=target_schema,
        pipelines_dir=folder,
    )
    pipeline.run(records, loader_file_format="csv")


if __name__ == "__main__":
    main(*sys.argv[1:])
