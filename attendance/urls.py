from django.urls import path

from attendance import views

urlpatterns = [
    path("schedule/", views.schedule, name="attendance_schedule"),
    path("refresh/", views.refresh, name="attendance_refresh"),
    path("refresh/<str:number>/", views.refresh, name="attendance_refresh_of_district"),
    path("refresh/<str:number>/confirm/", views.confirm, name="attendance_refresh_confirm"),
    path("refresh/<str:number>/start/", views.start, name="attendance_refresh_start"),
    path("refresh/<str:number>/live/<int:run_id>/", views.live, name="attendance_refresh_live"),
]
