"""The menu: main pages, and those that stand beside each other under one of them."""

from __future__ import annotations

from dataclasses import dataclass

from rollforward.text import N_


@dataclass(frozen=True)
class Entry:
    """One line of the menu: address, name, its icon's path. pages: (address, name) of those under it, itself first."""

    path: str
    name: str
    icon: str
    pages: tuple[tuple[str, str], ...] = ()

    def holds(self, path: str) -> bool:
        """Whether the page at `path` is one of this entry's."""
        return any(
            path == p or (p != "/" and path.startswith(f"{p}/")) for p in (self.path, *(p for p, _ in self.pages))
        )


MENU = (
    Entry("/", N_("Overview"), "M4 13h6V4H4zm10 7h6v-9h-6zM4 20h6v-4H4zM14 8h6V4h-6z",
          (("/", N_("At a glance")), ("/findings", N_("What stands out")))),
    Entry("/roll-forward", N_("Roll-forward"), "M4 19V5m0 14h16M8 15v-4m4 4V8m4 7v-2",
          (("/roll-forward", N_("What happened")), ("/forecast", N_("What is ahead")), ("/plan", N_("Growth plan")))),
    Entry("/expansion", N_("Expansion MRR"), "M4 17l6-6 4 4 6-8m0 0h-5m5 0v5",
          (("/expansion", N_("What it is made of")), ("/durability", N_("Whether it lasts")),
           ("/economics", N_("What it costs")), ("/pricing", N_("Prices")))),
    Entry("/retention", N_("Retention"), "M4 12a8 8 0 1 1 2.3 5.7M4 12V6m0 6h6",
          (("/retention", N_("Own figures")), ("/bridge", N_("What moved NDR")), ("/benchmarks", N_("Benchmarks")))),
    Entry("/signals", N_("Signals"), "M4 13a8 8 0 0 1 16 0M7.5 13a4.5 4.5 0 0 1 9 0M12 13v7",
          (("/signals", N_("Reasons to talk")), ("/signals/backtest", N_("How right they were")),
           ("/risks", N_("Chances")), ("/headroom", N_("Headroom")))),
    Entry("/renewals", N_("Renewals"), "M7 3v3m10-3v3M4 8h16M5 5h14v15H5zm4 8l2.2 2.2L15.5 11",
          (("/renewals", N_("What ends soon")), ("/renewals/past", N_("What became of it")), ("/goals", N_("Goals")),
           ("/goals/commission", N_("Commission")))),
    Entry("/opportunities", N_("Opportunities"),
          "M12 3v18M17 7.5C16 6 14.3 5.5 12 5.5c-3 0-4.5 1.3-4.5 3.2 0 4.5 9.5 2.2 9.5 6.8 0 "
          "2-2 3.2-5 3.2-2.5 0-4.3-.8-5.2-2.5",
          (("/opportunities", N_("Whom to talk to")), ("/quotes", N_("Quotes")), ("/offers", N_("Contact budget")),
           ("/worked", N_("Did it work")))),
    Entry("/accounts", N_("Customer accounts"),
          "M8 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-6 9c0-3.5 2.7-6 6-6s6 2.5 6 6m2-9.5a3 3 0 1 0 0-6m2 9"
          "c2.4.8 4 3 4 6.5", (("/accounts", N_("All accounts")), ("/voice", N_("Care and voice")))),
    Entry("/data", N_("Data"),
          "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zm0 0v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12"
          "c0 1.7 3.6 3 8 3s8-1.3 8-3"),
    Entry("/sql", "SQL", "M5 5h14v14H5zM8.5 9.5l2.5 2.5-2.5 2.5M13 15h3"),
    Entry("/settings", N_("Settings"), "M4 8h9m4 0h3M4 16h3m4 0h9M15 5v6M9 13v6"),
)  # fmt: skip


def beside(path: str) -> tuple[tuple[str, str], ...]:
    """The pages that stand beside the one at `path`, itself among them; () where it stands alone."""
    return next((e.pages for e in MENU if e.pages and any(path == p for p, _ in e.pages)), ())
