"""Verification Settings: who may start verifications, and what spares the databases; of the state."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from districts.choices import Right, Tool
from districts.queries import has_right, require_right
from districts.requests import SignedInRequest
from resync.wording import saved
from verification.actions import change_settings
from verification.exceptions import VerificationRefused
from verification.forms import SettingsForm
from verification.queries import current_settings


@require_http_methods(["GET", "HEAD", "POST"])
def verification_settings(request: SignedInRequest) -> HttpResponse:
    require_right(request.user, Tool.VERIFICATION_SETTINGS, Right.READ)
    if not request.user.is_state_user:
        raise PermissionDenied("The settings of verifications are the state's.")
    stored = current_settings()
    form = SettingsForm(request.POST if request.method == "POST" else None, stored=stored)
    if request.method == "POST":
        require_right(request.user, Tool.VERIFICATION_SETTINGS, Right.WRITE)
        if form.is_valid() and _change(request, form):
            return redirect("verification_settings")
    context = {
        "form": form,
        "stored": stored,
        "may_change": has_right(request.user, Tool.VERIFICATION_SETTINGS, Right.WRITE),
    }
    return render(request, "verification/settings.html", context, status=422 if form.errors else 200)


def _change(request: SignedInRequest, form: SettingsForm) -> bool:
    try:
        changed = change_settings(by=request.user, **form.cleaned_data)
    except VerificationRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, saved(len(changed)))
    return True
