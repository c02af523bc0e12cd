from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DisObjectsConfig(AppConfig):
    name = "dis_objects"

    def ready(self) -> None:
        post_migrate.connect(_fill_catalogue, sender=self)


def _fill_catalogue(**kwargs: Any) -> None:
    from dis_objects.actions import fill_catalogue  # noqa: PLC0415  models are loaded only now

    fill_catalogue()
