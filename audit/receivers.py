"""What the audit log hears of: deeds of the layers below it, and sign-ins."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from audit.actions import record
from audit.choices import Action
from districts.models import User
from districts.signals import listen_to_deeds


def connect() -> None:
    listen_to_deeds(_on_deed)
    user_logged_in.connect(_on_sign_in)
    user_logged_out.connect(_on_sign_out)
    user_login_failed.connect(_on_failure)
    user_locked_out.connect(_on_lock)


def _on_deed(sender: Any, signal: Any, action: str, **about: Any) -> None:
    record(Action(action), **about)


def _on_sign_in(sender: Any, user: User, **kwargs: Any) -> None:
    record(Action.SIGNED_IN, by=user, district=user.district)


def _on_sign_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user:
        record(Action.SIGNED_OUT, by=user, district=user.district)


def _on_failure(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    if not _is_refused(request):
        _record_attempt(Action.SIGN_IN_FAILED, credentials.get("username"))


def _on_lock(sender: Any, username: str | None, request: Any, **kwargs: Any) -> None:
    # It is told of the attempt that locks, and again of each that is refused; only the first has counted failures.
    if request.axes_failures_since_start:
        _record_attempt(Action.SIGN_IN_LOCKED, username)


def _is_refused(request: Any) -> bool:
    """Whether the attempt came while the account was locked: a log that is kept for ever is not for a guesser to
    fill."""
    locked = getattr(request, "axes_locked_out", False)
    return locked and not request.axes_failures_since_start


def _record_attempt(action: Action, typed: str | None) -> None:
    """Tells whose account it was. A name that nobody has is not kept: people type passwords there."""
    user = User.objects.filter(username=typed or "").select_related("district").first()
    key = user.pk if user else None
    record(action, by=None, district=user.district if user else None, key=key)
