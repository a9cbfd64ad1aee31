"""Switch the mode, probe the primary, pace the hand-over."""
