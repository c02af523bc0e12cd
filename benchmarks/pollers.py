"""What Locust runs: people whose page asks every 2 seconds what has changed, as htmx does."""

import html
import json
import os
import re
from itertools import cycle
from pathlib import Path

from locust import HttpUser, constant_throughput, task

_KNOWN = json.loads(Path(os.environ["UPSTATE_BENCH_SESSIONS"]).read_text())
_KEYS = cycle(_KNOWN["keys"])
_LIVE = re.compile(r'hx-get="(/batch/[^"]*live[^"]*)"')


class Poller(HttpUser):
    wait_time = constant_throughput(0.5)

    def on_start(self) -> None:
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
        if answer.status_code == 286:
            self.live = ""
        elif answer.status_code == 200:
            self._look(answer.text)

    def _look(self, text: str) -> None:
        found = _LIVE.search(text)
        self.live = html.unescape(found.group(1)) if found else ""
