"""The clock that is passed to code that needs the time: aware, in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
