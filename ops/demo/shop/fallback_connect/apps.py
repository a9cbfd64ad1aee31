from django.apps import AppConfig


class FallbackConnectConfig(AppConfig):
    name = "ops.demo.shop.fallback_connect"
    label = "fallback_connect"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401  connects them
