"""What every record model says about its DIS object, on top of its Django fields.

Each record model has an inner class `Dis(DisOptions)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models

ALL_STATES: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exclusion:
    """A rule that keeps a record from the state. The attempt to sync it counts as an error (seed 000).

    `code` is stable and shown in the logs. `sentence` tells a person what keeps the record back and what to
    do; it never holds a value. `condition` is SQL that is true for an excluded record; it runs in the
    district's database, where `r` is the record and every other canonical table may be read. `%(end_year)s`
    is the school year of the resync, also for an object that is not bound to one. Any other percent sign is
    written twice.
    """

    code: str
    sentence: str
    condition: str


class DisOptions:
    """What an inner class `Dis` may say.

    parents       immediate parent objects in the hierarchy
    school_year   the column that holds the end year, if the object belongs to a school year
    states        codes of the states that the object applies to; empty for all
    in_batch      whether Resync State Data - Batch offers it
    position      its place among the objects that are free to go next; the screens' order (seeds 000 and 003)
    aliases       other spellings in the documents
    batch_only    fields that sync in a batch but not on save
    save_only     fields that sync on save but not in a batch
    verify        fields that a verification compares; all synced fields when empty
    reads         other objects whose district tables its exclusions read
    exclusions    why a record may not sync
    """

    parents: Sequence[str] = ()
    school_year: str | None = None
    states: Sequence[str] = ALL_STATES
    in_batch: bool = True
    position: int = 100
    aliases: Sequence[str] = ()
    batch_only: Sequence[str] = ()
    save_only: Sequence[str] = ()
    verify: Sequence[str] = ()
    reads: Sequence[str] = ()
    exclusions: Sequence[Exclusion] = ()


class Record(models.Model):
    """One row of a DIS object in the state store, keyed (district, key).

    The district's own table or view has the same name and columns, without `district_id`. That is a plain number: a
    foreign key's trigger costs two thirds of the engine's speed, and a hundred relations to one model cost a
    migration half a minute.
    """

    district_id = models.BigIntegerField()

    class Meta:
        abstract = True

    Dis: type[DisOptions] = DisOptions

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk[1]}"
