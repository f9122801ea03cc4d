"""A loopback chat server with the OpenAI API that says what a test or a benchmark tells it to say."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar, cast

import httptools
import orjson

CHAT = "/v1/chat/completions"
BEFORE_HEAD = -1
"""As `Reply.cut_after_bytes`: the connection is reset before a single byte was sent."""

PIECES = 8
Text = TypeVar("Text", str, bytes)
CREATED = 1_790_000_000
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
SECONDS_TO_READ_BEFORE_A_RESET = 0.02
STANDARD_STATUSES = frozenset(map(int, HTTPStatus))
ERROR_KINDS = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}
"""Type and code of OpenAI's error object by status; anything else is ("server_error", None)."""


@dataclass(frozen=True)
class Request:
    """One chat request as it arrived; `number` counts from 1, header names are in lower case."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes

    @property
    def model(self) -> str:
        """The model asked for."""
        return str(self.body.get("model", ""))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation, oldest message first."""
        return self.body.get("messages") or []

    @property
    def system(self) -> str:
        """Text of the first system (or developer) message, else empty."""
        return next((text_of(message) for message in self.messages if message["role"] in ("system", "developer")), "")

    @property
    def user(self) -> str:
        """Text of the last user message, else empty."""
        return next((text_of(message) for message in reversed(self.messages) if message["role"] == "user"), "")

    @property
    def format(self) -> str:
        """How the answer must look: `json_schema`, `json_object` or `text`."""
        return str((self.body.get("response_format") or {}).get("type", "text"))

    @cached_property
    def forced_tool(self) -> str:
        """Name of the tool that the answer must call, else empty."""
        choice, tools = self.body.get("tool_choice"), self.body.get("tools") or []
        if isinstance(choice, dict):
            return str(choice["function"]["name"])
        return str(tools[0]["function"]["name"]) if choice == "required" and tools else ""

    @property
    def schema_name(self) -> str:
        """Name of the JSON schema or of the forced tool, else empty."""
        if self.format == "json_schema":
            return str(self.body["response_format"]["json_schema"]["name"])
        return self.forced_tool

    @property
    def wants_stream(self) -> bool:
        """Whether the answer is to come as server-sent events."""
        return bool(self.body.get("stream"))


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    `usage` is (input, output) tokens, estimated at four characters a token when None. `cut_after_bytes` resets the
    connection after that many bytes of the body. `pause_seconds` lies between the pieces of a body, `delay_seconds`
    before the first byte. `raw_body` replaces the whole body.
    """

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    pause_seconds: float = 0
    usage: tuple[int, int] | None = None
    cached_tokens: int = 0
    finish_reason: str = "stop"
    refusal: str = ""
    cut_after_bytes: int | None = None
    error_message: str = ""
    error_code: str = ""
    raw_body: bytes | None = None


NO_CHAT = Request(0, "", {}, {}, b"")
REFUSED_KEY = Reply(status=401, error_message="Incorrect API key provided: sk-wr**ng.")

Answer: TypeAlias = Callable[[Request], Reply | str]
"""Called in the server's thread, one request at a time: a counter in it needs no lock."""


class ModelServer:
    """Runs in its own thread while the `with` block lasts, in synchronous and asynchronous tests alike.

    The first answers wait until `together` requests are pending, which proves parallel calls without a clock. An
    exception in `answer` becomes a 500 and is raised again where the block ends. With a `key`, other keys get a 401.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        keep: bool = True,
        together: int = 1,
        models: Sequence[str] = ("test-model",),
        key: str = "",
    ) -> None:
        self.answer, self.keep, self.together, self.models, self.key = answer, keep, together, models, key
        self.requests: list[Request] = []
        self.calls = 0
        self.at_once = 0
        self.most_at_once = 0
        self.abandoned = 0
        """Requests whose client left before the answer was sent."""
        self.url = ""
        self.failure: Exception | None = None
        self.connections: set[Connection] = set()
        self.waiting: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listener, started), name="model-server")
        self._thread.start()
        started.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        if self.failure and error is None:
            raise self.failure

    def _run(self, listener: socket.socket, started: threading.Event) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve(listener, started))

    async def _serve(self, listener: socket.socket, started: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: Connection(self, self._loop), sock=listener, backlog=1024)
        started.set()
        await self._stopping.wait()
        # A connection that was accepted but not yet handed to its protocol when the server closes is never closed.
        self._loop.remove_reader(listener)
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        server.close()
        while self.connections:
            for connection in self.connections:
                connection.transport.abort()
            await asyncio.sleep(0)

    def reply(self, path: str, headers: Mapping[str, str], raw: bytes) -> tuple[Reply, list[bytes]]:
        """The reply to one chat request and its segments on the wire."""
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            return segments(Reply(status=400, error_message="We could not parse the JSON body of your request."))
        self.calls += 1
        request = Request(self.calls, path, headers, body, raw)
        if self.keep:
            self.requests.append(request)
        try:
            answer = self.answer(request)
            return segments(Reply(answer) if isinstance(answer, str) else answer, request)
        except Exception as error:
            self.failure = self.failure or error
            return segments(Reply(status=500, error_message=f"The test's answer raised {error!r}"), request)

    def other(self, path: str) -> Reply:
        """The reply to a request that is no chat."""
        if path != "/v1/models":
            return Reply(status=404, error_message=f"Invalid URL ({path})", error_code="unknown_url")
        listed = [{"id": name, "object": "model", "created": CREATED, "owned_by": "tests"} for name in self.models]
        return Reply(raw_body=orjson.dumps({"object": "list", "data": listed}))

    def pend(self, send: Callable[[], None]) -> None:
        """Call `send` once enough requests are pending."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.waiting.append(send)
        if self.most_at_once >= self.together:
            ready, self.waiting = self.waiting, []
            for waiting in ready:
                waiting()

    def done(self, *, sent: bool) -> None:
        """One pending request less."""
        self.at_once -= 1
        self.abandoned += not sent


class Connection(asyncio.Protocol):
    """One keep-alive connection: parses requests and writes each reply in one segment."""

    def __init__(self, server: ModelServer, loop: asyncio.AbstractEventLoop) -> None:
        self.server, self.loop = server, loop
        self.parser = httptools.HttpRequestParser(self)
        self.pending = False
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        if self.timer:
            self.timer.cancel()
        self._finish(sent=False)

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_message_begin(self) -> None:
        self.path, self.headers, self.body = b"", dict[str, str](), list[bytes]()

    def on_url(self, url: bytes) -> None:
        self.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        path, server = self.path.decode("latin-1").partition("?")[0], self.server
        if server.key and self.headers.get("authorization") != f"Bearer {server.key}":
            self._write(*segments(REFUSED_KEY))
        elif (self.parser.get_method(), path) != (b"POST", CHAT):
            self._write(*segments(server.other(path)))
        else:
            reply, parts = server.reply(path, self.headers, b"".join(self.body))
            self.pending = True
            server.pend(lambda: self._later(reply.delay_seconds, lambda: self._write(reply, parts)))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        if self.transport.is_closing():
            return
        if seconds:
            self.timer = self.loop.call_later(seconds, act)
        else:
            act()

    def _write(self, reply: Reply, parts: list[bytes]) -> None:
        if parts:
            self.transport.write(parts[0])
        if rest := parts[1:]:
            self._later(reply.pause_seconds, lambda: self._write(reply, rest))
        elif reply.cut_after_bytes is not None:
            self._later(SECONDS_TO_READ_BEFORE_A_RESET if parts else 0, self._reset)
        else:
            self._finish(sent=True)

    def _reset(self) -> None:
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.transport.abort()
        self._finish(sent=True)

    def _finish(self, *, sent: bool) -> None:
        if self.pending:
            self.pending = False
            self.server.done(sent=sent)


def text_of(message: Mapping[str, Any]) -> str:
    """A message's text, its parts joined."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def segments(reply: Reply, request: Request = NO_CHAT) -> tuple[Reply, list[bytes]]:
    """The reply and what goes out in one write each: all at once, unless there are pauses."""
    if reply.cut_after_bytes == BEFORE_HEAD:
        return reply, []
    parts = list(encoded(request, reply))
    return reply, parts if reply.pause_seconds else [b"".join(parts)]


def encoded(request: Request, reply: Reply) -> Iterator[bytes]:
    """Head with the first piece of the body, then the other pieces; cut where the reply says."""
    streamed = request.wants_stream and reply.status == 200
    pieces = list(events(request, reply)) if streamed and reply.raw_body is None else [whole_body(request, reply)]
    headers = {
        "content-type": "text/event-stream" if streamed else "application/json",
        "x-request-id": f"req_{request.number}",
        **{name.lower(): value for name, value in reply.headers.items()},
    }
    length = "transfer-encoding: chunked" if streamed else f"content-length: {sum(map(len, pieces))}"
    lines = [f"HTTP/1.1 {reply.status} {phrase(reply.status)}", length, *(f"{k}: {v}" for k, v in headers.items())]
    if reply.pause_seconds and not streamed:
        pieces = split(pieces[0])
    if reply.cut_after_bytes is not None:
        pieces = cut(pieces, reply.cut_after_bytes)
    if streamed:
        pieces = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece]
    if streamed and reply.cut_after_bytes is None:
        pieces.append(b"0\r\n\r\n")
    first, *others = pieces or [b""]
    yield "\r\n".join([*lines, "\r\n"]).encode("latin-1") + first
    yield from others


def phrase(status: int) -> str:
    """What a status is called; providers use some that no standard knows, such as 529."""
    return HTTPStatus(status).phrase if status in STANDARD_STATUSES else "Error"


def whole_body(request: Request, reply: Reply) -> bytes:
    """The body of an answer that is not streamed."""
    if reply.raw_body is not None:
        return reply.raw_body
    if reply.status >= 400:
        kind, code = ERROR_KINDS.get(reply.status, ("server_error", None))
        message = reply.error_message or phrase(reply.status)
        error = {"message": message, "type": kind, "param": None, "code": reply.error_code or code}
        return orjson.dumps({"error": error})
    message_out: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": reply.refusal or None}
    if reply.refusal:
        message_out["content"] = None
    elif request.forced_tool:
        message_out |= {"content": None, "tool_calls": [tool_call(request, reply.text)]}
    choice = {"index": 0, "message": message_out, "logprobs": None, "finish_reason": reply.finish_reason}
    return orjson.dumps({**envelope(request, "chat.completion"), "choices": [choice], "usage": usage(request, reply)})


def events(request: Request, reply: Reply) -> Iterator[bytes]:
    """The server-sent events of a streamed answer, `[DONE]` included."""
    outer = envelope(request, "chat.completion.chunk")

    def event(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return b"data: " + orjson.dumps({**outer, "choices": [choice]}) + b"\n\n"

    tool = None if reply.refusal else request.forced_tool
    yield event({"role": "assistant", **({"tool_calls": [{"index": 0, **tool_call(request, "")}]} if tool else {})})
    for piece in split(reply.refusal or reply.text):
        if tool:
            yield event({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        else:
            yield event({"refusal" if reply.refusal else "content": piece})
    yield event({}, reply.finish_reason)
    if (request.body.get("stream_options") or {}).get("include_usage"):
        yield b"data: " + orjson.dumps({**outer, "choices": [], "usage": usage(request, reply)}) + b"\n\n"
    yield b"data: [DONE]\n\n"


def envelope(request: Request, kind: str) -> dict[str, Any]:
    """The fields around every answer's choices."""
    return {"id": f"chatcmpl-{request.number}", "object": kind, "created": CREATED, "model": request.model}


def tool_call(request: Request, arguments: str) -> dict[str, Any]:
    """A call of the forced tool."""
    function = {"name": request.forced_tool, "arguments": arguments}
    return {"id": f"call_{request.number}", "type": "function", "function": function}


def usage(request: Request, reply: Reply) -> dict[str, Any]:
    """The reply's token counts in the API's form."""
    into, out = reply.usage or (sum(len(text_of(message)) for message in request.messages) // 4, len(reply.text) // 4)
    details = {"prompt_tokens_details": {"cached_tokens": reply.cached_tokens}}
    return {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out, **details}


def split(text: Text) -> list[Text]:
    """The text in at most `PIECES` pieces of about equal length."""
    step = max(1, math.ceil(len(text) / PIECES))
    return [text[start : start + step] for start in range(0, len(text), step)]


def cut(pieces: Sequence[bytes], size: int) -> list[bytes]:
    """The pieces up to `size` bytes in all."""
    kept = []
    for piece in pieces:
        kept.append(piece[: max(0, size)])
        size -= len(piece)
    return [piece for piece in kept if piece]


def always(text: str, **fields: Any) -> Answer:
    """The same text for every request; further fields are those of `Reply`."""
    reply = Reply(text, **fields)
    return lambda request: reply


def scripted(replies: Sequence[Reply | str]) -> Answer:
    """The replies in order, the last one for ever."""
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def by_schema(answers: Mapping[str, Answer], default: Answer | None = None) -> Answer:
    """An answer by the request's schema or tool name; a name without one goes to `default`, else is a test's error."""

    def answer(request: Request) -> Reply | str:
        chosen = answers.get(request.schema_name, default)
        if chosen is None:
            raise LookupError(f"no answer for schema {request.schema_name!r}; there are {sorted(answers)}")
        return chosen(request)

    return answer


def without_json_schema(inner: Answer) -> Answer:
    """A server that refuses `json_schema`, as older ones do."""
    refusal = Reply(status=400, error_message="response_format type json_schema is not supported")
    return lambda request: refusal if request.format == "json_schema" else inner(request)


def without_json_schema_or_tools(inner: Answer) -> Answer:
    """A server that can neither follow a schema nor call tools."""
    refusal = Reply(status=400, error_message="this model does not support tools")
    return without_json_schema(lambda request: refusal if request.body.get("tools") else inner(request))


def wrong_key() -> Answer:
    """No request has the right key."""
    return lambda request: REFUSED_KEY


def unknown_model() -> Answer:
    """No model exists under any name."""
    missing = "The model `{}` does not exist or you do not have access to it."
    return lambda request: Reply(status=404, error_message=missing.format(request.model))


def failing(times: int, status: int, inner: Answer, **fields: Any) -> Answer:
    """The first `times` requests fail with `status`; further fields are those of `Reply`."""
    left = iter(range(times))
    failure = Reply(status=status, **fields)
    return lambda request: inner(request) if next(left, None) is None else failure


def too_many(times: int, inner: Answer, retry_after: str | None = "1") -> Answer:
    """The first `times` requests are over the rate limit, with or without a `Retry-After`."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return failing(times, 429, inner, headers=headers, error_message="Rate limit reached for requests")


def silent(seconds: float, inner: Answer | None = None) -> Answer:
    """Nothing for so long, then the inner answer or a reset connection."""

    def answer(request: Request) -> Reply:
        answered = inner(request) if inner else Reply(cut_after_bytes=BEFORE_HEAD)
        return replace(Reply(answered) if isinstance(answered, str) else answered, delay_seconds=seconds)

    return answer
