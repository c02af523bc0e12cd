"""What every record model must keep to, whoever adds one."""

import re

import pytest
from django.db import models
from django.db.models.fields import NOT_PROVIDED

from dis_objects.catalogue import definition, definitions, hierarchy, label, offered_in_batch
from dis_objects.fields import ParentKey, RecordKey

TYPES = {
    *(RecordKey, ParentKey),
    *(models.BigIntegerField, models.IntegerField, models.SmallIntegerField, models.DecimalField),
    *(models.CharField, models.TextField, models.UUIDField),
    *(models.DateField, models.DateTimeField, models.BooleanField),
}

every_object = pytest.mark.parametrize("known", definitions().values(), ids=definitions())


def field_names(known):
    return {field.name for field in known.fields}


@every_object
def test_parent_keys_name_objects_within_the_closure(known):
    assert {field.parent for field in known.parent_keys} <= set(hierarchy().parents(known.name))


@every_object
def test_a_parent_is_pointed_at_by_the_name_of_its_key(known):
    for field in known.parent_keys:
        key = definition(field.parent).key
        assert field.name == key or field.name.endswith(f"_{key}")


@every_object
def test_key_comes_first_and_there_is_one(known):
    assert [field.name for field in known.fields if isinstance(field, RecordKey)] == [known.key]
    assert known.fields[0].name == known.key
    assert not known.fields[0].null


@every_object
def test_primary_key_is_district_and_key(known):
    assert known.model._meta.pk.field_names == ("district_id", known.key)


@every_object
def test_table_is_the_name_in_snake_case(known):
    assert known.table.replace("_", "") == known.name.casefold()
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", known.table)


@every_object
def test_columns_are_of_the_types_that_the_engine_moves(known):
    assert {type(field) for field in known.fields} <= TYPES


@every_object
def test_columns_have_no_default(known):
    # The engine copies rows past Django: a default would only pretend that a missing value is filled in.
    for field in known.fields:
        assert field.default is NOT_PROVIDED
        assert field.db_default is NOT_PROVIDED


@every_object
def test_columns_are_named_as_in_the_database(known):
    assert [field.name for field in known.fields] == [field.column for field in known.fields]


@every_object
def test_nothing_is_enforced_row_by_row(known):
    assert not known.model._meta.constraints
    assert not any(field.unique for field in known.fields)


@every_object
def test_no_social_security_numbers(known):
    assert not [name for name in field_names(known) if re.search("ssn|social", name)]


@every_object
def test_school_year_is_a_required_small_number(known):
    if known.school_year is None:
        return
    field = known.model._meta.get_field(known.school_year)
    assert isinstance(field, models.SmallIntegerField)
    assert not field.null


@every_object
def test_named_fields_exist(known):
    named = {*known.verify, *known.batch_only, *known.save_only}
    assert named <= field_names(known)
    assert not set(known.batch_only) & set(known.save_only)


@every_object
def test_key_parents_and_school_year_always_sync(known):
    needed = {known.key, *(field.name for field in known.parent_keys)} | {known.school_year} - {None}
    assert not needed & {*known.batch_only, *known.save_only}


@every_object
def test_reads_name_objects(known):
    assert set(known.reads) <= definitions().keys() - {known.name}


@every_object
def test_docstring_says_what_a_record_is(known):
    assert (known.model.__doc__ or "").rstrip().endswith((".", ")"))


@pytest.mark.django_db
@every_object
def test_columns_need_no_quotes(known):
    # A DBA writes views with these columns by hand.
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")
        reserved = {word for (word,) in cursor.fetchall()}
    assert not reserved & {known.table, *field_names(known)}


def test_shown_as_district_and_key():
    model = definition("PersonIdentity").model
    assert str(model(district_id=3, person_id=27336)) == "PersonIdentity 27336"


@pytest.mark.parametrize(
    ("column", "shown"),
    [("person_id", "personID"), ("end_year", "endYear"), ("grade", "grade"), ("state_id", "stateID")],
)
def test_label_spells_a_column_as_the_screens_do(column, shown):
    assert label(column) == shown


def test_batch_offers_a_state_its_objects():
    offered = {each.name for each in offered_in_batch("NV")}
    assert {"SchoolMonth", "AdultEd", "Enrollment"} <= offered
    assert not {"LepKY", "CTEDataME", "ReportingEntity"} & offered
    assert "LepKY" in {each.name for each in offered_in_batch("KY")}


def test_batch_never_offers_what_is_retired():
    assert "ReportingEntity" not in {each.name for each in offered_in_batch("MT")}


def test_another_year_offers_only_what_belongs_to_a_year():
    offered = {each.name for each in offered_in_batch("NV", other_year=True)}
    assert {"Calendar", "Enrollment", "Roster"} <= offered
    assert not {"District", "School", "PersonIdentity", "Employment", "TestScore"} & offered


def test_batch_offers_parents_first():
    names = [each.name for each in offered_in_batch("NV")]
    assert names == list(hierarchy().sorted(names))


def test_batch_fields_leave_out_what_syncs_only_on_save(monkeypatch):
    person = definition("PersonIdentity")
    changed = type(person)(**(vars(person) | {"save_only": frozenset({"alias"})}))
    assert {field.name for field in person.fields} - {field.name for field in changed.batch_fields} == {
        "alias"
    }
