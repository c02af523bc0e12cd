from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class DistrictsConfig(AppConfig):
    name = "districts"

    def ready(self) -> None:
        from districts import checks  # noqa: F401  registers the system checks
        from districts.middleware import begin_sign_in

        user_logged_in.connect(begin_sign_in)
        post_migrate.connect(_make_groups, sender=self)


def _make_groups(**kwargs: Any) -> None:
    from districts.actions import ensure_ready_made_groups  # models are loaded only now

    ensure_ready_made_groups()
