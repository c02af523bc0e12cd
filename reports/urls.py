from django.urls import path

from reports import views

urlpatterns = [
    path("<uuid:report_token>/live/", views.live, name="report_live"),
    path("<uuid:report_token>/download/", views.download, name="report_download"),
    path("<uuid:report_token>/retry/", views.retry, name="report_retry"),
]
