class CatalogueError(Exception):
    """Base of what can be wrong with the catalogue. The text is a sentence for the person who asked."""


class HierarchyError(CatalogueError):
    """The parents of the objects do not form a hierarchy: a cycle, or a parent that does not exist."""


class UnknownObject(CatalogueError):
    """No DIS object has this name."""


class SettingsRefused(CatalogueError):
    """The settings of an object's fields cannot be so, or somebody else has changed them meanwhile."""
