"""Saved forms and invitations in Redis."""
