"""An order: its document, its states, and what is written about it."""
