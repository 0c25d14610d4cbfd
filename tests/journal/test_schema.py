"""A fresh file and a migrated one are the same; an up-to-date file never pays for Alembic."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from console.domain.queue import QueueRow
from console.journal import migrations, schema
from console.journal.database import Database
from console.journal.driver import choose_driver
from console.journal.file_marks import APPLICATION_ID, KNOWN_REVISIONS, REVISION, revision_of
from console.journal.store import Journal


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
