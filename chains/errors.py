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


class ModelError(ChainError):
    """A chat model gave no usable answer; the built-in engine answers instead.

    `lasting` says that asking again in this run is useless (a wrong key, an unknown model).
    """

    code = "model_error"

    def __init__(self, message: str, *, lasting: bool = False, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.lasting = lasting
        self.retry_after_seconds = retry_after_seconds

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_model_error, (self.message, self.lasting, self.retry_after_seconds)


class BusyModelError(ModelError):
    """The server is busy or failing; asking again later may help."""

    code = "model_busy"


class MalformedAnswerError(ModelError):
    """The model answered, but not in the form asked for; `text` is what it wrote, for a second try."""

    code = "model_answer_malformed"

    def __init__(self, message: str, *, text: str = "") -> None:
        super().__init__(message)
        self.text = text

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_malformed, (self.message, self.text)


class BudgetSpentError(ModelError):
    """The run's time or tokens are spent."""

    code = "model_budget_spent"


def _rebuild_model_error(message: str, lasting: bool, retry_after_seconds: float | None) -> ModelError:
    return ModelError(message, lasting=lasting, retry_after_seconds=retry_after_seconds)


def _rebuild_malformed(message: str, text: str) -> MalformedAnswerError:
    return MalformedAnswerError(message, text=text)
