class DistrictError(Exception):
    """Base of what can be wrong with a district. The text is a sentence for the person who asked."""


class DistrictUnreachable(DistrictError):
    """The district's database does not answer. Trying again later may help."""


class DistrictNotConnected(DistrictError):
    """No database is entered for the district. Trying again does not help."""


class ChangeRefused(Exception):
    """A rule forbids this change of users, groups or rights. The text is a sentence for the person who asked."""
