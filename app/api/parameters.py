"""Parameters that several routes take, with the bounds that hold for all of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

NO_NUL = r"^[^\x00]*$"
"""PostgreSQL takes no NUL in text."""

RunId = Annotated[str, Path(description="As in a run's `run_id`.", pattern=NO_NUL)]
DraftId = Annotated[str, Path(description="As in a draft's `draft_id`.", pattern=NO_NUL)]
PayloadId = Annotated[
    str,
    Path(
        description="An id of your own: 1 to 120 letters, digits and . _ : -, not beginning with pay_.",
        json_schema_extra={"pattern": "^(?!pay_)[A-Za-z0-9._:-]{1,120}$"},
    ),
]
IDEMPOTENCY_KEY = {"minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"}
"""As the route reads it: printable ASCII; HTTP itself strips blanks at the ends."""
