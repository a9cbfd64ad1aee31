"""The one place that builds things: Config -> Container. What is expensive to import is built when it is first used."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from fallback.bootstrap.oncall import OnCall
from fallback.bootstrap.refunding import Refunding
from fallback.domain.order.erasing import Erased
from fallback.domain.order.order import Order
from fallback.domain.payment.inbox import Unclaimed
from fallback.payments.currencies import chargeable
from fallback.usecases.checkout.invite_customer import invite_customer
from fallback.usecases.checkout.place_order import place_order
from fallback.usecases.checkout.send_invitations import send_invitations
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.erase_customer import erase_customer
from fallback.usecases.order.erase_overdue import erase_overdue
from fallback.usecases.order.reject_order import reject_order
from fallback.usecases.order.send_notice import send_notice
from fallback.usecases.order.take_back_change import take_back_change
from fallback.usecases.payment.authorize_payment import authorize_payment
from fallback.usecases.payment.follow_payment import follow_payment
from fallback.usecases.payment.give_card import give_card
from fallback.usecases.payment.hear_concern import hear_concern
from fallback.usecases.payment.read_inbox import read_inbox, sweep_inbox
from fallback.usecases.payment.receive_payment_event import receive_payment_event
from fallback.usecases.payment.refund_payment import refund_payment
from fallback.usecases.payment.release_payment import release_payment
from fallback.usecases.payment.return_from_bank import return_from_bank
from fallback.usecases.payment.send_payment_link import send_payment_link
from fallback.usecases.placement.amend_order import amend_order
from fallback.usecases.placement.answer_rival_question import answer_rival_question
from fallback.usecases.placement.merge_order import merge_order
from fallback.usecases.placement.reconcile_order import reconcile_order
from fallback.usecases.placement.release_hold import release_hold
from fallback.usecases.placement.undo_late import undo_late
from fallback.usecases.placement.withdraw_order import withdraw_order
from fallback.usecases.support.accept_handover import accept_handover
from fallback.usecases.support.add_note import add_note
from fallback.usecases.support.answer_question import answer_question
from fallback.usecases.support.arrange_call import arrange_call
from fallback.usecases.support.ask_question import ask_question
from fallback.usecases.support.assign_owner import assign_owner
from fallback.usecases.support.close_call import close_call
from fallback.usecases.support.hand_over import hand_over
from fallback.usecases.support.keep_promise import keep_promise
from fallback.usecases.support.rate_help import rate_help
from fallback.usecases.support.renew_links import renew_links
from fallback.usecases.support.take_over import take_over

if TYPE_CHECKING:
    from fallback.runtime.open_telemetry import Accept


class Container(OnCall, Refunding):
    """Everything that web, workers and the command need, each built once. Tests hand fakes to it by assignment."""

    chargeable = staticmethod(chargeable)

    # --- use cases, bound to what they depend on

    @cached_property
    def place_order(self) -> Accept:
        accept = partial(place_order, ledger=self.ledger, clock=self.clock, chargeable=self.chargeable)
        return self.traces.accepting(accept) if self.traces else accept

    @cached_property
    def give_card(self) -> partial[Order]:
        return partial(give_card, ledger=self.ledger, clock=self.clock)

    @cached_property
    def cancel_order(self) -> partial[Order]:
        return partial(cancel_order, ledger=self.ledger, clock=self.clock)

    @cached_property
    def change_order(self) -> partial[Order]:
        return partial(change_order, ledger=self.ledger, clock=self.clock, chargeable=self.chargeable)

    @cached_property
    def take_back_change(self) -> partial[Order]:
        return partial(take_back_change, ledger=self.ledger, clock=self.clock)

    @cached_property
    def release_hold(self) -> partial[Order]:
        return partial(release_hold, ledger=self.ledger, clock=self.clock)

    @cached_property
    def merge_order(self) -> partial[Order]:
        return partial(merge_order, ledger=self.ledger, clock=self.clock)

    @cached_property
    def take_over(self) -> partial[Order]:
        return partial(take_over, ledger=self.ledger, claims=self.claims, clock=self.clock)

    @cached_property
    def return_from_bank(self) -> partial[Order]:
        return partial(return_from_bank, ledger=self.ledger, clock=self.clock)

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
    def renew_links(self) -> partial[None]:
        return partial(renew_links, renewals=self.renewals, ledger=self.ledger, clock=self.clock)

    @cached_property
    def invite_customer(self) -> partial[None]:
        return partial(invite_customer, mails=self.invitation_mails, clock=self.clock)

    @cached_property
    def send_invitations(self) -> partial[None]:
        return partial(
            send_invitations,
            mails=self.invitation_mails,
            find=self.drafts.of_cart,
            mailer=self.mailer,
            link=self.invitations.link,
            clock=self.clock,
            random=self.random,
        )

    @cached_property
    def rate_help(self) -> partial[Order]:
        return partial(rate_help, ledger=self.ledger, clock=self.clock)

    @cached_property
    def receive_payment_event(self) -> partial[None]:
        return partial(receive_payment_event, ledger=self.ledger, clock=self.clock)

    @cached_property
    def read_inbox(self) -> partial[list[Unclaimed]]:
        return partial(read_inbox, ledger=self.ledger)

    @cached_property
    def sweep_inbox(self) -> partial[None]:
        return partial(sweep_inbox, ledger=self.ledger, clock=self.clock, clocks_agree=self.clocks_agree)

    @cached_property
    def hear_concern(self) -> partial[None]:
        return partial(hear_concern, ledger=self.ledger, clock=self.clock, desk=self.config.fallback_desk)

    @cached_property
    def authorize_payment(self) -> partial[None]:
        return partial(
            authorize_payment,
            ledger=self.ledger,
            gateway_of=self.gateway_of,
            attempts=self.payment_attempts,
            clock=self.clock,
            return_url=self.links.back_from_bank,
        )

    @cached_property
    def follow_payment(self) -> partial[None]:
        return partial(
            follow_payment,
            ledger=self.ledger,
            gateway_of=self.gateway_of,
            attempts=self.payment_attempts,
            clock=self.clock,
        )

    @cached_property
    def release_payment(self) -> partial[None]:
        return partial(
            release_payment,
            ledger=self.ledger,
            gateway_of=self.gateway_of,
            attempts=self.payment_attempts,
            clock=self.clock,
        )

    @cached_property
    def refund_payment(self) -> partial[None]:
        return partial(
            refund_payment,
            ledger=self.ledger,
            gateway_of=self.gateway_of,
            attempts=self.payment_attempts,
            clock=self.clock,
        )

    @cached_property
    def reconcile_order(self) -> partial[None]:
        return partial(
            reconcile_order,
            ledger=self.ledger,
            gateway_of=lambda order: self.watch.over_failures(self.gateway_of(order)),
            payments=self.payment_attempts,
            placements=self.placement_attempts,
            clock=self.clock,
        )

    @cached_property
    def amend_order(self) -> partial[None]:
        return partial(amend_order, ledger=self.ledger, placements=self.placement_attempts, clock=self.clock)

    @cached_property
    def undo_late(self) -> partial[None]:
        return partial(undo_late, ledger=self.ledger, placements=self.placement_attempts, clock=self.clock)

    @cached_property
    def withdraw_order(self) -> partial[None]:
        return partial(withdraw_order, ledger=self.ledger, placements=self.placement_attempts, clock=self.clock)

    @cached_property
    def send_notice(self) -> partial[None]:
        desk = self.config.fallback_desk
        return partial(
            send_notice,
            ledger=self.ledger,
            mailer=self.mailer,
            account_of=self.people.find,
            clock=self.clock,
            random=self.random,
            desk=desk,
        )

    @cached_property
    def erase_customer(self) -> partial[Erased]:
        return partial(erase_customer, ledger=self.ledger, personal=self.personal, clock=self.clock)

    @cached_property
    def erase_overdue(self) -> partial[None]:
        keep = timedelta(days=self.config.fallback_keep_personal_days)
        return partial(
            erase_overdue,
            ledger=self.ledger,
            personal=self.personal,
            keep=keep,
            clock=self.clock,
            clocks_agree=self.clocks_agree,
        )

    @cached_property
    def unpaid_for(self) -> timedelta:
        return timedelta(days=self.config.fallback_unpaid_days)

    @cached_property
    def keep_promise(self) -> partial[None]:
        return partial(
            keep_promise,
            ledger=self.ledger,
            duty=self.duty,
            clock=self.clock,
            clocks_agree=self.clocks_agree,
            unpaid_for=self.unpaid_for,
        )

    @cached_property
    def assign_owner(self) -> partial[Order]:
        return partial(assign_owner, ledger=self.ledger, clock=self.clock)

    @cached_property
    def add_note(self) -> partial[Order]:
        return partial(add_note, ledger=self.ledger, clock=self.clock)

    @cached_property
    def send_payment_link(self) -> partial[Order]:
        return partial(send_payment_link, ledger=self.ledger, clock=self.clock)

    @cached_property
    def reject_order(self) -> partial[Order]:
        return partial(reject_order, ledger=self.ledger, clock=self.clock)

    @cached_property
    def arrange_call(self) -> partial[Order]:
        return partial(arrange_call, ledger=self.ledger, clock=self.clock)

    @cached_property
    def close_call(self) -> partial[Order]:
        return partial(close_call, ledger=self.ledger, clock=self.clock)

    @cached_property
    def hand_over(self) -> partial[Order]:
        return partial(hand_over, ledger=self.ledger, duty=self.duty, clock=self.clock)

    @cached_property
    def accept_handover(self) -> partial[Order]:
        return partial(accept_handover, ledger=self.ledger, duty=self.duty, clock=self.clock)
