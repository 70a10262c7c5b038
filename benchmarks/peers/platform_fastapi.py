"""B7: a fake platform as FastAPI's users write one: a model, a route, SQLite, a commit before the answer."""

from __future__ import annotations

import os
import sqlite3
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

application = FastAPI()
database = sqlite3.connect(os.environ["PLATFORM_DATABASE"], isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute(f"PRAGMA synchronous = {os.environ['PLATFORM_SYNCHRONOUS']}")
database.execute(
    "CREATE TABLE IF NOT EXISTS invitation"
    " (id INTEGER PRIMARY KEY, test INTEGER, email TEXT, name TEXT, status TEXT, UNIQUE (test, email))"
)


class Invite(BaseModel):
    email: str
    name: str
    sendEmail: str = "yes"  # noqa: N815  # the platform's name


@application.post("/v3/tests/{test}/invite")
async def invite(test: int, wish: Invite, x_api_key: Annotated[str | None, Header()] = None) -> dict[str, object]:
    if x_api_key != "sandbox-key":
        raise HTTPException(401)
    cursor = database.execute(
        "INSERT INTO invitation (test, email, name, status) VALUES (?, ?, ?, 'Pending')"
        " ON CONFLICT (test, email) DO UPDATE SET name = excluded.name RETURNING id",
        (test, wish.email, wish.name),
    )
    ((number,),) = cursor.fetchall()
    return {"testInvitationId": number, "testUrl": f"http://127.0.0.1/IMInstructions?{number}", "status": "Pending"}
