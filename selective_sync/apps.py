from django.apps import AppConfig


class SelectiveSyncConfig(AppConfig):
    name = "selective_sync"

    def ready(self) -> None:
        from reports.registry import register  # noqa: PLC0415
        from selective_sync.report import KIND, SyncRequestHistory  # noqa: PLC0415

        register(KIND, SyncRequestHistory())
