from django.apps import AppConfig


class DistrictsConfig(AppConfig):
    name = "districts"

    def ready(self) -> None:
        from districts import checks  # noqa: F401, PLC0415  registers the system checks
