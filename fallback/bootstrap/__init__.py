"""Builds everything from the settings: the container of adapters."""
