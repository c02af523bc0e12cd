"""The page that a monitor asks."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from agents.health import problems


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 if all is well, else 503 and the names of the problems. For everybody: it says nothing of anybody."""
    found = problems()
    told = {"status": "failing" if found else "ok", "problems": found}
    return JsonResponse(told, status=503 if found else 200)
