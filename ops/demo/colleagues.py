"""The agents of the demo's console. Their accounts are created at the first start; the passwords are in `env`."""

from dataclasses import dataclass

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.support import passwords
from fallback.domain.support.accounts import Account, Role
from ops.demo.env import Env


@dataclass(frozen=True)
class Colleague:
    name: str
    role: Role
    password: str  # the name of its setting


COLLEAGUES = [
    Colleague("Anna", Role.AGENT, "DEMO_AGENT_PASSWORD"),
    Colleague("Ben", Role.AGENT, "DEMO_SECOND_AGENT_PASSWORD"),
    Colleague("Lena", Role.LEAD, "DEMO_LEAD_PASSWORD"),
    Colleague("Omar", Role.ONCALL, "DEMO_ONCALL_PASSWORD"),
]


def open_accounts(env: Env) -> None:
    """Creates only missing accounts, so that an account disabled in the demo stays disabled."""
    people = Container(Config.from_env(env)).people
    known = {account.name for account in people.all()}
    for colleague in COLLEAGUES:
        if colleague.name not in known:
            email = f"{colleague.name.lower()}@harbour-books.example"
            people.add(Account(colleague.name, colleague.role, passwords.hashed(env[colleague.password]), email))
