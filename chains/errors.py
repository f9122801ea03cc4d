"""What a workflow cannot mend by itself, by what to do next."""

from __future__ import annotations


class ChainError(Exception):
    """The root of this room's errors; `code` is stable and public, the message safe to show."""

    code = "workflow_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidQuestionError(ChainError):
    """The question cannot be taken: the caller shortens or mends it. `pointer` says where."""

    code = "invalid_question"

    def __init__(self, message: str, *, pointer: str = "/question") -> None:
        super().__init__(message)
        self.pointer = pointer

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_invalid_question, (self.message, self.pointer)


def _rebuild_invalid_question(message: str, pointer: str) -> InvalidQuestionError:
    return InvalidQuestionError(message, pointer=pointer)
