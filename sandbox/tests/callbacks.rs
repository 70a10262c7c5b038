//! Callbacks that the platforms' own rules make, over HTTP: delivered, in order of time with all that comes due, and with
//! faults.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bidden::{CallbackEvent, Platform, Status};
use bidden_sandbox::{Options, Sandbox};
use common::{Client, sandbox};
use serde_json::{Value, json};

/// Somebody's address: answers with one status after another, the last of them for ever, and keeps what came.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    /// `when` is told of each callback before it is answered.
    fn new(statuses: &'static [u16], when: impl Fn(&Value) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut reader = BufReader::new(connection.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
                let head = head.to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap();
                when(&body);
                let status = {
                    let mut got = kept.lock().unwrap();
                    got.push(body);
                    statuses[(got.len() - 1).min(statuses.len() - 1)]
                };
                write!(reader.get_mut(), "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            }
        });
        Receiver { url, got }
    }

    fn statuses(&self) -> Vec<String> {
        self.got.lock().unwrap().iter().map(|body| body["Status"].as_str().unwrap().to_owned()).collect()
    }
}

fn invite(client: &Client, email: &str, callback_url: &str) -> String {
    let reply = client.imocha(1, &json!({"email": email, "name": "Ada", "sendEmail": "yes", "callbackUrl": callback_url}));
    assert_eq!(reply.status, 200, "{}", reply.text);
    client.invitations("").last().unwrap()["invitation_id"].as_str().unwrap().to_owned()
}

fn settle(client: &Client) {
    assert_eq!(client.post("settle", &json!({})).status, 200);
}

fn advance_and_wait(client: &Client, duration: &str) -> Value {
    let reply = client.post("clock", &json!({"advance": duration, "wait": true}));
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn states(client: &Client) -> Vec<String> {
    client.get("callbacks")["callbacks"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

fn fault(client: &Client, body: Value) {
    let reply = client.post("faults", &body);
    assert_eq!(reply.status, 200, "{body}: {}", reply.text);
}

#[test]
fn an_attempt_calls_back_when_it_starts_and_when_it_ends() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200], |_| {});
    let id = invite(&client, "ada@example.com", &receiver.url);
    for event in ["start", "finish"] {
        assert_eq!(client.attempt(&id, event).status, 200);
        settle(&client);
    }
    assert_eq!(receiver.statuses(), ["In Progress", "Complete"]);
    assert_eq!(receiver.got.lock().unwrap()[0]["TestInvitationId"].to_string(), id);
    assert_eq!(states(&client), ["delivered", "delivered"]);
}

#[test]
fn a_public_callback_address_is_answered_as_documented_and_never_called() {
    let (_sandbox, client) = sandbox();
    let id = invite(&client, "ada@example.com", "https://hooks.example.com/x");
    client.attempt(&id, "start");
    settle(&client);
    let callback = client.get(&format!("callbacks?invitation={id}"))["callbacks"][0].clone();
    assert_eq!(
        (&callback["state"], &callback["reason"], &callback["tries"]),
        (&json!("not-delivered"), &json!("not loopback"), &json!([]))
    );
}

#[test]
fn a_clock_that_waits_does_everything_in_order_of_time_deliveries_included() {
    let (sandbox, client) = sandbox();
    let url = sandbox.url().to_owned();
    let times: Arc<Mutex<Vec<(Value, usize)>>> = Arc::default();
    let seen = Arc::clone(&times);
    let receiver = Receiver::new(&[500, 500, 200], move |_| {
        let client = Client::of(&url);
        seen.lock().unwrap().push((client.get("clock")["now"].clone(), client.outbox().len()));
    });
    assert_eq!(client.post("switches", &json!({"imocha.callback-retry-delay": "900"})).status, 200);
    // A mail between the second and the third try.
    let scheduled = json!({"kind": "temporary-candidate", "email": "between@example.com",
        "inviteByEmail": {"emailTemplateName": "W", "dateToSend": 1_772_366_400 + 1_200}});
    assert_eq!(client.testinvite("task-1", &scheduled).status, 200);
    let id = invite(&client, "ada@example.com", &receiver.url);
    client.attempt(&id, "start");
    assert_eq!(advance_and_wait(&client, "P1D"), json!({"now": "2026-03-02T12:00:00Z"}));
    // The last is the end of the test's duration: the candidate has left.
    let expected = [("12:00", 1), ("12:15", 1), ("12:30", 2), ("13:00", 2)].map(|(time, mails)| (format!("2026-03-01T{time}:00Z"), mails));
    assert_eq!(*times.lock().unwrap(), expected.map(|(now, mails)| (json!(now), mails)));
}

#[test]
fn a_mail_is_sent_when_its_time_has_come_though_nobody_asks() {
    let (_sandbox, client) = sandbox();
    client.post("clock", &json!({"freeze": false}));
    let soon = 1_772_366_400 + 2;
    let scheduled = json!({"kind": "temporary-candidate", "email": "soon@example.com",
        "inviteByEmail": {"emailTemplateName": "W", "dateToSend": soon}});
    assert_eq!(client.testinvite("task-1", &scheduled).status, 200);
    // The clock that is asked for works off what is due, so nothing is asked before the time is well over.
    std::thread::sleep(Duration::from_millis(2_600));
    client.post("clock", &json!({"set": "2026-03-01T11:00:00Z", "freeze": true}));
    assert_eq!(client.outbox().len(), 1, "it went before the clock was set back");
}

#[test]
fn a_magic_candidate_starts_and_finishes_by_itself() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200], |_| {});
    for (email, word) in [
        ("complete@example.com", "Complete"),
        ("in-progress+1@example.com", "In Progress"),
        ("test-left@example.com", "Test Left"),
        ("terminated@example.com", "Terminated"),
        ("ada@example.com", "Pending"),
    ] {
        let id = invite(&client, email, &receiver.url);
        assert_eq!(client.invitations("").last().unwrap()["status"], "Pending");
        advance_and_wait(&client, "PT1M");
        let found = client.invitations(&format!("?email={}", email.replace('+', "%2B")));
        assert_eq!((&found[0]["invitation_id"], &found[0]["status"]), (&json!(id), &json!(word)), "{email}");
    }
    let one_after_another = ["In Progress", "Complete", "In Progress", "In Progress", "Test Left", "In Progress", "Terminated"];
    assert_eq!(receiver.statuses(), one_after_another);
}

#[test]
fn a_magic_candidate_whose_window_is_not_open_waits_for_it() {
    let (_sandbox, client) = sandbox();
    let body = json!({"email": "complete@example.com", "name": "Ada", "startDateTime": "2026-03-03T12:00:00Z",
        "endDateTime": "2026-03-04T12:00:00Z", "timeZoneId": 1720});
    assert_eq!(client.imocha(1, &body).status, 200);
    advance_and_wait(&client, "P1D");
    assert_eq!(client.invitations("")[0]["status"], "Pending");
    advance_and_wait(&client, "P1DT1M");
    assert_eq!(client.invitations("")[0]["status"], "Complete");
}

#[test]
fn a_mail_to_a_bouncing_address_comes_back() {
    let (_sandbox, client) = sandbox();
    invite(&client, "bounced@example.com", "");
    invite(&client, "ada@example.com", "");
    let messages = client.get("outbox")["messages"].clone();
    assert_eq!((&messages[0]["bounced"], &messages[0]["kind"]), (&json!(true), &json!("invitation")));
    assert_eq!(messages[1].get("bounced"), None);
}

#[test]
fn an_address_that_fails_once_does_so_on_each_platform_and_then_no_more() {
    let (_sandbox, client) = sandbox();
    let imocha = || client.imocha(1, &json!({"email": "rate-limited@example.com", "name": "Ada"})).status;
    let testinvite = || client.testinvite("t", &json!({"kind": "temporary-candidate", "email": "rate-limited@example.com"})).status;
    assert_eq!((imocha(), imocha(), testinvite(), testinvite(), imocha()), (429, 200, 429, 200, 200));
    let unavailable = || client.imocha(1, &json!({"email": "unavailable@example.com", "name": "Ada"})).status;
    assert_eq!((unavailable(), unavailable()), (502, 200));
    client.post("reset", &json!({}));
    assert_eq!(imocha(), 429);
    let silent = |mail: &str| client.imocha(1, &json!({"email": mail, "name": "Ada", "sendEmail": "yes"})).status;
    assert_eq!((silent("no-mail@example.com"), silent("no-mail@example.com"), silent("ada@example.com")), (200, 200, 200));
    assert_eq!(client.outbox().len(), 1);
}

#[test]
fn a_doubled_callback_comes_twice_and_a_dropped_one_never() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200], |_| {});
    fault(&client, json!({"preset": "duplicate-callback"}));
    fault(&client, json!({"preset": "dropped-callback", "platform": "imocha", "count": 1}));
    let id = invite(&client, "ada@example.com", &receiver.url);
    client.attempt(&id, "start");
    client.attempt(&id, "finish");
    settle(&client);
    assert_eq!(receiver.statuses(), ["In Progress", "In Progress"]);
    assert_eq!(states(&client), ["delivered", "failed"]);
    let callbacks = client.get("callbacks")["callbacks"].clone();
    assert_eq!((&callbacks[1]["reason"], &callbacks[1]["tries"]), (&json!("a fault dropped it"), &json!([])));
    client.post("callbacks/2/resend", &json!({}));
    settle(&client);
    assert_eq!(receiver.statuses().last().unwrap(), "Complete");
    let hits: Vec<_> = client.get("faults")["faults"].as_array().unwrap().iter().map(|fault| fault["hits"].clone()).collect();
    assert_eq!(hits, [1, 1]);
}

#[test]
fn callbacks_change_places_and_a_lone_one_comes_ten_minutes_late() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200], |_| {});
    fault(&client, json!({"preset": "callback-out-of-order"}));
    let id = invite(&client, "ada@example.com", &receiver.url);
    client.attempt(&id, "start");
    settle(&client);
    assert_eq!(receiver.statuses().len(), 0);
    client.attempt(&id, "finish");
    settle(&client);
    assert_eq!(receiver.statuses(), ["Complete", "In Progress"]);
    fault(&client, json!({"preset": "callback-out-of-order"}));
    let id = invite(&client, "bob@example.com", &receiver.url);
    client.attempt(&id, "start");
    advance_and_wait(&client, "PT9M59S");
    assert_eq!(receiver.statuses().len(), 2);
    advance_and_wait(&client, "PT1S");
    assert_eq!(receiver.statuses().len(), 3);
}

#[test]
fn a_callback_arrives_before_the_answer_of_what_caused_it() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200], |_| std::thread::sleep(Duration::from_millis(200)));
    fault(&client, json!({"preset": "callback-before-answer", "count": 3}));
    let id = invite(&client, "ada@example.com", &receiver.url);
    assert_eq!(client.attempt(&id, "start").status, 200);
    assert_eq!(receiver.statuses(), ["In Progress"], "it was there when the event was answered");
    // Whoever starts and finishes by itself does so at once: the callbacks name an invitation that nobody knows yet.
    let answered = client.imocha(1, &json!({"email": "complete@example.com", "name": "Ada", "callbackUrl": receiver.url}));
    assert_eq!(receiver.statuses(), ["In Progress", "In Progress", "Complete"]);
    let id = receiver.got.lock().unwrap()[2]["TestInvitationId"].to_string();
    assert!(answered.text.contains(&id), "{}", answered.text);
}

#[test]
fn a_dead_address_does_not_hold_the_sandbox() {
    let (_sandbox, client) = sandbox();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let id = invite(&client, "ada@example.com", &format!("http://{}/", silent.local_addr().unwrap()));
    client.attempt(&id, "start");
    let began = std::time::Instant::now();
    assert_eq!(states(&client), ["waiting"]);
    assert!(began.elapsed() < Duration::from_secs(2));
    drop(_sandbox);
    assert!(began.elapsed() < Duration::from_secs(3), "it stops though a try is under way");
}

#[test]
fn a_namespace_calls_back_for_itself() {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let client = Client::of(&format!("{}/ns/one", sandbox.url()));
    let receiver = Receiver::new(&[200], |_| {});
    let id = invite(&client, "ada@example.com", &receiver.url);
    client.attempt(&id, "start");
    settle(&client);
    assert_eq!((receiver.statuses().len(), states(&client).len()), (1, 1));
    assert_eq!(states(&Client::of(sandbox.url())).len(), 0);
}

#[test]
fn who_reads_callbacks_as_core_does_is_right_whatever_comes_twice_late_or_never() {
    let (_sandbox, client) = sandbox();
    let receiver = Receiver::new(&[200], |_| {});
    fault(&client, json!({"preset": "dropped-callback", "probability": 0.1, "seed": 1}));
    fault(&client, json!({"preset": "duplicate-callback", "probability": 0.2, "seed": 2}));
    fault(&client, json!({"preset": "callback-out-of-order", "probability": 0.2, "seed": 3}));
    let ids: Vec<String> = (0..30).map(|number| invite(&client, &format!("c{number}@example.com"), &receiver.url)).collect();
    for id in &ids {
        for event in ["start", "finish"] {
            assert_eq!(client.attempt(id, event).status, 200);
        }
    }
    advance_and_wait(&client, "PT10M");
    let (mut standing, mut believed) = (HashMap::new(), HashMap::new());
    let mut seen = HashSet::new();
    let mut completions = 0;
    for body in receiver.got.lock().unwrap().iter() {
        let event = CallbackEvent::read(Platform::Imocha, &Default::default(), body.to_string().as_bytes(), None).unwrap();
        let id = event.invitation_id.clone().unwrap();
        believed.insert(id.clone(), event.status);
        if seen.insert(event.dedupe_key.clone()) {
            let known = standing.entry(id).or_insert(Status::Pending);
            if event.moves(*known) {
                completions += u32::from(event.status == Status::Complete);
                *known = event.status;
            }
        }
    }
    let of_complete = |id: &String| {
        let callbacks = client.get(&format!("callbacks?invitation={id}"))["callbacks"].clone();
        callbacks.as_array().unwrap().iter().any(|one| one["status"] == "Complete" && one["state"] == "delivered")
    };
    let told: Vec<&String> = ids.iter().filter(|id| of_complete(id)).collect();
    assert!((20..30).contains(&told.len()), "some were dropped: {}", told.len());
    assert!(told.iter().all(|id| standing[*id] == Status::Complete), "{standing:?}");
    assert_eq!(completions as usize, told.len());
    assert!(receiver.statuses().iter().filter(|status| *status == "Complete").count() > told.len(), "whoever counts them counts double");
    assert!(told.iter().any(|id| believed[*id] == Status::InProgress), "whoever believes the last is wrong");
}
