from django.urls import path

from resync.views import district

urlpatterns = [
    path("", district.batch, name="batch"),
    path("<str:number>/", district.batch, name="batch_of_district"),
    path("<str:number>/confirm/", district.confirm, name="batch_confirm"),
    path("<str:number>/send/", district.send, name="batch_send"),
    path("<str:number>/live/<int:batch_id>/", district.live, name="batch_live"),
]
