from oscar.apps.partner import apps


class PartnerConfig(apps.PartnerConfig):
    name = "ops.demo.shop.partner"

    def ready(self) -> None:
        from oscar.apps.partner import receivers  # noqa: F401  registers Oscar's stock alerts
