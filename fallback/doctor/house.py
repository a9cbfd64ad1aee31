"""Our own side: settings, secrets, Redis, and the processes that have to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from fallback import __version__
from fallback.bootstrap.container import Container
from fallback.bootstrap.outside import unusable_alert_urls
from fallback.config import Config, unknown_settings
from fallback.doctor.findings import NotKnown, Trouble, Warned
from fallback.domain.oncall.alert_rules import REPLAYED_WITHIN
from fallback.domain.oncall.drill import DrillOutcome, last_result
from fallback.domain.order.order import Queue
from fallback.domain.order.withdrawal import latest_end
from fallback.domain.support.accounts import Permission
from fallback.ledger.journal.directory import OfAnotherShop
from fallback.ledger.redis.commands import NEEDED, refused
from workers.alive import workers_by_queue

# The watermark of readiness is at 90 %: there is time to act before orders are refused.
ENOUGH_MEMORY = 0.7
ENOUGH_DISK_BYTES = 2 * 2**30
# The clocks of one installation; due times and leases are compared across hosts.
MOST_SKEW_SECONDS = 2.0
SECRETS = (
    *("oncall_token", "console_token", "fallback_shop_token"),
    *("fallback_proxy_token", "fallback_metrics_token", "fallback_search_token"),
    "fallback_bounce_token",
)
LISTS = ("secret_key", "fallback_webhook_secret", "fallback_order_webhook_secret")


def settings(container: Container) -> str:
    """Each setting was validated when it was read; this checks several together, and what a start ignores."""
    if problems := [*unknown_settings(), *unusable_alert_urls(container.config)]:
        raise Trouble(" ".join(problems), "Correct or remove it; ops/docs/reference/settings.md lists all settings.")
    public = urlsplit(container.config.public_url)
    if public.scheme != "https" and public.hostname not in ("localhost", "127.0.0.1"):
        raise Trouble(
            "PUBLIC_URL is not https", "Use an https address: cookies and links must not be readable in transit."
        )
    if container.config.fallback_mail_from.endswith("@localhost"):
        raise Trouble("FALLBACK_MAIL_FROM is not set", "Set it to an address that your mail server may send from.")
    return f"all valid; customers use {container.config.public_url}"


def legal_pages(container: Container) -> str:
    """Whether customers can read what applies to their order. The law of most countries asks for it, no order does."""
    if missing := container.config.storefront.missing_pages():
        raise Warned(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set",
            "Set them to these pages of the shop: the checkout, every page's foot and the mails link to them.",
        )
    return "terms, privacy policy, returns and imprint are linked"


def withdrawals(container: Container) -> str:
    """Whether customers can withdraw from the contract for the whole period: who is erased cannot."""
    days, kept = container.withdrawal_days, container.keep_personal_for
    if not days:
        raise NotKnown("off: FALLBACK_WITHDRAWAL_DAYS is 0")
    if kept < (needed := latest_end(days)):
        raise Warned(
            f"personal data is kept for {kept.days} days, and a withdrawal is possible for up to {needed.days}",
            f"Set FALLBACK_KEEP_PERSONAL_DAYS to {needed.days} at least: who was erased cannot state one.",
        )
    return f"possible for {days} days after the delivery"


def secrets(container: Container) -> str:
    """Their strength was validated when they were read. Their age is recorded nowhere."""
    config = container.config
    twice = [names for secret, names in _named(config) if len(names) > 1]
    if twice:
        raise Trouble(f"{' and '.join(twice[0])} are the same", "Give each a value of its own.")
    if len(config.secret_key) > 2:
        raise Trouble(
            f"SECRET_KEY holds {len(config.secret_key)} keys",
            "Finish the rotation: remove the oldest when nothing is encrypted with it any more.",
        )
    return f"strong and different; SECRET_KEY holds {len(config.secret_key)} key(s); their age is not known here"


def _named(config: Config) -> Iterator[tuple[str, list[str]]]:
    holders = [(getattr(config, name), name.upper()) for name in SECRETS if getattr(config, name)]
    holders += [(secret, name.upper()) for name in LISTS for secret in getattr(config, name)]
    holders += [(token, name.upper()) for name, token in config.shared_tokens.items()]
    for secret in {secret for secret, _ in holders}:
        yield secret, [name for each, name in holders if each == secret]


def durability(container: Container) -> str:
    readiness = container.readiness
    says = ", ".join(f"{name} {value}" for name, value in readiness.seen().items())
    if problems := readiness.problems():
        advice = "Orders are refused until then: see ops/redis/redis.conf and ops/docs/reference/redis.md."
        raise Trouble(" ".join(problems), advice)
    return f"{readiness.durability()}; Redis says: {says}"


def redis_user(container: Container) -> str:
    """Whether our user may call all that we call, and RQ with us, also what is needed rarely."""
    if lacking := refused(container.redis):
        raise Trouble(f"our user may not call: {', '.join(lacking)}", "Give it the rules of ops/redis/users.acl.")
    return f"may call all {len(NEEDED)} commands that are needed"


def headroom(container: Container) -> str:
    room = container.readiness.headroom()
    if room is None:
        raise Trouble("Redis does not answer", "Start it, and check REDIS_URL.")
    if room.memory_used is None or room.memory_limit is None:
        raise NotKnown("Redis does not say how much memory it has: watch it where the platform shows it")
    share = (room.memory_used + room.memory_owed) / room.memory_limit
    seen = f"{share:.0%} of {_megabytes(room.memory_limit)} memory in use"
    if share > ENOUGH_MEMORY:
        raise Trouble(seen, "Give Redis more memory, or drain: at 90 % new orders are refused.")
    if room.disk_free is None:
        return f"{seen}; how much disk is free is not known here"
    seen += f", {_megabytes(room.disk_free)} of disk free"
    if room.disk_free < ENOUGH_DISK_BYTES:
        raise Trouble(seen, "Free disk space for Redis: it rewrites its log beside the old one.")
    return seen


def redis_clock(container: Container) -> str:
    for machine, ahead in container.heartbeats.clocks_off(container.clock()).items():
        within(ahead, MOST_SKEW_SECONDS, machine, "Redis'")
    skew = (container.heartbeats.redis_time() - container.wall()).total_seconds()
    return within(skew, MOST_SKEW_SECONDS, "Redis")


def journal(container: Container) -> str:
    """That of this machine."""
    if not container.config.journal.directory:
        raise NotKnown("off: FALLBACK_JOURNAL is not set, so customers read 503 while Redis is away")
    if container.journal is None:
        raise _unused(container.journal_refused)
    state = container.journal.state()
    seen = f"{state.entries} orders, {_megabytes(state.size)} of {_megabytes(state.limit)}"
    if state.set_aside or state.unreadable:
        advice = "See ops/runbooks/journal.md: there may be promised orders in them."
        raise Trouble(f"{seen}, {state.set_aside + state.unreadable} parts cannot be read", advice)
    if state.oldest and container.clock() - state.oldest > REPLAYED_WITHIN:
        raise Trouble(
            f"{seen}, the oldest of {state.oldest:%Y-%m-%d %H:%M} UTC",
            "Web processes replay it while Redis answers; where none runs: `fallback journal replay`.",
        )
    if state.free < state.limit // 2:
        raise Warned(f"{seen}, and room for {_megabytes(state.free)}", "Free disk space for it.")
    return seen


def _unused(refused: OSError | None) -> NotKnown | Trouble:
    match refused:
        case FileNotFoundError(strerror=why):
            return NotKnown(str(why))
        case OfAnotherShop(strerror=why):
            return Trouble(str(why), "Until then customers read 503 while Redis is away.")
    return Trouble("FALLBACK_JOURNAL cannot be used", "Give its directory to the user who runs the web processes.")


def within(skew: float, most: float, whose: str, to: str = "ours") -> str:
    if abs(skew) > most:
        raise Trouble(
            f"the clock of {whose} is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} {to}",
            "Synchronize the clock of every host by NTP (check with timedatectl).",
        )
    return f"{abs(skew):.1f} s apart"


def release(container: Container) -> str:
    newer, damaged = container.looking_again.unread()
    if damaged:
        raise Trouble(
            f"the record of {_first_of(damaged)} is damaged",
            "Nobody works on it. `fallback ledger verify` says what is wrong; restore it from a copy "
            "(ops/docs/how-to/back-up-and-restore.md#restore-one-order).",
        )
    if newer:
        raise Trouble(
            f"a newer release wrote {_first_of(newer)}",
            "They are left alone until then: finish the upgrade, or start that release again "
            "(ops/docs/how-to/upgrade.md).",
        )
    return f"{__version__}; no order needs a newer one"


def _first_of(refs: Sequence[str]) -> str:
    return f"{refs[0]}{' and others' if refs[1:] else ''}"


def workers(container: Container) -> str:
    there: Counter[Queue] = workers_by_queue(container.redis)
    missing = [queue for queue in Queue if not there[queue]]
    if missing:
        raise Trouble(f"no worker for {', '.join(missing)}", "Start `fallback worker`; its log says why it ended.")
    return ", ".join(f"{there[queue]} on {queue}" for queue in Queue)


def clock_process(container: Container) -> str:
    if not container.heartbeats.clock_leads():
        raise Trouble("no clock process leads", "Start `fallback clock`: without it no due work is started.")
    return "one leads"


def colleagues(container: Container) -> str:
    """Whether mail about orders reaches every agent who may own one."""
    accounts = [each for each in container.people.all() if not each.disabled and each.person.may(Permission.HELP)]
    if not accounts:
        raise NotKnown("no account may own orders yet; `fallback users add` opens one")
    unreached = [account.name for account in accounts if not account.email]
    if unreached:
        raise Trouble(
            f"no e-mail address: {', '.join(unreached)}",
            "Set it with `fallback users email`: without it they get no mail about orders on hold.",
        )
    return f"{len(accounts)} can be notified of orders on hold"


def second_step(container: Container) -> str:
    """Whether everybody whose role needs the second step has set it up. Until then their password is all there is."""
    roles = container.config.fallback_totp_roles
    if not roles:
        raise NotKnown("no role needs it: FALLBACK_TOTP_ROLES is not set")
    accounts = [each for each in container.people.all() if each.role in roles and each.password and not each.disabled]
    if without := [account.name for account in accounts if not account.totp]:
        raise Trouble(
            f"not set up: {', '.join(without)}",
            "They are asked at their next sign-in; disable accounts that nobody uses (`fallback users disable`).",
        )
    return f"all {len(accounts)} accounts with a password that need it have it"


def last_drill(container: Container) -> str:
    """Whether the whole pipeline worked in the last drill."""
    if not container.config.drills.cart:
        raise NotKnown("drills are off: FALLBACK_DRILL_CART is not set")
    last = last_result(container.drills.newest())
    if last is None:
        raise NotKnown("no drill has finished yet; `fallback drill` starts one")
    seen = f"{last.outcome} on {last.began:%Y-%m-%d %H:%M} UTC"
    if last.outcome is DrillOutcome.FAILED:
        raise Trouble(f"{seen}: {last.why}", "Fix the cause, then run `fallback drill` again.")
    every = timedelta(hours=container.config.drills.every_hours)
    if every and container.clock() - last.began > 2 * every:  # one left out may be an outage, two are not
        raise Trouble(seen, "Run `fallback drill`, and find out why the clock process started none: it needs standby.")
    return seen


def _megabytes(count: int) -> str:
    return f"{count // 2**20} MB"
