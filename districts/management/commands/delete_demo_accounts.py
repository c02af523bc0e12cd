from typing import Any

from django.core.management.base import BaseCommand

from districts.models import User


class Command(BaseCommand):
    help = "Deletes the demo accounts, which a production start refuses."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        count, _ = User.objects.filter(is_demo=True).delete()
        self.stdout.write(f"Deleted {count} demo accounts.")
