//! `bidden doctor`.

use serde_json::Value;

use crate::Desk;
use crate::support::{Folder, Platform};

/// What each check came to.
fn checks(lines: &[Value]) -> Vec<String> {
    let text = |line: &Value, member: &str| line[member].as_str().unwrap().to_owned();
    let lines = lines.iter().filter(|line| line["check"].is_string());
    lines.map(|line| format!("{} {}", text(line, "check"), text(line, "result"))).collect()
}

const ALL_WELL: [&str; 6] = ["configuration ok", "ledger ok", "network ok", "credential ok", "test ok", "clock ok"];

#[test]
fn all_is_well_with_a_sandbox_and_nothing_is_changed() {
    let desk = Desk::new();
    for line in ["--on imocha --test 292930", "--on testinvite --test task-1"] {
        let ran = desk.send(&format!("doctor {line} --json")).exits(0);
        assert_eq!(checks(&ran.json()), ALL_WELL, "{}", ran.shown);
    }
    assert_eq!(desk.sandbox.requests(), ["GET /v3/tests/292930", "GET /api/integration/rest/v1/tasks/task-1?mode=detailed"]);
    desk.send("doctor --on imocha --test 292930").exits(0).prints("ok       test          292930 ");
}

#[test]
fn think_exam_has_nothing_harmless_to_ask_and_says_so() {
    let desk = Desk::new();
    let ran = desk.send("doctor --on think-exam --test 41 --json").exits(0);
    let expected = ["configuration ok", "ledger ok", "network ok", "signature ok", "credential warning", "test warning", "clock warning"];
    assert_eq!(checks(&ran.json()), expected, "{}", ran.shown);
    assert_eq!(desk.sandbox.requests(), [""; 0]);
}

#[test]
fn a_credential_that_is_not_accepted_fails_and_is_not_shown() {
    let desk = Desk::new();
    let line = format!("doctor --on testinvite --test task-1 --ledger ledger.db --base-url {}", desk.sandbox.url());
    let ran = desk.folder.bidden_with(&[("BIDDEN_TESTINVITE_TOKEN", "sandbox-other-token")], &line).exits(1);
    ran.prints("failed   credential    not accepted").prints_no("other-token").says_nothing();
}

#[test]
fn a_missing_credential_and_one_of_the_sandbox_on_a_live_host_are_configuration() {
    let folder = Folder::new();
    let line = "doctor --on imocha --test 292930 --ledger ledger.db --base-url https://imocha.example";
    folder.bidden(line).exits(2).prints("failed   configuration").prints("BIDDEN_IMOCHA_API_KEY");
    folder
        .bidden_with(&[("BIDDEN_IMOCHA_API_KEY", "sandbox-key")], line)
        .exits(2)
        .prints("failed   credential    a credential of the sandbox (sandbox-…) is never sent to imocha.example");
    folder.bidden("doctor --on imocha --test java --ledger ledger.db --base-url http://127.0.0.1:9").exits(2).says("positive number");
}

#[test]
fn a_ledger_that_cannot_be_opened_fails() {
    let desk = Desk::new();
    std::fs::create_dir(desk.folder.path("ledger.db")).unwrap();
    desk.send("doctor --on imocha --test 292930").exits(1).prints("failed   ledger").prints("--ledger names another");
}

#[test]
fn a_host_where_nobody_listens_fails() {
    let line = "doctor --on imocha --test 292930 --ledger ledger.db --base-url http://127.0.0.1:9 --json";
    let ran = Folder::new().bidden(line).exits(1);
    assert_eq!(checks(&ran.json()), ["configuration ok", "ledger ok", "network failed", "platform failed"], "{}", ran.shown);
}

#[test]
fn a_test_that_nobody_knows_fails_and_the_credential_does_not() {
    let platform = Platform::answering(|_, _| (404, r#"{"errors":["Test not found"]}"#.to_owned()));
    let line = format!("doctor --on imocha --test 292930 --ledger ledger.db --base-url {} --json", platform.url);
    let ran = Folder::new().bidden(&line).exits(1);
    let lines = ran.json();
    assert_eq!(checks(&lines)[3..], ["credential ok", "test failed", "clock warning"], "{}", ran.shown);
    assert_eq!(lines[6]["summary"]["failed"], 1);
}

#[test]
fn a_clock_that_is_off_is_a_warning() {
    let date = "date: Tue, 14 Nov 2023 22:13:20 GMT\r\n";
    let platform = Platform::answering_with(date, |_, _| (200, r#"{"testId":292930,"testName":"Java","duration":60}"#.to_owned()));
    let line = format!("doctor --on imocha --test 292930 --ledger ledger.db --base-url {}", platform.url);
    Folder::new().bidden(&line).exits(0).prints("ok       test          292930 “Java” exists").prints("s ahead of the platform");
}

#[test]
fn what_a_task_does_not_have_fails_and_a_task_that_lists_none_tells_nothing() {
    let task = r#"{"taskId":"task-1","title":"A","active":false,"emailTemplates":[{"name":"Welcome","subject":"Hello"}],
        "programs":[],"steps":[{"id":"step-1"}]}"#;
    let platform = Platform::answering(move |_, _| (200, task.to_owned()));
    let asked = "--email-template Welcome --program p-1 --step step-1 --step step-9";
    let line = format!("doctor --on testinvite --test task-1 --ledger ledger.db --base-url {} {asked} --json", platform.url);
    let ran = Folder::new().bidden(&line).exits(1);
    let expected = ["credential ok", "test warning", "template ok", "program warning", "step ok", "step failed", "clock warning"];
    assert_eq!(checks(&ran.json())[3..], expected, "{}", ran.shown);
}
