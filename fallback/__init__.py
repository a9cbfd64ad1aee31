"""The checkout that stays open when a shop's own checkout fails."""
