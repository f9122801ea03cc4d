"""Reads the text that stands in this room: prompts, phrase books and playbooks, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

import yaml
from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_PARTS = re.compile(r"^# System\n(.*?)^# User\n(.*)\Z", re.DOTALL | re.MULTILINE)
_ANGLES = str.maketrans({"<": "‹", ">": "›"})


class PromptError(ValueError):
    """A prompt file that does not hold together, named with what to mend."""

    @property
    def message(self) -> str:
        """What to mend."""
        return str(self)


@cache
def load_text(name: str) -> str:
    """The text stored under a name such as ``churn/playbook.yaml``.

    Raises:
        FileNotFoundError: No such text, or the name points outside this room.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.suffix:
        raise FileNotFoundError(f"no text named {name!r}")
    return resources.files("prompts").joinpath(*path.parts).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Prompt:
    """A prompt of one version: what it takes, the fields of the answer it asks for, and its two texts.

    The system text is the same for every call, so that providers can reuse its prefix; all that varies stands in
    the user text.
    """

    name: str
    version: str
    inputs: tuple[str, ...]
    output: tuple[str, ...]
    system: str
    template: Template

    def user(self, inputs: Mapping[str, Any]) -> str:
        """The user text with its inputs filled in."""
        return self.template.render(inputs).strip()


@cache
def load_prompt(name: str) -> Prompt:
    """The prompt in the file of that name, such as ``churn/write_email.md``.

    Raises:
        PromptError: There is no such file, it lacks a part, or declares other inputs than it uses.
    """
    try:
        text = load_text(name)
    except FileNotFoundError:
        raise PromptError(f"{name}: there is no such prompt file") from None
    except UnicodeDecodeError:
        raise PromptError(f"{name}: the file is not UTF-8 text") from None
    return read_prompt(name, text)


def read_prompt(name: str, text: str) -> Prompt:
    """A prompt out of its file's text: YAML with version, inputs and output, then `# System` and `# User`.

    Raises:
        PromptError: A part is missing, or the inputs declared are not those used.
    """
    front = _FRONT_MATTER.match(text)
    parts = _PARTS.search(front.group(2)) if front else None
    if front is None or parts is None:
        raise PromptError(f"{name}: a prompt needs front matter, a part '# System' and a part '# User'")
    declared = _declared(name, front.group(1))
    missing = [key for key in ("version", "inputs", "output") if key not in declared]
    if missing:
        raise PromptError(f"{name}: the front matter lacks {', '.join(missing)}")
    environment = _environment()
    system, user = parts.group(1).strip(), parts.group(2).strip()
    try:
        template = environment.from_string(user)
        used = meta.find_undeclared_variables(environment.parse(user))
    except TemplateSyntaxError as error:
        raise PromptError(f"{name}: line {error.lineno} of the user text: {error.message}") from error
    if meta.find_undeclared_variables(environment.parse(system)):
        raise PromptError(f"{name}: the system text must be the same for every call; move its inputs to the user text")
    if used != set(declared["inputs"]):
        raise PromptError(f"{name}: declares the inputs {sorted(declared['inputs'])} but uses {sorted(used)}")
    return Prompt(
        name=name,
        version=str(declared["version"]),
        inputs=tuple(declared["inputs"]),
        output=tuple(declared["output"]),
        system=system,
        template=template,
    )


def _declared(name: str, front: str) -> dict[str, Any]:
    try:
        declared = yaml.safe_load(front)
    except yaml.YAMLError as error:
        raise PromptError(f"{name}: the front matter is no YAML: {error}") from error
    if declared is not None and not isinstance(declared, dict):
        raise PromptError(f"{name}: the front matter holds no names with values")
    for key in ("inputs", "output"):
        if not isinstance((declared or {}).get(key, []), list):
            raise PromptError(f"{name}: {key} is a list of names")
    return declared or {}


def check_prompt(prompt: Prompt, inputs: Sequence[str], output: Sequence[str]) -> None:
    """Hold a prompt against the code that uses it.

    Raises:
        PromptError: The code gives other inputs than the prompt takes, or reads other fields than it asks for.
    """
    for kind, said, coded in (("inputs", prompt.inputs, inputs), ("output", prompt.output, output)):
        if set(said) != set(coded):
            raise PromptError(f"{prompt.name}: the prompt's {kind} are {sorted(said)}, the code's {sorted(coded)}")


def quoted(text: str) -> str:
    """A customer's words as they may stand inside a marked block: no angle brackets, so that nothing closes it."""
    return " ".join(text.translate(_ANGLES).split())


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False, autoescape=False
    )
    environment.filters["quoted"] = quoted
    return environment
