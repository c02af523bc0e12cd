"""What Locust runs: people whose page asks every 2 seconds what has changed, as htmx does."""

import html
import json
import os
import random
import re
import time
from itertools import cycle
from pathlib import Path

from locust import HttpUser, task

_KNOWN = json.loads(Path(os.environ["UPSTATE_BENCH_SESSIONS"]).read_text())
_KEYS = cycle(_KNOWN["keys"])
_LIVE = re.compile(r'hx-get="(/batch/[^"]*live[^"]*)"')

SECONDS = 2.0


class Poller(HttpUser):
    def wait_time(self) -> float:
        """Until the next poll is due. One that is late is not left out: its lateness counts."""
        self.due += SECONDS
        return max(0.0, self.due - time.monotonic())

    def on_start(self) -> None:
        # People open their pages at any moment, but Locust starts its users in bunches.
        self.due = time.monotonic() + random.uniform(0, SECONDS)
        self.client.cookies.set(_KNOWN["cookie"], next(_KEYS))
        self.live = ""

    @task
    def poll(self) -> None:
        if not self.live:
            self._look(self.client.get(_KNOWN["page"], name="page").text)
            return
        with self.client.get(
            self.live, headers={"HX-Request": "true"}, name="poll", catch_response=True
        ) as answer:
            if answer.status_code not in (200, 204, 286):
                answer.failure(f"status {answer.status_code}")
                return
            answer.success()
        self._tell_lateness()
        if answer.status_code == 286:
            self.live = ""
        elif answer.status_code == 200:
            self._look(answer.text)

    def _tell_lateness(self) -> None:
        """Locust counts from when a request is sent, which spares a server that makes its callers wait."""
        self.environment.events.request.fire(
            request_type="GET",
            name="poll, since due",
            response_time=(time.monotonic() - self.due) * 1000,
            response_length=0,
            exception=None,
            context={},
        )

    def _look(self, text: str) -> None:
        found = _LIVE.search(text)
        self.live = html.unescape(found.group(1)) if found else ""
