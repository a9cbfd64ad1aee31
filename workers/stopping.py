"""A request to stop this process: work in flight is finished, and no more is claimed."""


class Stop:
    """A plain flag, set by a signal handler. A lock could deadlock: the handler interrupts its holder."""

    asked = False


stop = Stop()
