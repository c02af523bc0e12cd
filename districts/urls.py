from django.contrib.auth.views import LogoutView
from django.urls import path

from districts.views import signing

urlpatterns = [
    path("", signing.home, name="home"),
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
]
