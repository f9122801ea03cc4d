"""The sample organisation: some 240 invented customers with a hidden story each, made from a seed and a day."""

from connectors.sample.organisation import Organisation, organisation

__all__ = ["Organisation", "organisation"]
