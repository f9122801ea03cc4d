from typing import Any

import msgspec
import pytest

from connectors.salesforce.connector import CONNECTOR
from connectors.salesforce.settings import SalesforceSettings

LOGIN = {"login_url": "https://example.my.salesforce.com", "client_id": "key"}
SECRET = {**LOGIN, "client_secret": "hidden-1"}
READY = {"access_token": "hidden-2", "instance_url": "https://example.my.salesforce.com"}


def read(given: dict[str, Any]) -> SalesforceSettings:
    return msgspec.convert(given, SalesforceSettings)


@pytest.mark.parametrize(
    ("given", "way"),
    [
        (SECRET, "client credentials"),
        ({**LOGIN, "username": "u@example.com", "private_key_file": "key.pem"}, "JWT bearer"),
        (READY, "access token"),
        ({**SECRET, "login_url": "http://127.0.0.1:8090"}, "client credentials"),
    ],
    ids=["secret", "key", "ready token", "this machine without TLS"],
)
def test_settings_take_one_way_in(given: dict[str, Any], way: str) -> None:
    assert read(given).way_in == way


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give one way in"),
        (LOGIN, "give one way in"),
        ({**SECRET, "username": "u@example.com", "private_key_file": "key.pem"}, "give one way in"),
        ({**SECRET, **READY}, "give one way in"),
        ({**LOGIN, "username": "u@example.com"}, "private_key_file is missing"),
        ({"client_secret": "hidden-1"}, "login_url is missing; client_id is missing"),
        ({"access_token": "hidden-2"}, "instance_url is missing"),
        ({**SECRET, "login_url": "http://example.my.salesforce.com"}, "login_url must be an address"),
        ({**SECRET, "login_url": "https://user:pw@example.my.salesforce.com"}, "login_url must be an address"),
        ({**SECRET, "login_url": "example.my.salesforce.com"}, "login_url must be an address"),
        ({**READY, "instance_url": "ftp://127.0.0.1"}, "instance_url must be an address"),
        ({**READY, "access_token": "hidden\r\nX-Evil: 1"}, "access_token holds a character"),
        ({**SECRET, "api_version": "latest"}, "api_version must be"),
        ({**SECRET, "api_version": "61.0/../../x"}, "api_version must be"),
        ({**SECRET, "page_size": 100}, "`int` >= 200"),
        ({**SECRET, "password": "x"}, "unknown field `password`"),
    ],
)
def test_settings_say_what_is_wrong_and_echo_nothing(given: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        read(given)
    assert said in str(caught.value)
    assert "hidden" not in str(caught.value) and "pw@" not in str(caught.value)


@pytest.mark.parametrize("version", ["61.0", "v61.0", 61.0, 61])
def test_version_may_be_written_as_a_number(version: object) -> None:
    assert read({**SECRET, "api_version": version}).version == "61.0"


def test_settings_show_no_secret() -> None:
    settings = read({**SECRET, "proxy_url": "http://user:hidden-3@proxy.example:3128"})
    assert "hidden" not in repr(settings) and "hidden" not in f"{settings} {[settings]}"
    assert "hidden" not in repr(read(READY))
    assert "example.my.salesforce.com" in repr(settings)


def test_connector_has_the_name_that_files_use() -> None:
    assert (CONNECTOR.name, CONNECTOR.settings) == ("salesforce", SalesforceSettings)
