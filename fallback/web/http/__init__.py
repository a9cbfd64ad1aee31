"""HTTP for every route: sign-in and limits, security headers, errors, forms, static files."""
