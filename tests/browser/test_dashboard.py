"""The dashboard, as somebody sees it who looks at a sandbox."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from conftest import START, Sandbox
from playwright.sync_api import Page, expect

PATHS = ["/", "/candidates", "/outbox", "/callbacks", "/requests", "/faults", "/switches", "/rules", "/help"]

HOSTILE = "<script>window.taken = 1</script><img src=x onerror='window.taken = 1'>"


@pytest.fixture(scope="module")
def populated(root_url: str) -> Sandbox:
    """Every state, all three platforms, mails, and a name that would be a script. Whoever uses it only looks."""
    sandbox = Sandbox(f"{root_url}/ns/populated")
    sandbox.stand_at(START)
    people = ["Ada Lovelace", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov", "Katherine Johnson", HOSTILE]
    for place, name in enumerate(people):
        email = f"{name.split()[0].lower()}@example.com" if name.isascii() and "<" not in name else "mallory@example.com"
        invited = sandbox.invite(email, name, sendEmail="yes", ProctoringMode="image")
        events = [[], ["start"], ["start", "finish"], ["start", "leave"], ["start", "terminate"], []][place]
        for event in events:
            sandbox.attempt(invited["testInvitationId"], event)
    withdrawn = sandbox.invite("tim@example.com", "Tim Berners-Lee", endDateTime="2026-03-02T12:00:00Z")
    sandbox.attempt(withdrawn["testInvitationId"], "cancel")
    sandbox.invite("late@example.com", "Margaret Hamilton", startDateTime="2026-01-01T00:00:00Z", endDateTime="2026-02-01T00:00:00Z")
    sandbox.create_candidate(credential1="grace", group="A")
    sandbox.assign()
    return sandbox


def test_a_new_invitation_appears_without_reloading(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(sandbox.url + "/")
    expect(page.locator("body.live")).to_be_attached()
    page.evaluate("window.stays = true")
    sandbox.invite("ada@example.com", "Ada Lovelace")
    expect(page.get_by_role("row", name="Ada Lovelace")).to_be_visible()
    invitation_id = sandbox.invitations()[0]["invitation_id"]
    sandbox.attempt(invitation_id, "start")
    expect(page.get_by_role("row", name="Ada Lovelace")).to_contain_text("In Progress")
    assert page.evaluate("window.stays"), "the page was not loaded again"
    expect(page.locator("#announcer")).to_have_text("The page has changed.")


def test_nothing_is_asked_for_while_nothing_changes(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(sandbox.url + "/")
    expect(page.locator("body.live")).to_be_attached()
    page.wait_for_timeout(500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1500)
    assert asked == []


def test_what_somebody_reads_stays_open_and_keeps_the_focus_when_the_page_changes(
    sandbox: Sandbox, open_page: Callable[..., Page]
) -> None:
    invited = sandbox.invite()
    page = open_page(f"{sandbox.url}/invitations/{invited['testInvitationId']}")
    page.get_by_text("As it was asked for").click()
    expect(page.get_by_text('"send_email": false')).to_be_visible()
    link = page.get_by_role("link", name="IMInstructions")
    link.focus()
    sandbox.attempt(str(invited["testInvitationId"]), "start")
    expect(page.locator("dl .badge")).to_have_text("In Progress")
    expect(page.get_by_text('"send_email": false')).to_be_visible()
    expect(link).to_be_focused()


def test_a_script_in_a_name_stays_text(populated: Sandbox, open_page: Callable[..., Page]) -> None:
    hostile = next(found for found in populated.invitations() if found["name"] == HOSTILE)
    token = hostile["test_url"].split("?")[1]
    for path in ["/", "/candidates", "/requests", f"/invitations/{hostile['invitation_id']}", f"/IMInstructions?{token}"]:
        page = open_page(populated.url + path)
        page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
        expect(page.get_by_text("window.taken = 1").first).to_be_visible()
        assert page.evaluate("window.taken") is None, path
        assert page.locator("main script, main img").count() == 0, path
        page.close()


def test_every_page_is_accessible_by_light_and_by_dark(
    populated: Sandbox, open_page: Callable[..., Page], check_accessibility: Callable[..., None]
) -> None:
    by_status = {found["status"]: found["invitation_id"] for found in populated.invitations()}
    page = open_page(populated.url + "/")
    for path in [*PATHS, *(f"/invitations/{by_status[status]}" for status in ("Pending", "Complete"))]:
        page.emulate_media(color_scheme="light")
        page.goto(populated.url + path)
        check_accessibility(page)
        page.emulate_media(color_scheme="dark")
        check_accessibility(page, only_colours=True)


def test_no_page_scrolls_sideways_on_a_phone(populated: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(populated.url + "/", width=360, height=740)
    invitations = [f"/invitations/{found['invitation_id']}" for found in populated.invitations()]
    tabs = ["/candidates?platform=think-exam", "/candidates?platform=testinvite", "/ti/task-1", "/te"]
    for path in [*PATHS, *tabs, *invitations]:
        page.goto(populated.url + path)
        page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_dark_follows_the_readers_wish(populated: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(populated.url + "/")
    brightness = "(() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b))()"
    assert page.evaluate(brightness) > 600
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(brightness) < 150


def test_everything_is_done_by_keyboard_alone(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite("ada@example.com", "Ada Lovelace")
    page = open_page(sandbox.url + "/")

    def focused() -> str:
        # What has the focus shows it, and stands in the window.
        seen = page.evaluate(
            """() => {
                const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
                return [element.textContent.trim() || element.name, style.outlineStyle, parseFloat(style.outlineWidth),
                        box.top >= 0 && box.bottom <= innerHeight];
            }"""
        )
        assert seen[1] != "none" and seen[2] >= 2 and seen[3], seen
        return str(seen[0])

    def tab_to(wanted: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if focused().startswith(wanted):
                return
        raise AssertionError(f"{wanted} is not reached")

    page.keyboard.press("Tab")
    assert focused() == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    # The order is that of the eye: filter, then rows.
    order = []
    for _ in range(5):
        page.keyboard.press("Tab")
        order.append(focused())
    assert order[2:4] == ["text", "Filter"] and order[4].startswith("Ada Lovelace"), order
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invitation")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to("Start")
    page.keyboard.press("Enter")
    expect(page.locator("dl .badge")).to_have_text("In Progress")


def test_the_filter_narrows_while_it_is_typed(populated: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(populated.url + "/")
    rows = page.locator("#invitations tbody tr")
    expect(rows).to_have_count(10)
    page.get_by_label("Name, e-mail").fill("hopp")
    expect(rows).to_have_count(2)
    page.get_by_label("Platform").select_option("testinvite")
    expect(rows).to_have_count(1)
    assert "text=hopp" in page.url and "platform=testinvite" in page.url
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_label("Name, e-mail").fill("nobody is called so")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "name"), [("expired", "Margaret Hamilton"), ("cancelled", "Tim Berners-Lee"), ("terminated", "Katherine Johnson")]
)
def test_a_status_is_what_it_is_now(status: str, name: str, populated: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{populated.url}/?status={status}")
    expect(page.locator("#invitations tbody tr")).to_have_count(1)
    expect(page.locator("#invitations tbody")).to_contain_text(name)


def test_everything_works_without_script(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    sandbox.invite("ada@example.com", "Ada Lovelace")
    sandbox.invite("grace@example.com", "Grace Hopper")
    page = open_page(sandbox.url + "/", java_script_enabled=False)
    page.get_by_label("Status").select_option("pending")
    page.get_by_label("Name, e-mail").fill("Ada")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#invitations tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Ada Lovelace").click()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("dl .badge")).to_have_text("In Progress")
    page.get_by_role("button", name="+1 day").click()
    expect(page.locator("#now")).to_contain_text("2026-03-02 12:00")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invitation")


def test_the_newest_come_first_a_page_at_a_time(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    for number in range(120):
        sandbox.invite(f"c{number}@example.com", f"Candidate {number}")
    page = open_page(sandbox.url + "/")
    rows = page.locator("#invitations tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("Candidate 119")
    page.get_by_role("link", name="Older").click()
    expect(rows.first).to_contain_text("Candidate 69")
    page.get_by_role("link", name="Older").click()
    expect(rows).to_have_count(20)
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    page.get_by_role("link", name="Newest").click()
    expect(rows.first).to_contain_text("Candidate 119")


def test_the_history_says_who_asked_what_and_which_rule_decided(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    invited = sandbox.invite(sendEmail="yes")
    sandbox.invite(sendEmail="no")
    page = open_page(f"{sandbox.url}/invitations/{invited['testInvitationId']}")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Finish").click()
    history = page.locator("section", has=page.get_by_role("heading", name="History")).locator("tbody tr")
    expect(history).to_have_count(4)
    expect(history.nth(0)).to_contain_text("imocha.invite")
    expect(history.nth(1)).to_contain_text("the same invitation comes back")
    expect(history.nth(1)).to_contain_text("documented")
    expect(history.nth(3)).to_contain_text("finish")
    expect(history.nth(3)).to_contain_text("published")
    mails = page.locator("section", has=page.get_by_role("heading", name="Mails"))
    expect(mails).to_contain_text("ada@example.com")
    expect(mails).to_contain_text("completion, to a stakeholder")
    expect(page.get_by_role("button", name="Cancel")).to_be_disabled()


def test_the_clock_is_moved_frozen_and_set_from_every_page(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(sandbox.url + "/outbox")
    now = page.locator("#now")
    for step, moment in [("+1 hour", "2026-03-01 13:00"), ("+1 day", "2026-03-02 13:00"), ("+1 week", "2026-03-09 13:00")]:
        page.get_by_role("button", name=step).click()
        expect(now).to_have_text(moment)
    page.locator("#clock-set summary").click()
    page.get_by_label("Time in UTC").fill("2026-04-01T08:30:00")
    page.get_by_role("button", name="Set, UTC").click()
    expect(now).to_have_text("2026-04-01 08:30")
    page.get_by_role("button", name="Let run").click()
    expect(page.get_by_role("button", name="Freeze")).to_be_visible()
    expect(now).to_contain_text("2026-04-01 08:30:02", timeout=8000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Outbox")


def test_a_fault_is_turned_on_and_off(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(sandbox.url + "/faults")
    page.get_by_label("What goes wrong").select_option("error-5xx")
    page.get_by_role("combobox", name="Call", exact=True).select_option("imocha.invite")
    page.get_by_label("Next so many calls").fill("3")
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("#faults tbody tr")).to_contain_text("error-5xx")
    status, _ = sandbox.send("POST", "/v3/tests/1/invite", {"email": "a@example.com", "name": "a"}, {"x-api-key": "sandbox-key"})
    assert status == 503
    expect(page.locator("#faults tbody td").last).to_have_text("1")
    page.get_by_label("or each with probability").fill("0.5")
    page.get_by_label("Next so many calls").fill("3")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("alert")).to_contain_text("only one of count and probability")
    page.get_by_role("button", name="Turn all off").click()
    expect(page.get_by_text("No fault is on")).to_be_visible()


def test_a_switch_is_set(sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(sandbox.url + "/switches")
    page.get_by_label("imocha.already-taken-text", exact=True).select_option("b")
    page.get_by_role("button", name="Set imocha.already-taken-text").click()
    expect(page.get_by_label("imocha.already-taken-text", exact=True)).to_have_value("b")
    rows = sandbox.control("switches")["switches"]
    assert [row["value"] for row in rows if row["platform"] == "imocha" and row["name"] == "already-taken-text"] == ["b"]


@pytest.mark.parametrize("platform", ["imocha", "think-exam", "testinvite"])
def test_the_rules_are_drawn_and_told(platform: str, sandbox: Sandbox, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{sandbox.url}/rules?platform={platform}")
    assert page.locator("svg .move").count() >= 6
    assert page.locator("table.matrix tbody td").count() == 64
    assert page.locator("table.matrix .basis").count() == 64
    # No name of a state and no label lies on another.
    crossing = page.evaluate(
        """() => {
            const boxes = [...document.querySelectorAll("svg text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
            const lies = (a, b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom;
            return boxes.flatMap(([name, box], index) => boxes.slice(index + 1).filter(([, other]) => lies(box, other)).map(([other]) => [name, other]));
        }"""
    )
    assert crossing == []


def test_no_page_has_a_script_or_style_of_its_own(populated: Sandbox, open_page: Callable[..., Page]) -> None:
    for path in PATHS:
        with urllib.request.urlopen(populated.url + path) as response:
            policy, text = response.headers["content-security-policy"], response.read().decode()
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;")
        assert "unsafe" not in policy and "<style" not in text and " style=" not in text and text.count("<script") == 1, path
        assert " on" not in "".join(part.split(">")[0] for part in text.split("<button")[1:]), path


def test_no_other_web_page_can_post_a_form(sandbox: Sandbox) -> None:
    def post(path: str, form: str, **headers: str) -> int:
        headers = {"content-type": "application/x-www-form-urlencoded", **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(sandbox.url + path, data=form.encode(), headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    with urllib.request.urlopen(sandbox.url + "/") as response:
        token = response.read().decode().split('name="form_token" value="')[1].split('"')[0]
    form = f"form_token={token}&advance=P1D"
    assert post("/clock", "advance=P1D") == 403
    assert post("/clock", "form_token=0&advance=P1D") == 403
    assert post("/clock", form, origin="https://other.example") == 403
    assert post("/clock", form, host="other.example") == 403
    assert post("/clock", form, sec_fetch_site="cross-site") == 403
    assert post("/clock", json.dumps({"advance": "P1D"}), content_type="text/plain") == 415
    assert sandbox.control("clock")["now"] == "2026-03-01T12:00:00Z"
    assert post("/clock", form) == 200
    assert sandbox.control("clock")["now"] == "2026-03-02T12:00:00Z"


def test_the_pictures_of_the_documentation(
    populated: Sandbox, open_page: Callable[..., Page], photograph: Callable[[Page, str], None]
) -> None:
    def take(page: Page, name: str) -> None:
        # The mark of a live page comes when its events do.
        expect(page.locator("body.live")).to_be_attached()
        photograph(page, name)

    page = open_page(populated.url + "/", width=1200, height=680)
    take(page, "dashboard")
    page.emulate_media(color_scheme="dark")
    page.goto(populated.url + "/rules")
    page.set_viewport_size({"width": 1200, "height": 760})
    take(page, "rules-dark")
    finished = next(found for found in populated.invitations() if found["status"] == "Complete")
    page.emulate_media(color_scheme="light")
    page.goto(f"{populated.url}/invitations/{finished['invitation_id']}")
    take(page, "invitation")
    phone = open_page(populated.url + "/", width=360, height=740)
    take(phone, "phone")
