//! `bidden listen`, as the real process: what it takes in, keeps, tells and passes on.
// A helper of tests says what it expects as a test does; clippy takes it for shipped code.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::HashSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Folder, Platform, Ran, Sandbox, each, people};

/// A listener that runs until it is ended or killed.
struct Listener {
    child: Child,
    url: String,
    /// The file of what it says on standard output: a pipe would be full some time.
    told: PathBuf,
}

impl Listener {
    fn start(folder: &Folder, variables: &[(&str, &str)], options: &str) -> Self {
        let mut command = folder.command(&format!("listen --listen 127.0.0.1:0 --ready ready.json --ledger ledger.db {options}"));
        command.envs(variables.iter().copied());
        Listener::spawn(folder, command)
    }

    fn spawn(folder: &Folder, mut command: Command) -> Self {
        let _ = std::fs::remove_file(folder.path("ready.json"));
        let told = folder.path("output.jsonl");
        let mut child = command.stdout(File::create(&told).unwrap()).stderr(Stdio::piped()).spawn().unwrap();
        let began = Instant::now();
        while !folder.path("ready.json").exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended: {}", Ran::finished(child, "listen").shown);
            assert!(began.elapsed() < Duration::from_secs(30), "it is not ready");
            std::thread::sleep(Duration::from_millis(10));
        }
        let ready: Value = serde_json::from_str(&folder.read("ready.json")).unwrap();
        Listener { child, url: ready["url"].as_str().unwrap().to_owned(), told }
    }

    /// Waits until so many callbacks are told.
    fn wait_for(&self, count: usize) {
        let began = Instant::now();
        let told = || std::fs::read_to_string(&self.told).unwrap().lines().count();
        while told() < count {
            assert!(began.elapsed() < Duration::from_secs(120), "{} of {count} callbacks are told", told());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        agent.run(request.body(body.to_owned()).unwrap()).unwrap().status().as_u16()
    }

    fn post(&self, path: &str, body: &Value) -> u16 {
        self.send("POST", path, &[], &body.to_string())
    }

    /// Ctrl-C, once what was sent is told.
    fn end(self, code: i32) -> Ran {
        std::thread::sleep(Duration::from_millis(500));
        let signal = std::process::Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(signal.success());
        let ran = Ran::finished(self.child, "listen").exits(code);
        Ran { output: std::fs::read_to_string(self.told).unwrap(), ..ran }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn complete(id: &str) -> Value {
    json!({"CandidateEmailId": "person1@example.com", "TestInvitationId": id, "Status": "Complete", "TotalScore": 115, "CandidateScore": 6,
        "AttemptedOnUtc": "2026-03-01T13:21:53", "AttemptedOn": "01-Mar-2026 06:51 PM", "ReportPDFUrl": null, "PerformanceCategory": "Beginner"})
}

fn session(candidate: &str, id: &str) -> Value {
    json!({"testInstanceId": id, "taskId": "task-1", "stepId": "step-1", "ticketId": candidate, "status": "COMPLETE", "ignored": false,
        "result": {"completedAt": 1_772_400_000, "scoreboard": {"pointsAchieved": 8, "maxAchievablePoints": 10, "achievementRatio": 0.8}}})
}

#[test]
fn every_callback_is_answered_at_once_and_told_once() {
    let folder = Folder::new();
    let listener = Listener::start(&folder, &[], "");
    for _ in 0..3 {
        assert_eq!(listener.post("/imocha", &complete("7")), 200);
        assert_eq!(listener.post("/testinvite/any/suffix", &session("c-1", "ti-1")), 200);
    }
    assert_eq!(listener.post("/think-exam", &json!({"result": {"email": "ada@example.com", "status": "COMPLETED"}})), 200);
    std::thread::sleep(Duration::from_secs(4));
    let ran = listener.end(0);
    let told = ran.json();
    assert_eq!(each(&told, "platform"), ["imocha", "testinvite", "think-exam"], "{}", ran.shown);
    assert_eq!(each(&told, "ledger"), ["unknown"; 3]);
    assert_eq!(each(&told, "authenticity"), ["unsigned", "unsigned", "not-checked"]);
    assert_eq!((&told[0]["status"], &told[0]["score"], &told[1]["session_id"]), (&json!("complete"), &json!(6.0), &json!("ti-1")));
    assert_eq!(serde_json::from_str::<Value>(told[0]["body"].as_str().unwrap()).unwrap(), complete("7"));
    assert!(!folder.path("ledger.db").exists(), "hearing makes no ledger");
}

#[test]
fn what_is_no_callback_is_refused_and_told_to_nobody() {
    let folder = Folder::new();
    let variables = [("BIDDEN_THINK_EXAM_WEBHOOK_KEY", "sandbox-webhook-key"), ("BIDDEN_LISTEN_SECRET", "s3cret")];
    let listener = Listener::start(&folder, &variables, "");
    let body = complete("7").to_string();
    assert_eq!(listener.send("POST", "/imocha", &[], &body), 404, "without the secret part");
    assert_eq!(listener.send("POST", "/imocha/other", &[], &body), 404);
    assert_eq!(listener.send("GET", "/imocha/s3cret", &[], ""), 405);
    assert_eq!(listener.send("POST", "/nobody/s3cret", &[], &body), 404);
    assert_eq!(listener.send("POST", "/imocha/s3cret", &[], "{"), 400);
    assert_eq!(listener.send("POST", "/imocha/s3cret", &[], &"x".repeat(1_048_577)), 413);
    let result = r#"{"result":{"email":"ada@example.com","status":"COMPLETED"}}"#;
    assert_eq!(listener.send("POST", "/think-exam/s3cret", &[("X-webhook_key", "another")], result), 401);
    assert_eq!(listener.send("POST", "/think-exam/s3cret", &[], result), 401);
    let ran = listener.end(0);
    assert_eq!(ran.output, "", "{}", ran.shown);
    assert!(!ran.shown.contains("ada@example.com") && !ran.shown.contains("s3cret"), "{}", ran.shown);
}

#[test]
fn what_was_answered_survives_a_kill_and_is_passed_on_then() {
    let folder = Folder::new();
    let refusing = Platform::answering(|_, _| (503, "{}".to_owned()));
    let listener = Listener::start(&folder, &[], &format!("--forward {}/hook", refusing.url));
    assert_eq!(listener.post("/imocha", &complete("7")), 200);
    assert_eq!(listener.post("/imocha", &complete("8")), 200);
    listener.kill();
    assert!(folder.read("callbacks.jsonl").contains("person1@example.com"));

    let taking = Platform::answering(|_, _| (200, "{}".to_owned()));
    let listener = Listener::start(&folder, &[], &format!("--forward {}/hook", taking.url));
    assert_eq!(listener.post("/imocha", &complete("8")), 200, "it is known from before");
    std::thread::sleep(Duration::from_secs(4));
    let ran = listener.end(0);
    let ids: Vec<Value> =
        taking.bodies().iter().map(|body| serde_json::from_str::<Value>(body).unwrap()["invitation_id"].clone()).collect();
    assert_eq!(ids, [json!("7"), json!("8")], "{}", ran.shown);

    let listener = Listener::start(&folder, &[], "");
    assert_eq!(listener.post("/imocha", &complete("7")), 200);
    assert_eq!(listener.end(0).output, "");
    assert!(!folder.read("callbacks.jsonl").contains("person1@example.com"), "what is done is forgotten but for its digest");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(folder.path("callbacks.jsonl")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_nobody_takes_waits_in_the_inbox_with_exit_3() {
    let folder = Folder::new();
    let listener = Listener::start(&folder, &[], "--run false");
    assert_eq!(listener.post("/imocha", &complete("7")), 200);
    listener.end(3).says("1 callbacks wait in");
}

#[test]
fn a_command_gets_the_line_on_its_standard_input() {
    let folder = Folder::new();
    let mut command = folder.command("listen --listen 127.0.0.1:0 --ready ready.json --ledger ledger.db --run");
    command.arg("cat >> told.jsonl");
    let listener = Listener::spawn(&folder, command);
    assert_eq!(listener.post("/imocha", &complete("7")), 200);
    std::thread::sleep(Duration::from_secs(4));
    let ran = listener.end(0);
    assert_eq!(folder.read("told.jsonl"), ran.output);
}

/// A sandbox with invitations in `ledger.db`, and a listener that may ask the sandbox.
struct World {
    folder: Folder,
    sandbox: Sandbox,
}

impl World {
    fn new() -> Self {
        World { folder: Folder::new(), sandbox: Sandbox::start() }
    }

    fn listener(&self, variables: &[(&str, &str)]) -> Listener {
        let url = self.sandbox.url().to_owned();
        let mut all = vec![("BIDDEN_IMOCHA_BASE_URL", url.as_str()), ("BIDDEN_TESTINVITE_BASE_URL", &url)];
        all.extend(variables);
        Listener::start(&self.folder, &all, "")
    }

    fn send(&self, line: &str) -> Ran {
        self.folder.bidden(&format!("{line} --base-url {} --ledger ledger.db", self.sandbox.url()))
    }

    fn invite(&self, count: usize, target: &str) -> Vec<String> {
        self.folder.write("people.csv", &people(count));
        let (rows, _) = self.send(&format!("invite people.csv {target} --json --quiet")).exits(0).rows();
        each(&rows, "invitation_id")
    }

    fn attempt(&self, id: &str, event: &str) {
        self.post(&format!("/_sandbox/attempts/{id}/{event}"), &json!({}));
    }

    fn post(&self, path: &str, body: &Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let request = agent.post(format!("{}{path}", self.sandbox.url())).header("content-type", "application/json");
        assert_eq!(request.send(body.to_string()).unwrap().status().as_u16(), 200, "{path}");
    }

    fn history(&self, number: usize) -> Value {
        self.folder.bidden(&format!("history person{number}@example.com --json --ledger ledger.db")).exits(0).json().remove(0)
    }
}

#[test]
fn an_unsigned_callback_is_believed_when_the_platform_says_so_too() {
    let world = World::new();
    let ids = world.invite(2, "--on imocha --test 292930");
    world.attempt(&ids[0], "start");
    world.attempt(&ids[0], "finish");
    let listener = world.listener(&[]);
    assert_eq!(listener.post("/imocha", &complete(&ids[0])), 200);
    let forged =
        json!({"CandidateEmailId": "person2@example.com", "TestInvitationId": ids[1], "Status": "Complete", "CandidateScore": 115});
    assert_eq!(listener.post("/imocha", &forged), 200);
    let late = json!({"CandidateEmailId": "person1@example.com", "TestInvitationId": ids[0], "Status": "In Progress"});
    assert_eq!(listener.post("/imocha", &late), 200);
    let ran = listener.end(0);
    assert_eq!(each(&ran.json(), "ledger"), ["moved", "hint", "noted"], "{}", ran.shown);

    let (first, second) = (world.history(1), world.history(2));
    assert_eq!((&first["status"], &second["status"]), (&json!("complete"), &json!("pending")));
    assert_eq!(first["platform_status"], json!("Complete"));
    let told: Vec<(&Value, &Value)> =
        first["operations"].as_array().unwrap().iter().map(|operation| (&operation["deed"], &operation["outcome"])).collect();
    let expected = [(json!("invite"), json!("invited")), (json!("callback"), json!("complete")), (json!("callback"), json!("in-progress"))];
    assert_eq!(told, expected.iter().map(|(deed, outcome)| (deed, outcome)).collect::<Vec<_>>());
    assert_eq!(
        (first["operations"][1]["asks_for_mail"].as_bool(), second["operations"][1]["outcome"].as_str()),
        (Some(false), Some("complete"))
    );
    assert_eq!(first["mail_requests"], json!(0));
    world.folder.bidden("status --ledger ledger.db").exits(0).prints("complete");
}

#[test]
fn that_an_attempt_has_begun_is_believed_when_the_report_has_its_time() {
    let world = World::new();
    let ids = world.invite(2, "--on imocha --test 292930");
    world.attempt(&ids[0], "start");
    let listener = world.listener(&[]);
    for (number, id) in ids.iter().enumerate() {
        let begun =
            json!({"CandidateEmailId": format!("person{}@example.com", number + 1), "TestInvitationId": id, "Status": "In Progress"});
        assert_eq!(listener.post("/imocha", &begun), 200);
    }
    let ran = listener.end(0);
    assert_eq!(each(&ran.json(), "ledger"), ["moved", "hint"], "{}", ran.shown);
    let first = world.history(1);
    assert_eq!((&first["status"], &first["platform_status"]), (&json!("in-progress"), &json!("In Progress")));
    assert_eq!(world.history(2)["status"], "pending");
}

#[test]
fn after_a_restart_a_callback_is_passed_on_with_what_it_came_to_before() {
    let world = World::new();
    let ids = world.invite(1, "--on imocha --test 292930");
    world.attempt(&ids[0], "start");
    world.attempt(&ids[0], "finish");
    let variables = [("BIDDEN_IMOCHA_BASE_URL", world.sandbox.url())];
    let refusing = Platform::answering(|_, _| (503, "{}".to_owned()));
    let listener = Listener::start(&world.folder, &variables, &format!("--forward {}/hook", refusing.url));
    assert_eq!(listener.post("/imocha", &complete(&ids[0])), 200);
    assert_eq!(each(&listener.end(3).json(), "ledger"), ["moved"]);

    let taking = Platform::answering(|_, _| (200, "{}".to_owned()));
    let listener = Listener::start(&world.folder, &variables, &format!("--forward {}/hook", taking.url));
    let ran = listener.end(0);
    let told: Vec<Value> = taking.bodies().iter().map(|body| serde_json::from_str::<Value>(body).unwrap()["ledger"].clone()).collect();
    assert_eq!(told, [json!("moved")], "{}", ran.shown);
}

#[test]
fn a_verified_callback_of_think_exam_moves_the_one_open_assignment() {
    let world = World::new();
    world.invite(2, "--on think-exam --test 41");
    let key = [("BIDDEN_THINK_EXAM_WEBHOOK_KEY", "sandbox-webhook-key")];
    let listener = world.listener(&key);
    let result = |number: u32| {
        json!({"result": {"email": format!("Person{number}@example.com"), "status": "COMPLETED", "marks_scored": 126}}).to_string()
    };
    assert_eq!(listener.send("POST", "/think-exam", &[("X-webhook_key", "sandbox-webhook-key")], &result(1)), 200);
    assert_eq!(listener.send("POST", "/think-exam", &[("X-webhook_key", "sandbox-webhook-key")], &result(1)), 200);
    let ran = listener.end(0);
    assert_eq!(each(&ran.json(), "ledger"), ["moved"], "{}", ran.shown);
    assert_eq!((&world.history(1)["status"], &world.history(2)["status"]), (&json!("complete"), &json!("pending")));

    let unchecked = world.listener(&[]);
    assert_eq!(unchecked.send("POST", "/think-exam", &[("X-webhook_key", "anything")], &result(2)), 200);
    assert_eq!(each(&unchecked.end(0).json(), "ledger"), ["hint"]);
    assert_eq!(world.history(2)["status"], "pending");
}

#[test]
fn candidates_are_invited_while_it_listens_and_their_early_callbacks_are_not_lost() {
    let world = World::new();
    world.invite(1, "--on imocha --test 292930");
    let listener = world.listener(&[]);
    // The callback of an invitation that the ledger does not know yet.
    let early = json!({"CandidateEmailId": "person2@example.com", "TestInvitationId": "2807325", "Status": "Complete"});
    assert_eq!(listener.post("/imocha", &early), 200);
    let ids = world.invite(2, "--on imocha --test 292930");
    assert_eq!(ids[1], "2807325");
    world.attempt(&ids[1], "start");
    world.attempt(&ids[1], "finish");
    std::thread::sleep(Duration::from_secs(4));
    let ran = listener.end(0);
    assert_eq!(each(&ran.json(), "ledger"), ["moved"], "{}", ran.shown);
    assert_eq!(world.history(2)["status"], "complete");
}

/// One of ten callbacks is dropped, some are doubled, some come late, some before the ledger knows their invitation.
#[test]
fn after_dropped_doubled_and_early_callbacks_reconcile_brings_both_to_agree() {
    const IMOCHA: &str = "--on imocha --test 292930";
    const TESTINVITE: &str = "--on testinvite --test task-1";
    let world = World::new();
    let listener = world.listener(&[]);
    for (seed, preset) in ["dropped-callback", "callback-before-answer", "duplicate-callback", "callback-out-of-order"].iter().enumerate() {
        for platform in ["imocha", "testinvite"] {
            world.post("/_sandbox/faults", &json!({"preset": preset, "platform": platform, "probability": 0.1, "seed": 40 + seed}));
        }
    }
    // Every tenth candidate takes the test while being invited; of the others every seventh leaves iMocha's.
    let invite = |count: usize, target: &str, path: &str| {
        let mut people = "name,email\n".to_owned();
        for number in 1..=count {
            let who = if number % 10 == 0 { "complete+" } else { "person" };
            people += &format!("Person Number {number},{who}{number}@example.com\n");
        }
        world.folder.write("people.csv", &people);
        let line = format!("invite people.csv {target} --callback-url {}/{path} --json --quiet", listener.url);
        let ids = each(&world.send(&line).exits(0).rows().0, "invitation_id");
        for (index, id) in ids.iter().enumerate().filter(|(index, _)| (index + 1) % 10 != 0) {
            // A task has two steps.
            let events: &[&str] = match path {
                "imocha" if index % 7 == 0 => &["start", "leave"],
                "imocha" => &["start", "finish"],
                _ => &["start", "finish", "start", "finish"],
            };
            events.iter().for_each(|event| world.attempt(id, event));
        }
        ids
    };
    let ids = [invite(200, IMOCHA, "imocha"), invite(60, TESTINVITE, "testinvite")].concat();
    world.post("/_sandbox/clock", &json!({"advance": "PT1H", "wait": true}));

    let faults = world.sandbox.control("/_sandbox/faults");
    let hits: Vec<&Value> = faults["faults"].as_array().unwrap().iter().map(|fault| &fault["hits"]).collect();
    assert!(hits.len() == 8 && hits.iter().all(|hits| hits.as_u64() > Some(0)), "{faults}");
    let callbacks = world.sandbox.control("/_sandbox/callbacks?limit=1000");
    let callbacks = callbacks["callbacks"].as_array().unwrap();
    let of_state = |state: &'static str| callbacks.iter().filter(move |callback| callback["state"] == state);
    let (delivered, dropped) = (of_state("delivered").count(), of_state("failed").count());
    assert_eq!(delivered + dropped, 200 * 2 + 60 * 2);
    assert!((30..=75).contains(&dropped), "{dropped}");
    listener.wait_for(delivered);
    let ran = listener.end(0);
    assert_eq!(ran.json().len(), delivered, "each is told once: {}", ran.error);

    // Of whom nothing at all was heard, the ledger learns now.
    let heard: HashSet<&str> = of_state("delivered").map(|callback| callback["invitation_id"].as_str().unwrap()).collect();
    let is_unheard = |id: &&String| !heard.contains(id.as_str());
    for (target, ids) in [(IMOCHA, &ids[..200]), (TESTINVITE, &ids[200..])] {
        let unheard: HashSet<String> = ids.iter().filter(is_unheard).cloned().collect();
        assert!(!unheard.is_empty(), "{target}: another seed");
        let (findings, summary) = world.send(&format!("reconcile {target} --json --quiet")).exits(0).rows();
        let moved: HashSet<String> = each(&findings, "invitation_id").into_iter().collect();
        assert!(moved.is_superset(&unheard), "{target}: {summary}");
        assert!(each(&findings, "finding").iter().all(|finding| finding == "moved"), "{target}: {summary}");
    }
    for (target, count) in [(IMOCHA, 200), (TESTINVITE, 60)] {
        let (findings, summary) = world.send(&format!("reconcile {target} --json --quiet")).exits(0).rows();
        assert_eq!((findings.len(), &summary["by_finding"]), (0, &json!({"agreed": count})), "{target}");
    }
    let shown = world.sandbox.control("/_sandbox/invitations");
    let shown: Vec<(&str, &str)> = shown["invitations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invitation| (invitation["invitation_id"].as_str().unwrap(), invitation["status"].as_str().unwrap()))
        .collect();
    let exported = world.folder.bidden("export --ledger ledger.db").exits(0).json();
    assert_eq!(exported.len(), ids.len());
    for row in exported {
        let (_, word) = shown.iter().find(|(id, _)| row["invitation_id"] == *id).unwrap();
        let expected = match (row["place"]["platform"].as_str(), *word) {
            // A session that is complete is not yet the candidate (TestInvite reference, section 3).
            (Some("testinvite"), "Complete") => "in-progress",
            (Some("imocha"), "Complete") => "complete",
            (Some("imocha"), "Test Left") => "test-left",
            other => panic!("{other:?}: {row}"),
        };
        assert_eq!(row["status"], expected, "{row}");
    }
}
