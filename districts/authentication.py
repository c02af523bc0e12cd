from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from districts.models import User


class DemoAwareBackend(ModelBackend):
    """Signs in by name and password, but a demo account in the demo only: its password is published."""

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and (settings.DEMO or not user.is_demo)


class SignInTokens(PasswordResetTokenGenerator):
    """Tokens that let a person choose a password, once, within settings.PASSWORD_RESET_TIMEOUT.

    A new one ends those before it, and so does disabling the account, as both count `sign_ins_ended` up.
    """

    key_salt = "districts.authentication.SignInTokens"

    def check_token(self, user: Any, token: str | None) -> bool:
        return bool(user and user.is_active and not user.is_demo) and super().check_token(user, token)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)} {user.sign_ins_ended}"


sign_in_tokens = SignInTokens()


def sign_in_address(user: User) -> str:
    """Where the person chooses a password. Whoever knows it can be that user: it is shown once and stored nowhere."""
    named = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("sign_in_link", args=[named, sign_in_tokens.make_token(user)])
