"""Texts of pages and mails: found where they are marked, translated in one catalog per capability."""
