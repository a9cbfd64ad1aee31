"""The mode, the shop's health, the pace of the hand-over and its forecast."""
