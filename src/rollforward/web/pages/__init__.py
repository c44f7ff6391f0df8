"""One module a page: its addresses, what it asks, and its template."""
