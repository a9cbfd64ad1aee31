"""An order as pages and API show it, shared by customer pages, the console and the API."""
