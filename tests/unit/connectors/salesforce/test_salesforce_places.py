import pytest

from connectors.salesforce.places import may_follow, origin_of

HOME = "https://example.my.salesforce.com"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.my.salesforce.com/", HOME),
        ("https://example.my.salesforce.com/services?", HOME + ""),
        ("https://crm.example.com:8443/site", "https://crm.example.com:8443"),
        ("http://localhost:8090", "http://localhost:8090"),
        ("http://[::1]:8090", "http://[::1]:8090"),
        ("http://example.my.salesforce.com", ""),
        ("http://127.0.0.1.evil.example", ""),
        ("https://a:b@example.my.salesforce.com", ""),
        ("https://@example.my.salesforce.com", ""),
        ("https://example.my.salesforce.com?x=1", ""),
        ("https://example.my.salesforce.com:nine", ""),
        ("https://[::1", ""),
        ("https://", ""),
        ("https://exa mple.com", ""),
        ("file:///etc/passwd", ""),
        ("", ""),
    ],
)
def test_origin_is_https_or_this_machine(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("login", "instance", "followed"),
    [
        (HOME, HOME, True),
        ("https://login.salesforce.com", HOME, True),
        ("https://login.salesforce.com", "https://na1.salesforce.com", True),
        (HOME, "https://example.my.salesforce.mil", True),
        (HOME, "https://x.cloudforce.com", True),
        (HOME, "https://x.force.com", True),
        (HOME, "https://evilsalesforce.com", False),
        (HOME, "https://salesforce.com.evil.example", False),
        (HOME, "http://127.0.0.1:9", False),
        ("http://127.0.0.1:9", HOME, False),
        ("http://127.0.0.1:9", "http://localhost:10", True),
        ("https://crm.example.com", "https://crm.example.com:8443", True),
        ("https://crm.example.com", "https://other.example.com", False),
    ],
)
def test_tokens_stay_with_salesforce_or_the_login_host(login: str, instance: str, followed: bool) -> None:
    assert may_follow(login, instance) is followed
