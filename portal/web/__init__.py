"""The web kit: application class, requests, forms, navigation values, errors, security headers, templating."""
