"""The checkout that stays open when a shop's own checkout fails."""

__version__ = "0.1.0"
