"""What a candidate sees, in each state and on each platform."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Sandbox
from playwright.sync_api import Page, expect

TEXT_A = "You have already attempted this test."

SENT_ON = "https://jobs.example.com/done"


def page_of(sandbox: Sandbox, number: int = 0) -> str:
    return str(sandbox.invitations()[number]["test_url"])


def status_of(sandbox: Sandbox, number: int = 0) -> str:
    return str(sandbox.invitations()[number]["status"])


def test_a_candidate_begins_finishes_and_is_sent_on(
    sandbox: Sandbox, open_page: Any, check_accessibility: Callable[[Page], None], photograph: Callable[[Page, str], None]
) -> None:
    sandbox.invite(redirectUrl=SENT_ON, ProctoringMode="video")
    page = open_page(page_of(sandbox), width=360, height=640)
    open_page.expected = [SENT_ON]
    page.context.route(SENT_ON, lambda route: route.fulfill(body="<title>Thank you</title>", content_type="text/html"))
    expect(page.get_by_role("heading", name="Instructions")).to_be_visible()
    expect(page.get_by_text("Proctoring: video")).to_be_visible()
    expect(page.get_by_role("link", name=SENT_ON)).to_be_visible()
    check_accessibility(page)
    photograph(page, "candidate")
    page.get_by_role("button", name="Begin").click()
    assert status_of(sandbox) == "In Progress"
    expect(page.get_by_text("Your test is running.")).to_be_visible()
    check_accessibility(page)
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url(SENT_ON)
    assert page.title() == "Thank you"
    assert status_of(sandbox) == "Complete"
    page.goto(page_of(sandbox))
    expect(page.get_by_text(TEXT_A)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    check_accessibility(page)


def test_without_an_address_the_end_is_the_platforms_own_page(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite()
    page = open_page(page_of(sandbox))
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Your answers were submitted")).to_be_visible()
    assert status_of(sandbox) == "Complete"


@pytest.mark.parametrize("target", ["javascript:window.taken=1", "data:text/html,x", "/somewhere", "ftp://files.example.com/x"])
def test_nobody_is_sent_to_what_is_no_address_of_the_web(target: str, sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite(redirectUrl=target)
    if not sandbox.invitations():
        pytest.skip("the platform does not take such an address")
    page = open_page(page_of(sandbox))
    expect(page.locator("a[href^='javascript'], a[href^='data']")).to_have_count(0)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Finish").click()
    assert page.url == page_of(sandbox)
    assert page.evaluate("window.taken") is None
    assert status_of(sandbox) == "Complete"


def test_a_candidate_leaves(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite()
    page = open_page(page_of(sandbox), java_script_enabled=False)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_text(TEXT_A)).to_be_visible()
    assert status_of(sandbox) == "Test Left"


def test_a_page_opens_and_closes_with_its_window(
    sandbox: Sandbox, open_page: Callable[..., Page], check_accessibility: Callable[[Page], None]
) -> None:
    sandbox.invite(startDateTime="2026-03-02T09:00:00Z", endDateTime="2026-03-03T09:00:00Z")
    page = open_page(page_of(sandbox))
    expect(page.get_by_text("It opens at 2026-03-02 09:00 UTC.")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    check_accessibility(page)
    sandbox.stand_at("2026-03-02T09:00:00Z")
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    sandbox.stand_at("2026-03-03T09:00:00Z")
    expect(page.get_by_text("It closed at 2026-03-03 09:00 UTC.")).to_be_visible()
    check_accessibility(page)


def test_a_form_of_a_state_that_is_gone_changes_nothing(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite()
    # Without script the page does not learn of what happens elsewhere.
    page = open_page(page_of(sandbox), java_script_enabled=False)
    sandbox.attempt(sandbox.invitations()[0]["invitation_id"], "cancel")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("not possible now")
    expect(page.get_by_text("cancelled", exact=False).first).to_be_visible()
    assert status_of(sandbox) == "Cancelled"


def test_instructions_are_left_out_when_asked(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite(hideInstruction=1)
    page = open_page(page_of(sandbox))
    expect(page.get_by_role("heading", name="Instructions")).to_have_count(0)
    expect(page.get_by_role("button", name="Begin")).to_be_visible()


def test_an_unknown_address_is_not_found(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(sandbox.url + "/IMInstructions?bk1kdWNyYXdudzN")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def log_in(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_label(re.compile(label.replace("_", " "), re.IGNORECASE)).fill(value)
    form = page.locator("form", has=page.get_by_label(re.compile(next(iter(fields)).replace("_", " "), re.IGNORECASE)))
    form.get_by_role("button", name="Log in").click()


def test_a_candidate_of_a_task_logs_in_by_the_invitation_code(
    sandbox: Sandbox, open_page: Callable[..., Page], check_accessibility: Callable[[Page], None]
) -> None:
    created = sandbox.create_candidate()
    page = open_page(sandbox.url + "/ti/task-1")
    check_accessibility(page)
    log_in(page, invitation_code="WRONG1")
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, invitation_code=created["invitationCode"].lower())
    expect(page.get_by_text("Grace Hopper")).to_be_visible()
    page.get_by_role("button", name="Begin").click()
    assert status_of(sandbox) == "In Progress"


def test_a_candidate_of_a_task_logs_in_by_one_credential_or_by_two(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.create_candidate(fullname="One", credential1="one-1")
    sandbox.create_candidate(fullname="Two", credential1="two-1", credential2="two-2")
    page = open_page(sandbox.url + "/ti/task-1")
    log_in(page, credential_1="two-1")
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, credential_1="two-1", credential_2="two-2")
    expect(page.get_by_text("Two", exact=True)).to_be_visible()
    page.goto(sandbox.url + "/ti/task-1")
    log_in(page, credential_1="one-1")
    expect(page.get_by_text("One", exact=True)).to_be_visible()


def test_a_user_logs_in_by_the_username(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.create_candidate(kind="internal-candidate", id="u-1001")
    page = open_page(sandbox.url + "/ti/task-1")
    log_in(page, credential_1="ada")
    expect(page.get_by_text("Ada Lovelace")).to_be_visible()


def test_the_price_is_asked_for_before_the_start(
    sandbox: Sandbox, open_page: Callable[..., Page], check_accessibility: Callable[[Page], None]
) -> None:
    sandbox.create_candidate(price={"amount": 12.50, "currency": "EUR"})
    page = open_page(page_of(sandbox))
    expect(page.get_by_text("12.5 EUR")).to_be_visible()
    expect(page.get_by_role("button", name="Begin")).to_have_count(0)
    check_accessibility(page)
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("button", name="Begin").click()
    assert status_of(sandbox) == "In Progress"


def test_a_task_is_taken_step_by_step(
    sandbox: Sandbox, open_page: Callable[..., Page], check_accessibility: Callable[[Page], None]
) -> None:
    sandbox.create_candidate()
    page = open_page(page_of(sandbox))
    for step in ["step-1", "step-2"]:
        expect(page.get_by_role("button", name="Leave")).to_have_count(0)
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_text(f"Step {step}: running")).to_be_visible()
        assert status_of(sandbox) == "In Progress"
        check_accessibility(page)
        page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Your answers were submitted")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    assert status_of(sandbox) == "Complete"


def test_a_candidate_of_the_panel_logs_in_and_takes_a_test(
    sandbox: Sandbox, open_page: Callable[..., Page], check_accessibility: Callable[[Page], None]
) -> None:
    sandbox.assign()
    page = open_page(sandbox.url + "/te")
    check_accessibility(page)
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password").fill("enigma-1912")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("E-mail").fill("Alan@Example.com")
    page.get_by_label("Password").fill("enigma-1912")
    page.get_by_role("button", name="Log in").click()
    check_accessibility(page)
    page.reload()
    page.get_by_role("link", name="Test 41").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Finish").click()
    assert status_of(sandbox) == "Complete"


def test_the_automatic_login_takes_the_token_of_the_last_login(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.assign()
    password = base64.b64encode(b"enigma-1912").decode()
    status, answer = sandbox.send("POST", "/api/v1/checkLogin", {"email": "alan@example.com", "password": password})
    assert status == 200 and answer["result"] == "success", answer
    page = open_page(answer["data"]["redirectionUrl"])
    expect(page.get_by_role("link", name="Test 41")).to_be_visible()
    page.goto(sandbox.url + "/autoLogin/" + answer["ACCESS_TOKEN"].swapcase())
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_a_declared_task_asks_for_what_it_says(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    tasks = [{"task_id": "coded"}, {"task_id": "single", "access_method": "single-credential"}, {"task_id": "double", "access_method": "double-credential"}]
    sandbox.control("fixtures", {"testinvite": {"tasks": tasks}})
    page = open_page(sandbox.url + "/ti/coded")
    for task, labels in [("coded", (1, 0, 0)), ("single", (0, 1, 0)), ("double", (0, 1, 1))]:
        page.goto(f"{sandbox.url}/ti/{task}")
        for label, count in zip(["Invitation code", "Credential 1", "Credential 2"], labels, strict=True):
            expect(page.get_by_label(label)).to_have_count(count)
    page.goto(sandbox.url + "/ti/another")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_a_candidates_page_stays_inside_its_phone(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite("a" * 60 + "@example.com", "An" + "na" * 60, redirectUrl="https://jobs.example.com/" + "x" * 300)
    page = open_page(page_of(sandbox), width=360, height=640)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
