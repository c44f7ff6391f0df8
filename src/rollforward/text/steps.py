"""Why a step is recommended for a renewal, as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rollforward import text
from rollforward.text import figures
from rollforward.text.renewals import STEPS
from rollforward.text.signals import subject, title


def reason(record: Mapping[str, object]) -> str:
    """Why a step is recommended, as one sentence in the language in force."""
    used, notice = record.get("used"), record.get("notice_on")
    metric = str(record.get("used_metric") or "")
    said = {
        "signal": title(str(record.get("because") or "")),
        "used": figures.percent(used, 0) if isinstance(used, float) else figures.NONE,
        "metric": subject("", metric),
        "notice_on": figures.day(notice) if isinstance(notice, date) else figures.NONE,
    }
    return text.fill(STEPS[str(record["next_step"])][1], said)
