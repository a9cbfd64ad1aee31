"""Pages and the HTTP API: Flask behind granian."""
