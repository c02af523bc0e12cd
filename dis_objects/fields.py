from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    BigIntegerField = models.BigIntegerField[Any, Any]
else:  # Django's fields take type parameters only in the stubs
    BigIntegerField = models.BigIntegerField


class RecordKey(BigIntegerField):
    """The key that names a record within its district."""


class ParentKey(BigIntegerField):
    """The key of a parent record. Not a Django ForeignKey: the engine checks parents set-based, and a parent
    that is missing makes an error row instead of a failed statement (docs/adr/0004)."""

    def __init__(self, parent: str, *args: Any, **kwargs: Any) -> None:
        self.parent = parent
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.parent, *args], kwargs
