"""The request to stop this process: work in flight is finished, and no more is claimed."""


class Stop:
    """Set by a signal. A plain flag: a handler that took a lock could wait for the very code that it interrupted."""

    asked = False


stop = Stop()
