"""Change, cancel, reject and erase orders; send notices."""
