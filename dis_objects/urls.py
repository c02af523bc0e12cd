from django.urls import path

from dis_objects import views

urlpatterns = [
    path("field-settings/", views.field_settings, name="field_settings"),
    path("field-settings/<str:object_name>/", views.field_settings_of, name="field_settings_of"),
    path("field-settings/<str:object_name>/save/", views.save_field_settings, name="save_field_settings"),
    path("fields-which-sync/", views.fields_which_sync, name="fields_which_sync"),
    path("fields-which-sync/<str:object_name>/", views.fields_of, name="fields_of"),
]
