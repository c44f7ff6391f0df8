"""The web application: pages, JSON and what a browser needs. It asks `rollforward.api`; no figure is made here."""
