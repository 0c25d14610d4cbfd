"""Running an import into a journal: counts, repetition, interruption, bad input (docs/import-format.md)."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.channels.imports.errors import ImportFileError
from console.desk.imports import ImportIncomplete, ImportReport, run_import
from console.domain import events as ev
from console.domain.events import imported_id, ticket_stream
from console.domain.ticket import Ticket, fold
from console.guidelines_files import shipped_history
from console.journal.store import Journal
from tests.channels.event_lines import row

NOW = 1_767_225_600_000
HISTORY = shipped_history()
INCIDENTS = Path("data") / "incidents"
ROOT = Path(__file__).resolve().parents[2]

STORY = [
    row("ticket_created", 0, seq=1, subject="Labs", impact="high", body="Help", actor="Maria"),
    row("assigned", 5, seq=2, to="Ana"),
    row("agent_reply", 9, seq=3, body="Looking", actor="Ana"),
    row("solved", 60, seq=4),
    row("closed", 90, seq=5),
]

Import = Callable[..., ImportReport]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.db", history=HISTORY, now_ms=NOW) as opened:
        yield opened


@pytest.fixture
def run(journal: Journal, tmp_path: Path) -> Import:
    """Imports rows, bytes or a file into the journal."""

    def of(content: Path | bytes | Sequence[Any], name: str = "events.jsonl", **options: Any) -> ImportReport:
        path = content if isinstance(content, Path) else tmp_path / name
        if not isinstance(content, Path):
            path.write_bytes(content if isinstance(content, bytes) else as_lines(content))
        return run_import(journal, path, rejects_folder=tmp_path / "rejects", now_ms=NOW, **options)

    return of


def as_lines(rows: Sequence[Any]) -> bytes:
    return b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in rows) + b"\n"


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    assert report.read == report.taken + report.repeated + report.rejected
    return report.read, report.taken, report.repeated, report.rejected


def rejects(report: ImportReport) -> list[tuple[int, str]]:
    if report.rejects_file is None:
        return []
    written = [json.loads(line) for line in report.rejects_file.read_text().splitlines()]
    return [(reject["line"], reject["reason"]) for reject in written]


def ticket(journal: Journal, name: str = "T-1", format: str = "ticket-events", source: str = "ticket-events") -> Ticket:
    folded = fold(journal.entries(ticket_stream(imported_id(format, source, name))))
    assert folded is not None
    return folded


def test_an_import_is_recorded_at_its_sources_instants(run: Import, journal: Journal) -> None:
    report = run(STORY)
    assert counts(report) == (5, 5, 0, 0)
    assert (report.tickets, report.entries, report.rejects_file) == (1, 6, None)
    state = ticket(journal)
    assert (state.subject, state.status, state.assignee, state.impact) == ("Labs", "closed", "Ana", "high")
    entries = journal.entries(ticket_stream(state.id))
    assert [(entry.counts_at - 1760443200000) // 60_000 for entry in entries] == [0, 0, 5, 9, 60, 90]
    assert journal.check() == []


def test_the_same_file_again_is_repeated_under_any_name(run: Import, journal: Journal) -> None:
    run(STORY)
    head = journal.head()
    assert counts(run(STORY, "renamed.jsonl")) == (5, 0, 5, 0)
    assert journal.head() == head


def test_another_source_is_another_help_desk(run: Import) -> None:
    run(STORY)
    assert counts(run(STORY, source="other desk")) == (5, 5, 0, 0)


def test_a_grown_file_takes_what_is_new(run: Import, journal: Journal) -> None:
    run(STORY[:3])
    assert counts(run(STORY)) == (5, 2, 3, 0)
    assert ticket(journal).status == "closed"


def test_a_file_of_new_rows_only_finds_its_ticket_in_the_journal(run: Import, journal: Journal) -> None:
    run(STORY[:3])
    assert counts(run(STORY[3:], "delta.jsonl")) == (2, 2, 0, 0)
    assert ticket(journal).status == "closed"


def test_rows_of_a_ticket_that_nobody_created_are_rejected_and_can_be_taken_later(run: Import) -> None:
    said = "The ticket T-1 is not created, neither in this file nor by an earlier import."
    report = run(STORY[1:])
    assert counts(report) == (4, 0, 0, 4)
    assert rejects(report) == [(line, said) for line in range(1, 5)]
    run(STORY[:1])
    assert counts(run(STORY[1:])) == (4, 4, 0, 0)


def test_a_known_row_with_other_content_is_rejected_and_the_first_kept(run: Import, journal: Journal) -> None:
    run(STORY)
    changed = [{**STORY[0], "subject": "Other", "body": "More"}, {**STORY[1], "to": "Ben"}, *STORY[2:]]
    report = run(changed)
    assert counts(report) == (5, 0, 3, 2)
    said = "This row was imported before with other content, or under other rules; the first is kept."
    assert rejects(report) == [(1, said), (2, said)]
    assert (ticket(journal).subject, ticket(journal).assignee) == ("Labs", "Ana")


def test_a_conflict_records_no_part_of_its_row(run: Import, journal: Journal) -> None:
    run([row("ticket_created", seq=1, subject="Labs")])
    head = journal.head()
    assert counts(run([row("ticket_created", seq=1, subject="Other", body="New")])) == (1, 0, 0, 1)
    assert journal.head() == head


def test_rows_without_a_seq_keep_their_ids_when_the_file_grows(run: Import) -> None:
    bare = [{key: value for key, value in line.items() if key != "seq"} for line in STORY]
    twice = [bare[0], row("customer_reply", 1, body="Hi"), row("customer_reply", 1, body="Hi")]
    run(twice)
    assert counts(run([*twice, *bare[1:], row("customer_reply", 1, body="Hi")])) == (8, 5, 3, 0)


def test_a_follow_up_is_the_same_when_the_file_grows_or_only_its_end_comes(run: Import, journal: Journal) -> None:
    replies = [row("customer_reply", 100 + i, seq=10 + i, body=f"Again {i}", actor="Maria") for i in range(4)]
    report = run([*STORY, *replies[:2]])
    assert (report.follow_ups, report.tickets) == (1, 2)
    assert counts(run([*STORY, *replies[:3]])) == (8, 1, 7, 0)
    assert counts(run(replies, "delta.jsonl")) == (4, 1, 3, 0)
    old = ticket(journal)
    assert old.status == "closed"
    assert old.followed_up_by is not None
    entries = journal.entries(ticket_stream(old.followed_up_by))
    assert [entry.event.type for entry in entries] == ["ticket.opened"] + ["message.received"] * 4
    reopened = [row("reopened", 200, seq=20), row("customer_reply", 210, seq=21)]
    assert counts(run(reopened)) == (2, 2, 0, 0)
    assert ticket(journal).status == "open"
    assert counts(run([*STORY, *replies, *reopened])) == (11, 0, 11, 0)


def test_a_follow_up_that_is_dated_before_the_creation_knows_the_ticket_of_an_earlier_import(
    run: Import, journal: Journal
) -> None:
    run([row("ticket_created", 30, seq=1, subject="Labs", product="Classroom", impact="high", channel="email")])
    run([row("closed", 10, seq=2), row("customer_reply", 20, seq=3)], "delta.jsonl")
    old = ticket(journal)
    assert old.followed_up_by is not None
    follow_up = fold(journal.entries(ticket_stream(old.followed_up_by)))
    assert follow_up is not None
    assert (follow_up.subject, follow_up.channel) == ("Follow-up: Labs", "email")
    assert (follow_up.product, follow_up.impact) == ("Classroom", "high")


def test_a_reopening_is_repeated_although_the_ticket_has_moved_on(run: Import, journal: Journal) -> None:
    rows = [*STORY[:4], row("status_changed", 70, seq=6, to="open"), row("status_changed", 80, seq=7, to="pending")]
    run(rows)
    assert counts(run(rows[4:])) == (2, 0, 2, 0)
    assert [entry.event.type for entry in journal.entries(ticket_stream(ticket(journal).id))][-2:] == [
        "ticket.reopened",
        "ticket.status_set",
    ]


def test_other_words_for_impact_and_unknown_statuses_are_told(run: Import) -> None:
    rows = [row("ticket_created", seq=1, impact="medium"), row("status_changed", 1, seq=2, to="limbo")]
    assert run(rows).lines() == [
        "2 rows read: 2 taken, 0 repeated, 0 rejected.",
        "1 ticket opened, 2 entries recorded.",
        'Guessed: impact "medium" was taken for Normal (1 row).',
        "Say what such a word means with --impact WORD=urgent|high|normal|low.",
        'Unknown: status "limbo" kept the status that was (1 row).',
    ]
    assert run(rows, source="b", impact_map={"Medium": "low"}).guesses == ()
    with pytest.raises(ImportFileError, match='The impact "huge" for the word "medium" is unknown'):
        run(rows, impact_map={"medium": "huge"})


def test_rejected_rows_are_written_with_line_reason_and_row(run: Import, tmp_path: Path) -> None:
    report = run([STORY[0], b"caf\xe9", b"", STORY[1], b"{}"])
    assert counts(report) == (4, 2, 0, 2)
    assert report.rejects_file is not None
    assert [json.loads(line) for line in report.rejects_file.read_text().splitlines()] == [
        {"line": 2, "reason": "The line is not UTF-8 (byte 4).", "row": "caf\\xe9"},
        {"line": 5, "reason": 'The row has no "ticket".', "row": "{}"},
    ]
    assert report.rejects_file.parent == tmp_path / "rejects"
    assert str(report.rejects_file) in report.lines()[-1]
    assert run([*STORY, b"{}"]).rejects_file != report.rejects_file


def test_a_rejects_folder_that_cannot_be_made_is_told_after_the_rows_are_recorded(
    journal: Journal, tmp_path: Path
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(as_lines([*STORY, b"{}"]))
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ImportFileError, match="The import is recorded, but its 1 rejected rows could not be written"):
        run_import(journal, path, rejects_folder=tmp_path / "taken", now_ms=NOW)
    assert ticket(journal).status == "closed"


def test_ten_megabytes_on_one_line_cost_that_line(run: Import) -> None:
    report = run(as_lines([STORY[0]]) + b'{"ticket": "' + b"x" * 10_000_000 + b'"}\n' + as_lines(STORY[1:]))
    assert counts(report) == (6, 5, 0, 1)
    assert rejects(report) == [(2, "The line is longer than 1048576 bytes.")]


def test_a_truncated_gzip_is_taken_as_far_as_it_goes_and_told(run: Import, journal: Journal) -> None:
    rows = [row("ticket_created", i % 600, f"T-{i}", seq=1, subject=os.urandom(20).hex()) for i in range(5_000)]
    whole = gzip.compress(as_lines(rows))
    with pytest.raises(ImportIncomplete, match="ends in the middle of its gzip data after line") as caught:
        run(whole[: len(whole) // 2], "events.gz")
    report = caught.value.report
    assert report.rejected == 1
    assert rejects(report) == [(report.read, "The file ends in the middle of this line.")]
    assert journal.head().seq == report.taken == report.read - 1 > 1_000
    assert counts(run(whole, "events.gz")) == (5_000, 5_000 - report.taken, report.taken, 0)


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"", {}, "is empty"),
        (bytes(range(256)) * 10, {}, "is a binary file"),
        (b"a,b\n1,2\n", {}, "neither ticket events"),
        (b"a,b\n1,2\n", {"format": "csv"}, 'export, line 1: the heading has no column "number"'),
        (b"{}\n", {"format": "xml"}, 'The format "xml" is unknown'),
        (b"{}\n", {"mapping": Path("none.toml")}, r"none\.toml cannot be read"),
    ],
)
def test_what_cannot_be_imported_is_refused_before_anything_is_written(
    run: Import, journal: Journal, tmp_path: Path, content: bytes, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ImportFileError, match=said):
        run(content, "export", **options)
    assert journal.head().seq == 0
    assert not (tmp_path / "rejects").exists()


def test_a_directory_is_refused(run: Import, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="is a directory"):
        run(tmp_path)


def test_progress_is_told_first_without_and_then_with_the_total(run: Import) -> None:
    rows = [row("ticket_created", i % 600, f"T-{i}", seq=1) for i in range(12_000)]
    told: list[tuple[int, int | None, int]] = []
    run(rows, progress=lambda *step: told.append(step))
    reading = [step for step in told if step[1] is None]
    assert reading == [(5_000, None, 0), (10_000, None, 0)]
    recording = told[len(reading) :]
    assert recording[-1] == (12_000, 12_000, 12_000)
    assert recording == sorted(recording)


def test_an_import_that_was_stopped_goes_on_where_it_was(run: Import, journal: Journal) -> None:
    rows = [row("ticket_created", i % 600, f"T-{i}", seq=1) for i in range(2_000)]

    def stop(done: int, total: int | None, tickets: int) -> None:
        if tickets >= 1_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(rows, progress=stop)
    assert counts(run(rows)) == (2_000, 1_000, 1_000, 0)
    assert journal.head().seq == 2_000


def test_an_import_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(as_lines([row("ticket_created", i % 600, f"T-{i}", seq=1) for i in range(3_000)]))
    program = (
        "import sys; from pathlib import Path; from tests.desk.test_imports import *\n"
        "folder = Path(sys.argv[1])\n"
        "with Journal.open(folder / 'journal.db', history=HISTORY, now_ms=NOW) as journal:\n"
        "    run_import(journal, folder / 'events.jsonl', rejects_folder=folder, now_ms=NOW,\n"
        "               progress=lambda done, total, tickets: print(tickets, flush=True))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 1_000:
                process.send_signal(signal.SIGKILL)
    with Journal.open(tmp_path / "journal.db", history=HISTORY, now_ms=NOW) as journal:
        before = journal.head().seq
        assert 1_000 <= before < 3_000
        report = run_import(journal, path, rejects_folder=tmp_path, now_ms=NOW)
        assert counts(report) == (3_000, 3_000 - before, before, 0)
        assert journal.check() == []


def test_an_order_of_lines_does_not_change_an_import(run: Import, journal: Journal, tmp_path: Path) -> None:
    rows = [{**line, "ticket": f"T-{i}"} for i in range(50) for line in STORY]
    run(rows)
    shuffled = random.Random(7).sample(rows, len(rows))
    with Journal.open(tmp_path / "other.db", history=HISTORY, now_ms=NOW) as other:
        path = tmp_path / "shuffled.jsonl"
        path.write_bytes(as_lines(shuffled))
        report = run_import(other, path, rejects_folder=tmp_path, now_ms=NOW)
        assert counts(report) == (250, 250, 0, 0)
        for i in range(50):
            stream = ticket_stream(ticket(journal, f"T-{i}").id)
            assert [entry.hash for entry in other.entries(stream)] == [entry.hash for entry in journal.entries(stream)]
    assert counts(run(shuffled)) == (250, 0, 250, 0)


garbage = st.one_of(
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ).map(lambda value: json.dumps(value).encode()),
    st.builds(
        lambda line, key, value: json.dumps({**line, key: value}).encode(),
        st.sampled_from(STORY),
        st.sampled_from(["ticket", "at", "type", "seq", "actor", "impact", "body", "to", "field", "public", "new key"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
    ),
)


csv_lines = st.one_of(
    st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")),
    st.lists(
        st.sampled_from(["7", "8", "?", "", "0", "1", "New", "Closed", "-100", "14-10-2025 08:00", '"a', '"b"', "2"]),
        min_size=4,
        max_size=5,
    ).map(lambda values: ",".join(values).encode()),
    st.builds(
        lambda ticket, state, minute: f"{ticket},{state},14-10-2025 08:00,14-10-2025 08:{minute:02}".encode(),
        st.integers(7, 8),
        st.sampled_from(["New", "Active", "Closed", "-100"]),
        st.integers(0, 5),
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(csv_lines, max_size=30))
def test_every_record_of_a_csv_is_accounted_for_and_a_second_run_takes_nothing(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.csv").write_bytes(as_lines([b"number,incident_state,opened_at,sys_updated_at", *lines]))
        with Journal.open(folder / "journal.db", history=HISTORY, now_ms=NOW) as journal:
            first = run_import(journal, folder / "a.csv", rejects_folder=folder / "r", now_ms=NOW)
            again = run_import(journal, folder / "a.csv", rejects_folder=folder / "r", now_ms=NOW)
            assert counts(again) == (first.read, 0, first.read - first.rejected, first.rejected)
            assert counts(first)[0] <= sum(1 for line in lines if line.strip())
            assert rejects(again) == rejects(first)
            assert journal.head().seq == first.entries


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(STORY), garbage), max_size=30), st.booleans())
def test_every_line_is_accounted_for_and_a_second_run_takes_nothing(lines: list[Any], pack: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = as_lines([STORY[0], *lines])
        (folder / "events").write_bytes(gzip.compress(content) if pack else content)
        expected = sum(1 for line in content.split(b"\n") if line.strip())
        with Journal.open(folder / "journal.db", history=HISTORY, now_ms=NOW) as journal:
            first = run_import(journal, folder / "events", rejects_folder=folder / "r", now_ms=NOW)
            assert counts(first)[0] == expected
            assert len(rejects(first)) == first.rejected
            seq = journal.head().seq
            assert seq == first.entries
            again = run_import(journal, folder / "events", rejects_folder=folder / "r", now_ms=NOW)
            assert counts(again) == (expected, 0, expected - first.rejected, first.rejected)
            assert rejects(again) == rejects(first)
            assert journal.head().seq == seq
            assert journal.check() == []


@pytest.mark.thorough
def test_every_event_of_the_real_log_is_taken(run: Import, journal: Journal, shared: Path) -> None:
    path = shared / INCIDENTS / "uci_incident_events.jsonl.gz"
    report = run(path)
    assert counts(report) == (162_319, 162_319, 0, 0)
    assert (report.tickets, report.follow_ups) == (24_918, 0)
    assert report.unknown_statuses == (("unknown", 2),)
    assert [(guess.word, guess.impact) for guess in report.guesses] == [("medium", "normal")]
    assert report.entries == journal.head().seq
    state = ticket(journal, "INC0000045")
    assert (state.status, state.channel, state.impact) == ("closed", "Phone", "normal")
    assert counts(run(path)) == (162_319, 0, 162_319, 0)


@pytest.mark.thorough
def test_the_csv_of_the_real_log_is_taken_and_agrees_with_its_events(
    run: Import, journal: Journal, shared: Path
) -> None:
    path = shared / INCIDENTS / "incident_event_log_first_5998rows.csv"
    report = run(path)
    assert counts(report) == (5_998, 5_998, 0, 0)
    assert (report.format, report.source, report.tickets) == ("csv", "servicenow", 890)
    assert counts(run(path)) == (5_998, 0, 5_998, 0)
    run(shared / INCIDENTS / "uci_incident_events.jsonl.gz")
    for number in range(45, 200):
        stream = ticket_stream(imported_id("csv", "servicenow", f"INC{number:07}"))
        if not (entries := journal.entries(stream)):
            continue
        mine, theirs = fold(entries), ticket(journal, f"INC{number:07}")
        assert mine is not None
        assert (mine.status, mine.impact, mine.opened_at) == (theirs.status, theirs.impact, theirs.opened_at)


def test_a_csv_that_begins_anywhere_takes_what_is_new(run: Import, journal: Journal, shared: Path) -> None:
    lines = (shared / INCIDENTS / "incident_event_log_first_5998rows.csv").read_bytes().splitlines(keepends=True)
    first, rest = lines[:3_000], [lines[0], *lines[2_900:]]
    assert counts(run(b"".join(first), "first.csv")) == (2_999, 2_999, 0, 0)
    assert counts(run(b"".join(rest), "rest.csv")) == (3_099, 2_999, 100, 0)
    assert counts(run(b"".join(lines), "all.csv")) == (5_998, 0, 5_998, 0)
    last = lines[-1].decode().split(",")[0]
    assert ticket(journal, last, "csv", "servicenow").status == "closed"


def test_a_mapping_of_ones_own_reads_another_help_desk(run: Import, journal: Journal, tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'name = "mine"\ndelimiter = ";"\nsubject = ["What"]\n'
        '[columns]\nticket = "Id"\nupdated_at = "When"\nstatus = "State"\n[status]\nFertig = "solved"\n'
    )
    export = b"Id;When;State;What\n7;2025-10-14T12:00:00Z;new;Hallo\n7;2025-10-14T13:00:00Z;Fertig;Hallo\n"
    assert counts(run(export, mapping=mapping)) == (2, 2, 0, 0)
    state = ticket(journal, "7", "csv", "mine")
    assert (state.status, state.subject, state.external_ref) == ("solved", "Hallo", "7")


def test_what_was_done_here_does_not_hide_what_the_source_did(run: Import, journal: Journal) -> None:
    run(STORY[:4])
    note = ev.offer(
        ev.MessageSent(body="Ours", public=False),
        id="01890000-0000-7000-8000-000000000001",
        stream=ticket_stream(ticket(journal).id),
        at=NOW,
        device="",
        dseq=0,
    )
    journal.record([note], actor="Ana", now_ms=NOW, decide=lambda *_: None)
    assert counts(run(STORY)) == (5, 1, 4, 0)
    assert ticket(journal).status == "closed"
