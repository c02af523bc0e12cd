from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from districts import demo
from districts.forms import SignInForm
from districts.navigation import offered_entries
from districts.requests import SignedInRequest


class SignIn(LoginView):
    template_name = "districts/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True
    next_page = "home"

    # An override loses what the decorators of the overridden method left on it.
    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # A session that ends while a page is open: load the page again, not a sign-in page into a part of it.
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo_sign_ins = {"demo_accounts": demo.demo_accounts(), "demo_password": demo.PASSWORD}
        return super().get_context_data(**kwargs) | demo_sign_ins


def locked(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """The answer to somebody who has guessed too often. It is the same for a name that nobody has."""
    minutes = round(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    context = {"form": SignInForm(request), "locked_minutes": minutes, "next": ""}
    answer = render(request, "districts/sign_in.html", context, status=429)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The first tool of the side menu that the user may open."""
    first = next(offered_entries(request.user), None)
    return redirect(first.route if first else "account")
