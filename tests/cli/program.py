"""The program under test and the file that most tests import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., "subprocess.CompletedProcess[str]"]
PROGRAM = Path(sys.executable).parent / "rollforward"

# definitions.md section 5: the worked example
EXAMPLE = """\
account_id,subscription_id,plan,start_date,end_date,amount,currency
A,a,gold,2025-06-01,2026-01-15,1000.00,EUR
A,a,gold,2026-01-15,,1500.00,EUR
B,b,gold,2025-06-01,2026-01-20,500.00,EUR
B,b,gold,2026-01-20,,300.00,EUR
C,c,silver,2025-06-01,2026-01-10,400.00,EUR
D,d,silver,2025-06-01,2025-11-15,300.00,EUR
D,d,silver,2026-01-12,,300.00,EUR
E,e,silver,2026-01-05,,250.00,EUR
"""
