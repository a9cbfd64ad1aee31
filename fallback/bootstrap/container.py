"""The composition root: Config -> Container. What is expensive to import is built on first use.

Use cases take the container as their first argument. Each declares its dependencies in a Protocol, which the container
fulfils by its attributes. Tests assign fakes to them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from functools import cached_property, partial
from random import SystemRandom
from time import sleep
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fallback.bootstrap import channels, desk, drills, outside, own_disk, rules, status_page, verifying
from fallback.config import Config, read_policy
from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.checkout.drafts import Invitations
from fallback.domain.checkout.invitations import InvitationMails
from fallback.domain.checkout.journal import SecondRefs
from fallback.domain.checkout.pushed_carts import PushedCarts
from fallback.domain.clock import Clock
from fallback.domain.incident.ports import Books, Halts, Incidents
from fallback.domain.oncall.alerts import Outbox, Overview
from fallback.domain.oncall.drill import Drills
from fallback.domain.oncall.drill_cart import drill_key
from fallback.domain.oncall.minutes import Minutes
from fallback.domain.order.erasing import PersonalData
from fallback.domain.order.exposure import Exposures, Terms
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.links import Links
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.unread import Found
from fallback.domain.outage.beside import Beside, beside
from fallback.domain.outage.drain import Backlog
from fallback.domain.outage.pace import Pace
from fallback.domain.outage.ports import Observations, Prober
from fallback.domain.outage.shop_health import ShopHealth
from fallback.domain.payment.charging import Chargeable
from fallback.domain.payment.gateway import PaymentGateway
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import Primary
from fallback.domain.placement.report_attempts import ReportAttempts
from fallback.domain.support.mailer import Mailer
from fallback.ledger.checkout.drafts import Drafts
from fallback.ledger.checkout.invitations import RedisInvitationMails
from fallback.ledger.checkout.pushed_carts import RedisPushedCarts
from fallback.ledger.checkout.second_refs import RedisSecondRefs
from fallback.ledger.incident.books import RedisBooks
from fallback.ledger.incident.exposures import RedisExposures
from fallback.ledger.incident.halts import RedisHalts
from fallback.ledger.incident.incidents import RedisIncidents
from fallback.ledger.oncall.drills import RedisDrills
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.ledger.oncall.metrics_store import MetricsStore
from fallback.ledger.oncall.minutes import RedisMinutes
from fallback.ledger.oncall.outbox import RedisOutbox
from fallback.ledger.oncall.overview import RedisOverview
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.newer import LookingAgain
from fallback.ledger.order.personal import RedisPersonalData
from fallback.ledger.order.rewrapping import Rewrapping
from fallback.ledger.order.search import Search
from fallback.ledger.order.views import OrderFilter, Views
from fallback.ledger.order.worklists import Worklists
from fallback.ledger.outage.backlog import RedisBacklog
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.outage.observations import RedisObservations
from fallback.ledger.outage.pace import RedisPace
from fallback.ledger.redis.bells import Bells
from fallback.ledger.redis.clock import RedisClock, wall
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.readiness import Readiness
from fallback.ledger.support.report_source import ReportSource
from fallback.ledger.verify.verification import Verification
from fallback.payments.currencies import chargeable
from fallback.runtime.metrics import Metrics, Service

if TYPE_CHECKING:
    from fallback.payments.access import Access
    from fallback.runtime.open_telemetry import Traces


class Container(channels.Deps, desk.Deps, drills.Deps, own_disk.Deps, status_page.Deps):
    """The dependencies of use cases, routes, shifts and commands, each built once per process.

    `serves`: a ledger or a journal that is nobody's becomes that of this shop."""

    def __init__(self, config: Config, traces: Traces | None = None, serves: bool = False) -> None:
        self.config = config
        self.traces, self.serves = traces, serves
        self.redis = redis = outside.build_redis(config, claims=serves)
        clock = RedisClock(lambda: self.redis)
        self.clock: Clock = clock
        self.wall: Clock = wall
        self.clocks_agree, self.clock_knows = clock.agrees, clock.knows
        self.random = SystemRandom()
        self.sleep: Callable[[float], None] = sleep

        self.zone = ZoneInfo(config.fallback_time_zone)
        self.policy = read_policy(config.fallback_policy)
        self.nobody: Collection[str] = rules.nobody(config)
        self.unpaid_for = timedelta(days=config.fallback_unpaid_days)
        self.keep_personal_for = timedelta(days=config.fallback_keep_personal_days)
        self.failover = config.fallback_failover
        self.failover_rules = rules.failover(config)
        self.standby_share = config.fallback_standby_share
        self.alert_limits = rules.alert_limits(config)
        self.bounds = rules.bounds(config)
        self.chargeable: Chargeable = chargeable

        self.links = Links(config.secret_key, config.public_url, config.fallback_console_url)
        self.invitations = Invitations(config.secret_key, config.public_url)
        self.cart_tokens = CartTokens(config.cart_keys, config.fallback_shop, drill_key(config.secret_key[0]))
        self.shop_health = ShopHealth()

        self.crypto = Crypto(config.secret_key)
        self.drafts = Drafts(redis, self.crypto)
        self.invitation_mails: InvitationMails = RedisInvitationMails(redis)
        self.pushed_carts: PushedCarts = RedisPushedCarts(redis, self.crypto)
        self.damaged = DamagedOrders(redis)
        self.report_source = ReportSource(redis, self.damaged)
        self.modes = RedisModes(redis)
        self.observations: Observations = RedisObservations(redis)
        self.backlog: Backlog = RedisBacklog(redis)
        self.incidents: Incidents = RedisIncidents(redis, self.crypto)
        self.books: Books = RedisBooks(redis, self.damaged)
        self.halts: Halts = RedisHalts(redis)
        self.minutes: Minutes = RedisMinutes(redis)
        self.outbox: Outbox = RedisOutbox(redis)
        self.drills: Drills = RedisDrills(redis)
        self.heartbeats, self.bells = Heartbeats(redis), Bells(redis)

    def ring(self, queue: Queue) -> None:
        self.bells.ring(queue)

    @property
    def cart_grace(self) -> timedelta:
        return timedelta(hours=self.config.fallback_cart_grace_hours)

    @property
    def terms(self) -> Terms:
        return rules.terms(self.config)

    @property
    def withdrawal_days(self) -> int:
        return self.config.storefront.withdrawal_days

    # --- the ledger, and what reads it

    @cached_property
    def exposures(self) -> Exposures:
        return RedisExposures(self.redis)

    @cached_property
    def ledger(self) -> RedisLedger:
        receivers, replicas = outside.receiver_names(self.config), self.config.keeping.replicas
        return RedisLedger(self.redis, self.crypto, replicas, lambda: self.clock(), receivers, self.damaged)

    @cached_property
    def second_refs(self) -> SecondRefs:
        return RedisSecondRefs(self.redis)

    @cached_property
    def views(self) -> Views:
        return Views(self.redis, self.ledger)

    def orders_under(self, headline: Headline) -> Iterable[Found]:
        return (Found(page.rows, page.unread) for page in self.views.pages(OrderFilter(headline=headline)))

    @cached_property
    def worklists(self) -> Worklists:
        return Worklists(self.redis, self.ledger)

    @cached_property
    def search(self) -> Search:
        return Search(self.redis, self.ledger)

    @cached_property
    def personal(self) -> PersonalData:
        return RedisPersonalData(self.redis, self.ledger, self.drafts, self.remarks, self.subscriptions)

    @cached_property
    def rewrapping(self) -> Rewrapping:
        return Rewrapping(self.redis, self.crypto, self.ledger)

    def verification(self, repair: bool = False) -> Verification:
        return Verification(self.redis, self.crypto, self.damaged, verifying.readers(self), repair)

    @cached_property
    def looking_again(self) -> LookingAgain:
        return LookingAgain(self.redis, self.crypto, self.damaged)

    @cached_property
    def readiness(self) -> Readiness:
        return Readiness(self.redis, self.config.keeping, self.ledger.ask)

    # --- payments and the primary

    @cached_property
    def gateway(self) -> PaymentGateway:
        return self.metrics.over(Service.STRIPE, outside.build_gateway(self.config))

    @cached_property
    def drill_gateway(self) -> PaymentGateway:
        own = drills.build_gateway(self.config)
        return self.metrics.over(Service.STRIPE, own) if own else self.gateway

    def gateway_of(self, order: Order) -> PaymentGateway:
        return self.drill_gateway if order.drill else self.gateway

    def watched_gateway_of(self, order: Order) -> PaymentGateway:
        """Its failures slow the pace, as those of the primary do."""
        return self.shop_health.over_failures(self.gateway_of(order))

    def stripe_access(self) -> Access:
        """The permissions of the key, asked of Stripe each time. Raises TryAgain."""
        return outside.look_at_access(self.config, self.clock())

    @cached_property
    def payment_attempts(self) -> PaymentAttempts:
        return PaymentAttempts(self.ledger, self.clock, self.random, self.desk)

    @cached_property
    def primary(self) -> Primary:
        return self.metrics.over(Service.PRIMARY, outside.build_primary(self.config))

    @cached_property
    def placement_attempts(self) -> PlacementAttempts:
        return PlacementAttempts(self.ledger, self.shop_health.over(self.primary), self.clock, self.random, self.desk)

    @cached_property
    def report_attempts(self) -> ReportAttempts:
        return ReportAttempts(self.ledger, self.shop_health.over(self.primary), self.clock, self.random, self.desk)

    @cached_property
    def beside(self) -> Beside:
        return partial(beside, self.primary, self.pace, self.sleep)

    @cached_property
    def prober(self) -> Prober:
        return outside.build_prober(self.config, self.clock)

    @cached_property
    def pace(self) -> Pace:
        return RedisPace(self.redis, self.bounds, rules.pace(self.config))

    # --- mail, figures

    @cached_property
    def mailer(self) -> Mailer:
        return self.metrics.over(Service.MAIL, outside.build_mailer(self.config, self.links, self.zone))

    @cached_property
    def overview(self) -> Overview:
        return RedisOverview(self.redis, self.modes, self.observations, self.readiness, self.failover)

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics(self.traces.over) if self.traces else Metrics()

    @cached_property
    def metrics_store(self) -> MetricsStore:
        return MetricsStore(self.redis, self.metrics)

    def calls_go(self) -> bool:
        """False while a circuit breaker is open."""
        return not self.metrics_store.read().kept_back
