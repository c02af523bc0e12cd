from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "verification"

    def ready(self) -> None:
        from reports.registry import register  # noqa: PLC0415
        from verification.report import KIND, VerificationSummaryReport  # noqa: PLC0415

        register(KIND, VerificationSummaryReport())
