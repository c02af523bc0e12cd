class ResyncError(Exception):
    """Base of what can be wrong with a request. The text is a sentence for the person who asked."""


class ResyncRefused(ResyncError):
    """The request cannot be accepted as it is; nothing was changed."""


class SwitchRefused(ResyncError):
    """The zone cannot move to the next school year now; nothing was changed."""
