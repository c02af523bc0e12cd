from django.urls import path

from resync.views import cancelling, district, history, requests, years, zones

urlpatterns = [
    path("", district.batch, name="batch"),
    path("districts/", requests.districts, name="batch_districts"),
    path("request/", requests.draft, name="request_draft"),
    path("request/confirm/", requests.confirm, name="request_confirm"),
    path("request/send/", requests.send, name="request_send"),
    path("requests/<int:request_id>/", requests.page, name="request_page"),
    path("requests/<int:request_id>/live/", requests.live, name="request_live"),
    path("requests/<int:request_id>/retry/", requests.retry, name="request_retry"),
    path("requests/<int:request_id>/cancel/", requests.cancel, name="request_cancel"),
    path("history/", history.history, name="batch_history"),
    path("history/csv/", history.history_csv, name="batch_history_csv"),
    path("history/<int:batch_id>/", history.batch_history, name="batch_history_of"),
    path("history/<int:batch_id>/csv/", history.batch_history_csv, name="batch_history_of_csv"),
    path("<str:number>/", district.batch, name="batch_of_district"),
    path("<str:number>/confirm/", district.confirm, name="batch_confirm"),
    path("<str:number>/send/", district.send, name="batch_send"),
    path("<str:number>/cancel/<int:batch_id>/", cancelling.cancel, name="batch_cancel"),
    path("<str:number>/live/<int:batch_id>/", district.live, name="batch_live"),
]

school_year_patterns = [
    path("zones/", zones.zones, name="zones"),
    path("zones/change/", zones.change_zones, name="zones_change"),
    path("zones/change-found/", zones.change_found_zones, name="zones_change_found"),
    path("zones/<str:number>/switch/", zones.switch, name="zone_switch"),
    path("school-years/", years.school_years, name="school_years"),
]
