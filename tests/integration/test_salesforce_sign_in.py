"""Signing in at the Salesforce stand-in, over TLS and without, in both grants."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path

import jwt
import pytest
import requests
import trustme

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.ports import Read
from connectors.sample.salesforce_server import App, SalesforceServer
from tests.salesforce_stand_in import (
    CLIENT_ID,
    CLIENT_SECRET,
    READY_TOKEN,
    USERNAME,
    Interposed,
    accounts,
    answering,
    key_pair,
    opened,
    organisation,
    served,
)

TOKEN = "/services/oauth2/token"
READ = Read("Account", ("Id",))
BY_KEY = {"client_secret": "", "username": USERNAME, "private_key_file": "key.pem"}
BY_TOKEN = {"access_token": READY_TOKEN}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "key.pem").write_bytes(key_pair()[0])
    return tmp_path


@pytest.mark.parametrize("way", [{}, BY_KEY], ids=["client credentials", "JWT bearer"])
def test_source_signs_in_over_tls_with_the_authority_it_is_told(way: dict[str, str], folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    salesforce = organisation(10)
    with served(salesforce.app, certificate=authority.issue_cert("127.0.0.1"), folder=folder) as url:
        source = opened(url, folder=folder, ca_file="ca.pem", **way)
        assert len(list(source.rows(READ))) == 10
        source.close()
    assert salesforce.sign_ins == 1


@pytest.mark.parametrize("ca_file", ["", "other.pem"])
def test_certificate_of_an_unknown_authority_is_refused(ca_file: str, folder: Path) -> None:
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    salesforce = organisation(1)
    with served(salesforce.app, certificate=trustme.CA().issue_cert("127.0.0.1"), folder=folder) as url:
        source = opened(url, folder=folder, ca_file=ca_file)
        with pytest.raises(SourceRefusedError, match="ca_file"):
            list(source.rows(READ))
        source.close()
    assert salesforce.sign_ins == 0


def test_authorities_of_the_system_are_trusted_where_no_file_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "system.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "system.pem"))
    with served(organisation(2).app, certificate=authority.issue_cert("127.0.0.1"), folder=folder) as url:
        source = opened(url)
        assert len(list(source.rows(READ))) == 2
        source.close()


def test_certificate_for_another_host_is_refused(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    with served(organisation(1).app, certificate=authority.issue_cert("other.example"), folder=folder) as url:
        source = opened(url, folder=folder, ca_file="ca.pem")
        with pytest.raises(SourceRefusedError, match="certificate"):
            list(source.rows(READ))
        source.close()


@pytest.mark.parametrize("content", [None, b"no certificate"], ids=["missing", "no PEM"])
def test_ca_file_without_certificates_is_refused_at_once(content: bytes | None, tmp_path: Path) -> None:
    if content:
        (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(SourceRefusedError, match="ca_file"):
        opened("https://127.0.0.1:9", folder=tmp_path, ca_file="ca.pem")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"client_secret": "wrong-1"}, "invalid_client.: check client_id and client_secret"),
        ({"client_id": "wrong-1"}, "invalid_client_id.: check client_id"),
        ({**BY_KEY, "username": "wrong-1@vendor.example"}, "invalid_grant.: check username"),
        ({**BY_KEY, "audience": "https://wrong-1.example"}, "invalid_grant.: check username, audience"),
    ],
)
def test_refused_sign_in_says_the_code_and_what_to_check(settings: dict[str, str], said: str, folder: Path) -> None:
    with served(organisation(1).app) as url:
        source = opened(url, folder=folder, **settings)
        with pytest.raises(SourceRefusedError, match=said) as caught:
            list(source.rows(READ))
        source.close()
    assert "wrong-1" not in str(caught.value)


def test_key_that_the_app_does_not_hold_is_refused(folder: Path) -> None:
    strange = SalesforceServer({"Account": []}, apps=[App(CLIENT_ID, users={USERNAME: public_key_of_another()})])
    with served(strange.app) as url:
        source = opened(url, folder=folder, **BY_KEY)
        with pytest.raises(SourceRefusedError, match="holds the key's certificate"):
            list(source.rows(READ))
        source.close()


def test_clock_far_off_is_refused(folder: Path) -> None:
    late = organisation(1, clock=lambda: dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10))
    with served(late.app) as url:
        source = opened(url, folder=folder, **BY_KEY)
        with pytest.raises(SourceRefusedError, match="clock"):
            list(source.rows(READ))
        source.close()


@pytest.mark.parametrize("content", [None, b"-----BEGIN PRIVATE KEY-----\nsecret-9\n-----END PRIVATE KEY-----\n"])
def test_key_file_that_holds_no_key_is_refused(content: bytes | None, tmp_path: Path) -> None:
    if content:
        (tmp_path / "key.pem").write_bytes(content)
    source = opened("http://127.0.0.1:9", folder=tmp_path, **BY_KEY)
    with pytest.raises(SourceRefusedError, match="private_key_file") as caught:
        list(source.rows(READ))
    assert "secret-9" not in str(caught.value)
    source.close()


@pytest.mark.parametrize(
    "instance",
    [
        "https://evil.example",
        "https://salesforce.com.evil.example",
        "https://example.my.salesforce.com",
        "http://169.254.169.254",
        "//evil.example",
        "",
    ],
)
def test_token_is_not_sent_to_an_instance_elsewhere(instance: str) -> None:
    body = json.dumps({"access_token": "token-7", "instance_url": instance}).encode()
    door = Interposed(organisation(1).app, TOKEN, answering(200, body))
    with served(door) as url:
        source = opened(url)
        with pytest.raises(SourceRefusedError, match="not sent there"):
            list(source.rows(READ))
        source.close()
    assert door.requests == [TOKEN]


def test_token_goes_to_the_instance_that_the_sign_in_names() -> None:
    instance = organisation(3)
    with served(instance.app) as there:
        lobby = Interposed(
            None, TOKEN, answering(200, json.dumps({"access_token": READY_TOKEN, "instance_url": there}).encode())
        )
        with served(lobby) as url:
            source = opened(url)
            assert len(list(source.rows(READ))) == 3
            source.close()
    assert (lobby.requests, instance.api_requests) == ([TOKEN], 1)


@pytest.mark.parametrize(
    "body",
    [b"<html>sign in</html>", b"[]", b"{}", b'{"access_token": 7}', b'{"access_token": "a\\nb"}', b"[" * 100_000],
    ids=["HTML", "array", "empty", "number", "two lines", "deep"],
)
def test_answer_without_a_token_is_refused(body: bytes) -> None:
    with served(Interposed(organisation(1).app, TOKEN, answering(200, body))) as url:
        source = opened(url)
        with pytest.raises(SourceRefusedError, match="login_url"):
            list(source.rows(READ))
        source.close()


def test_redirected_sign_in_is_refused_and_the_secret_stays() -> None:
    elsewhere = Interposed(organisation(1).app, "")
    with served(elsewhere) as other:
        moved = answering(307, b"", location=other + TOKEN)
        with served(Interposed(None, TOKEN, moved)) as url:
            source = opened(url)
            with pytest.raises(SourceRefusedError, match="redirect"):
                list(source.rows(READ))
            source.close()
    assert elsewhere.requests == []


def test_sign_in_is_repeated_after_a_short_outage() -> None:
    door = Interposed(organisation(2).app, TOKEN, answering(503, b"down", "text/plain"))
    with served(door) as url:
        source = opened(url)
        assert len(list(source.rows(READ))) == 2
        source.close()
    assert door.requests.count(TOKEN) == 2


def test_too_many_sign_ins_are_said_to_pass() -> None:
    refusal = answering(400, b'{"error": "rate_limit_exceeded", "error_description": "login rate exceeded"}')
    with served(Interposed(organisation(2).app, TOKEN, refusal)) as url:
        source = opened(url)
        with pytest.raises(SourceUnavailableError, match="rate_limit_exceeded"):
            list(source.rows(READ))
        source.close()


def test_ready_token_needs_no_sign_in() -> None:
    salesforce = organisation(4)
    with served(salesforce.app) as url:
        source = opened(url, **BY_TOKEN)
        assert len(list(source.rows(READ))) == 4
        assert source.where() == "Salesforce at 127.0.0.1 (access token)"
        source.close()
    assert salesforce.sign_ins == 0


def test_one_session_serves_several_objects() -> None:
    salesforce = organisation(5)
    with served(salesforce.app) as url:
        source = opened(url)
        assert [len(list(source.rows(Read(name, ("Id",))))) for name in ("Account", "User", "Account")] == [5, 3, 5]
        source.close()
        source.close()
    assert salesforce.sign_ins == 1


def test_no_secret_is_logged_or_shown(caplog: pytest.LogCaptureFixture, folder: Path) -> None:
    caplog.set_level(logging.DEBUG)
    with served(organisation(5).app) as url:
        source = opened(url, folder=folder)
        list(source.rows(READ))
        shown = f"{source!r} {vars(source)} {source.where()}"
        source.close()
    assert "query/?q=SELECT" in caplog.text
    for secret in (CLIENT_SECRET, "00D000000000001!"):
        assert secret not in caplog.text and secret not in shown
    assert source.where() == "Salesforce at 127.0.0.1 (client credentials)"


def test_entry_of_a_netrc_file_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with served(organisation(2).app) as url:
        source = opened(url)
        assert len(list(source.rows(READ))) == 2
        source.close()


def test_way_out_goes_through_the_proxy_that_is_named(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    salesforce = organisation(1)
    with served(salesforce.app, certificate=authority.issue_cert("127.0.0.1"), folder=folder) as url:
        source = opened(url, folder=folder, seconds=0.5, ca_file="ca.pem", proxy_url="http://user:secret-5@127.0.0.1:9")
        with pytest.raises(SourceUnavailableError, match="ProxyError") as caught:
            list(source.rows(READ))
        source.close()
    assert salesforce.sign_ins == 0 and "secret-5" not in str(caught.value)


def test_stand_in_takes_no_assertion_that_salesforce_would_refuse() -> None:
    private, public = key_pair()
    now = dt.datetime.now(dt.UTC).timestamp()
    good = {"iss": CLIENT_ID, "sub": USERNAME, "aud": "https://login.salesforce.com", "exp": now + 120}
    unsigned = jwt.encode(good, "", algorithm="none")
    confused = ".".join(unsigned.split(".")[:2]) + "."
    bad = [
        *(jwt.encode({**good, **change}, private, algorithm="RS256") for change in (
            {"exp": now - 1}, {"exp": now + 3600}, {"aud": "https://x.example"}, {"iss": "x"}, {"sub": "x"},
        )),
        jwt.encode({name: good[name] for name in ("iss", "sub", "aud")}, private, algorithm="RS256"),
        unsigned, confused, "x", "",
    ]  # fmt: skip
    with served(organisation(1).app) as url, requests.Session() as session:
        session.trust_env = False
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
        for assertion in bad:
            answer = session.post(url + TOKEN, data={**form, "assertion": assertion})
            assert (answer.status_code, "access_token" in answer.json()) == (400, False)
        taken = jwt.encode(good, private, algorithm="RS256")
        assert session.post(url + TOKEN, data={**form, "assertion": taken}).json()["token_type"] == "Bearer"
        by_header = session.post(
            url + TOKEN, data={"grant_type": "client_credentials"}, auth=(CLIENT_ID, CLIENT_SECRET)
        )
        assert by_header.ok
        other = session.post(url + TOKEN, data={"grant_type": "password"}).json()
        assert other["error"] == "unsupported_grant_type"
    assert public and accounts(1)


def public_key_of_another() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()
