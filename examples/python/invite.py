"""Invites one candidate on a sandbox, through a ledger: no account, no mail, no network."""

from datetime import datetime, timedelta, timezone
from tempfile import TemporaryDirectory

import bidden

with TemporaryDirectory() as folder, bidden.Sandbox() as sandbox, bidden.Ledger(f"{folder}/bidden.db") as ledger:
    client = sandbox.imocha()  # = bidden.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
    end = datetime.now(timezone.utc) + timedelta(days=7)
    for _ in range(2):
        outcome = ledger.invite(client, 292930, email="ada@example.com", name="Ada Lovelace", end=end, send_email=True)
        print(outcome.disposition, outcome.status.value, outcome.email, outcome.test_url)
    print(len(sandbox.outbox()), "mail")  # the second time nothing was sent

    try:
        ledger.invite(client, 292930, email="ada.example.com", name="Ada Lovelace")
    except bidden.InvalidInputError as error:
        print(error)  # invalid-input: email: has no @
