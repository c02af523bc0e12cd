from django.urls import include, path

urlpatterns = [
    path("", include("districts.urls")),
    path("batch/", include("resync.urls")),
]
