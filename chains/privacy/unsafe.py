"""Text without characters that hide, reorder or control; the same as the outside world's rooms use."""

from connectors.toolkit.unsafe import strip_unsafe

__all__ = ["strip_unsafe"]
