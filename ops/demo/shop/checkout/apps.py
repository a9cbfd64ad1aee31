from oscar.apps.checkout import apps


class CheckoutConfig(apps.CheckoutConfig):
    name = "ops.demo.shop.checkout"
