"""The configured sources: the file that `sources` names, with its secrets taken from the environment."""

from __future__ import annotations

import os

from app.settings import Settings
from connectors.source_config import SourceConfig, load_sources


def configured_sources(settings: Settings) -> tuple[SourceConfig, ...]:
    """The systems to read where a request brings no payload; none by default.

    Raises:
        InvalidSourceConfigError: The file is wrong; the message names file, line and field.
    """
    if settings.sources is None:
        return ()
    return load_sources(settings.sources, environ=os.environ).sources
