"""100 open status tables that ask every 2 seconds, on the web server of `./upstate up`, while batches run."""

import csv
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse

from benchmarks import dataset, ours
from benchmarks.cases import Results
from benchmarks.measuring import Measured
from benchmarks.peers import Unavailable
from benchmarks.peers.installing import environment_of
from config.celery import Queues
from districts.models import District, User
from resync.actions import send_resync
from resync.plan import offered_names
from script.bench import free_port
from script.processes import wait_until
from script.up import commands

POLLERS = 100
_SECONDS = 60
# Opening a page costs thirty times as much as a poll: what is measured begins when all have opened theirs.
_OPENED_A_SECOND = 5
# Small chunks, so that the table changes all the time.
_CHUNK_RECORDS = "4000"
_WHO = f"{POLLERS} pollers"


def run(scale: float, results: Results) -> None:
    try:
        locust = environment_of("locust", "locust==2.47.0") / "locust"
    except Unavailable as reason:
        results.cannot("status table, p95", _WHO, str(reason))
        return
    data = dataset.make(scale)
    os.environ["UPSTATE_CHUNK_RECORDS"] = _CHUNK_RECORDS
    with tempfile.TemporaryDirectory() as folder, _web() as port, ours.workers(1, Queues.BATCH):
        try:
            told = list(_poll(locust, port, Path(folder), data.district))
        except Unavailable as reason:
            results.cannot("status table, p95", _WHO, str(reason))
            return
    for case, who, seconds, count in told:
        results.add(case, who, Measured(seconds=seconds, records=count))


def _poll(locust: Path, port: int, folder: Path, district: District) -> Iterator[tuple[str, str, float, int]]:
    (folder / "sessions.json").write_text(json.dumps(_sessions(district)))
    command = [str(locust), "-f", str(Path(__file__).with_name("pollers.py")), "--headless", "--only-summary"]
    users = ["-u", str(POLLERS), "-r", str(_OPENED_A_SECOND), "--reset-stats"]
    load = [*users, "-t", f"{POLLERS // _OPENED_A_SECOND + _SECONDS}s", "--csv", str(folder / "told")]
    log = folder / "log"
    process = subprocess.Popen(
        [*command, *load, "--host", f"http://127.0.0.1:{port}"],
        env=os.environ | {"UPSTATE_BENCH_SESSIONS": str(folder / "sessions.json")},
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
    )
    while process.poll() is None:
        _keep_busy(district)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
    if not (folder / "told_stats.csv").exists():
        raise Unavailable(f"locust failed: {log.read_text().strip().splitlines()[-1]}")
    return _told(folder / "told_stats.csv")


def _keep_busy(district: District) -> None:
    """One batch of every object runs and one waits, so that an open page has always something to follow."""
    while district.batches.filter(ended_at=None).count() < 2:
        year = district.zone.school_year
        objects = sorted(offered_names(district, year))
        send_resync(district=district, school_year=year, objects=objects, check_dependencies=False, by=None)


def _told(path: Path) -> Iterator[tuple[str, str, float, int]]:
    """Twice: from the sending of a poll, as a browser meets it, which sends none before the last one is answered; and
    from when the poll was due, which does not spare a server that lags behind."""
    with path.open(newline="") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    if "poll" not in rows:
        raise Unavailable("No page offered to poll its status table.")
    errors = sum(int(rows[name]["Failure Count"]) for name in ("page", "poll") if name in rows)
    for name, since in (("poll", "sent"), ("poll, since due", "due")):
        for quantile in ("50%", "95%", "99%"):
            seconds, count = float(rows[name][quantile]) / 1000, int(rows[name]["Request Count"])
            yield f"status table, p{quantile[:-1]} since {since}", f"{_WHO}, {errors} errors", seconds, count


def _sessions(district: District) -> dict[str, object]:
    """Signed-in sessions, one for each poller, of people of the district who may do everything."""
    engine = import_module(settings.SESSION_ENGINE)
    keys = []
    for number in range(POLLERS):
        user, _ = User.objects.get_or_create(
            username=f"bench{number}", defaults={"district": district, "is_superuser": True}
        )
        session = engine.SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        keys.append(session.session_key)
    return {"cookie": settings.SESSION_COOKIE_NAME, "keys": keys, "page": reverse("batch")}


@contextmanager
def _web() -> Iterator[int]:
    """The web server as `./upstate up` starts it."""
    port = free_port()
    process = subprocess.Popen(commands(port)["web"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("HEAD", "/")
            return connection.getresponse().status < 500
        except OSError:
            return False

    try:
        if not wait_until(answers, 60):
            sys.exit("The web server did not answer within 60 seconds.")
        yield port
    finally:
        process.terminate()
        process.wait()
