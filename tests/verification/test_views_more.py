"""The report in its formats, the settings, and what the pages of other tools show of verifications."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from audit.choices import Action
from audit.models import AuditEntry
from districts.choices import Tool
from districts.models import District, User
from interchange.choices import DifferenceKind
from interchange.models import RecordError
from process_alerts.models import AlertRecipient
from reports.document import KeyList, Table
from reports.models import Report
from reports.registry import builder_of
from resync.requests import request_resync
from tests.audit.entries import deeds
from tests.conftest import DistrictDatabase
from tests.factories.batch import BatchFactory, BatchObjectFactory
from tests.factories.district import DistrictFactory
from tests.factories.errors import RecordErrorFactory
from tests.factories.user import UserFactory
from tests.factories.verification import VerificationDifferenceFactory, VerificationResultFactory
from tests.pages import page_text, text_of
from tests.resync.conftest import run
from tests.verification.conftest import Verify
from tests.verification.test_views import person
from verification import report
from verification.models import VerificationResult
from verification.queries import current_settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def campus() -> District:
    return DistrictFactory(number="02", name="Campus")


@pytest.fixture
def admin(campus: District, client: Client) -> User:
    user: User = UserFactory(district=campus, rights="", everywhere="RWAD")
    client.force_login(user)
    return user


@pytest.fixture
def enrollment(campus: District) -> VerificationResult:
    """Two records are not at the state, one of them expected; one differs in two fields."""
    result: VerificationResult = VerificationResultFactory(
        run__district=campus, at_district=100, not_at_state=2, differences=1
    )
    for key in (11, 12):
        VerificationDifferenceFactory(result=result, key=key)
    VerificationDifferenceFactory(
        result=result, key=7, kind=DifferenceKind.DIFFERENCE, fields=["grade", "end_status"]
    )
    RecordErrorFactory(district=campus, key=12)
    return result


# ---- Report --------------------------------------------------------------------------------------------------


def document_for(user: User, district: District, subject: VerificationResult):  # type: ignore[no-untyped-def]
    builder = builder_of(report.KIND)
    assert builder
    return builder.build(
        Report(kind=report.KIND, district=district, subject_id=subject.pk, requested_by=user)
    )


def test_the_document_has_the_counts_then_the_keys_by_kind(
    campus: District, admin: User, enrollment: VerificationResult
) -> None:
    document = document_for(admin, campus, enrollment)
    counts, at_state, differences = document.sections
    assert isinstance(counts.blocks[0], Table)
    assert counts.blocks[0].rows == [
        ["Enrollment", "97.00%", "01/09/2024 06:16:57 AM", "100", "100", "98", "2", "0", "1", "0", "3"]
    ]
    assert at_state.heading == "Enrollment: Not at State"
    assert isinstance(at_state.blocks[0], KeyList)
    assert list(at_state.blocks[0].keys) == [11, 12]
    assert at_state.intro.startswith("2 records, by enrollmentID.")
    assert "Of 1 of them" in at_state.intro
    assert isinstance(differences.blocks[0], Table)
    assert differences.blocks[0].rows == [["7", "grade, endStatus"]]
    assert ("Overall Accuracy", "97.00%") in document.facts


def test_more_keys_than_anybody_reads_are_left_to_the_csv(
    campus: District, admin: User, enrollment: VerificationResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST_KEYS", 1)
    monkeypatch.setattr(report, "MOST_ROWS", 0)
    _, at_state, differences = document_for(admin, campus, enrollment).sections
    assert list(at_state.blocks[0].keys) == [11]
    assert "The first 1 are listed; the CSV has more." in at_state.intro
    assert isinstance(differences.blocks[0], KeyList)


def test_a_report_is_asked_for_and_offered_on_its_page(
    client: Client, campus: District, admin: User, enrollment: VerificationResult
) -> None:
    assert "Verification Summary Report" in page_text(client.get("/verification/"))
    page = client.post("/verification/02/report/", {"report_format": "pdf"}, follow=True)
    asked = Report.objects.get()
    assert (asked.kind, asked.subject_id, asked.requested_by) == (report.KIND, enrollment.pk, admin)
    assert "The PDF is being prepared" in page_text(page)
    builder = builder_of(report.KIND)
    assert builder
    assert builder.page_url(asked) == "/verification/02/report/?year=2024"
    assert builder.file_name(asked).startswith("verification-summary-02-2024")
    assert builder.may_see(admin, asked)
    assert not builder.may_see(admin, Report(district=campus, subject_id=enrollment.pk + 1))


@pytest.mark.parametrize("rights", ["R", "RAD"])
def test_reports_take_the_right_write(
    client: Client, campus: District, enrollment: VerificationResult, rights: str
) -> None:
    client.force_login(person(campus, (Tool.VERIFICATION, rights)))
    assert "Verification Summary Report" not in page_text(client.get("/verification/"))
    assert client.get("/verification/02/report/").status_code == 403
    assert client.post("/verification/02/report/csv/").status_code == 403
    assert not deeds().exists()


def test_the_csv_has_every_count_and_key_and_is_recorded(
    client: Client, campus: District, admin: User, enrollment: VerificationResult
) -> None:
    answer = client.post("/verification/02/report/csv/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    head, *rows = list(csv.reader(io.StringIO(text)))
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(line["Kind"], line["Key"], line["Fields"]) for line in lines] == [
        ("Counts", "", ""),
        ("Not at State", "11", ""),
        ("Not at State", "12", ""),
        ("Differences", "7", "grade, endStatus"),
    ]
    assert (lines[0]["Distinct"], lines[0]["Total Errors"], lines[0]["Accuracy"]) == ("100", "3", "97.00")
    assert lines[0]["Verified"] == "2024-01-09 06:16:57"
    assert "PersonIdentity 211" in lines[2]["Expected because"]
    entry = AuditEntry.objects.get(action=Action.EXPORTED)
    assert (entry.by, entry.district, entry.count) == (admin, campus, 4)
    assert "attachment" in answer["Content-Disposition"]


def test_a_negative_key_in_the_csv_is_a_number_and_no_formula(
    client: Client, campus: District, admin: User, enrollment: VerificationResult
) -> None:
    """A cell is a formula for a spreadsheet only where it is text; keys stay numbers."""
    VerificationDifferenceFactory(result=enrollment, key=-5)
    text = b"".join(client.post("/verification/02/report/csv/").streaming_content).decode()  # type: ignore[arg-type]
    assert ",-5," in text
    assert not re.search(r'(^|,)"?[=+@]', text, re.MULTILINE)


def test_without_a_verification_there_is_nothing_to_report(
    client: Client, campus: District, admin: User
) -> None:
    assert "nothing to report" in page_text(client.get("/verification/02/report/"))
    assert "nothing to download" in page_text(client.post("/verification/02/report/csv/", follow=True))
    client.post("/verification/02/report/", {"report_format": "pdf"})
    assert not Report.objects.exists()
    assert not deeds().exists()


# ---- Settings ------------------------------------------------------------------------------------------------

WANTED = {
    "districts_may_verify": "on",
    "nightly": "on",
    "nightly_hour": "1",
    "side_by_side": "2",
    "chunk_records": "5000",
    "kept_differences": "2000",
}


def test_the_state_changes_the_settings(client: Client) -> None:
    boss = UserFactory(district=None, rights="", everywhere="RWAD")
    client.force_login(boss)
    page = client.post("/verification/settings/", WANTED, follow=True)
    stored = current_settings()
    assert (stored.state_may_verify, stored.districts_may_verify, stored.nightly_hour) == (False, True, 1)
    assert (stored.side_by_side, stored.chunk_records, stored.kept_differences) == (2, 5_000, 2_000)
    assert "Saved: 5 settings changed." in page_text(page)
    assert f"Last changed by {boss.username}" in page_text(page)
    assert AuditEntry.objects.get(action=Action.SETTINGS_CHANGED).facts["nightly_hour"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("side_by_side", "0"),
        ("side_by_side", "65"),
        ("chunk_records", "999"),
        ("kept_differences", "x"),
        ("nightly_hour", "24"),
    ],
)
def test_settings_out_of_range_are_refused_beside_their_field(client: Client, name: str, value: str) -> None:
    client.force_login(UserFactory(district=None, rights="", everywhere="RWAD"))
    answer = client.post("/verification/settings/", WANTED | {name: value})
    assert answer.status_code == 422
    assert "field--error" in answer.content.decode()
    assert current_settings().pk is None or current_settings().changed_at is None


def test_who_may_only_read_the_settings_sees_them_disabled(client: Client) -> None:
    client.force_login(person(None, (Tool.VERIFICATION_SETTINGS, "R")))
    page = client.get("/verification/settings/")
    assert "Changing them takes the right Write" in page_text(page)
    assert "Save" not in page_text(page)
    assert client.post("/verification/settings/", WANTED).status_code == 403


def test_the_settings_are_the_states(client: Client, admin: User) -> None:
    assert client.get("/verification/settings/").status_code == 403
    assert client.post("/verification/settings/", WANTED).status_code == 403


# ---- On the pages of other tools -----------------------------------------------------------------------------


def test_the_batch_page_recommends_what_to_resync(
    client: Client, campus: District, admin: User, enrollment: VerificationResult
) -> None:
    VerificationResultFactory(run__district=campus, object="PersonIdentity")
    VerificationResultFactory(run__district=campus, object="Graduation", not_at_district=4)
    stale = VerificationResultFactory(run__district=campus, object="Behavior", differences=1)
    later = stale.ended_at + timedelta(hours=1)
    BatchObjectFactory(
        batch=BatchFactory(district=campus), object="Behavior", started_at=later, ended_at=later
    )
    page = client.get("/batch/")
    text = page_text(page)
    assert "1 object needs a resync, says the last verification" in text
    assert "Enrollment 2 records differ or are missing at the state" in text
    assert "A resync does not help: Graduation (4)" in text
    assert "Resynced since they were verified: Behavior." in text
    assert "Need none: PersonIdentity." in text
    link = re.search(r'href="(/batch/02/\?[^"]+)"', page.content.decode())
    assert link
    ticked = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert re.findall(r'name="objects" value="(\w+)" id="[\w-]+" checked', ticked) == ["Enrollment"]


def test_without_a_verification_the_batch_page_has_a_link_only(client: Client, admin: User) -> None:
    text = page_text(client.get("/batch/"))
    assert "Verify first to see which objects need a resync" in text
    assert "last verification" not in text


def test_who_may_not_see_verifications_is_recommended_nothing(
    client: Client, campus: District, enrollment: VerificationResult
) -> None:
    client.force_login(UserFactory(district=campus))
    text = page_text(client.get("/batch/"))
    assert "last verification" not in text
    assert "Verify first" not in text


def test_who_may_not_send_gets_no_link_that_ticks(
    client: Client, campus: District, enrollment: VerificationResult
) -> None:
    client.force_login(person(campus, (Tool.VERIFICATION, "R"), (Tool.BATCH, "R")))
    page = client.get("/batch/")
    assert "1 object needs a resync" in page_text(page)
    assert "Choose this object" not in page_text(page)


def ids_of(user: User, district: District, name: str = "Enrollment") -> str:
    markup = '{% load verification %}{% ids_from_verification user district year name "ids" %}'
    context = {"user": user, "district": district, "year": district.zone.school_year, "name": name}
    return Template(markup).render(Context(context))


def test_selective_sync_is_offered_the_ids_of_the_last_verification(
    campus: District, admin: User, enrollment: VerificationResult
) -> None:
    markup = ids_of(admin, campus)
    text = text_of(markup)
    assert "From the last Verification Summary" in text
    assert re.search(r"Not at State 2 .*Add all.*Not at District 0 Differences 1 ", text)
    assert 'data-add-ids="/verification/02/Enrollment/keys/?year=2024&amp;kind=not_at_state"' in markup
    assert 'data-into="ids"' in markup
    assert "was never verified" in text_of(ids_of(admin, campus, "PersonIdentity"))


def test_selective_sync_is_offered_no_ids_without_the_right(
    campus: District, enrollment: VerificationResult
) -> None:
    assert ids_of(person(campus, (Tool.SELECTIVE_SYNC, "RW")), campus).strip() == ""


def test_times_of_the_district_are_its_own(
    client: Client, campus: District, enrollment: VerificationResult
) -> None:
    client.force_login(UserFactory(district=None, rights="", everywhere="RWAD"))
    assert timezone.get_current_timezone_name() == "UTC"
    for path in ("/verification/02/", "/verification/02/Enrollment/"):
        assert "01/09/2024 06:16:57" in page_text(client.get(path))


def test_no_page_of_the_district_tells_what_the_state_has_resynced(
    client: Client, district: District, resynced: DistrictDatabase, verify: Verify, asker: User
) -> None:
    """Neither as a reason for a difference, nor as advice, nor as a note that records were being pushed."""
    verify("Enrollment", "PersonIdentity")
    resynced.execute("UPDATE enrollment SET person_id = 900000 WHERE enrollment_id = 2")
    client.force_login(asker)
    base = f"/verification/{district.number}"
    paths = ("/batch/", f"{base}/", f"{base}/Enrollment/", f"{base}/Enrollment/resync/", f"{base}/report/")
    before = [page_text(client.get(path)) for path in paths]
    assert "Need none: PersonIdentity" in before[0]
    asked = request_resync(
        districts=[district],
        school_year=district.zone.school_year,
        objects=["Enrollment", "PersonIdentity"],
        check_dependencies=False,
        by=None,
    )
    run(asked.batches.get())
    assert RecordError.objects.filter(confidential=True, key=2).exists()
    # That it asked for something, the district is told: the alert is the one thing that may be new.
    AlertRecipient.objects.all().delete()
    assert [page_text(client.get(path)) for path in paths] == before
    client.force_login(UserFactory(district=None, rights="", everywhere="RWAD"))
    assert "Resynced since they were verified" in page_text(client.get(f"/batch/{district.number}/"))
