"""The sandbox's SQLite database: every object as JSON, and the sandbox's own tables.

A commit reaches the operating system before the response is sent, so the response is still true after `kill -9`. One
lock guards one connection: operations are short and never sleep in a transaction, so they run one after the other.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS by_intent ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS by_ref ON objects (kind, json_extract(body, '$.metadata.ref'));
CREATE INDEX IF NOT EXISTS by_end ON objects (json_extract(private, '$.ends')) WHERE kind = 'charge';
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, saved_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY AUTOINCREMENT, spec TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("objects", "replies", "deliveries", "faults", "settings")


class Store:
    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction at a time, all or nothing. The thread that holds it may enter it again."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            with self._db:  # commits, or rolls back after an exception
                yield

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """In a transaction: roll back only this block if it raises."""
        self._db.execute("SAVEPOINT step")
        with ExitStack() as stack:
            stack.callback(self._db.execute, "RELEASE step")
            undo = stack.enter_context(ExitStack())
            undo.callback(self._db.execute, "ROLLBACK TO step")
            yield
            undo.pop_all()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        with self._lock:
            found: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
            return found

    def change(self, sql: str, *values: Any) -> int:
        """Run one statement. Returns the number of changed rows."""
        with self.transaction():
            return self._db.execute(sql, values).rowcount

    def put(self, thing: Json, private: Json | None = None) -> Json:
        """Store an API object. `private`: data that the API never shows; without it, the stored data stays."""
        hidden = None if private is None else json.dumps(private)
        self.change(
            "INSERT INTO objects (id, kind, body, private) VALUES (?, ?, ?, coalesce(?, '{}')) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body, private = coalesce(?, private)",
            *(thing["id"], thing["object"], json.dumps(thing), hidden, hidden),
        )
        return thing

    def get(self, kind: str, id: str) -> Json | None:
        found = self.row("SELECT body FROM objects WHERE kind = ? AND id = ?", kind, id)
        return json.loads(found[0]) if found else None

    def private(self, id: str) -> Json:
        found = self.row("SELECT private FROM objects WHERE id = ?", id)
        return json.loads(found[0]) if found else {}

    def setting(self, name: str, default: Any) -> Any:
        found = self.row("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(found[0]) if found else default

    def set(self, name: str, value: Any) -> None:
        self.change("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, json.dumps(value))

    def wipe(self) -> None:
        with self.transaction():
            for table in TABLES:
                self.change(f"DELETE FROM {table}")
