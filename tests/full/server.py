"""A real PostgreSQL server, started from Debian's package for the tests and ended after them."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

HOST, OWNER, READER = "127.0.0.1", "postgres", "reader"


@dataclass(frozen=True)
class Server:
    """Where the server answers, and the password of the role that may only read."""

    port: int
    password: str
    owner_password: str

    @property
    def url(self) -> str:
        """Return the URL of the database, without a password."""
        return f"postgresql://{READER}@{HOST}:{self.port}/crm"

    def owner(self, database: str = "crm") -> psycopg.Connection:
        """Return a session of the owner, who may write."""
        told = {"host": HOST, "port": self.port, "user": OWNER, "dbname": database}
        return psycopg.connect(**told, password=self.owner_password, autocommit=True)  # type: ignore[arg-type]


def programs() -> Path:
    """Return the folder of initdb and postgres; the test fails where they are not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = debian[-1] if debian else shutil.which("initdb")
    assert found, "no PostgreSQL server here: install Debian's package `postgresql`"
    return Path(found).parent


@contextmanager
def running() -> Iterator[Server]:
    """Yield a server with an empty database "crm"; its files are owned by who runs it."""
    # the server refuses to run as root; Debian's package brings a user of its own
    user = OWNER if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="stammkunde-postgres-"))
    port, owner_password = _free_port(), secrets.token_urlsafe(12)
    word = home / "word"
    word.write_text(owner_password, encoding="utf-8")
    if user:
        for path in (home, word):
            shutil.chown(path, user)

    def run(program: str, *told: str) -> None:
        command = [str(programs() / program), "-D", str(home / "data"), *told]
        done = subprocess.run(
            command, user=user, cwd=home, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr

    settings = f"-p {port} -k {home} -c listen_addresses={HOST} -c fsync=off -c timezone=UTC"
    try:
        run("initdb", "-U", OWNER, "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8")
        run("pg_ctl", "start", "-w", "-l", str(home / "log"), "-o", settings)
        try:
            yield _prepared(Server(port, secrets.token_urlsafe(12), owner_password))
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(home)


def _prepared(server: Server) -> Server:
    with server.owner("postgres") as session:
        session.execute("CREATE DATABASE crm")
        session.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{server.password}'")
    return server


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])
