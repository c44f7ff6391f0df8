"""The JSON API under /v1: what the pages show, for programs. Every address and parameter is in /v1/openapi.json."""

from rollforward.web.api import accounts, acting, changing, figures, quoting, store
from rollforward.web.api.describing import router as description

ROUTERS = (figures.router, acting.router, quoting.router, accounts.router, store.router, changing.router)
"""What the description describes."""

__all__ = ["ROUTERS", "description"]
