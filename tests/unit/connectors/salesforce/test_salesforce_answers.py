import pytest
import requests
from simple_salesforce.exceptions import SalesforceError

from connectors.salesforce.answers import PassingError, is_passing

LIMIT = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]


def answer(status: int, content: object) -> SalesforceError:
    return SalesforceError("https://example.my.salesforce.com", status, "query", content)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (answer(503, b"<html>"), True),
        (answer(429, [{"errorCode": "SERVER_UNAVAILABLE"}]), True),
        (answer(503, LIMIT), False),
        (answer(403, LIMIT), False),
        (answer(400, [{"errorCode": "MALFORMED_QUERY"}]), False),
        (PassingError(502), True),
        (requests.ConnectionError("reset"), True),
        (requests.ReadTimeout("silent"), True),
        (requests.exceptions.SSLError("UNEXPECTED_EOF_WHILE_READING"), True),
        (requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer"), False),
        (requests.JSONDecodeError("no", "", 0), False),
        (ValueError("ours"), False),
    ],
    ids=str,
)
def test_only_what_may_be_otherwise_in_a_moment_is_tried_again(error: Exception, passing: bool) -> None:
    assert is_passing(error) is passing
