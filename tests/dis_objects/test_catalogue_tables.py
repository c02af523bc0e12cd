import pytest
from django.core.management import call_command
from django.db import IntegrityError

from dis_objects.actions import fill_catalogue
from dis_objects.catalogue import definitions
from dis_objects.models import DISDependency, DISObject, SyncField

pytestmark = pytest.mark.django_db


def contents():
    return (
        list(DISObject.objects.order_by("name").values()),
        sorted(DISDependency.objects.values_list("child_id", "parent_id")),
        sorted(SyncField.objects.values_list("object_id", "place", "name", "on_save", "in_batch")),
    )


def test_migrate_fills_the_objects_in_order():
    assert list(DISObject.objects.order_by("place").values_list("name", flat=True)) == list(definitions())
    assert [*DISObject.objects.order_by("place").values_list("place", flat=True)] == [
        *range(len(definitions()))
    ]


def test_migrate_fills_what_the_models_say():
    enrollment = DISObject.objects.get(name="Enrollment")
    assert (enrollment.table, enrollment.school_year_bound, enrollment.states) == ("enrollment", True, [])
    assert not DISObject.objects.get(name="PersonIdentity").school_year_bound
    assert DISObject.objects.get(name="SchoolMonth").states == ["NV"]
    assert not DISObject.objects.get(name="ReportingEntity").in_batch


def test_migrate_fills_the_dependencies():
    links = set(DISDependency.objects.values_list("child_id", "parent_id"))
    assert links == {(each.name, parent) for each in definitions().values() for parent in each.parents}


def test_migrate_fills_the_fields():
    for each in definitions().values():
        names = SyncField.objects.filter(object_id=each.name).order_by("place").values_list("name", flat=True)
        assert list(names) == [field.name for field in each.fields]


def test_filling_again_changes_nothing():
    before = contents()
    fill_catalogue()
    assert contents() == before


def test_filling_mends_what_was_changed_by_hand():
    before = contents()
    DISObject.objects.filter(name="School").update(place=9_000, states=["MN"])
    DISObject.objects.create(
        name="Wizard", place=9_001, table="wizard", school_year_bound=False, in_batch=True
    )
    DISDependency.objects.filter(child_id="Enrollment").delete()
    SyncField.objects.filter(object_id="Test").delete()
    fill_catalogue()
    assert contents() == before


def test_filling_swaps_places():
    before = contents()
    DISObject.objects.filter(name="District").update(place=9_000)
    DISObject.objects.filter(name="School").update(place=0)
    DISObject.objects.filter(name="District").update(place=1)
    fill_catalogue()
    assert contents() == before


@pytest.mark.parametrize("changes", [{"place": 0}, {"table": "district"}], ids=["place", "table"])
def test_database_refuses_a_second_object_with_the_same(changes):
    with pytest.raises(IntegrityError, match="unique"):
        DISObject.objects.filter(name="School").update(**changes)


def test_database_refuses_a_place_below_zero():
    with pytest.raises(IntegrityError, match="place"):
        DISObject.objects.filter(name="School").update(place=-1)


def test_database_refuses_an_object_as_its_own_parent():
    with pytest.raises(IntegrityError, match="no_object_is_its_own_parent"):
        DISDependency.objects.create(child_id="School", parent_id="School")


def test_database_refuses_the_same_parent_twice():
    with pytest.raises(IntegrityError, match="dependency_named_once"):
        DISDependency.objects.create(child_id="School", parent_id="District")


def test_database_refuses_the_same_field_twice():
    with pytest.raises(IntegrityError, match="sync_field_named_once"):
        SyncField.objects.create(object_id="School", name="name", place=99, on_save=True, in_batch=True)


def test_rows_name_themselves():
    assert str(DISObject.objects.get(name="School")) == "School"
    assert str(DISDependency.objects.get(child_id="School")) == "School needs District"
    assert str(SyncField.objects.get(object_id="School", name="zip")) == "School.zip"


def test_the_models_need_no_further_migration():
    call_command("makemigrations", "dis_objects", check=True, dry_run=True, verbosity=0)
