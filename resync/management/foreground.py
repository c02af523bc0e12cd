"""Work on batches in the foreground, for the commands that wait for their end."""

import time
from collections.abc import Callable
from contextlib import nullcontext

from django.db.models import QuerySet
from rich.console import Console, RenderableType
from rich.live import Live

from resync import actions, chunks
from resync.choices import OPEN_BATCH
from resync.models import Batch, BatchObject
from resync.queries import runnable_objects

_PAUSE_SECONDS = 0.2
# How many objects are tried before the screen is drawn again; workers may hold any of them.
_TRIED_AT_ONCE = 50


def work_on(batches: QuerySet[Batch], table: Callable[[], RenderableType], *, quiet: bool) -> None:
    """Works on the batches until they end; workers, if there are any, work beside it. `table` tells how far they are,
    for a terminal."""
    console = Console()
    live = (
        nullcontext()
        if quiet or not console.is_terminal
        else Live(console=console, refresh_per_second=4, transient=True)
    )
    with live as screen:
        while batches.filter(status__in=OPEN_BATCH).exists():
            worked = _push_one_chunk(batches)
            if screen is not None:
                screen.update(table())
            if not worked:
                actions.sweep()
                time.sleep(_PAUSE_SECONDS)


def _push_one_chunk(batches: QuerySet[Batch]) -> bool:
    """Pushes a chunk of the first object that is free. Returns False when there is nothing to do at the moment."""
    waiting = runnable_objects().filter(batch__in=batches.all()).order_by("batch_id", "place")
    for each in waiting[:_TRIED_AT_ONCE]:
        before = each.changed_at
        chunks.push_next_chunk(each.pk)
        if BatchObject.objects.filter(pk=each.pk, changed_at__gt=before).exists():
            return True
    return False


def as_text(*parts: RenderableType) -> str:
    console = Console()
    with console.capture() as captured:
        for part in parts:
            console.print(part, highlight=False)
    return captured.get()
