from django.contrib.auth.views import LogoutView
from django.urls import path

from districts.views import account, people, rights, signing, toolbar

urlpatterns = [
    path("", signing.home, name="home"),
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-in/link/<uidb64>/<token>/", account.ChoosePassword.as_view(), name="sign_in_link"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("account/", account.account, name="account"),
    path("account/password/", account.ChangePassword.as_view(), name="password_change"),
    path("users/", people.users, name="users"),
    path("users/add/", people.user_add, name="user_add"),
    path("users/<int:user_id>/", people.user, name="user"),
    path("users/<int:user_id>/sign-in-link/", people.user_sign_in_link, name="user_sign_in_link"),
    path("users/<int:user_id>/disable/", people.user_disable, name="user_disable"),
    path("users/<int:user_id>/enable/", people.user_enable, name="user_enable"),
    path("tool-rights/", rights.tool_rights, name="tool_rights"),
    path("tool-rights/add/", rights.group_add, name="group_add"),
    path("tool-rights/<int:group_id>/", rights.group, name="group"),
    path("tool-rights/<int:group_id>/delete/", rights.group_delete, name="group_delete"),
    path("tools/", toolbar.tool_search, name="tool_search"),
    path("districts/find/", toolbar.districts_find, name="districts_find"),
    path("districts/choose/", toolbar.choose_district, name="choose_district"),
    path("years/choose/", toolbar.choose_year, name="choose_year"),
]
