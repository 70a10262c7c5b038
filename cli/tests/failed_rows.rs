//! The rows that did not end well, in a file beside the input that can be fed back.

mod support;

use support::{Folder, Platform, Sandbox, each, invited};

const HEADER: &str = "name,email,enrollment_number,password,mobile,gender,dob,course_name,remark";

fn line(name: &str, email: &str, mobile: &str, remark: &str) -> String {
    format!("\n{name},{email},E1,Hunter-22-Secret,{mobile},male,1990-05-24,Analyst,{remark}")
}

#[test]
fn failed_rows_come_back_as_they_were_without_secrets_and_over_no_other_file() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    let rows = [
        line("@home", "no-address", "+14165550168", "=1+1"),
        line("'-Ada", "nor this", "14165550168", "-"),
        line("Bob", "bob@example.com", "14165550168", ""),
    ];
    folder.write("list.csv", &format!("{HEADER}{}\n", rows.concat()));
    folder.write("list.csv.failed.csv", "somebody else's");
    let invite = |file: &str| {
        let line = format!("invite {file} --on think-exam --test 41 --json --base-url {}", sandbox.url());
        folder.bidden(&line).exits(1)
    };
    let ran = invite("list.csv").says("2 failed rows: list.csv.failed.2.csv; password and credential2 are left empty in it");
    assert_eq!(each(&ran.rows().0, "disposition"), ["invalid", "invalid", "invited"]);
    assert_eq!(folder.read("list.csv.failed.csv"), "somebody else's");
    let failed = folder.read("list.csv.failed.2.csv");
    let lines: Vec<&str> = failed.lines().collect();
    assert_eq!(lines[0], format!("{HEADER},bidden_disposition,bidden_error"));
    assert!(lines[1].starts_with("'@home,no-address,E1,,'+14165550168,male,1990-05-24,Analyst,'=1+1,invalid,email: has no @"), "{failed}");
    assert!(lines[2].starts_with("''-Ada,nor this,E1,,14165550168,male,1990-05-24,Analyst,'-,invalid,"), "{failed}");
    assert_eq!(lines.len(), 3, "{failed}");
    assert!(!failed.contains("Hunter"), "{failed}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(folder.path("list.csv.failed.2.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Fed back, the cells are those of the first list again.
    let back = invite("list.csv.failed.2.csv").rows().0;
    let names: Vec<_> = back.iter().map(|row| row["candidate"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["@home", "'-Ada"]);
    invite("list.csv").says("2 failed rows: list.csv.failed.3.csv");
}

#[test]
fn a_corrected_row_goes_out_and_a_refused_one_waits_for_retry_failed() {
    let folder = Folder::new();
    let platform = Platform::answering(|number, body| match body {
        body if body.contains("bad@") => (400, r#"{"errors":["no"]}"#.to_owned()),
        body if body.contains("sendEmail") => invited(number),
        _ => (200, r#"{"result":{"testAttempts":[]},"errors":null}"#.to_owned()),
    });
    folder.write("list.csv", "name,email\nAda,bad@example.com\nBob,bob@example.com\n");
    let invite = |file: &str, options: &str| {
        folder.bidden(&format!("invite {file} --on imocha --test 1 --send-email --json {options} --base-url {}", platform.url))
    };
    let sent = || platform.bodies().iter().filter(|body| body.contains("sendEmail")).count();
    invite("list.csv", "").exits(1).says("1 failed row: list.csv.failed.csv");
    assert_eq!(sent(), 2);
    let rows = invite("list.csv", "").exits(1).rows().0;
    assert_eq!((each(&rows, "disposition"), sent()), (vec!["refused".to_owned(), "unchanged".to_owned()], 2));
    invite("list.csv", "--retry-failed").exits(1);
    assert_eq!(sent(), 3);
    folder.write("list.csv.failed.csv", &folder.read("list.csv.failed.csv").replace("bad@", "ada@"));
    let rows = invite("list.csv.failed.csv", "").exits(0).rows().0;
    assert_eq!((each(&rows, "disposition"), sent()), (vec!["invited".to_owned()], 4));
}

#[test]
fn an_uncertain_row_says_what_to_do_about_it() {
    let folder = Folder::new();
    folder.write("list.csv", "name,email\nAda,ada@example.com\n");
    let platform = Platform::answering(|_, _| (200, "<html>".to_owned()));
    let invite = |options: &str| {
        let ran = folder.bidden(&format!("invite list.csv --json {options} --ledger ledger.db --base-url {}", platform.url));
        ran.exits(1).rows().0.remove(0)
    };
    let told = |row: &serde_json::Value| {
        assert_eq!(row["disposition"], "uncertain", "{row}");
        row["error"]["message"].as_str().unwrap().to_owned()
    };
    let row = invite("--on imocha --test 1 --send-email");
    assert!(told(&row).ends_with("; the same again asks for no mail"), "{row}");
    let row = invite("--on testinvite --test t --email-template welcome");
    assert!(told(&row).ends_with("; the same again goes under the platform's guard against a second one"), "{row}");
    let row = invite("--on testinvite --test u --email-template welcome --no-tracking");
    assert!(told(&row).ends_with("; look it up on the platform, or --resend-uncertain sends again"), "{row}");
    assert!(!told(&row).contains("nobody can say"), "{row}");
}

#[test]
fn a_credential_that_a_look_up_is_refused_for_ends_the_run() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", &support::people(60));
    let line = format!("invite list.csv --on imocha --test 1 --json --ledger ledger.db --base-url {}", sandbox.url());
    folder.bidden(&line).exits(0);
    let ran = folder.bidden_with(&[("BIDDEN_IMOCHA_API_KEY", "sandbox-other")], &line).exits(3).says("stopped: unauthorized");
    let (rows, summary) = ran.rows();
    assert_eq!((rows.len(), rows[59]["disposition"].as_str()), (60, Some("not-sent")));
    assert!(summary["by_disposition"]["held"].is_null(), "{summary}");
}

#[test]
fn the_failed_rows_of_a_plan_stand_beside_its_input_and_can_be_fed_back() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    let rows = [
        line("@home", "no-address", "+14165550168", "=1+1"),
        line("'-Ada", "nor this", "14165550168", "-"),
        line("Bob", "bob@example.com", "14165550168", ""),
        // One cell too many: the password stands where the mobile number belongs.
        line("Ann, of York", "ann@example.com", "14165550168", "x"),
    ];
    folder.write("list.csv", &format!("{HEADER}{}\n", rows.concat()));
    folder.write("list.csv.failed.csv", "somebody else's");
    folder.bidden(&format!("plan list.csv --on think-exam --test 41 --base-url {} -o plan.jsonl --quiet", sandbox.url())).exits(1);
    assert!(!folder.read("plan.jsonl").contains("Hunter"), "a password that slipped into another column is in no plan either");
    let apply = |options: &str| folder.bidden(&format!("apply plan.jsonl --json {options}")).exits(1);
    let ran = apply("--secrets list.csv").says("3 failed rows: list.csv.failed.2.csv; password and credential2 are left empty in it");
    assert_eq!(each(&ran.rows().0, "disposition"), ["invalid", "invalid", "invited", "invalid"]);
    assert_eq!(folder.read("list.csv.failed.csv"), "somebody else's");
    let failed = folder.read("list.csv.failed.2.csv");
    let lines: Vec<&str> = failed.lines().collect();
    assert_eq!(lines[0], format!("{HEADER},bidden_disposition,bidden_error"));
    assert!(lines[1].starts_with("'@home,no-address,E1,,'+14165550168,male,1990-05-24,Analyst,'=1+1,invalid,email: has no @"), "{failed}");
    assert!(lines[2].starts_with("''-Ada,nor this,E1,,14165550168,male,1990-05-24,Analyst,'-,invalid,"), "{failed}");
    assert!(lines[3].starts_with(",,,,,,,,,invalid,row: too many cells (10 instead of 9)"), "{failed}");
    assert_eq!((lines.len(), failed.contains("Hunter")), (4, false), "{failed}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(folder.path("list.csv.failed.2.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let line = format!("invite list.csv.failed.2.csv --on think-exam --test 41 --json --base-url {}", sandbox.url());
    let back = folder.bidden(&line).exits(1).rows().0;
    let names: Vec<_> = back.iter().take(2).map(|row| row["candidate"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["@home", "'-Ada"]);
    apply("--secrets list.csv").says("3 failed rows: list.csv.failed.3.csv");
    // Where the input is gone, they stand beside the plan.
    std::fs::rename(folder.path("list.csv"), folder.path("moved.csv")).unwrap();
    apply("--secrets moved.csv").says("3 failed rows: plan.failed.csv");
    assert_eq!(folder.read("plan.failed.csv"), failed);
}

#[test]
fn a_plan_of_standard_input_keeps_its_failed_rows_beside_itself_until_a_corrected_one_went_out() {
    let folder = Folder::new();
    let platform = Platform::answering(|number, body| match body {
        body if body.contains("bad@") => (400, r#"{"errors":["no"]}"#.to_owned()),
        body if body.contains("sendEmail") => invited(number),
        _ => (200, r#"{"result":{"testAttempts":[]},"errors":null}"#.to_owned()),
    });
    let options = format!("--on imocha --test 1 --send-email --base-url {}", platform.url);
    let list = "name;email;remark\nAda;bad@example.com;=1;\nBob;bob@example.com;b\n";
    folder.bidden_with_input(&format!("plan - {options} -o plan.jsonl --quiet"), list).exits(0);
    folder.bidden("apply plan.jsonl --json --quiet").exits(1).says("1 failed row: plan.failed.csv");
    let failed = folder.read("plan.failed.csv");
    assert!(failed.starts_with("name;email;remark;bidden_disposition;bidden_error\nAda;bad@example.com;'=1;refused;"), "{failed}");
    folder.write("plan.failed.csv", &failed.replace("bad@", "ada@"));
    let rows = folder.bidden(&format!("invite plan.failed.csv {options} --json --quiet")).exits(0).rows().0;
    assert_eq!(each(&rows, "disposition"), ["invited"]);
    // Nothing failed: no file.
    folder.bidden_with_input(&format!("plan - {options} -o other.jsonl --quiet"), "name,email\nBob,bob@example.com\n").exits(0);
    folder.bidden("apply other.jsonl --json --quiet").exits(0);
    assert!(!folder.path("other.failed.csv").exists());
}
