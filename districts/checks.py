from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from districts.models import User


@register(Tags.database)
def demo_accounts_exist_in_the_demo_only(
    databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """A demo account has a published password: a production start refuses a database that holds one."""
    if settings.DEMO or "default" not in (databases or ()):
        return []
    if User._meta.db_table not in connections["default"].introspection.table_names():
        return []
    count = User.objects.filter(is_demo=True).count()
    if not count:
        return []
    return [
        Error(
            f"The database holds demo accounts ({count}), whose password is published.",
            hint="Start on an empty database, or close them: manage.py close_demo_accounts.",
            id="districts.E001",
        )
    ]
