"""A fresh file and a migrated one are the same; an up-to-date file never pays for Alembic."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, Table

from console.domain.entry_row import COLUMNS, WRITTEN, row_of, written_row
from console.domain.events import Offered
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import QueueRow
from console.domain.stamp import stamp
from console.journal import entry_rows, migrations, schema
from console.journal.database import Database
from console.journal.driver import choose_driver
from console.journal.file_marks import APPLICATION_ID, KNOWN_REVISIONS, REVISION, revision_of
from console.journal.states import Beat, RunningSegment
from console.journal.store import Journal

from .facts import MONDAY, dump, opened, pro_story, received, started, write


def shape(database: Database) -> list[tuple[Any, ...]]:
    """Every object of a file as SQLite wrote it down, spaces aside."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return sorted((kind, name, table, "".join((sql or "").split())) for kind, name, table, sql in rows)


def created(path: Path) -> Database:
    database = Database(path, driver=choose_driver())
    with database.write() as connection:
        schema.create(connection)
    return database


def test_creating_and_migrating_give_the_same_file(tmp_path: Path) -> None:
    fresh = created(tmp_path / "fresh.db")
    migrated = Database(tmp_path / "migrated.db", driver=choose_driver())
    with migrated.write() as connection:
        migrations.upgrade(connection)
    assert shape(fresh) == shape(migrated)
    for database in (fresh, migrated):
        with database.read() as connection:
            assert revision_of(schema.asking(connection)) == REVISION
            assert connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID
        database.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    database = Database(tmp_path / "failing.db", driver=choose_driver())
    try:
        with database.write() as connection:
            migrations.upgrade(connection)
            raise RuntimeError("power failed")
    except RuntimeError:
        pass
    assert shape(database) == []
    database.close()


def test_the_tables_in_code_are_the_tables_in_the_file(tmp_path: Path) -> None:
    database = created(tmp_path / "fresh.db")
    with database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, *_: "search" not in str(name)}
        )
        assert compare_metadata(context, schema.metadata) == []
    database.close()


def test_the_known_revisions_are_those_that_have_a_migration() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert scripts.get_heads() == [REVISION]
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(KNOWN_REVISIONS)


def insert_known(connection: Connection, table: str, values: dict[str, Any]) -> None:
    """Inserts a row of today's into a table of yesterday's: what the table does not have is left out."""
    names = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
    known = {name: values[name] for name in names if name in values}
    marks = ", ".join("?" * len(known))
    connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(known)}) VALUES ({marks})", tuple(known.values()))


def old_file(path: Path, revision: str, history: GuidelinesHistory, *offers: Offered) -> None:
    """A file as the program of a revision left it: its log, its head and a draft."""
    path.parent.mkdir()
    database = Database(path, driver=choose_driver())
    with database.write() as connection:
        command.upgrade(migrations.config(connection), revision)
        schema.mark_as_ours(connection)
        meta = entry_rows.new_meta(MONDAY, history.digest)
        head, entries = stamp(meta.head, offers, actor="Ana", now_ms=MONDAY)
        for entry in entries:
            insert_known(connection, "entries", dict(zip(COLUMNS, row_of(entry), strict=True)))
        insert_known(connection, "meta", {"id": 1, **asdict(meta.advanced(head))})
        connection.exec_driver_sql("INSERT INTO drafts VALUES ('a', 'reply', 'Dear', 1)")
    database.close()


@pytest.mark.parametrize("revision", KNOWN_REVISIONS[:-1])
def test_a_file_of_an_older_revision_is_opened_with_everything_that_was_in_it(
    revision: str, path: Path, history: GuidelinesHistory
) -> None:
    offers = [opened("a"), received("a", "Hi")]
    old_file(path, revision, history, *offers)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.notices == []
        assert [entry.id for entry in journal.entries("ticket:a")] == [offer.id for offer in offers]
        assert journal.load_drafts("a") == {"reply": "Dear"}
        assert journal.check() == []
        assert not journal.is_connected
        assert not any(entry.adopted or entry.pending for entry in journal.entries("ticket:a"))
        assert not journal.stale(history), "nothing in it asks for new read models"
        write(journal, started("a"))
        assert [running.engagement for running in journal.pro_running()] == ["a"]
    assert list(path.parent.glob("*set-aside*")) == []
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.head().seq == 3


def test_what_waited_before_the_database_counted_it_is_counted(path: Path, history: GuidelinesHistory) -> None:
    old_file(path, "0003", history)
    waiting = [(*written_row(opened(name)), place) for place, name in enumerate("abc", 1)]
    database = Database(path, driver=choose_driver())
    with database.write() as connection:
        for row in waiting:
            values = dict(zip((*WRITTEN, "place"), row, strict=True))
            insert_known(connection, "own_entries", {**values, "dseq": values["place"], "state": "new"})
    database.close()
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.replica.outbox().new == 3
        assert journal.check() == []


def test_pro_streams_that_an_older_program_kept_unread_are_shown_after_the_rebuild_that_the_file_asks_for(
    path: Path, history: GuidelinesHistory
) -> None:
    log = pro_story(seed=1)
    old_file(path, "0001", history, *log)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.stale(history)
        journal.rebuild(history)
        migrated = dump(path)["pro_lots"]
    with Journal.open(path.with_name("fresh.db"), history=history, now_ms=MONDAY) as journal:
        write(journal, *log)
        assert migrated == dump(journal.path)["pro_lots"] != []


@pytest.mark.parametrize(("table", "shape"), [(schema.beats, Beat), (schema.pro_running, RunningSegment)])
def test_a_row_holds_every_field_of_its_shape(table: Table, shape: type[Struct]) -> None:
    assert tuple(table.c.keys()) == shape.__struct_fields__


def test_a_ticket_row_holds_every_field_of_the_queue_row() -> None:
    assert schema.tickets.c.keys() == ["rowid", *QueueRow.__struct_fields__]


def test_opening_an_up_to_date_file_does_not_import_alembic(path: Path, journal: Journal) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from console.guidelines_files import shipped_history\n"
        "from console.journal.store import Journal\n"
        "for place in sys.argv[1:]:\n"
        "    Journal.open(Path(place), history=shipped_history(), now_ms=0).close()\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    fresh = path.with_name("fresh.db")
    assert subprocess.run([sys.executable, "-c", code, str(path), str(fresh)], check=False).returncode == 0
    assert fresh.exists()
