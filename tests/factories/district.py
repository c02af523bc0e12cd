import factory
from factory.django import DjangoModelFactory

from districts.models import District, SchoolYear, State, Zone


class StateFactory(DjangoModelFactory):
    class Meta:
        model = State
        django_get_or_create = ["code"]

    code = "NV"
    name = factory.LazyAttribute(lambda state: f"State of {state.code}")


class SchoolYearFactory(DjangoModelFactory):
    class Meta:
        model = SchoolYear
        django_get_or_create = ["end_year"]

    end_year = 2024


class ZoneFactory(DjangoModelFactory):
    class Meta:
        model = Zone

    school_year = factory.SubFactory(SchoolYearFactory)
    district = factory.SubFactory("tests.factories.district.DistrictFactory", zone=None)


class DistrictFactory(DjangoModelFactory):
    """A district with a zone, and without a database: `zone=None` leaves the zone out."""

    class Meta:
        model = District
        skip_postgeneration_save = True

    state = factory.SubFactory(StateFactory)
    # far from the numbers that tests give themselves
    number = factory.Sequence(lambda n: f"{n + 1001}")
    name = factory.Faker("city")
    time_zone = "America/Chicago"
    zone = factory.RelatedFactory(ZoneFactory, factory_related_name="district")
