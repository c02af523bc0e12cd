"""A district with a history, people who sign in, and a browser that tolerates no error."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from districts.models import District, User
from resync.models import Batch
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.user import UserFactory

CHAIN = ("District", "School", "Calendar", "ScheduleStructure", "PersonIdentity", "Enrollment")
RESULTS = {
    "District": (1, 0),
    "School": (194, 11),
    "Calendar": (230, 11),
    "ScheduleStructure": (264, 11),
    "PersonIdentity": (114_609, 20),
    "Enrollment": (97_574, 41),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def district(transactional_db: None) -> District:
    return DistrictFactory(number="02", name="Campus")


@pytest.fixture
def admin(district: District) -> User:
    return UserFactory(username="district.admin", district=district)


@pytest.fixture
def history(district: District) -> Batch:
    """A resync that has ended: every colour, and plenty of objects that were never resynced."""
    batch = BatchFactory(district=district)
    for place, (name, (processed, errors)) in enumerate(RESULTS.items()):
        BatchObjectFactory(batch=batch, object=name, place=place, processed=processed, errors=errors)
    return batch


@dataclass
class Site:
    """The site in a browser, as one person sees it."""

    page: Page
    address: str
    context: BrowserContext
    problems: list[str] = field(default_factory=list)

    def sign_in(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address}]
        )

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def tick(self, name: str) -> None:
        self.page.locator(f"label[for=tick-{name}]").click()

    def ticked(self) -> list[str]:
        return self.page.locator("input[name=objects]:checked").evaluate_all(
            "all => all.map(box => box.value)"
        )

    def shown(self) -> list[str]:
        return self.page.locator("tr[data-object]:visible").evaluate_all(
            "all => all.map(row => row.dataset.object)"
        )

    def row(self, name: str) -> str:
        return " ".join(self.page.locator(f"#row-{name}").inner_text().split())


@pytest.fixture
def site(page: Page, context: BrowserContext, live_server: object, transactional_db: None) -> Iterator[Site]:
    """The site in a browser. Errors in the console, such as of the Content-Security-Policy, fail the test."""
    site = Site(page, str(live_server), context)
    page.set_default_timeout(10_000)

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            site.problems.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: site.problems.append(str(error)))
    yield site
    assert site.problems == []


@pytest.fixture
def batch_page(site: Site, admin: User, history: Batch) -> Site:
    site.sign_in(admin)
    site.open("/batch/")
    return site


@pytest.fixture
def running(district: District, admin: User) -> Callable[[], Batch]:
    """Starts a batch of three objects, as a worker would have it after its first chunk."""

    def start() -> Batch:
        batch = BatchFactory(district=district, status="running", requested_by=admin)
        for place, (name, status, processed) in enumerate(
            [("District", "completed", 1), ("School", "running", 50), ("Calendar", "queued", 0)]
        ):
            BatchObjectFactory(
                batch=batch,
                object=name,
                place=place,
                status=status,
                processed=processed,
                total=None if status == "queued" else max(processed, 1) * 2,
                parents=list(RESULTS)[:place],
            )
        return batch

    return start
