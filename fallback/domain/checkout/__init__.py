"""Before there is an order: the signed cart, the request that makes an order, saved forms."""
