class EdFiError(Exception):
    """Base of what can be wrong with a load. The text is a sentence with file and line, never with a
    value.
    """


class FolderUnusable(EdFiError):
    """The folder is not there, cannot be read, or holds no XML file."""


class FileUnreadable(EdFiError):
    """A file cannot be read, or is not well-formed XML."""


class NotEdFi(EdFiError):
    """A file is XML, but no Ed-Fi interchange of a dialect that is known here."""


class SchoolYearUnclear(EdFiError):
    """The files do not say which school year to load, or say another one than was asked for."""


class DistrictUnnamed(EdFiError):
    """The district does not exist yet, and the files do not say its name."""


class KeyCollision(EdFiError):
    """Two different identities in the files come to the same key."""


class RowsRefused(EdFiError):
    """The district's database did not take the rows."""
