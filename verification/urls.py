from django.urls import path

from verification.views import correcting, differences, report, settings, summary, verifying

urlpatterns = [
    path("", summary.summary, name="verification"),
    path("live/", summary.live, name="verification_live"),
    path("verify/", verifying.choose_for_districts, name="verification_verify"),
    path("verify/start/", verifying.start_for_districts, name="verification_start"),
    path("settings/", settings.verification_settings, name="verification_settings"),
    path("<str:number>/", summary.summary, name="verification_of_district"),
    path("<str:number>/live/", summary.live, name="verification_live_of_district"),
    path("<str:number>/verify/", verifying.choose, name="verification_verify_district"),
    path("<str:number>/verify/start/", verifying.start, name="verification_start_district"),
    path("<str:number>/report/", report.report, name="verification_report"),
    path("<str:number>/report/csv/", report.download_csv, name="verification_csv"),
    path("<str:number>/<str:object_name>/", differences.differences, name="verification_differences"),
    path("<str:number>/<str:object_name>/keys/", differences.keys, name="verification_keys"),
    path("<str:number>/<str:object_name>/values/", differences.values, name="verification_values"),
    path("<str:number>/<str:object_name>/removals/", differences.removals, name="verification_removals"),
    path("<str:number>/<str:object_name>/resync/", correcting.resync, name="verification_resync"),
    path("<str:number>/<str:object_name>/resync/send/", correcting.send, name="verification_resync_send"),
    path("<str:number>/<str:object_name>/remove/", correcting.remove, name="verification_remove"),
    path(
        "<str:number>/<str:object_name>/remove/start/",
        correcting.start_removal,
        name="verification_remove_start",
    ),
]
