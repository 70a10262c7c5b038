"""B7: a fake platform as Flask's users write one, on waitress: a connection a thread, a commit before the answer."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from typing import Any

from flask import Flask, abort, request
from waitress import serve  # type: ignore[import-untyped]

application = Flask(__name__)
local = threading.local()


def database() -> sqlite3.Connection:
    if not hasattr(local, "database"):
        local.database = sqlite3.connect(os.environ["PLATFORM_DATABASE"], isolation_level=None, timeout=30)
        local.database.execute("PRAGMA journal_mode = WAL")
        local.database.execute(f"PRAGMA synchronous = {os.environ['PLATFORM_SYNCHRONOUS']}")
        local.database.execute(
            "CREATE TABLE IF NOT EXISTS invitation"
            " (id INTEGER PRIMARY KEY, test INTEGER, email TEXT, name TEXT, status TEXT, UNIQUE (test, email))"
        )
    found: sqlite3.Connection = local.database
    return found


@application.post("/v3/tests/<int:test>/invite")
def invite(test: int) -> dict[str, Any]:
    if request.headers.get("X-API-KEY") != "sandbox-key":
        abort(401)
    wish = request.get_json()
    cursor = database().execute(
        "INSERT INTO invitation (test, email, name, status) VALUES (?, ?, ?, 'Pending')"
        " ON CONFLICT (test, email) DO UPDATE SET name = excluded.name RETURNING id",
        (test, wish["email"], wish["name"]),
    )
    ((number,),) = cursor.fetchall()
    return {"testInvitationId": number, "testUrl": f"http://127.0.0.1/IMInstructions?{number}", "status": "Pending"}


if __name__ == "__main__":
    serve(application, host="127.0.0.1", port=int(sys.argv[1]), threads=8, connection_limit=200)
