"""The sample organisation: some 240 invented customers with a hidden story each, made from a seed and a day."""

from connectors.sample.organisation import Organisation, organisation

__all__ = ["SAMPLE_NOTE", "Organisation", "organisation"]

SAMPLE_NOTE = "No payload was sent and no source is configured: this answer is about the sample organisation."
"""What whoever asks is told when the sample organisation stands in for their customers."""
