class SelectiveSyncError(Exception):
    """Base of what can be wrong with a selective sync. The text is a sentence for the person who asked."""


class SelectiveSyncRefused(SelectiveSyncError):
    """The request cannot be accepted as it is; nothing was changed."""


class SearchRefused(SelectiveSyncError):
    """The search for IDs cannot be done as it is."""
