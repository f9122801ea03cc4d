"""Which model answers which step, as the file and the environment say it, and what is wrong with what they say."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.settings import load_settings
from chains.models import ModelsConfig, Route

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "guides" / "models.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("BATON_") or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)
    return tmp_path


def engine(file: str = "", **environment: str) -> ModelsConfig:
    """The model engine's settings under a `baton.yaml` and an environment."""
    Path("baton.yaml").write_text(file)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return load_settings().model_engine


def refusal(file: str = "", **environment: str) -> str:
    """What is said about wrong settings; always one line."""
    with pytest.raises(ConfigurationError) as caught:
        engine(file, **environment)
    assert "\n" not in caught.value.message
    return caught.value.message


def key(route: Route) -> str:
    return route.api_key.get_secret_value()


def test_without_a_model_the_engine_is_off() -> None:
    assert not engine().enabled
    assert not engine("llm_model: small\n", BATON_LLM_MODEL="", OPENAI_API_KEY="sk-1").enabled


def test_one_variable_gives_every_step_its_model() -> None:
    config = engine("models: {run_seconds: 20}\n", BATON_LLM_MODEL="gpt-5-mini", OPENAI_API_KEY="sk-1")
    route = config.routes["default"]
    assert (config.routes_of("plan"), config.routes_of("write_email")) == (["default"], ["default"])
    assert (route.name, route.base_url, key(route)) == ("openai:gpt-5-mini", "", "sk-1")
    assert config.run_seconds == 20


def test_steps_that_are_named_keep_their_routes_and_may_name_the_short_one() -> None:
    file = """
    models:
      routes:
        large: {model: large, base_url: "http://models:8000/v1"}
      default: [large]
      steps: {write_email: [large, default], plan: []}
    """
    config = engine(file, BATON_LLM_MODEL="gpt-5-mini", OPENAI_API_KEY="sk-1")
    assert config.routes_of("write_email") == ["large", "default"]
    assert config.routes_of("plan") == []
    assert config.routes_of("reason") == ["default"]


def test_prices_may_be_added_to_the_short_route() -> None:
    config = engine("models: {routes: {default: {input_usd: 0.25}}}\n", BATON_LLM_MODEL="m", OPENAI_API_KEY="sk-1")
    assert (config.routes["default"].model, config.routes["default"].input_usd) == ("m", 0.25)


def test_another_model_does_not_inherit_the_prices_of_a_written_one() -> None:
    file = "models: {routes: {default: {model: dear, input_usd: 9}}, default: [default]}\n"
    config = engine(file, BATON_LLM_MODEL="cheap", OPENAI_API_KEY="sk-1")
    assert (config.routes["default"].model, config.routes["default"].input_usd) == ("cheap", 0)


@pytest.mark.parametrize(
    ("model", "base_url", "name"),
    [
        ("gpt-5-mini", "", "openai:gpt-5-mini"),
        ("anthropic:claude", "", "anthropic:claude"),
        ("llama3.1:8b", "http://127.0.0.1:11434/v1", "openai:llama3.1:8b"),
        ("openai:llama3.1:8b", "http://127.0.0.1:11434/v1", "openai:llama3.1:8b"),
    ],
)
def test_behind_a_base_url_a_colon_belongs_to_the_models_own_name(model: str, base_url: str, name: str) -> None:
    assert Route(model=model, base_url=base_url).name == name


def test_a_server_of_ones_own_needs_no_key_and_gets_a_harmless_one() -> None:
    config = engine(BATON_LLM_MODEL="m", BATON_LLM_BASE_URL="http://127.0.0.1:11434/v1")
    assert key(config.routes["default"]) == "none"


def test_openais_key_goes_to_openai_and_to_the_short_variables_server_alone() -> None:
    file = """
    models:
      routes:
        house: {model: m, base_url: "http://models:8000/v1"}
        near: {model: m, base_url: "https://openai.com.example/v1"}
        europe: {model: m, base_url: "https://eu.api.openai.com/v1"}
        other: {model: "anthropic:claude"}
      default: [house, near, europe, other]
    """
    short = {"BATON_LLM_MODEL": "m", "BATON_LLM_BASE_URL": "http://gateway/v1", "OPENAI_API_KEY": "sk-1"}
    keys = {name: key(route) for name, route in engine(file, **short).routes.items()}
    assert keys == {"house": "none", "near": "none", "europe": "sk-1", "other": "", "default": "sk-1"}


def test_a_route_names_the_variable_that_holds_its_key() -> None:
    file = "models: {routes: {a: {model: m, api_key_env: HOUSE_KEY}}, default: [a]}\n"
    assert key(engine(file, HOUSE_KEY="sk-house", OPENAI_API_KEY="sk-1").routes["a"]) == "sk-house"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_named_variable_that_is_not_there_is_said_with_its_route(value: str | None) -> None:
    file = "models: {routes: {large: {model: m, api_key_env: HOUSE_KEY}}, default: [large]}\n"
    said = refusal(file, **({} if value is None else {"HOUSE_KEY": value}))
    assert "models.routes.large" in said and "HOUSE_KEY is not set" in said


@pytest.mark.parametrize(
    ("file", "where"),
    [
        ("models: {routes: {a: {model: m, api_key: sk-secret}}}\n", "models.routes.a.api_key"),
        ("openai_api_key: sk-secret\n", "openai_api_key"),
        ("OPENAI_API_KEY: sk-secret\n", "OPENAI_API_KEY"),
        ("models: {routes: {a: {model: m, api_key_env: sk-secret}}}\n", "models.routes.a.api_key_env"),
        ("llm_base_url: https://me:sk-secret@models/v1\n", "llm_base_url"),
    ],
)
def test_a_key_in_the_file_is_refused_and_not_repeated(file: str, where: str) -> None:
    said = refusal(file)
    assert where.lower() in said.lower() and "sk-secret" not in said


def test_openai_without_a_key_is_refused_with_what_to_set() -> None:
    assert "OPENAI_API_KEY" in refusal(BATON_LLM_MODEL="openai:gpt-5-mini")


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("models: {default: [large]}\n", "these routes are not defined: large"),
        ("models: {steps: {wright_email: []}}\n", "there is no step wright_email; the steps are plan, read_tickets"),
        ("models: {routes: {a: {model: m, input_usd: -1}}}\n", "models.routes.a.input_usd"),
        ("models: {routes: {a: {base_url: 'http://h'}}}\n", "models.routes.a.model: Field required"),
        ("models: {routes: {a: {model: 'openai:'}}}\n", "models.routes.a.model: a model is written provider:name"),
        ("llm_model: 'openai:'\n", "llm_model: a model is written provider:name"),
        ("llm_base_url: localhost:11434\n", "llm_base_url: a base URL starts with http:// or https://"),
        ("llm_base_url: http://h:many/v1\n", "llm_base_url: a base URL starts with http:// or https://"),
        ("models: {routes: {a: {model: m, colour: red}}}\n", "models.routes.a.colour: there is no such setting"),
        ("models: {run_second: 3}\n", "models.run_second: there is no such setting; did you mean run_seconds?"),
        ("models:\n", "models: a group of settings belongs here"),
        ("- models\n", "baton.yaml must hold names with values"),
    ],
)
def test_what_is_wrong_is_said_in_one_clear_line(file: str, says: str) -> None:
    assert says in refusal(file)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("BATON_LMM_MODEL", "BATON_LLM_MODEL"),
        ("BATON_LIMITS_BODY_MIB", "BATON_LIMITS__BODY_MIB"),
        ("BATON_AT_RISK_FROM", "BATON_CHURN__AT_RISK_FROM"),
        ("baton_pot", "BATON_PORT"),
    ],
)
def test_an_unknown_variable_is_refused_with_what_was_probably_meant(variable: str, meant: str) -> None:
    assert f"{variable}: there is no such setting; did you mean {meant}?" in refusal(**{variable: "1"})


def test_an_unknown_variable_like_no_other_is_refused_without_a_guess() -> None:
    assert "BATON_QQQQ: there is no such setting." in refusal(BATON_QQQQ="1")


def test_what_an_orchestrator_sets_for_a_service_called_baton_is_let_be() -> None:
    assert not engine(BATON_SERVICE_HOST="10.0.0.1", BATON_SERVICE_PORT_HTTP="80", BATON_PORT_80_TCP_ADDR="h").enabled


def test_a_list_that_is_no_json_is_said_to_be_one() -> None:
    assert "are JSON" in refusal(BATON_MODELS__DEFAULT="small")
    routes = {"BATON_MODELS__ROUTES__SMALL__MODEL": "m", "BATON_MODELS__DEFAULT": '["small"]', "OPENAI_API_KEY": "sk-1"}
    assert engine(**routes).default == ["small"]


def test_no_key_shows_when_settings_are_printed() -> None:
    Path("baton.yaml").write_text("models: {routes: {a: {model: m, api_key_env: HOUSE_KEY}}, default: [a]}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOUSE_KEY", "sk-house")
        patch.setenv("OPENAI_API_KEY", "sk-openai")
        settings = load_settings()
    assert "sk-" not in f"{settings!r}{settings.model_engine!r}{settings.model_dump_json()}"


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_guide_is_a_settings_file_that_holds(example: str) -> None:
    keys = dict.fromkeys(re.findall(r"api_key_env: (\w+)", example), "sk-1")
    assert engine(example, OPENAI_API_KEY="sk-2", **keys).enabled


def test_the_guide_names_every_setting_of_routes_and_models() -> None:
    named = set(re.findall(r"`(\w+)`", GUIDE))
    assert (set(Route.model_fields) | set(ModelsConfig.model_fields)) - named <= {
        "api_key",
        "routes",
        "default",
        "steps",
    }
