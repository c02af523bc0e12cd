from django.urls import path

from resync import views

urlpatterns = [
    path("", views.batch, name="batch"),
    path("<str:number>/", views.batch, name="batch_of_district"),
    path("<str:number>/confirm/", views.confirm, name="batch_confirm"),
    path("<str:number>/send/", views.send, name="batch_send"),
    path("<str:number>/live/<int:batch_id>/", views.live, name="batch_live"),
]
