from typing import Any

from django.core.management.base import BaseCommand, CommandError

from district_data.actions import fill_demo
from district_data.exceptions import NotADemo
from districts.demo import PASSWORD
from districts.exceptions import DistrictError


class Command(BaseCommand):
    help = "Makes the demo's districts and accounts, as far as they are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            accounts = fill_demo()
        except (NotADemo, DistrictError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Sign in as one of these; the password is {PASSWORD}")
        for account in accounts:
            self.stdout.write(f"  {account.username:16}{account.district or 'the state'}")
