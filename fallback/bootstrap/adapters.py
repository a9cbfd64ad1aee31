"""What stands between the use cases and the world, built from the settings; what is expensive to import when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from random import SystemRandom
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fallback.config import Config, read_policy
from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.checkout.drafts import Invitations
from fallback.domain.checkout.invitations import InvitationMails
from fallback.domain.clock import Clock
from fallback.domain.incident.ports import Books, Halts, Incidents
from fallback.domain.oncall.alerts import Outbox, Outlook, Teller
from fallback.domain.oncall.drill_cart import drill_key
from fallback.domain.oncall.minutes import Minutes
from fallback.domain.order.erasing import PersonalData
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.links import Links
from fallback.domain.outage.drain import Backlog
from fallback.domain.outage.failover import Rules
from fallback.domain.outage.pace import Bounds, Pace, Rule
from fallback.domain.outage.ports import Lookout, Sightings
from fallback.domain.outage.shop_health import Watch
from fallback.domain.payment.gateway import PaymentGateway
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import Primary
from fallback.domain.support.mailer import Mailer
from fallback.domain.support.ports import Duty
from fallback.domain.support.renewals import Renewals
from fallback.ledger.checkout.drafts import Drafts
from fallback.ledger.checkout.invitations import RedisInvitationMails
from fallback.ledger.incident.books import RedisBooks
from fallback.ledger.incident.halts import RedisHalts
from fallback.ledger.incident.incidents import RedisIncidents
from fallback.ledger.oncall.heartbeats import Signs
from fallback.ledger.oncall.minutes import RedisMinutes
from fallback.ledger.oncall.outbox import RedisOutbox
from fallback.ledger.oncall.overview import RedisOutlook
from fallback.ledger.oncall.tallies import Tallies
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.personal import RedisPersonalData
from fallback.ledger.order.rewrapping import Rewrapping
from fallback.ledger.order.search import Search
from fallback.ledger.order.views import Views
from fallback.ledger.order.worklists import Worklists
from fallback.ledger.outage.backlog import RedisBacklog
from fallback.ledger.outage.modes import AT_FIRST, Modes
from fallback.ledger.outage.pace import RedisPace
from fallback.ledger.outage.sightings import RedisSightings
from fallback.ledger.redis.bells import Bells
from fallback.ledger.redis.clock import RedisClock, wall
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.readiness import Readiness
from fallback.ledger.support.claims import RedisClaims
from fallback.ledger.support.people import People
from fallback.ledger.support.remarks import Remarks
from fallback.ledger.support.renewals import RedisRenewals
from fallback.ledger.support.report_source import ReportSource
from fallback.ledger.support.roster import Duties
from fallback.runtime.metrics import Service, Tally
from fallback.runtime.redis_connection import connect

if TYPE_CHECKING:
    from fallback.payments.access import Access
    from fallback.runtime.open_telemetry import Traces


class Adapters:
    """The part of the Container that use cases are bound to. Tests hand fakes to it by assignment."""

    def __init__(self, config: Config, traces: Traces | None = None) -> None:
        self.config = config
        self.traces = traces
        clock = RedisClock(lambda: self.redis)
        self.clock: Clock = clock
        self.wall: Clock = wall
        self.clocks_agree: Callable[[], bool] = clock.agrees
        self.random = SystemRandom()
        self.zone = ZoneInfo(config.fallback_time_zone)
        self.policy = read_policy(config.fallback_policy)
        self.links = Links(config.secret_key, config.public_url, config.fallback_console_url)
        self.invitations = Invitations(config.secret_key, config.public_url)
        self.cart_tokens = CartTokens(config.cart_keys, config.fallback_shop, drill_key(config.secret_key[0]))

    @cached_property
    def redis(self) -> redis.Redis:
        """Every write carries what makes it safe to send twice, so one lost connection is answered by one resend.

        Who does not answer in time is not asked again: a customer hears within seconds that she should try again.
        """
        again = Retry(NoBackoff(), 1, (redis.ConnectionError,))
        return connect(self.config.redis_url, socket_timeout=3, socket_connect_timeout=1, retry=again)

    @cached_property
    def ledger(self) -> RedisLedger:
        config = self.config
        return RedisLedger(self.redis, Crypto(config.secret_key), config.fallback_replicas, lambda: self.clock())

    @cached_property
    def views(self) -> Views:
        return Views(self.redis, self.ledger)

    @cached_property
    def incidents(self) -> Incidents:
        return RedisIncidents(self.redis, Crypto(self.config.secret_key))

    @cached_property
    def books(self) -> Books:
        return RedisBooks(self.redis)

    @cached_property
    def halts(self) -> Halts:
        return RedisHalts(self.redis)

    @cached_property
    def worklists(self) -> Worklists:
        return Worklists(self.redis, self.ledger)

    @cached_property
    def search(self) -> Search:
        return Search(self.redis, self.ledger)

    @cached_property
    def claims(self) -> RedisClaims:
        return RedisClaims(self.redis)

    @cached_property
    def renewals(self) -> Renewals:
        return RedisRenewals(self.redis, Crypto(self.config.secret_key))

    @cached_property
    def invitation_mails(self) -> InvitationMails:
        return RedisInvitationMails(self.redis)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self.redis, Crypto(self.config.secret_key))

    @cached_property
    def remarks(self) -> Remarks:
        return Remarks(self.redis, Crypto(self.config.secret_key))

    @cached_property
    def personal(self) -> PersonalData:
        return RedisPersonalData(self.redis, self.ledger, self.drafts, self.remarks)

    @cached_property
    def rewrapping(self) -> Rewrapping:
        return Rewrapping(self.redis, Crypto(self.config.secret_key), self.ledger)

    @cached_property
    def report_source(self) -> ReportSource:
        return ReportSource(self.redis)

    @cached_property
    def modes(self) -> Modes:
        return Modes(self.redis)

    @cached_property
    def sightings(self) -> Sightings:
        return RedisSightings(self.redis)

    @cached_property
    def minutes(self) -> Minutes:
        return RedisMinutes(self.redis)

    @cached_property
    def lookout(self) -> Lookout:
        from fallback.primaries.lookout import HttpLookout

        config = self.config
        return HttpLookout(
            config.primary_url,
            config.primary_token,
            page=config.fallback_probe_page,
            elsewhere=config.stripe_api_base,
            patience=config.fallback_probe_patience,
            clock=self.clock,
        )

    @property
    def failover_rules(self) -> Rules:
        config = self.config
        return Rules(config.fallback_failed_customers, timedelta(seconds=config.fallback_calm_seconds))

    @cached_property
    def outbox(self) -> Outbox:
        return RedisOutbox(self.redis)

    @cached_property
    def outlook(self) -> Outlook:
        failover = self.config.fallback_failover
        return RedisOutlook(self.redis, self.ledger, self.modes, self.sightings, self.readiness, failover)

    @cached_property
    def tellers(self) -> Mapping[str, Teller]:
        """Where alerts go, by name."""
        from fallback.notices.tellers import AppriseTeller, WebhookTeller

        config = self.config
        secret, source = config.fallback_webhook_secret, config.public_url
        tellers: list[Teller] = [AppriseTeller(url) for url in config.alert_urls]
        tellers += [WebhookTeller(url, secret, source) for url in config.fallback_webhook_urls]
        return {teller.name: teller for teller in tellers}

    @cached_property
    def watch(self) -> Watch:
        return Watch()

    @cached_property
    def bounds(self) -> Bounds:
        config = self.config
        return Bounds(config.fallback_ramp_start, config.fallback_ramp_step, config.fallback_captures_per_second)

    @cached_property
    def pace(self) -> Pace:
        of_settings = Rule(pace=self.config.fallback_pace, at=AT_FIRST.since, who=AT_FIRST.who, why="FALLBACK_PACE")
        return RedisPace(self.redis, self.bounds, of_settings)

    @cached_property
    def backlog(self) -> Backlog:
        return RedisBacklog(self.redis)

    @cached_property
    def duty(self) -> Duty:
        return Duties(
            self.redis,
            self.config.fallback_desk,
            {HoldCode(code): team for code, team in self.config.fallback_teams.items()},
            self.people.all,
        )

    @cached_property
    def people(self) -> People:
        return People(self.redis, Crypto(self.config.secret_key))

    @cached_property
    def readiness(self) -> Readiness:
        config = self.config
        return Readiness(self.redis, config.fallback_min_free_disk_mb, config.fallback_replicas, self.ledger.ask)

    @cached_property
    def signs(self) -> Signs:
        return Signs(self.redis)

    @cached_property
    def tally(self) -> Tally:
        return Tally(self.traces.over) if self.traces else Tally()

    @cached_property
    def tallies(self) -> Tallies:
        return Tallies(self.redis, self.tally)

    @cached_property
    def bells(self) -> Bells:
        return Bells(self.redis)

    @cached_property
    def gateway(self) -> PaymentGateway:
        from fallback.payments.stripe_gateway import StripeGateway

        gateway = StripeGateway(self.config.stripe_secret_key, self.config.stripe_api_base)
        return self.tally.over(Service.STRIPE, gateway)

    def stripe_access(self) -> Access:
        """What the key may do, asked anew each time. Raises TryAgain."""
        from fallback.payments.access import look_at_access

        return look_at_access(self.config.stripe_secret_key, self.config.stripe_api_base, self.clock())

    @cached_property
    def primary(self) -> Primary:
        from fallback.primaries import build_primary

        primary = build_primary(self.config.primary_kind, self.config.primary_url, self.config.primary_token)
        return self.tally.over(Service.PRIMARY, primary)

    @cached_property
    def mailer(self) -> Mailer:
        from fallback.notices.mailer import SmtpMailer

        config, links = self.config, self.links
        mailer = SmtpMailer(config.smtp_url, config.fallback_mail_from, links, self.zone, config.fallback_language)
        return self.tally.over(Service.MAIL, mailer)

    @cached_property
    def payment_attempts(self) -> PaymentAttempts:
        return PaymentAttempts(self.ledger, self.clock, self.random, self.config.fallback_desk)

    @cached_property
    def placement_attempts(self) -> PlacementAttempts:
        primary = self.watch.over(self.primary)
        return PlacementAttempts(self.ledger, primary, self.clock, self.random, self.config.fallback_desk)
