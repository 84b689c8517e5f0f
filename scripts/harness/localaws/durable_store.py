"""Keep records and entries in one SQLite file, so that what was committed survives the death of the process.

A section holds records, which have a key and are replaced, or entries, which have a key and a moment and are only
added and dropped. Loss of power is no concern here, the death of the process is: what the kernel was given is kept,
so nothing waits for the disk (``synchronous = OFF``).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from harness.base import causes
from harness.base.errors import HarnessError

NAME = "state.sqlite3"
_VERSION = 1
_JOURNAL = "journal_size_limit = 16777216"  # a restored table leaves one as large as itself
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_SCHEMA = """
CREATE TABLE sections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE records (section INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (section, key));
CREATE TABLE entries (id INTEGER PRIMARY KEY, section INTEGER NOT NULL, key TEXT NOT NULL, at REAL NOT NULL,
                      value TEXT NOT NULL);
CREATE INDEX entries_of ON entries (section, key);
"""


class Entry(NamedTuple):
    """An entry of a section; ``at`` in whatever unit its section counts moments by."""

    key: str
    at: float
    value: str


@dataclass(slots=True)
class Store:
    """An open file of sections. One thread uses it: the one that opened it.

    Attributes:
        path: of the file.
    """

    path: Path
    _database: sqlite3.Connection
    _sections: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Make what is done inside one change: on disk as a whole at the end, or not at all.

        Raises:
            sqlite3.Error: it could not be written.
        """
        self._database.execute("BEGIN IMMEDIATE")
        done = False
        try:
            yield
            self._database.execute("COMMIT")
            done = True
        finally:
            if not done:
                self._sections.clear()  # a section made inside is gone again
                with suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")

    def put(self, section: str, key: str, value: str) -> None:
        """Put a record, in the place of the one that has its key."""
        row = (self._number(section), key, value)
        put = "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (section, key) DO UPDATE SET value = excluded.value"
        self._database.execute(put, row)

    def delete(self, section: str, key: str) -> None:
        """Delete a record; nothing happens when there is none."""
        self._database.execute("DELETE FROM records WHERE section = ? AND key = ?", (self._number(section), key))

    def add(self, section: str, entries: list[Entry]) -> None:
        """Add entries after those that are there."""
        number = self._number(section)
        rows = [(number, *entry) for entry in entries]
        self._database.executemany("INSERT INTO entries (section, key, at, value) VALUES (?, ?, ?, ?)", rows)

    def drop(self, section: str, until: float) -> int:
        """Drop a section's entries up to a moment, and count them."""
        row = (self._number(section), until)
        return self._database.execute("DELETE FROM entries WHERE section = ? AND at <= ?", row).rowcount

    def drop_all(self, section: str, key: str) -> None:
        """Drop a section's entries of one key."""
        self._database.execute("DELETE FROM entries WHERE section = ? AND key = ?", (self._number(section), key))

    def keep_newest(self, section: str, key: str, count: int) -> None:
        """Drop all but the entries of one key that were added last."""
        number = self._number(section)
        oldest = "SELECT id FROM entries WHERE section = ? AND key = ? ORDER BY id DESC LIMIT 1 OFFSET ?"
        self._database.execute(
            f"DELETE FROM entries WHERE section = ? AND key = ? AND id <= ({oldest})",  # noqa: S608
            (number, key, number, key, count),
        )

    def clear(self, section: str) -> None:
        """Delete a section's records and entries."""
        for table in ("records", "entries"):
            self._database.execute(f"DELETE FROM {table} WHERE section = ?", (self._number(section),))  # noqa: S608

    def name(self, section: str) -> None:
        """Note that a section exists, even if it stays empty."""
        self._number(section)

    def sections(self, prefix: str) -> list[str]:
        """List the sections whose names begin with ``prefix``."""
        rows = self._database.execute("SELECT name FROM sections ORDER BY id")
        return [name for (name,) in rows if name.startswith(prefix)]

    def records(self, section: str) -> Iterator[tuple[str, str]]:
        """Read the records of a section, key and value, in the order their keys came."""
        asked = "SELECT key, value FROM records WHERE section = ? ORDER BY rowid"
        yield from self._database.execute(asked, (self._number(section),))

    def entries(self, section: str) -> Iterator[Entry]:
        """Read the entries of a section, in the order they were added."""
        asked = "SELECT key, at, value FROM entries WHERE section = ? ORDER BY id"
        yield from map(Entry._make, self._database.execute(asked, (self._number(section),)))

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _number(self, section: str) -> int:
        if (known := self._sections.get(section)) is not None:
            return known
        self._database.execute("INSERT OR IGNORE INTO sections (name) VALUES (?)", (section,))
        [(number,)] = self._database.execute("SELECT id FROM sections WHERE name = ?", (section,))
        self._sections[section] = int(number)
        return int(number)


def room_or(other: str, error: Exception) -> str:
    """Return what to do about a failed start: make room, where none was left, else ``other``."""
    full = getattr(error, "sqlite_errorcode", None) in _FULL
    return causes.ROOM if full or causes.remedy_of(str(error)) == causes.ROOM else other


def open_store(folder: Path) -> Store:
    """Open the file in ``folder``; it is made when missing.

    Raises:
        HarnessError: it cannot be opened or written, is damaged, or was written by another version of this.
    """
    path = folder / NAME
    try:
        database = sqlite3.connect(path, isolation_level=None)
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = OFF", _JOURNAL):
            database.execute(f"PRAGMA {pragma}")
        [(version,)] = database.execute("PRAGMA user_version")
        if version == 0:
            database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    except sqlite3.Error as error:
        raise HarnessError(
            f"the local AWS cannot read what it saved ({path}): {error}",
            room_or("mend the file's rights; make down ALL=1 forgets what it holds", error),
        ) from error
    if version not in (0, _VERSION):
        raise HarnessError(
            f"the local AWS saved its state as version {version}, this one reads {_VERSION} ({path})",
            "use the release that wrote it; make down ALL=1 forgets what it holds",
        )
    return Store(path, database)
