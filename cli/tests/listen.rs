//! `bidden listen`, as the real process: what it takes in, keeps, tells and passes on.
// A helper of tests says what it expects as a test does; clippy takes it for shipped code.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Folder, Platform, Ran, Sandbox, each, people};

/// A listener that runs until it is ended or killed.
struct Listener {
    child: Child,
    url: String,
}

impl Listener {
    fn start(folder: &Folder, variables: &[(&str, &str)], options: &str) -> Self {
        let _ = std::fs::remove_file(folder.path("ready.json"));
        let line = format!("listen --listen 127.0.0.1:0 --ready ready.json --ledger ledger.db {options}");
        let mut command = folder.command(&line);
        command.envs(variables.iter().copied()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let began = Instant::now();
        while !folder.path("ready.json").exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended: {}", Ran::finished(child, &line).shown);
            assert!(began.elapsed() < Duration::from_secs(30), "it is not ready");
            std::thread::sleep(Duration::from_millis(10));
        }
        let ready: Value = serde_json::from_str(&folder.read("ready.json")).unwrap();
        Listener { child, url: ready["url"].as_str().unwrap().to_owned() }
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
        Ran::finished(self.child, "listen").exits(code)
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
    command.arg("cat >> told.jsonl").stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    while !folder.path("ready.json").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let ready: Value = serde_json::from_str(&folder.read("ready.json")).unwrap();
    let listener = Listener { child, url: ready["url"].as_str().unwrap().to_owned() };
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
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let answer = agent.post(format!("{}/_sandbox/attempts/{id}/{event}", self.sandbox.url())).send_empty().unwrap();
        assert_eq!(answer.status().as_u16(), 200);
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

/// Issue line 6: one of ten callbacks dropped, some doubled, some early.
#[test]
fn after_dropped_doubled_and_early_callbacks_reconcile_brings_both_to_agree() {
    for target in ["--on imocha --test 292930", "--on testinvite --test task-1"] {
        let world = World::new();
        let ids = world.invite(30, target);
        let is_imocha = target.contains("imocha");
        let mut sent = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            let email = format!("person{}@example.com", index + 1);
            let told = |status: &str| json!({"CandidateEmailId": email, "TestInvitationId": id, "Status": status, "AttemptedOnUtc": "2026-03-01T13:21:53"});
            let callbacks = if is_imocha { vec![told("In Progress"), told("Complete")] } else { vec![session(id, &format!("ti-{id}"))] };
            let is_early = index % 10 == 1;
            if is_early {
                sent.extend(callbacks.clone());
            }
            match index % 10 {
                // Dropped.
                0 => {}
                2 => sent.extend(callbacks.iter().rev().chain(&callbacks).cloned().collect::<Vec<_>>()),
                _ => sent.extend(callbacks),
            }
        }
        let path = if is_imocha { "/imocha" } else { "/testinvite" };
        let listener = world.listener(&[]);
        for (index, body) in sent.iter().enumerate() {
            // The early ones come before the platform itself has moved.
            let is_early = index < 4;
            if !is_early && index == 4 {
                for id in &ids {
                    world.attempt(id, "start");
                    world.attempt(id, "finish");
                }
            }
            assert_eq!(listener.post(path, body), 200);
        }
        std::thread::sleep(Duration::from_secs(3));
        listener.end(0);
        world.send(&format!("reconcile {target} --quiet")).exits(0);
        let (findings, summary) = world.send(&format!("reconcile {target} --json --quiet")).exits(0).rows();
        assert_eq!((findings.len(), &summary["by_finding"]), (0, &json!({"agreed": 30})), "{target}");
    }
}
