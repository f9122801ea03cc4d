"""What may be called back, judged by its URL alone and by the address it leads to."""

from __future__ import annotations

import pytest

from app.errors import RejectedError
from app.runs.addresses import CallRules, callable_url, is_callable

PUBLIC = CallRules()
PRIVATE = CallRules(allow_private=True)
NAMED = CallRules(allow_hosts=frozenset({"hooks.example.com"}))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "http://hooks.example.com/x",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/latest",
        "https://localhost/x",
        "https://LOCALHOST./x",
        "https://a.localhost/x",
        "https://127.0.0.1/x",
        "https://127.0.0.1./x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[64:ff9b::a9fe:a9fe]/x",
        "https://[2002:7f00:1::]/x",
        "https://0.0.0.0/x",
        "https://[::]/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0177.0.0.1/x",
        "https://127.1/x",
        "https://１２７.0.0.1/x",
        "https://10.0.0.5/x",
        "https://192.168.1.1/x",
        "https://100.64.0.1/x",
        "https://224.0.0.1/x",
        "https://255.255.255.255/x",
        "https://user:secret@hooks.example.com/x",
        "https://hooks.example.com@127.0.0.1/x",
        "https://hooks.example.com\\@127.0.0.1/x",
        "https://hooks.example.com/\nx",
        "https://hooks example.com/x",
        "https://hooks.example.com:99999/x",
        "https://hooks.example.com:0/x",
        "https://hooks.example.com/" + "x" * 2000,
    ],
)
def test_a_url_that_must_not_be_called_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(RejectedError) as caught:
        callable_url(url, PUBLIC)
    assert caught.value.errors[0][0] == "/callback_url"
    assert "example" not in caught.value.message and "127" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x?a=b",
        "https://hooks.example.com:8443/",
        "https://8.8.8.8/x",
        "https://[2606:4700::1]/",
    ],
)
def test_a_public_https_url_is_taken(url: str) -> None:
    assert str(callable_url(url, PUBLIC)) == url


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000/x", "http://localhost/x", "http://[::1]/x", "https://10.0.0.5/x", "https://[fd00::5]/"],
)
def test_private_addresses_are_taken_where_they_are_allowed(url: str) -> None:
    assert callable_url(url, PRIVATE)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.5/x",
        "http://hooks.example.com/x",
        "https://169.254.169.254/",
        "https://[fd00:ec2::254]/",
        "https://168.63.129.16/",
        "https://192.0.0.192/",
        "https://[fd00:ec2::23]/",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "https://100.100.100.200/",
    ],
)
def test_neither_plain_http_beyond_this_machine_nor_metadata_is_ever_taken(url: str) -> None:
    with pytest.raises(RejectedError):
        callable_url(url, PRIVATE)


def test_only_named_hosts_are_taken_where_hosts_are_named() -> None:
    assert callable_url("https://Hooks.Example.com./x", NAMED)
    for url in ("https://example.com/x", "https://evil.hooks.example.com/x", "https://hooks.example.com.evil.com/x"):
        with pytest.raises(RejectedError):
            callable_url(url, NAMED)


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1", True, True),
        ("127.0.0.1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("64:ff9b::7f00:1", False, True),
        ("fd00::1", False, True),
        ("169.254.1.1", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("198.18.0.1", False, False),
        ("192.0.2.1", False, False),
        ("fec0::1", False, False),
        ("::127.0.0.1", False, False),
        ("224.0.1.1", False, False),
        ("240.0.0.1", False, False),
        ("no address", False, False),
    ],
)
def test_an_address_is_callable_when_it_is_public_or_a_network_of_ones_own(
    address: str, public: bool, private: bool
) -> None:
    assert (is_callable(address, PUBLIC), is_callable(address, PRIVATE)) == (public, private)
