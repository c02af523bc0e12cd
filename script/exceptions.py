class LaunchError(Exception):
    """Something a person has to mend. Its text is shown as it is: what happened, and what to do next."""


class DataInUse(LaunchError):
    """Another process owns the servers of a data folder."""
