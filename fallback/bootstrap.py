"""The one place that builds things: Config -> Container. What is expensive to import is built when it is first used."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property, partial
from random import SystemRandom

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fallback.config import Config, read_policy
from fallback.domain.cart_token import CartTokens
from fallback.domain.drafts import Invitations
from fallback.domain.holds import HoldCode
from fallback.domain.links import Links
from fallback.domain.order import Order
from fallback.domain.payment_attempts import PaymentAttempts
from fallback.domain.placement_attempts import PlacementAttempts
from fallback.domain.ports import Accepted, CartTaken, Duty, KeyReused, Mailer, PaymentGateway, Primary
from fallback.ledger.claims import RedisClaims
from fallback.ledger.crypto import Crypto
from fallback.ledger.drafts import Drafts
from fallback.ledger.duty import Duties
from fallback.ledger.modes import Modes
from fallback.ledger.people import People
from fallback.ledger.readiness import Readiness
from fallback.ledger.redis_ledger import RedisLedger
from fallback.ledger.search import Search
from fallback.ledger.views import Views
from fallback.usecases.approve_refund import approve_refund
from fallback.usecases.answer_question import answer_question
from fallback.usecases.answer_rival_question import answer_rival_question
from fallback.usecases.ask_question import ask_question
from fallback.usecases.amend_order import amend_order
from fallback.usecases.authorize_payment import authorize_payment
from fallback.usecases.cancel_order import cancel_order
from fallback.usecases.change_order import change_order
from fallback.usecases.follow_payment import follow_payment
from fallback.usecases.give_card import give_card
from fallback.usecases.keep_word import keep_word
from fallback.usecases.grant_refund import grant_refund
from fallback.usecases.place_order import place_order
from fallback.usecases.receive_payment_event import receive_payment_event
from fallback.usecases.reconcile_order import reconcile_order
from fallback.usecases.refund_payment import refund_payment
from fallback.usecases.release_hold import release_hold
from fallback.usecases.release_payment import release_payment
from fallback.usecases.send_notice import send_notice
from fallback.usecases.take_back_change import take_back_change
from fallback.usecases.take_over import take_over
from fallback.usecases.welcome_back import welcome_back
from fallback.usecases.withdraw_order import withdraw_order
from workers.bells import Bells


def now() -> datetime:
    return datetime.now(UTC)


class Container:
    """Everything that web, workers and the command need, each built once. Tests hand fakes to it by assignment."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = now
        self.random = SystemRandom()
        self.policy = read_policy(config.fallback_policy)
        self.links = Links(config.secret_key, config.public_url)
        self.invitations = Invitations(config.secret_key, config.public_url)
        self.cart_tokens = CartTokens(config.cart_keys, config.fallback_shop)

    @cached_property
    def redis(self) -> redis.Redis:
        """Every write carries what makes it safe to send twice, so one lost connection is answered by one resend.

        Who does not answer in time is not asked again: a customer hears within seconds that she should try again.
        """
        return redis.Redis.from_url(
            self.config.redis_url,
            socket_timeout=3,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        )

    @cached_property
    def ledger(self) -> RedisLedger:
        return RedisLedger(self.redis, Crypto(self.config.secret_key), replicas=self.config.fallback_replicas)

    @cached_property
    def views(self) -> Views:
        return Views(self.redis, self.ledger)

    @cached_property
    def search(self) -> Search:
        return Search(self.redis, self.ledger)

    @cached_property
    def claims(self) -> RedisClaims:
        return RedisClaims(self.redis)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self.redis, Crypto(self.config.secret_key))

    @cached_property
    def modes(self) -> Modes:
        return Modes(self.redis)

    @cached_property
    def duty(self) -> Duty:
        return Duties(
            self.redis,
            self.config.fallback_desk,
            {HoldCode(code): team for code, team in self.config.fallback_teams.items()},
        )

    @cached_property
    def people(self) -> People:
        return People(self.redis, Crypto(self.config.secret_key))

    @cached_property
    def readiness(self) -> Readiness:
        return Readiness(self.redis, self.config.fallback_min_free_disk_mb, self.config.fallback_replicas)

    @cached_property
    def bells(self) -> Bells:
        return Bells(self.redis)

    @cached_property
    def gateway(self) -> PaymentGateway:
        from fallback.payments.stripe_gateway import StripeGateway

        return StripeGateway(self.config.stripe_secret_key, self.config.stripe_api_base)

    @cached_property
    def primary(self) -> Primary:
        from fallback.primaries import build_primary

        return build_primary(self.config.primary_kind, self.config.primary_url, self.config.primary_token)

    @cached_property
    def mailer(self) -> Mailer:
        from fallback.notices.mailer import SmtpMailer

        return SmtpMailer(self.config.smtp_url, self.config.fallback_mail_from, self.links)

    @cached_property
    def payment_attempts(self) -> PaymentAttempts:
        return PaymentAttempts(self.ledger, self.clock, self.random, self.config.fallback_desk)

    @cached_property
    def placement_attempts(self) -> PlacementAttempts:
        return PlacementAttempts(self.ledger, self.primary, self.clock, self.random, self.config.fallback_desk)

    # --- use cases, bound to what they depend on

    @cached_property
    def place_order(self) -> partial[tuple[Order, Accepted | KeyReused | CartTaken]]:
        return partial(place_order, ledger=self.ledger, clock=self.clock)

    @cached_property
    def give_card(self) -> partial[Order]:
        return partial(give_card, ledger=self.ledger, clock=self.clock)

    @cached_property
    def cancel_order(self) -> partial[Order]:
        return partial(cancel_order, ledger=self.ledger, clock=self.clock)

    @cached_property
    def change_order(self) -> partial[Order]:
        return partial(change_order, ledger=self.ledger, clock=self.clock)

    @cached_property
    def take_back_change(self) -> partial[Order]:
        return partial(take_back_change, ledger=self.ledger, clock=self.clock)

    @cached_property
    def release_hold(self) -> partial[Order]:
        return partial(release_hold, ledger=self.ledger, clock=self.clock)

    @cached_property
    def take_over(self) -> partial[Order]:
        return partial(take_over, ledger=self.ledger, claims=self.claims, clock=self.clock)

    @cached_property
    def welcome_back(self) -> partial[Order]:
        return partial(welcome_back, ledger=self.ledger, clock=self.clock)

    @cached_property
    def ask_question(self) -> partial[Order]:
        return partial(ask_question, ledger=self.ledger, clock=self.clock, desk=self.config.fallback_desk)

    @cached_property
    def answer_question(self) -> partial[Order]:
        return partial(answer_question, ledger=self.ledger, clock=self.clock)

    @cached_property
    def answer_rival_question(self) -> partial[Order]:
        return partial(answer_rival_question, ledger=self.ledger, clock=self.clock)

    @cached_property
    def receive_payment_event(self) -> partial[None]:
        return partial(receive_payment_event, ledger=self.ledger, clock=self.clock)

    @cached_property
    def authorize_payment(self) -> partial[None]:
        return partial(
            authorize_payment,
            ledger=self.ledger,
            gateway=self.gateway,
            attempts=self.payment_attempts,
            clock=self.clock,
            return_url=self.links.back_from_bank,
        )

    @cached_property
    def follow_payment(self) -> partial[None]:
        return partial(
            follow_payment,
            ledger=self.ledger,
            gateway=self.gateway,
            attempts=self.payment_attempts,
            clock=self.clock,
        )

    @cached_property
    def release_payment(self) -> partial[None]:
        return partial(
            release_payment,
            ledger=self.ledger,
            gateway=self.gateway,
            attempts=self.payment_attempts,
            clock=self.clock,
        )

    @cached_property
    def refund_payment(self) -> partial[None]:
        return partial(
            refund_payment,
            ledger=self.ledger,
            gateway=self.gateway,
            attempts=self.payment_attempts,
            clock=self.clock,
        )

    @cached_property
    def grant_refund(self) -> partial[Order]:
        return partial(grant_refund, ledger=self.ledger, policy=self.policy, mode_log=self.modes.log, clock=self.clock)

    @cached_property
    def approve_refund(self) -> partial[Order]:
        return partial(approve_refund, ledger=self.ledger, policy=self.policy, clock=self.clock)

    @cached_property
    def reconcile_order(self) -> partial[None]:
        return partial(
            reconcile_order,
            ledger=self.ledger,
            gateway=self.gateway,
            payments=self.payment_attempts,
            placements=self.placement_attempts,
            clock=self.clock,
        )

    @cached_property
    def amend_order(self) -> partial[None]:
        return partial(amend_order, ledger=self.ledger, placements=self.placement_attempts, clock=self.clock)

    @cached_property
    def withdraw_order(self) -> partial[None]:
        return partial(withdraw_order, ledger=self.ledger, placements=self.placement_attempts, clock=self.clock)

    @cached_property
    def send_notice(self) -> partial[None]:
        return partial(send_notice, ledger=self.ledger, mailer=self.mailer, clock=self.clock, random=self.random)

    @cached_property
    def keep_word(self) -> partial[None]:
        return partial(keep_word, ledger=self.ledger, duty=self.duty, clock=self.clock)
