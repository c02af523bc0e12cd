class VerificationError(Exception):
    """Base of what can be wrong with a request. The text is a sentence for the person who asked."""


class VerificationRefused(VerificationError):
    """The request cannot be accepted as it is; nothing was changed."""
