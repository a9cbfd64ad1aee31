"""Builds what people who help customers work with: accounts, claims, duty, and what they write down."""

from __future__ import annotations

from functools import cached_property

from redis import Redis

from fallback.config import Config
from fallback.domain.order.holds import HoldCode
from fallback.domain.support.accounts import Account
from fallback.domain.support.ports import Claims, DutyRoster, MailLimits
from fallback.domain.support.renewals import Renewals
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.claims import RedisClaims
from fallback.ledger.support.mail_limits import RedisMailLimits
from fallback.ledger.support.people import People
from fallback.ledger.support.remarks import Remarks
from fallback.ledger.support.renewals import RedisRenewals
from fallback.ledger.support.roster import RedisDutyRoster
from fallback.ledger.support.saved_replies import RedisSavedReplies


class Deps:
    """The part of the container for them."""

    config: Config
    crypto: Crypto
    redis: Redis

    @property
    def desk(self) -> str:
        return self.config.fallback_desk

    @cached_property
    def people(self) -> People:
        return People(self.redis, self.crypto)

    def account_of(self, name: str) -> Account | None:
        return self.people.find(name)

    @cached_property
    def claims(self) -> Claims:
        return RedisClaims(self.redis)

    @cached_property
    def duty(self) -> DutyRoster:
        teams = {HoldCode(code): team for code, team in self.config.fallback_teams.items()}
        return RedisDutyRoster(self.redis, self.desk, teams, self.people.all)

    @cached_property
    def mail_limits(self) -> MailLimits:
        return RedisMailLimits(self.redis)

    @cached_property
    def remarks(self) -> Remarks:
        return Remarks(self.redis, self.crypto)

    @cached_property
    def saved_replies(self) -> RedisSavedReplies:
        return RedisSavedReplies(self.redis, self.crypto)

    @cached_property
    def renewals(self) -> Renewals:
        return RedisRenewals(self.redis, self.crypto)
