"""Pages for agents and on-call engineers, behind a sign-in."""
