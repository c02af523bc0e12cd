from django.urls import include, path

from agents.views.health import health
from resync.urls import school_year_patterns

urlpatterns = [
    path("", include("districts.urls")),
    path("batch/", include("resync.urls")),
    path("selective-sync/", include("selective_sync.urls")),
    path("verification/", include("verification.urls")),
    path("attendance/", include("attendance.urls")),
    path("", include(school_year_patterns)),
    path("agents/", include("agents.urls")),
    path("health/", health, name="health"),
    path("", include("dis_objects.urls")),
    path("audit/", include("audit.urls")),
    path("alerts/", include("process_alerts.urls")),
    path("reports/", include("reports.urls")),
]
