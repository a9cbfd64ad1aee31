"""An order of a program."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.api_client import opened, place


@pytest.fixture
def order(client: FlaskClient) -> dict[str, str]:
    """The address of an order that was just placed."""
    return opened(place(client))
