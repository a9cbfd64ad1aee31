"""The wish that this process ends: what is in flight is finished, nothing more is taken."""


class Stop:
    """Set by a signal. A plain flag: a handler that took a lock could wait for the very code that it interrupted."""

    asked = False


stop = Stop()
