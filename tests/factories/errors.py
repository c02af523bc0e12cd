import factory
from factory.django import DjangoModelFactory

from interchange.models import ErrorLogEntry, RecordError
from tests.factories.district import DistrictFactory, SchoolYearFactory


class RecordErrorFactory(DjangoModelFactory):
    """An enrollment whose person is not at the state."""

    class Meta:
        model = RecordError

    district = factory.SubFactory(DistrictFactory)
    object = "Enrollment"
    school_year = factory.SubFactory(SchoolYearFactory)
    key = factory.Sequence(lambda n: n + 1)
    code = "MISSING_PARENT"
    field = "person_id"
    parent_key = 211


class ErrorLogEntryFactory(DjangoModelFactory):
    class Meta:
        model = ErrorLogEntry

    district = factory.SubFactory(DistrictFactory)
    object = "School"
    code = "OBJECT_FAILED"
    sentence = "The district's database has no table or view school. Create it, then resync School."
