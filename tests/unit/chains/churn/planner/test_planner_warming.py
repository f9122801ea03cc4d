from __future__ import annotations

import subprocess
import sys

_COLD = """
from datetime import date
from chains.churn.config import ChurnConfig
from chains.churn.planner import Vocabulary, plan_question, warm
from chains.churn.planner.reading import _compiled
warm()
before = _compiled.cache_info().misses
plan_question("Which SMB customers are at risk next quarter?", Vocabulary(segments=("SMB",)), as_of=date(2026, 11, 20),
              config=ChurnConfig())
print(before, _compiled.cache_info().misses - before)
"""


def test_warm_loads_the_wordings_that_the_first_question_needs() -> None:
    ran = subprocess.run([sys.executable, "-c", _COLD], capture_output=True, text=True, check=True)
    loaded, missing = map(int, ran.stdout.split())
    assert loaded > 50
    assert missing <= 3
