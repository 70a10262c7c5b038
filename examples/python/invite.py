"""Invites one candidate on a sandbox: no account, no mail, no network."""

from datetime import datetime, timedelta, timezone

import bidden

with bidden.Sandbox() as sandbox:
    client = sandbox.imocha()  # = bidden.IMocha(api_key=sandbox.imocha_api_key, base_url=sandbox.url)
    start = datetime.now(timezone.utc)
    invited = client.invite(
        292930,
        email="ada@example.com",
        name="Ada Lovelace",
        start=start,
        end=start + timedelta(days=7),
        send_email=False,
    )
    print(invited.invitation_id, invited.status.value, invited.test_url)

    try:
        client.invite(292930, email="ada.example.com", name="Ada Lovelace")
    except bidden.InvalidInputError as error:
        print(error)  # invalid-input: email: has no @
