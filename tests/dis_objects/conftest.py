import pytest

from district_data import databases


@pytest.fixture
def district_database(district):
    """A connection to a district's tables, all empty. What a test writes is rolled back."""
    with databases.open_writer(district) as database:
        yield database
        database.rollback()
