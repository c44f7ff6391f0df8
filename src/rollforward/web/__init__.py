"""The web application: pages in English and Thai and the JSON API, over the same `api.Store` as the command line."""
