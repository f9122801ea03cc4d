"""What is particular to files: their kinds, their text, their folder, their age."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
import pyarrow.parquet
import pytest

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.files.connector import CONNECTOR
from connectors.files.delimited import MOST_CELL_CHARACTERS
from connectors.files.streams import opened
from connectors.ports import Read, Row, Source, SourceContext


def open_source(place: Path, /, *, seconds: float = 30.0, **settings: Any) -> Source:
    context = SourceContext(str(place), seconds, lambda: dt.datetime.now(dt.UTC))
    source: Source = CONNECTOR.open(msgspec.convert(settings, CONNECTOR.settings), context)
    return source


def read(
    place: Path, origin: str, /, *columns: str, only: dict[str, tuple[str, ...]] | None = None, **settings: Any
) -> list[Row]:
    return list(open_source(place, **settings).rows(Read(origin, columns, only or {})))


def refusal(place: Path, origin: str, /, *columns: str, **settings: Any) -> str:
    with pytest.raises(SourceRefusedError) as caught:
        read(place, origin, *columns, **settings)
    return caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "id,name\n1,Ann\n",
        "id;name\n1;Ann\n",
        "id\tname\n1\tAnn\n",
        "id|name\n1|Ann\n",
        "id,name\r\n1,Ann\r\n",
        "\n\nid,name\n\n1,Ann\n\n",
        '"id","name"\n"1","Ann"',
        " id , name \n1,Ann\n",
        "id,name\n1,Ann,,\n",
    ],
    ids=[
        "comma",
        "semicolon",
        "tab",
        "bar",
        "crlf",
        "blank lines",
        "quoted",
        "spaces in the header",
        "empty cells more",
    ],
)
def test_delimited_text_is_read_however_it_is_divided(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert read(tmp_path, "a.csv") == [{"id": "1", "name": "Ann"}]


def test_a_header_that_holds_several_delimiters_is_sniffed_from_its_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id;revenue, EUR;name\n1;10,5;Ann\n2;11,5;Bo\n3;9,25;Cy\n")
    assert read(tmp_path, "a.csv", "name")[1] == {"name": "Bo"}


def test_cells_keep_line_breaks_quotes_and_delimiters(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('id,note\n1,"a ""b"",\r\nc; d"\n', newline="")
    assert read(tmp_path, "a.csv") == [{"id": "1", "note": 'a "b",\r\nc; d'}]


def test_a_cell_may_be_as_long_as_a_long_ticket(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,body\n1,{'x' * 500_000}\n")
    assert len(read(tmp_path, "a.csv")[0]["body"]) == 500_000


def test_a_delimiter_that_is_set_is_taken_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id;name\n1;Ann\n")
    assert read(tmp_path, "a.csv", delimiter=";") == [{"id": "1", "name": "Ann"}]
    assert "divided by ';'" in refusal(tmp_path, "a.csv", "name", delimiter=",")


@pytest.mark.parametrize("delimiter", [";;", "\n", '"'])
def test_a_delimiter_that_cannot_be_one_is_no_setting(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        open_source(tmp_path, delimiter=delimiter)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_read_when_set_and_refused_with_a_hint_when_not(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes("id,name\n1,Zoë Müller\n".encode(encoding))
    assert read(tmp_path, "a.csv", encoding=encoding) == [{"id": "1", "name": "Zoë Müller"}]
    message = refusal(tmp_path, "a.csv", "name")
    assert encoding in message and "utf-8-sig" in message and "Müller" not in message


def test_an_encoding_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    assert "`encoding`" in refusal(tmp_path, "a.csv", encoding="utf-ate")
    assert "`encoding`" in refusal(tmp_path, "a.csv", encoding="hex")


def test_missing_columns_are_named_with_what_resembles_them_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("account_id,amount,Quillfeather\n1,2,3\n")
    message = refusal(tmp_path, "a.csv", "account_id", "amuont", "zzz")
    assert "`amuont` (near: `amount`)" in message and "`zzz`" in message
    assert "Quillfeather" not in message


def test_a_column_that_stands_twice_is_refused_only_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name,name\n1,Ann,Bo\n")
    assert read(tmp_path, "a.csv", "id") == [{"id": "1"}]
    assert "two columns `name`" in refusal(tmp_path, "a.csv", "name")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.csv", b"id,name\n1,Ann\n2", "line 3"),
        ("a.csv", b'id,name\n1,Ann\n2,"Bo', "line 3"),
        ("a.csv", b"id,name\n1,Ann\n2,Bo,Cy\n", "line 3"),
        ("a.jsonl", b'{"id": 1}\n{"id": 2}\n{"id": 3', "line 3"),
        ("a.jsonl", b'{"id": 1}\n\n[3]\n', "line 3"),
        ("a.json", b'[{"id": 1},\n{"id": 2},\n{"id"', "line 3"),
        ("a.json", b'[{"id": 1}, {"id": 2}, 3]', "item 3"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, name: str, content: bytes, line: str) -> None:
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path, name)
    assert f"`{name}` {line}" in message
    assert "Bo" not in message


def test_rows_before_a_broken_line_have_streamed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n{"id"')
    rows = open_source(tmp_path).rows(Read("a.jsonl", ("id",)))
    assert next(rows) == {"id": 1}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"PK\x03\x04 sheet", "Excel"),
        ("a.csv", b"<!DOCTYPE html><html>", "web page"),
        ("a.csv", b"i\0d\0,\0n\0\n\0", "encoding"),
        ("a.xlsx", b"PK\x03\x04", "no kind"),
        ("a.parquet", b"no parquet", "Parquet"),
        ("a.parquet.gz", b"x", "no kind"),
        ("a.json", b'{"rows": []}', "array"),
        ("a.csv.gz", gzip.compress(b"id,name\n1,Ann\n", mtime=0)[:-6], "cut off"),
        ("a.csv.gz", gzip.compress(b"id,name\n1,Ann\n", mtime=0)[:12] + b"\xff" * 9, "damaged"),
        ("a.jsonl", b"\xff\xfe{", "line 1"),
    ],
)
def test_what_is_no_table_is_refused_in_plain_words(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert said in refusal(tmp_path, name)


def test_an_export_without_rows_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n")
    (tmp_path / "a.jsonl").write_text("")
    (tmp_path / "a.json").write_text("[]")
    assert [read(tmp_path, name, "id") for name in ("a.csv", "a.jsonl", "a.json")] == [[], [], []]


def test_json_keeps_types_and_nesting(tmp_path: Path) -> None:
    row = {"id": 7, "owner": {"email": "a@b.example"}, "tags": ["x"], "on": True, "ratio": 0.5}
    (tmp_path / "a.ndjson").write_bytes(b"\xef\xbb\xbf" + json.dumps(row).encode())
    (tmp_path / "a.json").write_text(json.dumps([row]))
    assert read(tmp_path, "a.ndjson") == read(tmp_path, "a.json", *row) == [row]


def test_parquet_keeps_types(tmp_path: Path) -> None:
    row = {"id": 7, "on": dt.date(2026, 11, 2), "at": dt.datetime(2026, 11, 2, 6, tzinfo=dt.UTC), "who": {"name": "A"}}
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), tmp_path / "a.parquet")
    assert read(tmp_path, "a.parquet", *row) == [row]


def test_without_pyarrow_parquet_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "a.csv").write_text("id\n1\n")
    program = """
import datetime as dt, sys
sys.modules["pyarrow"] = None
from connectors.errors import SourceRefusedError
from connectors.files.connector import CONNECTOR, FilesSettings
from connectors.ports import Read, SourceContext
source = CONNECTOR.open(FilesSettings(), SourceContext(sys.argv[1], 9, lambda: dt.datetime.now(dt.UTC)))
print(list(source.rows(Read("a.csv"))))
try:
    list(source.rows(Read("a.parquet")))
except SourceRefusedError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "[{'id': '1'}]",
        "Parquet files need the package pyarrow: pip install pyarrow.",
    ]


def test_a_pattern_reads_all_its_files_in_order_and_not_the_manifest(tmp_path: Path) -> None:
    for month in ("03", "01", "02"):
        (tmp_path / f"invoices_{month}.json").write_text(json.dumps([{"id": month}]))
    (tmp_path / "export.json").write_text('{"exported_at": "2026-11-16"}')
    assert [row["id"] for row in read(tmp_path, "*.json", "id")] == ["01", "02", "03"]
    assert "no file `bills_*.json`" in refusal(tmp_path, "bills_*.json")


def test_a_file_whose_name_looks_like_a_pattern_is_found(tmp_path: Path) -> None:
    (tmp_path / "report [1].csv").write_text("id\n1\n")
    assert read(tmp_path, "report [1].csv") == [{"id": "1"}]


def test_a_misspelt_file_is_told_what_it_may_mean(tmp_path: Path) -> None:
    (tmp_path / "invoices.csv.gz").write_bytes(gzip.compress(b"id\n1\n"))
    assert "`invoices.csv.gz`" in refusal(tmp_path, "invoices.csv")


@pytest.mark.parametrize(
    "origin", ["../secret.csv", "/etc/passwd", "in/../../secret.csv", "..\\secret.csv", "C:\\secret.csv", "**/../*.csv"]
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, origin: str) -> None:
    (tmp_path / "secret.csv").write_text("id\n1\n")
    (tmp_path / "in").mkdir()
    assert "inside the source's `folder`" in refusal(tmp_path, origin, folder="in")


@pytest.mark.parametrize("origin", ["link.csv", "*.csv", "linked/secret.csv", "**/*.csv"])
def test_no_link_leads_out_of_the_folder(tmp_path: Path, origin: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.csv").write_text("id\n1\n")
    (tmp_path / "in").mkdir()
    place = tmp_path / "in" / ("linked" if "linked" in origin else "link.csv")
    place.symlink_to(tmp_path / "out" if "linked" in origin else tmp_path / "out" / "secret.csv")
    assert "leads out" in refusal(tmp_path, origin, folder="in")


def test_a_link_inside_the_folder_and_a_linked_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "a.csv").write_text("id\n1\n")
    (tmp_path / "2026" / "latest.csv").symlink_to("a.csv")
    (tmp_path / "now").symlink_to("2026")
    assert read(tmp_path, "latest.csv", folder="now") == [{"id": "1"}]


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    assert "no file" in refusal(tmp_path, "a.csv")
    assert "no folder `gone`" in refusal(tmp_path, "a.csv", folder="gone")


def test_only_compares_text_and_leaves_numbers_and_flags_in(tmp_path: Path) -> None:
    rows = [{"id": 1, "s": "A"}, {"id": 2, "s": "B"}, {"id": 3, "s": None}, {"id": 4, "s": 5}, {"id": 5, "s": True}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert [row["id"] for row in read(tmp_path, "a.jsonl", "id", only={"s": ("A", "5")})] == [1, 4, 5]


def test_the_manifest_tells_when_the_data_left_the_system(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('{"exported_at": "2026-11-16T08:00:00+02:00"}')
    assert open_source(tmp_path).extracted_at() == dt.datetime(2026, 11, 16, 6, tzinfo=dt.UTC)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"exported_at": 5}', '{"exported_at": "yesterday"}', '"2026"'])
def test_a_manifest_without_an_instant_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "export.json").write_text(content)
    with pytest.raises(SourceRefusedError, match="exported_at"):
        open_source(tmp_path).extracted_at()


def test_without_a_manifest_the_oldest_file_that_was_read_tells(tmp_path: Path) -> None:
    for day in (3, 1, 2):
        (tmp_path / f"{day}.csv").write_text("id\n1\n")
        changed_at = dt.datetime(2026, 11, day, tzinfo=dt.UTC).timestamp()
        os.utime(tmp_path / f"{day}.csv", (changed_at, changed_at))
    source = open_source(tmp_path)
    assert source.extracted_at() is None
    list(source.rows(Read("[23].csv")))
    assert source.extracted_at() == dt.datetime(2026, 11, 2, tzinfo=dt.UTC)


def test_a_gzip_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id\n" + b"1\n" * 600_000))
    with opened(tmp_path / "a.csv.gz", most_inflated_bytes=1_300_000) as stream:
        assert len(stream.read()) == 1_200_003
    with (
        opened(tmp_path / "a.csv.gz", most_inflated_bytes=1_000_000) as stream,
        pytest.raises(SourceRefusedError, match="1,000,000 bytes"),
    ):
        io.BufferedReader(stream).read()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_a_bomb_without_a_line_end_stops_at_the_longest_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"x" * (MOST_CELL_CHARACTERS + 10)))
    assert "16,777,216" in refusal(tmp_path, name)


def test_a_bomb_of_nested_lists_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[" + b"[]," * 6_000_001 + b"[]]")
    assert "too many values" in refusal(tmp_path, "a.json")


def test_reading_stops_when_the_time_is_over_though_no_row_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n" + "1\n" * 5_000)
    source = open_source(tmp_path, seconds=0.0)
    with pytest.raises(SourceUnavailableError, match="longer than 0 s"):
        list(source.rows(Read("a.csv", ("id",), {"id": ("2",)})))


def test_where_is_the_folders_name_and_no_path(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    assert open_source(tmp_path, folder="exports").where() == "files in exports"
    assert str(tmp_path) not in open_source(tmp_path).where()


def test_closing_ends_what_is_being_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n2\n")
    source = open_source(tmp_path)
    reading = source.rows(Read("a.csv"))
    next(reading)
    source.close()
    assert list(reading) == []


def test_a_reader_who_dawdles_is_told_when_the_time_is_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n" + "1\n" * 5_000)
    reading = open_source(tmp_path, seconds=0.2).rows(Read("a.csv"))
    next(reading)
    threading.Event().wait(0.3)
    with pytest.raises(SourceUnavailableError):
        list(reading)


GOOD_LINES = {"a.csv": ["id,name", *(f"{n},Ann" for n in range(300))], "a.jsonl": ['{"id": 1}'] * 300}


@pytest.mark.parametrize(
    ("name", "place", "line"),
    [("a.csv", 7, "7"), ("a.csv", 7, "7,Ann,Bo"), ("a.csv", 301, "9"), ("a.jsonl", 7, '{"id"'), ("a.jsonl", 7, "[3]")],
)
def test_one_broken_line_among_many_good_ones_is_left_out_and_told(
    tmp_path: Path, name: str, place: int, line: str
) -> None:
    lines = [*GOOD_LINES[name][:place], line, *GOOD_LINES[name][place:]]
    (tmp_path / name).write_text("\n".join(lines))
    source = open_source(tmp_path)
    assert len(list(source.rows(Read(name, ("id",))))) == 300
    assert source.skipped() == (f"`{name}` line {place + 1}",)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "line"), [("a.csv", "7"), ("a.jsonl", "{")])
@pytest.mark.parametrize(("good", "broken"), [(200, 3), (5_000, 21)])
def test_many_broken_lines_refuse_the_file_by_the_first(
    tmp_path: Path, name: str, line: str, good: int, broken: int
) -> None:
    head, *rest = GOOD_LINES[name]
    (tmp_path / name).write_text("\n".join([head, *[rest[0]] * good, *[line] * broken]))
    assert f"`{name}` line {good + 2} " in refusal(tmp_path, name)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz", "a.csv", "a.jsonl"])
def test_the_time_is_looked_at_though_only_blank_lines_come(tmp_path: Path, name: str) -> None:
    head = b"id\n1\n" if ".csv" in name else b'{"id": 1}\n'
    content = head + b"\n" * 3_000_000
    (tmp_path / name).write_bytes(gzip.compress(content, 1) if name.endswith(".gz") else content)
    reading = open_source(tmp_path, seconds=0.2).rows(Read(name, ("id",)))
    next(reading)
    threading.Event().wait(0.3)
    with pytest.raises(SourceUnavailableError):
        next(reading)


def test_a_table_of_a_million_columns_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(f"c{n}" for n in range(1_000_000)))
    assert "more than 10,000 columns" in refusal(tmp_path, "a.csv")
    assert "more than 10,000 columns" in refusal(tmp_path, "a.csv", "c1", "d")


def test_a_manifest_that_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "export.json")
    with pytest.raises(SourceRefusedError, match="must be a file"):
        open_source(tmp_path).extracted_at()


def test_whole_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    ids = [18446744073709551617, 123456789012345678901234567890, -9223372036854775809, 7]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"id": number}) for number in ids))
    (tmp_path / "a.json").write_text(json.dumps([{"id": number} for number in ids]))
    assert [row["id"] for row in read(tmp_path, "a.jsonl")] == [row["id"] for row in read(tmp_path, "a.json")] == ids


def repeated(word: str, rows: int) -> pyarrow.Array:
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * rows, pyarrow.int32()), pyarrow.array([word]))


@pytest.mark.parametrize("nested", [False, True], ids=["flat", "nested"])
def test_a_parquet_file_that_unfolds_to_more_than_the_limit_is_refused(tmp_path: Path, nested: bool) -> None:
    column: Any = repeated("x" * 4_000_000, 300)
    if nested:
        column = pyarrow.ListArray.from_arrays(pyarrow.array(range(301), pyarrow.int32()), column)
    pyarrow.parquet.write_table(pyarrow.table({"body": column}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 10_000_000
    assert "unfolds to more than" in refusal(tmp_path, "a.parquet")


def test_a_parquet_row_that_is_too_large_is_refused_and_texts_that_repeat_are_read(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"body": ["x" * 40_000_000]}), tmp_path / "a.parquet")
    assert "a row of more than" in refusal(tmp_path, "a.parquet")
    column = pyarrow.chunked_array([repeated("x" * 1_000_000, 100), repeated("y", 3)])
    pyarrow.parquet.write_table(pyarrow.table({"body": column, "n": range(103)}), tmp_path / "b.parquet")
    rows = read(tmp_path, "b.parquet")
    assert [(row["n"], row["body"][0], len(row["body"])) for row in rows] == [
        *((n, "x", 1_000_000) for n in range(100)),
        *((n, "y", 1) for n in range(100, 103)),
    ]


def test_parquet_keeps_lists_maps_and_gaps_of_texts(tmp_path: Path) -> None:
    rows = [
        {"t": "a", "l": ["a", "b"], "m": [("k", "a")]},
        {"t": None, "l": None, "m": []},
        {"t": "a", "l": [], "m": None},
    ]
    kinds = {"t": pyarrow.string(), "l": pyarrow.list_(pyarrow.string()), "m": pyarrow.map_(pyarrow.string(), pyarrow.string())}  # fmt: skip
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, pyarrow.schema(kinds.items())), tmp_path / "a.parquet")
    assert read(tmp_path, "a.parquet") == rows
