from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand

from districts.models import User


class Command(BaseCommand):
    help = (
        "Closes the demo accounts, whose password is published and which a production start refuses. They stay as the "
        "senders of their batches, but nobody signs in with them again."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        demo = User.objects.filter(is_demo=True)
        count = demo.update(is_demo=False, is_active=False, password=make_password(None))
        self.stdout.write(f"Closed {count} demo accounts.")
