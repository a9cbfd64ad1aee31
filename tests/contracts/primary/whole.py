"""Every test of the contract, for a real shop, whose module has a `world` of its own."""

from tests.contracts.primary.test_amending import *  # noqa: F403
from tests.contracts.primary.test_cancelling import *  # noqa: F403
from tests.contracts.primary.test_looking import *  # noqa: F403
from tests.contracts.primary.test_placing import *  # noqa: F403
