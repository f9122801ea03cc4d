"""Reads a request's body under a limit; compressed bodies are refused rather than inflated."""

from __future__ import annotations

from starlette.requests import Request

from connectors.shim.problems import ShimError


async def read_body(request: Request, limit: int) -> bytes:
    """The body as it came.

    Raises:
        ShimError: It is larger than `limit` bytes (413), or compressed (415): a question is small.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ShimError(415, "unsupported_media_type", "Send the body without compression; a question is small.")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise ShimError(413, "too_large", f"The body is larger than {limit // 1024} KiB.")
        chunks.append(chunk)
    return b"".join(chunks)
