"""A person's own account, and how somebody without a password comes to one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from districts.authentication import sign_in_tokens
from districts.forms import ChangePasswordForm, ChoosePasswordForm
from districts.groups import names_of
from districts.matrix import given_letters
from districts.models import User
from districts.queries import held_rights
from districts.requests import SignedInRequest
from districts.signals import tell


@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    context = {
        "groups": names_of(request.user.groups.select_related("district_group__district")),
        "rights": given_letters(held_rights(request.user)),
    }
    return render(request, "districts/account.html", context)


class ChangePassword(PasswordChangeView):
    """Ends the person's other open sign-ins: each holds a hash of the former password."""

    template_name = "districts/password_change.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("account")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request.user, "is_demo", False):
            raise PermissionDenied("The password of a demo account is published, and stays as it is.")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed. Elsewhere, you are signed out.")
        return _with_entry(super().form_valid, form)


class ChoosePassword(PasswordResetConfirmView):
    """Where a sign-in link leads: the person chooses a password, and is signed in with it."""

    template_name = "districts/choose_password.html"
    form_class = ChoosePasswordForm
    token_generator = sign_in_tokens
    post_reset_login = True
    post_reset_login_backend = "districts.authentication.DemoAwareBackend"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        return _with_entry(super().form_valid, form)


@transaction.atomic
def _with_entry(save: Callable[[Any], HttpResponse], form: Any) -> HttpResponse:
    user: User = form.user
    answer = save(form)
    tell("password_changed", by=user, district=user.district, key=user.pk)
    return answer
