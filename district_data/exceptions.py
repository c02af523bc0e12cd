from districts.exceptions import DistrictError


class NumberRefused(DistrictError):
    """What somebody wants to call a district is no number of a district."""


class DatabaseRefused(DistrictError):
    """The server does not let Upstate create a district's database or role. Somebody has to grant it."""


class DatabaseNotOurs(DistrictError):
    """The district's database was not made by Upstate, so Upstate only reads it."""


class DatabaseUnwritable(DistrictError):
    """The district's database could not be opened for writing."""


class DatabaseBusy(DistrictError):
    """Somebody else fills or reads the district's tables. Trying again later helps."""


class TablesInUse(DistrictError):
    """Something in the database was built on the canonical tables, so they are not replaced."""


class NotADemo(Exception):
    """The demo was asked for where it has no place. The text is a sentence for the person who asked."""
