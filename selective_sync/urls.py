from django.urls import path

from selective_sync import views

urlpatterns = [
    path("", views.selective_sync, name="selective_sync"),
    path("<str:number>/", views.selective_sync, name="selective_sync_of_district"),
    path("<str:number>/find/", views.find, name="selective_sync_find"),
    path("<str:number>/sync/", views.send, name="selective_sync_send"),
    path("<str:number>/live/", views.live, name="selective_sync_live"),
    path("<str:number>/clear/", views.clear, name="sync_history_clear"),
    path("<str:number>/requests/<int:sync_id>/", views.sync_request, name="sync_request"),
    path("<str:number>/requests/<int:sync_id>/again/", views.again, name="sync_request_again"),
    path("<str:number>/requests/<int:sync_id>/report/", views.report, name="sync_request_report"),
    path("<str:number>/requests/<int:sync_id>/delete/", views.delete, name="sync_request_delete"),
]
