"""A small storefront before Vendure: what a headless shop has, in pages that a server makes.

It keeps nothing: baskets and sessions are Vendure's, whose cookies it passes on in both directions.
"""
