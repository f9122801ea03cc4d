"""Keys of repeated requests as rows."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine

from app.runs.repeats import claim, known_run, purge_repeats, repeat_of
from app.security.principal import LOCAL
from tests.unit.app.runs.conftest import NOW

DAY = dt.timedelta(days=1)


def test_the_first_run_to_claim_a_key_keeps_it(engine: Engine) -> None:
    repeat = repeat_of(LOCAL, "/v1/churn/runs", "k", {"a": 1})
    with engine.begin() as connection:
        assert known_run(connection, repeat, since=NOW - DAY) == ""
        assert claim(connection, repeat, "run_1", now=NOW, since=NOW - DAY) == "run_1"
        assert claim(connection, repeat, "run_2", now=NOW, since=NOW - DAY) == "run_1"
        assert known_run(connection, repeat, since=NOW - DAY) == "run_1"


def test_old_keys_alone_are_purged(engine: Engine) -> None:
    old, new = (repeat_of(LOCAL, "/v1/churn/runs", key, {}) for key in ("old", "new"))
    with engine.begin() as connection:
        claim(connection, old, "run_1", now=NOW - 2 * DAY, since=NOW - 9 * DAY)
        claim(connection, new, "run_2", now=NOW, since=NOW - 9 * DAY)
        assert purge_repeats(connection, NOW - DAY) == 1
        assert known_run(connection, old, since=NOW - 9 * DAY) == ""
        assert known_run(connection, new, since=NOW - 9 * DAY) == "run_2"


@pytest.mark.parametrize(("body", "same"), [({"b": 2, "a": 1}, True), ({"a": 1, "b": "2"}, False), ({"a": 1}, False)])
def test_a_body_is_the_same_whatever_the_order_of_its_names(body: object, same: bool) -> None:
    first = repeat_of(LOCAL, "/r", "k", {"a": 1, "b": 2})
    assert (repeat_of(LOCAL, "/r", "k", body) == first) is same
