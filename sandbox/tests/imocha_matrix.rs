//! iMocha's complete matrix of states and events through HTTP: every cell of section 21 of `docs/platforms/imocha.md`, written from
//! the page and not from the tables, on the default link and on another one; both texts, chains of three reattempts.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Client, Reply, sandbox};
use serde_json::{Value, json};

const TEST: i64 = 292_930;

/// The states of the page, None among them.
const STATES: [&str; 8] = ["None", "Pending", "Cancelled", "Expired", "In Progress", "Complete", "Test Left", "Terminated"];

const NOT_CANCELLED: &str =
    r#"{"statusCode":400,"message":"Testinvitation state in inprogress, complete, and expired can not be cancelled."}"#;

/// Text A and text B of section 21.
const TEXT_A: &str = "You have already attempted this test.";
const TEXT_B: &str = "You have already appeared for the test. Please contact test administrator for further assistance.";

/// The window of the second call of a cell; the first one's is 1 March 12:00 to 8 March 12:00.
const WINDOW: (&str, &str) = ("2026-02-01T00:00:00Z", "2026-05-01T00:00:00Z");

/// One way to invite: through the default link, or through another one.
struct Way<'a> {
    client: &'a Client,
    path: String,
    is_default: bool,
}

impl<'a> Way<'a> {
    fn new(client: &'a Client, is_default: bool) -> Self {
        let path = if is_default {
            format!("tests/{TEST}/invite")
        } else {
            let link = client.imocha_call("POST", &format!("tests/{TEST}/testlinks"), &json!({"testLinkName": "Campus"}));
            assert_eq!(link.status, 201, "{}", link.text);
            format!("tests/{TEST}/testlinks/{}/invite", link.json()["testLinkId"])
        };
        Way { client, path, is_default }
    }

    fn send(&self, more: &Value) -> Reply {
        let mut body = json!({"email": "ada@example.com", "name": "Ada Lovelace"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.client.imocha_call("POST", &self.path, &body)
    }

    /// Brings an invitation to a state; its id, or one that no invitation has.
    fn reach(&self, state: &str) -> String {
        if state == "None" {
            return "999".to_owned();
        }
        let reply = self.send(&json!({"callbackUrl": "https://hooks.example.com/x", "redirectUrl": "https://done.example.com/"}));
        assert_eq!(reply.status, 200, "{}", reply.text);
        let id = reply.json()["testInvitationId"].to_string();
        let event = |event: &str| assert_eq!(self.client.attempt(&id, event).status, 200, "{event}");
        match state {
            "Cancelled" => assert_eq!(self.cancel(&id).status, 200),
            "Expired" => self.client.advance("P7D"),
            "In Progress" => event("start"),
            "Complete" | "Test Left" | "Terminated" => {
                event("start");
                event(match state {
                    "Complete" => "finish",
                    "Test Left" => "leave",
                    _ => "terminate",
                });
            }
            _ => {}
        }
        assert_eq!(self.shown(&id)["status"], state);
        id
    }

    fn shown(&self, id: &str) -> Value {
        self.client.invitations("").into_iter().find(|one| one["invitation_id"] == id).unwrap()
    }

    fn cancel(&self, id: &str) -> Reply {
        self.client.imocha_call("POST", &format!("invitations/{id}/cancel"), &Value::Null)
    }

    fn reattempt(&self, id: &str) -> Reply {
        let body = json!({"StartDateTime": WINDOW.0, "EndDateTime": WINDOW.1, "TimeZoneId": 1200});
        self.client.imocha_call("POST", &format!("invitations/{id}/reattempt"), &body)
    }

    fn callbacks(&self) -> Vec<String> {
        let found = self.client.get("callbacks")["callbacks"].as_array().unwrap().clone();
        found.iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
    }
}

/// Runs a cell of every state on a sandbox of its own, both ways.
fn each_cell(cell: impl Fn(&Way<'_>, &str, &str)) {
    for is_default in [true, false] {
        for state in STATES {
            let (_sandbox, client) = sandbox();
            let way = Way::new(&client, is_default);
            let id = way.reach(state);
            cell(&way, state, &id);
        }
    }
}

fn has_window(shown: &Value) -> bool {
    (&shown["start"], &shown["end"], &shown["time_zone_id"]) == (&json!(WINDOW.0), &json!(WINDOW.1), &json!(1200))
}

#[test]
fn invite_in_every_state_both_ways() {
    each_cell(|way, state, id| {
        let cell = format!("{state}, default link: {}", way.is_default);
        let before = if state == "None" { Value::Null } else { way.shown(id) };
        let again = way.send(&json!({
            "startDateTime": WINDOW.0, "endDateTime": WINDOW.1, "timeZoneId": 1200, "stakeholderEmails": "boss@example.com"
        }));
        assert_eq!(again.status, 200, "{cell}: {}", again.text);
        let answer = again.json();
        let word = match state {
            "None" | "Pending" | "Cancelled" | "Expired" => "Pending",
            other => other,
        };
        assert_eq!(answer["status"], word, "{cell}");
        if state == "None" {
            assert!(answer["testInvitationId"].is_i64(), "{cell}");
            return;
        }
        assert_eq!(answer["testInvitationId"].to_string(), id, "{cell}");
        let after = way.shown(id);
        assert_eq!((&after["status"], has_window(&after)), (&json!(word), word == "Pending"), "{cell}");
        // Documented of the default link; of another one the page says that nothing changes unless it is pending.
        let is_set = after["stakeholder_emails"] == json!(["boss@example.com"]);
        assert_eq!(is_set, way.is_default || word == "Pending", "{cell}");
        if word != "Pending" {
            for member in ["start", "end", "time_zone_id", "test_url", "details", "name"] {
                assert_eq!(after[member], before[member], "{cell}: {member}");
            }
        }
        assert_eq!(way.client.invitations("").len(), 1, "{cell}");
    });
}

#[test]
fn cancel_in_every_state() {
    each_cell(|way, state, id| {
        let reply = way.cancel(id);
        match state {
            "None" => assert_eq!(reply.status, 404),
            "Pending" => {
                assert_eq!((reply.status, reply.text), (200, format!(r#"{{"testInvitationId":{id},"status":"cancelled"}}"#)));
                assert_eq!(way.shown(id)["status"], "Cancelled");
            }
            _ => {
                assert_eq!((reply.status, reply.text.as_str()), (400, NOT_CANCELLED), "{state}");
                assert_eq!(way.shown(id)["status"], state);
            }
        }
    });
}

#[test]
fn reattempt_in_every_state() {
    each_cell(|way, state, id| {
        let before = if state == "None" { Value::Null } else { way.shown(id) };
        let reply = way.reattempt(id);
        match state {
            "None" => assert_eq!(reply.status, 404),
            "In Progress" => {
                let text = format!("Reattempt is not allowed on Test invitation id: {id} which is in inprogress state.");
                assert_eq!((reply.status, reply.json()), (400, json!({ "errors": [text] })));
                assert_eq!(way.shown(id), before);
            }
            "Pending" | "Cancelled" | "Expired" => {
                assert_eq!((reply.status, reply.json()["testInvitationId"].to_string()), (200, id.to_owned()), "{state}");
                let after = way.shown(id);
                assert!(after["status"] == "Pending" && has_window(&after), "{state}: {after}");
                assert_eq!(way.client.invitations("").len(), 1, "{state}");
            }
            _ => {
                assert_eq!(reply.status, 200, "{state}: {}", reply.text);
                let child = reply.json();
                assert_eq!(child.get("status"), None, "{state}: there is no status key");
                assert_eq!(
                    (&child["callbackUrlRegistered"], &child["redirectUrlRegistered"]),
                    (&json!("https://hooks.example.com/x"), &json!("https://done.example.com/"))
                );
                let child = child["testInvitationId"].to_string();
                assert_ne!(child, id);
                assert_eq!(way.shown(id), before, "{state}: the addressed one stays");
                assert_eq!(way.shown(&child)["status"], "Pending");
                // An untaken child is returned instead of a new one.
                assert_eq!(way.reattempt(id).json()["testInvitationId"].to_string(), child, "{state}");
                assert_eq!(way.client.invitations("").len(), 2, "{state}");
            }
        }
    });
}

/// The word that an event leads to from In Progress.
fn led_to(event: &str) -> &'static str {
    match event {
        "start" => "In Progress",
        "finish" => "Complete",
        "leave" => "Test Left",
        _ => "Terminated",
    }
}

#[test]
fn the_candidate_in_every_state() {
    for event in ["start", "finish", "leave", "terminate"] {
        each_cell(|way, state, id| {
            let called = way.callbacks().len();
            let reply = way.client.attempt(id, event);
            let cell = format!("{event} in {state}: {}", reply.text);
            let news = || way.callbacks().into_iter().skip(called).collect::<Vec<_>>();
            match (state, event) {
                ("None", _) => assert_eq!(reply.status, 404, "{cell}"),
                ("Pending", "start") => {
                    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("In Progress")), "{cell}");
                    assert_eq!(news(), ["In Progress"]);
                }
                ("In Progress", _) => {
                    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!(led_to(event))), "{cell}");
                    // The candidate who continues causes no second callback.
                    let expected: Vec<&str> = if event == "start" { Vec::new() } else { vec![led_to(event)] };
                    assert_eq!(news(), expected, "{cell}");
                    let report = way.client.imocha_call("GET", &format!("reports/{id}"), &Value::Null).json();
                    let is_ready = event != "start";
                    assert_eq!((!report["status"].is_null(), !report["pdfReportUrl"].is_null()), (is_ready, is_ready), "{cell}");
                }
                _ => {
                    assert_eq!(reply.status, 409, "{cell}");
                    let slug = state.to_lowercase().replace(' ', "-");
                    assert!(reply.text.contains(&slug), "{cell} names the state");
                    assert_eq!(way.shown(id)["status"], state, "{cell}");
                    assert!(news().is_empty(), "{cell}");
                    if event == "start" && matches!(state, "Complete" | "Test Left" | "Terminated") {
                        let text = if way.is_default { TEXT_A } else { TEXT_B };
                        assert!(reply.text.contains(text), "{cell}");
                        let url = way.shown(id)["test_url"].as_str().unwrap().strip_prefix(&way.client.url).unwrap().to_owned();
                        let page = way.client.send("GET", &url, &[], "");
                        assert!(page.status == 200 && page.text.contains(text), "{cell}: {}", page.text);
                    }
                }
            }
        });
    }
}

#[test]
fn before_its_window_the_candidate_is_refused() {
    let (_sandbox, client) = sandbox();
    let way = Way::new(&client, true);
    let id = way.send(&json!({"startDateTime": "2026-03-02T12:00:00Z"})).json()["testInvitationId"].to_string();
    assert_eq!(client.attempt(&id, "start").status, 409);
    assert_eq!(way.shown(&id)["status"], "Pending");
    client.stand_at("2026-03-02T12:00:00Z");
    assert_eq!(client.attempt(&id, "start").status, 200);
}

#[test]
fn time_in_every_state() {
    each_cell(|way, state, id| {
        if state == "None" {
            way.client.advance("P30D");
            assert_eq!(way.client.invitations(""), Vec::<Value>::new());
            return;
        }
        let called = way.callbacks().len();
        way.client.advance("P30D");
        let (word, news): (&str, &[&str]) = match state {
            "Pending" => ("Expired", &[]),
            "In Progress" => ("Test Left", &["Test Left"]),
            other => (other, &[]),
        };
        assert_eq!(way.shown(id)["status"], word, "{state}");
        assert_eq!(way.callbacks()[called..], *news, "{state}");
    });
}

#[test]
fn an_attempt_runs_on_past_its_window_until_the_tests_duration_is_over() {
    let (_sandbox, client) = sandbox();
    let way = Way::new(&client, true);
    let invited = way.send(&json!({"endDateTime": "2026-03-01T12:10:00Z", "callbackUrl": "https://hooks.example.com/x"}));
    let id = invited.json()["testInvitationId"].to_string();
    client.attempt(&id, "start");
    client.advance("PT59M59S");
    assert_eq!((way.shown(&id)["status"].as_str(), way.callbacks()), (Some("In Progress"), vec!["In Progress".to_owned()]));
    client.advance("PT1S");
    assert_eq!(way.shown(&id)["status"], "Test Left");
    assert_eq!(way.callbacks(), ["In Progress", "Test Left"]);
    let report = client.imocha_call("GET", &format!("reports/{id}"), &Value::Null).json();
    assert_eq!((&report["status"], &report["timeTaken"]), (&json!("Test Left"), &json!(3600)));
    assert_eq!(client.outbox(), [], "nobody finished, so no stakeholder is told");
}

#[test]
fn a_chain_of_three_reattempts_is_one_row_of_invitations() {
    for is_default in [true, false] {
        let (_sandbox, client) = sandbox();
        let way = Way::new(&client, is_default);
        let mut chain = vec![way.reach("Complete")];
        for end in ["leave", "terminate", "finish"] {
            // Asked on the first, and on the newest: the same child.
            let child = way.reattempt(&chain[0]).json()["testInvitationId"].to_string();
            assert_eq!(way.reattempt(chain.last().unwrap()).json()["testInvitationId"].to_string(), child);
            assert!(!chain.contains(&child));
            assert_eq!(client.attempt(&child, "start").status, 200);
            for parent in &chain {
                let refused = way.reattempt(parent);
                assert_eq!(refused.status, 400);
                assert!(refused.text.contains(&child), "the child's id stands in the text: {}", refused.text);
            }
            assert_eq!(client.attempt(&child, end).status, 200);
            chain.push(child);
        }
        assert_eq!(client.invitations("").len(), 4);
        let words: Vec<Value> = chain.iter().map(|id| way.shown(id)["status"].clone()).collect();
        assert_eq!(json!(words), json!(["Complete", "Test Left", "Terminated", "Complete"]));
        let again = way.send(&json!({})).json();
        assert_eq!((again["testInvitationId"].to_string(), &again["status"]), (chain[3].clone(), &json!("Complete")), "choice 28");
        // A cancelled or expired child is revived, not followed by another one.
        let child = way.reattempt(&chain[0]).json()["testInvitationId"].to_string();
        assert_eq!(way.cancel(&child).status, 200);
        assert_eq!(way.cancel(&chain[3]).status, 400, "cancel acts on the id addressed");
        assert_eq!(way.reattempt(&chain[1]).json()["testInvitationId"].to_string(), child);
        assert_eq!(way.shown(&child)["status"], "Pending");
        client.stand_at("2026-06-01T00:00:00Z");
        assert_eq!(way.shown(&child)["status"], "Expired");
        assert_eq!(way.reattempt(&chain[2]).json()["testInvitationId"].to_string(), child);
    }
}

#[test]
fn links_of_one_test_know_nothing_of_one_another() {
    let (_sandbox, client) = sandbox();
    let ways = [Way::new(&client, true), Way::new(&client, false), Way::new(&client, false)];
    let ids: Vec<String> = ways.iter().map(|way| way.reach("Pending")).collect();
    assert_eq!(client.invitations("?email=ADA@example.com").len(), 3);
    client.attempt(&ids[0], "start");
    client.attempt(&ids[0], "finish");
    assert_eq!(ways[1].cancel(&ids[1]).status, 200);
    let words: Vec<Value> = ids.iter().map(|id| ways[0].shown(id)["status"].clone()).collect();
    assert_eq!(json!(words), json!(["Complete", "Cancelled", "Pending"]));
    for (way, id) in ways.iter().zip(&ids) {
        let again = way.send(&json!({"email": " ADA@Example.com "})).json();
        assert_eq!(again["testInvitationId"].to_string(), *id, "trimmed and in any letter case");
    }
    // A reattempt makes its child on the link of its parent.
    let child = ways[0].reattempt(&ids[0]).json()["testInvitationId"].to_string();
    assert_eq!(ways[0].send(&json!({})).json()["testInvitationId"].to_string(), child);
    assert_eq!(ways[1].send(&json!({})).json()["testInvitationId"].to_string(), ids[1]);
    // The link's own address is the same machine, whichever path it is invited by.
    let links = client.imocha_call("GET", &format!("tests/{TEST}/testlinks"), &Value::Null).json();
    let default = links["testLinks"].as_array().unwrap().iter().find(|link| link["isApiLink"] == true).unwrap()["testLinkId"].clone();
    let by_path = client.imocha_call(
        "POST",
        &format!("tests/{TEST}/testlinks/{default}/invite"),
        &json!({"email": "ada@example.com", "name": "Ada"}),
    );
    assert_eq!(by_path.json()["testInvitationId"].to_string(), child, "the default link counts as one");
}
