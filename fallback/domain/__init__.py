"""The rules, in pure Python: no vendor, no input or output, the time is passed in."""
