"""B3: one request, with its body and its key, ready to be sent. Prints the seconds of one."""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Callable

from common import each, report

URL = "http://127.0.0.1:8787/v3/tests/292930/invite"
BODY = {"email": "ada@example.com", "name": "Ada Lovelace", "sendEmail": "no"}


def with_requests() -> Callable[[], object]:
    import requests

    return lambda: requests.Request("POST", URL, json=BODY, headers={"X-API-KEY": "sandbox-key"}).prepare()


def requests_signed() -> Callable[[], object]:
    import requests

    def work() -> object:
        request = requests.Request("POST", URL, json=BODY).prepare()
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        request.headers["X-Signature"] = hmac.new(b"sandbox-secret", body, hashlib.sha256).hexdigest()
        return request

    return work


def with_httpx() -> Callable[[], object]:
    import httpx

    client = httpx.Client()
    return lambda: client.build_request("POST", URL, json=BODY, headers={"X-API-KEY": "sandbox-key"})


def orjson_and_hmac() -> Callable[[], object]:
    import orjson

    return lambda: hmac.new(b"sandbox-secret", orjson.dumps(BODY), hashlib.sha256).hexdigest()


def main() -> None:
    programs: dict[str, Callable[[], Callable[[], object]]] = {
        "requests": with_requests,
        "requests-hmac": requests_signed,
        "httpx": with_httpx,
        "orjson-hmac": orjson_and_hmac,
    }
    times = int(sys.argv[2])
    report(1, each(times, programs[sys.argv[1]]()))


if __name__ == "__main__":
    main()
