from django.urls import path

from process_alerts import views

urlpatterns = [
    path("", views.inbox, name="alerts"),
    path("change/", views.change, name="alerts_change"),
    path("<int:alert_id>/", views.opened, name="alert"),
]
