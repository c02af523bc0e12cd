"""The Verification Summary Report: as PDF or DOCX by a worker, as CSV at once."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from audit import actions as audit
from districts.choices import Right
from districts.csv_download import csv_response, file_name
from districts.models import District, SchoolYear
from districts.requests import SignedInRequest
from reports.actions import request_report
from reports.exceptions import ReportRefused
from reports.forms import ReportForm
from reports.queries import reports_of
from verification.report import CSV_HEAD, KIND, count_listed, csv_rows, subject_of, verified_rows
from verification.views.places import district_of, in_time_of, year_of


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: SignedInRequest, number: str) -> HttpResponse:
    """The formats to choose from, and the reports that this person asked for; a POST asks for one."""
    district = district_of(request, number, Right.WRITE)
    school_year = year_of(request, district)
    if request.method == "POST":
        _generate(request, district, school_year)
        return redirect(request.get_full_path())
    subject = subject_of(request.user, district, school_year)
    context = {
        "district": district,
        "school_year": school_year,
        "subject": subject,
        "reports": reports_of(KIND, subject.pk, request.user) if subject else [],
    }
    with in_time_of(district):
        return render(request, "verification/report.html", context)


def _generate(request: SignedInRequest, district: District, school_year: SchoolYear) -> None:
    form = ReportForm(request.POST)
    subject = subject_of(request.user, district, school_year)
    if subject is None or not form.is_valid():
        messages.error(request, "Nothing was verified yet, or no format is chosen. Load the page again.")
        return
    try:
        request_report(
            kind=KIND,
            district=district,
            subject_id=subject.pk,
            report_format=form.chosen,
            by=request.user,
        )
    except ReportRefused as refusal:
        messages.error(request, str(refusal))


@require_POST
def download_csv(request: SignedInRequest, number: str) -> HttpResponseBase:
    """By POST, because each download is recorded."""
    district = district_of(request, number, Right.WRITE)
    school_year = year_of(request, district)
    rows = verified_rows(request.user, district, school_year)
    if not rows:
        messages.error(request, "Nothing was verified yet, so there is nothing to download.")
        return redirect("verification_report", number)
    audit.record_download(
        KIND,
        by=request.user,
        district=district,
        count=count_listed(request.user, rows),
        school_year=school_year.pk,
        objects=[row.name for row in rows],
    )
    name = file_name("verification-summary", district.number, str(school_year.pk))
    with in_time_of(district):
        return csv_response(name, CSV_HEAD, csv_rows(request.user, district, rows))
