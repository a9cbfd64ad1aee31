"""Fill a new state: tables, the catalogue, one offer, the countries, the staff user. Safe to run again."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sites.models import Site
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.core.loading import get_model

from .catalogue import CATALOGUE, COUNTRIES, Item
from .legal_pages import load_legal_pages
from .pictures import cover

STAFF_EMAIL = "staff@harbour-books.example"
LOW_STOCK = 2
Product = get_model("catalogue", "Product")


def prepare(admin_password: str) -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    with transaction.atomic():
        name_the_site()
        load_countries()
        load_catalogue()
        load_offer()
        load_legal_pages()
        load_staff(admin_password)


def name_the_site() -> None:
    netloc = urlsplit(settings.PUBLIC_URL).netloc
    Site.objects.update_or_create(pk=settings.SITE_ID, defaults={"domain": netloc, "name": settings.OSCAR_SHOP_NAME})


def load_countries() -> None:
    Country = get_model("address", "Country")
    for code, name in COUNTRIES.items():
        Country.objects.update_or_create(
            iso_3166_1_a2=code,
            defaults={
                "name": name,
                "printable_name": name,
                "is_shipping_country": True,
                "display_order": int(code == "DE"),
            },
        )


def load_catalogue() -> None:
    book, _ = get_model("catalogue", "ProductClass").objects.get_or_create(
        name="Book", defaults={"track_stock": True, "requires_shipping": True}
    )
    warehouse, _ = get_model("partner", "Partner").objects.get_or_create(name="Harbour warehouse")
    for item in CATALOGUE:
        if not Product.objects.filter(upc=item.sku).exists():
            load_product(item, book, warehouse)


def load_product(item: Item, book, warehouse) -> None:
    """Creates missing products only: the shop changes the stock and the prices of existing ones."""
    product = Product.objects.create(
        upc=item.sku,
        title=item.title,
        description=f"<p>{item.description}</p><p>By {item.author}.</p>",
        product_class=book,
        is_public=True,
    )
    product.categories.add(create_from_breadcrumbs(item.category))
    picture = Path("covers") / f"{item.sku.lower()}.svg"
    target = settings.MEDIA_ROOT / picture
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(cover(item.title, item.author, item.colour))
    product.images.create(original=str(picture))
    product.stockrecords.create(
        partner=warehouse,
        partner_sku=item.sku,
        price_currency=settings.OSCAR_DEFAULT_CURRENCY,
        price=item.price,
        num_in_stock=item.in_stock,
        low_stock_threshold=LOW_STOCK,
    )


def load_offer() -> None:
    """Creates one active offer, so that carts with a discount occur, too."""
    everything, _ = get_model("offer", "Range").objects.get_or_create(
        name="All books", defaults={"includes_all_products": True}
    )
    condition, _ = get_model("offer", "Condition").objects.get_or_create(
        range=everything, type="Value", value=Decimal("60.00")
    )
    benefit, _ = get_model("offer", "Benefit").objects.get_or_create(
        range=everything, type="Absolute", value=Decimal("5.00")
    )
    get_model("offer", "ConditionalOffer").objects.get_or_create(
        name="5 euros off from 60 euros",
        defaults={
            "condition": condition,
            "benefit": benefit,
            "max_basket_applications": 1,
            "start_datetime": timezone.now() - timedelta(days=1),
        },
    )


def load_staff(password: str) -> None:
    User = get_user_model()
    staff, created = User.objects.get_or_create(
        username="staff", defaults={"email": STAFF_EMAIL, "is_staff": True, "is_superuser": True}
    )
    if created or not staff.check_password(password):
        staff.set_password(password)
        staff.save()
