class InterchangeError(Exception):
    """Base of what stops an object as a whole. The text is a sentence; it holds names and codes, never a value."""


class DistrictTableError(InterchangeError):
    """The district's table is missing, lacks a column, may not be read, or has a key that is not a whole number."""


class DistrictQueryError(InterchangeError):
    """The district's database refused to deliver the records, for a reason that is not its shape."""


class StateMoved(InterchangeError):
    """A record of the state changed under a push that holds its lock: somebody writes past the locks. Try again."""
