//! Deliveries against a receiver on this machine. What a platform would call back is put into the database of a sandbox
//! that is not running yet: the same way in which a killed one leaves it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bidden::engine::{Callback, Change};
use bidden::{Platform, Time};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::database::Database;
use crate::{Durability, Options, Place, Sandbox};

/// 2026-03-01T12:00:00Z.
const START: i64 = 1_772_366_400;

/// Somebody's address: answers with one status after another, the last of them for ever, and keeps what came.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    fn new(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?key=1", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
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
                let status = {
                    let mut got = kept.lock().unwrap();
                    got.push((head, String::from_utf8(body).unwrap()));
                    statuses[(got.len() - 1).min(statuses.len() - 1)]
                };
                let elsewhere = "location: http://127.0.0.1:9/\r\n";
                write!(reader.get_mut(), "HTTP/1.1 {status} X\r\n{elsewhere}content-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            }
        });
        Receiver { url, got }
    }

    fn bodies(&self) -> Vec<String> {
        self.got.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }
}

fn callback(url: &str, invitation_id: &str, status: &str, tries: u32, pause_seconds: u32) -> Callback {
    Callback {
        platform: Platform::Imocha,
        invitation_id: invitation_id.to_owned(),
        status: status.to_owned(),
        url: url.to_owned(),
        headers: vec![("x-webhook_key".to_owned(), "k".to_owned())],
        body: json!({ "Status": status, "CandidateScore": 1 }).to_string(),
        tries,
        pause_seconds,
    }
}

/// A database in which these callbacks wait, on a clock that stands still at [`START`].
fn prepared(folder: &Path, callbacks: Vec<Callback>) -> PathBuf {
    let path = folder.join("sandbox.db");
    let mut database = Database::open(&Place::File(path.clone()), Durability::Kill, 10).unwrap();
    database.begin().unwrap();
    database.set_clock(Clock::default().frozen_at(Time::from_seconds(START))).unwrap();
    database.apply(Time::from_seconds(START), callbacks.into_iter().map(Change::CalledBack).collect()).unwrap();
    database.commit().unwrap();
    path
}

fn start(path: &Path) -> Sandbox {
    Sandbox::start(Options { place: Place::File(path.to_owned()), ..Options::in_memory() }).unwrap()
}

fn ask(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = ureq::http::Request::builder().method(method).uri(format!("{}/_sandbox/{path}", sandbox.url()));
    let mut response = agent.run(request.header("content-type", "application/json").body(body.to_owned()).unwrap()).unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap_or_default())
}

fn settled(sandbox: &Sandbox) -> Value {
    assert_eq!(ask(sandbox, "POST", "settle", "").0, 200);
    ask(sandbox, "GET", "callbacks", "").1["callbacks"].clone()
}

fn tries(callback: &Value) -> Vec<(String, Value, Value)> {
    let one = |tried: &Value| (tried["at"].as_str().unwrap().to_owned(), tried["status"].clone(), tried["error"].clone());
    callback["tries"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_callback_that_waits_when_the_sandbox_is_killed_is_delivered_after_the_restart() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::new(&[200]));
    let sandbox = start(&prepared(folder.path(), vec![callback(&receiver.url, "1", "Complete", 5, 60)]));
    let found = settled(&sandbox);
    assert_eq!(found[0]["state"], "delivered", "{found}");
    assert_eq!(tries(&found[0]), [("2026-03-01T12:00:00Z".to_owned(), json!(200), Value::Null)]);
    assert_eq!(
        (&found[0]["callback_id"], &found[0]["body"]["Status"], &found[0]["reason"]),
        (&json!("1"), &json!("Complete"), &Value::Null)
    );
    let (head, body) = receiver.got.lock().unwrap()[0].clone();
    assert!(head.starts_with("post /hook?key=1 http/1.1\r\n") && head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
    assert!(head.contains("\r\nx-webhook_key: k\r\n"), "{head}");
    assert_eq!(body, r#"{"CandidateScore":1,"Status":"Complete"}"#);
    assert!(!found.to_string().contains("webhook"), "a header may be a key: {found}");
}

#[test]
fn what_was_delivered_before_a_restart_is_not_delivered_again() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::new(&[204]));
    let path = prepared(folder.path(), vec![callback(&receiver.url, "1", "Complete", 5, 60)]);
    for _ in 0..2 {
        let sandbox = start(&path);
        assert_eq!(settled(&sandbox)[0]["state"], "delivered");
    }
    assert_eq!(receiver.bodies().len(), 1);
}

#[test]
fn a_callback_is_tried_as_often_as_it_says_by_the_sandboxs_clock_and_then_no_more() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::new(&[500, 302, 404]));
    let sandbox = start(&prepared(folder.path(), vec![callback(&receiver.url, "1", "Complete", 5, 3600)]));
    assert_eq!(settled(&sandbox)[0]["state"], "waiting", "an hour has to pass");
    assert_eq!(receiver.bodies().len(), 1);
    ask(&sandbox, "POST", "clock", r#"{"advance":"PT59M59S","wait":true}"#);
    assert_eq!(receiver.bodies().len(), 1);
    let (status, now) = ask(&sandbox, "POST", "clock", r#"{"advance":"P1D","wait":true}"#);
    assert_eq!((status, now), (200, json!({"now": "2026-03-02T12:59:59Z"})));
    let found = settled(&sandbox);
    let expected = [(12, 500, None), (13, 302, Some("redirects are not followed")), (14, 404, None), (15, 404, None), (16, 404, None)];
    let expected: Vec<_> =
        expected.iter().map(|(hour, status, error)| (format!("2026-03-01T{hour}:00:00Z"), json!(status), json!(error))).collect();
    assert_eq!(tries(&found[0]), expected);
    assert_eq!((&found[0]["state"], &found[0]["reason"]), (&json!("failed"), &json!("5 of 5 tries failed")));
    ask(&sandbox, "POST", "clock", r#"{"advance":"P1D","wait":true}"#);
    assert_eq!(receiver.bodies().len(), 5);
}

#[test]
fn time_alone_makes_a_retry_due() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::new(&[500, 200]));
    let sandbox = start(&prepared(folder.path(), vec![callback(&receiver.url, "1", "Complete", 2, 1)]));
    settled(&sandbox);
    assert_eq!(receiver.bodies().len(), 1);
    ask(&sandbox, "POST", "clock", r#"{"freeze":false}"#);
    let began = Instant::now();
    while receiver.bodies().len() < 2 {
        assert!(began.elapsed() < Duration::from_secs(10), "nobody asks, and nothing happens");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(began.elapsed() > Duration::from_millis(500), "{:?}", began.elapsed());
}

#[test]
fn a_refused_connection_and_a_silent_address_are_failed_tries() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let urls = [format!("http://{closed}/"), format!("http://{}/", silent.local_addr().unwrap())];
    let sandbox = start(&prepared(folder.path(), urls.iter().map(|url| callback(url, url, "Complete", 1, 0)).collect()));
    let found = settled(&sandbox);
    assert_eq!(tries(&found[0])[0].2, "connection refused");
    assert_eq!(tries(&found[1])[0].2, "no answer in time");
    assert_eq!((&found[0]["state"], &found[1]["state"]), (&json!("failed"), &json!("failed")));
}

#[test]
fn a_public_address_is_recorded_and_never_called_unless_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let urls = [
        "https://hooks.example.com/x",
        "http://127.0.0.1.example.com/",
        "http://192.0.2.1/",
        "http://localhost@192.0.2.1/",
        "ftp://127.0.0.1/",
    ];
    let sandbox = start(&prepared(folder.path(), urls.iter().map(|url| callback(url, url, "Complete", 5, 60)).collect()));
    let found = settled(&sandbox);
    for (callback, url) in found.as_array().unwrap().iter().zip(urls) {
        assert_eq!((&callback["url"], &callback["state"], &callback["tries"]), (&json!(url), &json!("not-delivered"), &json!([])));
    }
    let reasons: Vec<_> = found.as_array().unwrap().iter().map(|callback| callback["reason"].as_str().unwrap()).collect();
    let unreadable = "not an address that can be called";
    assert_eq!(reasons, ["not loopback", "not loopback", "not loopback", unreadable, unreadable]);
    assert_eq!(ask(&sandbox, "POST", "callbacks/1/resend", ""), (409, json!({"error": "not loopback"})));

    let mut database = Database::open(&Place::Memory, Durability::Kill, 0).unwrap();
    database.allow_callbacks_to(&["Hooks.example.com".to_owned()]);
    let made = |database: &mut Database, url: &str| {
        database.apply(Time::from_seconds(START), vec![Change::CalledBack(callback(url, "1", "Complete", 1, 0))]).unwrap();
        database.take_made_callbacks().len()
    };
    assert_eq!(made(&mut database, "https://hooks.EXAMPLE.com:8443/x?y=z"), 1);
    assert_eq!(made(&mut database, "https://other.example.com/"), 0);
}

#[test]
fn callbacks_of_one_invitation_arrive_in_order_and_a_resend_has_all_its_tries_again() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::new(&[200, 200, 500, 500, 200]));
    let two = vec![callback(&receiver.url, "1", "In Progress", 2, 0), callback(&receiver.url, "1", "Complete", 2, 0)];
    let sandbox = start(&prepared(folder.path(), two));
    let found = settled(&sandbox);
    assert_eq!((&found[0]["state"], &found[1]["state"]), (&json!("delivered"), &json!("delivered")));
    assert!(receiver.bodies()[0].contains("In Progress") && receiver.bodies()[1].contains("Complete"));
    for (state, tried) in [("failed", 3), ("delivered", 4)] {
        let (status, shown) = ask(&sandbox, "POST", "callbacks/2/resend", "");
        assert_eq!((status, &shown["state"]), (200, &json!("waiting")));
        let found = settled(&sandbox);
        assert_eq!((found[1]["state"].as_str().unwrap(), found[1]["tries"].as_array().unwrap().len()), (state, tried), "{found}");
    }
    assert_eq!(ask(&sandbox, "POST", "callbacks/9/resend", "").0, 404);
    assert_eq!(ask(&sandbox, "GET", "callbacks/2/resend", "").0, 405);
}

#[test]
fn callbacks_are_listed_page_by_page_and_by_invitation() {
    let folder = tempfile::tempdir().unwrap();
    let many = (0..7).map(|number| callback("http://192.0.2.1/", &(number % 2).to_string(), "Complete", 1, 0)).collect();
    let sandbox = start(&prepared(folder.path(), many));
    let page = |query: &str| {
        let answer = ask(&sandbox, "GET", &format!("callbacks{query}"), "").1;
        let ids: Vec<_> =
            answer["callbacks"].as_array().unwrap().iter().map(|one| one["callback_id"].as_str().unwrap().to_owned()).collect();
        (ids.join(" "), answer["next"].as_str().map(str::to_owned))
    };
    assert_eq!(page(""), ("1 2 3 4 5 6 7".to_owned(), None));
    assert_eq!(page("?invitation=1"), ("2 4 6".to_owned(), None));
    assert_eq!(page("?limit=3&after=2"), ("3 4 5".to_owned(), Some("5".to_owned())));
    assert_eq!(page("?limit=3&after=5"), ("6 7".to_owned(), None));
    assert_eq!(page("?invitation=none"), (String::new(), None));
    assert_eq!(ask(&sandbox, "GET", "callbacks?limit=0", "").0, 400);
    assert_eq!(ask(&sandbox, "GET", "callbacks?state=failed", "").0, 400);
}
