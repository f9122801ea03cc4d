"""Floors: bare applications that take the same typed body and give it back."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from langchain_core.runnables import RunnableLambda
from langserve import add_routes
from pydantic import BaseModel, Field

from connectors.records import Payload
from connectors.schema import document_model

UnifiedPayload: Any = document_model(Payload)


class EchoRequest(BaseModel):
    """The churn request with its payload fully typed."""

    question: str = ""
    payload: UnifiedPayload = Field(default_factory=UnifiedPayload)
    payload_id: str = ""
    as_of: str = ""


def app() -> FastAPI:
    """`/langserve/invoke` through LangServe, `/fastapi` without."""
    served = FastAPI()
    echo = RunnableLambda(lambda request: request).with_types(input_type=EchoRequest, output_type=EchoRequest)
    add_routes(served, echo, path="/langserve", enabled_endpoints=["invoke"])

    @served.post("/fastapi")
    async def bare(request: EchoRequest) -> EchoRequest:
        return request

    @served.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    return served


if __name__ == "__main__":
    uvicorn.run(app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
