"""The demo's accounts. Whoever may read the sign-in page may use them, so they exist in the demo only."""

from django.conf import settings
from django.db.models import QuerySet

from districts.models import User

PASSWORD = "upstate-demo"  # published on purpose; DemoAwareBackend refuses it outside of the demo


def demo_accounts() -> QuerySet[User]:
    accounts = User.objects.filter(is_demo=True, is_active=True) if settings.DEMO else User.objects.none()
    return accounts.select_related("district").order_by("id")
