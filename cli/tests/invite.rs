//! `bidden invite`, from the file to the platform and back.

mod support;

use std::collections::BTreeSet;

use support::{Folder, MISTAKES, PEOPLE, Platform, Sandbox, each, invited, people};

#[test]
fn a_second_run_gives_the_same_invitations() {
    let folder = Folder::new();
    let line = format!("invite {PEOPLE} --on imocha --test 292930 --sandbox --json");
    let first = folder.bidden(&line).exits(0).rows();
    let second = folder.bidden(&line).exits(0).rows();
    assert_eq!(first.1["by_disposition"].to_string(), r#"{"invited":250}"#);
    assert_eq!(second.1["by_disposition"].to_string(), r#"{"unchanged":250}"#);
    assert_eq!(each(&first.0, "invitation_id"), each(&second.0, "invitation_id"));
    assert_eq!(each(&first.0, "invitation_id").into_iter().collect::<BTreeSet<_>>().len(), 250);
}

#[test]
fn on_testinvite_a_second_run_makes_no_second_candidate() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    let line = format!("invite {PEOPLE} --on testinvite --test task-1 --base-url {} --json", sandbox.url());
    let (rows, summary) = folder.bidden(&line).exits(0).rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"created":250}"#);
    assert!(rows.iter().all(|row| row["invitation_code"].is_string()), "{}", rows[0]);
    let (_, summary) = folder.bidden(&line).exits(0).rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"unchanged":250}"#);
    // Without the ledger that knows them, the platform's own guard refuses.
    let (_, summary) = folder.bidden(&format!("{line} --ledger other.db")).exits(1).rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"duplicate":250}"#);
    let line = format!("invite {PEOPLE} --on testinvite --test task-2 --base-url {}", sandbox.url());
    folder.bidden(&line).exits(0).prints("No mail was sent. 250 invitation codes above; `--output FILE` keeps them\n");
    let invitations = sandbox.control("/_sandbox/invitations?platform=testinvite&test=task-1");
    assert_eq!(invitations["invitations"].as_array().map(Vec::len), Some(250), "{invitations}");
}

#[test]
fn on_think_exam_candidates_are_registered_in_batches_and_assigned_one_by_one() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    let line = format!("invite {PEOPLE} --on think-exam --test 41 --batch-size 100 --base-url {} --json", sandbox.url());
    let (rows, _) = folder.bidden(&line).exits(0).rows();
    assert!(rows.iter().all(|row| row["disposition"] == "invited" && row["status"] == "unknown"), "{}", rows[0]);
    let requests = sandbox.requests();
    let registrations = requests.iter().filter(|request| request.to_lowercase().contains("bulk")).count();
    assert_eq!((registrations, requests.len()), (3, 3 + 250), "{requests:?}");
}

#[test]
fn every_row_has_all_fields_in_the_documented_order_and_rows_keep_the_order_of_the_file() {
    let folder = Folder::new();
    folder.write("list.csv", &people(300));
    // Later requests are answered first.
    let platform = Platform::answering(|number, _| {
        std::thread::sleep(std::time::Duration::from_millis(if number % 16 == 1 { 30 } else { 0 }));
        invited(number)
    });
    let ran = folder.bidden(&format!("invite list.csv --on imocha --test 1 --json --base-url {}", platform.url)).exits(0);
    let keys = r#"{"row":1,"line":2,"candidate":{"email":"person1@example.com","name":"Person Number 1","external_id":null},"disposition":"invited","known_from":"reply","email":"none","status":"pending","platform_status":"Pending","invitation_id":""#;
    assert!(ran.output.starts_with(keys), "{}", ran.shown);
    assert!(ran.output.lines().next().is_some_and(|line| line.contains(r#","invitation_code":null,"test_url":"https://test.example/"#)));
    let output = ran.output.clone();
    let (rows, _) = ran.rows();
    assert_eq!(each(&rows, "row"), (1..=300).map(|row| row.to_string()).collect::<Vec<_>>());
    let summary = r#"{"summary":{"rows":300,"by_disposition":{"invited":300},"mails":0,"output":null,"ledger":""#;
    assert!(output.lines().last().is_some_and(|line| line.starts_with(summary) && line.ends_with("bidden/ledger.db\"}}")), "{output}");
}

#[test]
fn a_person_who_stands_twice_is_sent_once_and_the_second_row_points_to_the_first() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", "name,email,employee\nAda,ada@example.com,1\nBob,,2\nAda L.,\" ADA@Example.com\",\nB,bob@x.example,2\n");
    let line = format!("invite list.csv --map employee=external_id --on testinvite --test 1 --json --base-url {}", sandbox.url());
    let (rows, summary) = folder.bidden(&line).exits(0).rows();
    assert_eq!(each(&rows, "disposition"), ["created", "created", "duplicate-row", "duplicate-row"]);
    assert_eq!(rows[2]["error"]["message"], "the same candidate as row 1 (line 2)");
    assert_eq!(rows[3]["error"]["message"], "the same candidate as row 2 (line 3)");
    assert_eq!((sandbox.requests().len(), &summary["rows"]), (2, &4.into()));
}

#[test]
fn an_address_under_two_ids_or_an_id_under_two_addresses_is_held_with_the_reason() {
    let folder = Folder::new();
    folder.write(
        "list.csv",
        "name,email,employee\nAda,ada@example.com,1\nBob,bob@example.com,2\nAda L.,\" ADA@Example.com\",3\nB,bob@x.example,2\n",
    );
    let platform = Platform::answering(|number, _| invited(number));
    let line = format!("list.csv --map employee=external_id --on imocha --json --base-url {}", platform.url);
    let (rows, summary) = folder.bidden(&format!("invite {line} --test 1")).exits(1).rows();
    assert_eq!(each(&rows, "disposition"), ["invited", "invited", "held", "held"]);
    let reasons = [
        "email: has the e-mail address of row 1 (line 2) and another external id; correct one of the two rows",
        "external_id: has the external id of row 2 (line 3) and another e-mail address; correct one of the two rows",
    ];
    assert_eq!([&rows[2]["error"]["message"], &rows[3]["error"]["message"]], reasons);
    assert_eq!((platform.bodies().len(), &summary["rows"]), (2, &4.into()));
    let (found, _) = folder.bidden("check list.csv --map employee=external_id --json").exits(1).rows();
    assert_eq!(each(&found, "row"), ["3", "4"]);
    assert_eq!(found[0]["errors"][0]["field"], "email");
    assert_eq!(found[1]["errors"][0]["value"], "2");
}

#[test]
fn the_second_of_two_rows_is_sent_when_the_first_cannot_be() {
    let folder = Folder::new();
    folder.write("list.csv", "name,email\n,ada@example.com\nAda,ada@example.com\n");
    let platform = Platform::answering(|number, _| invited(number));
    let (rows, _) = folder.bidden(&format!("invite list.csv --on imocha --test 1 --json --base-url {}", platform.url)).exits(1).rows();
    assert_eq!(each(&rows, "disposition"), ["invalid", "invited"]);
    assert_eq!(rows[0]["error"]["field"], "name");
}

#[test]
fn invalid_rows_are_never_sent_and_the_others_are() {
    let folder = Folder::new();
    let platform = Platform::answering(|number, _| invited(number));
    let ran = folder.bidden(&format!("invite {MISTAKES} --on imocha --test 1 --base-url {}", platform.url)).exits(1);
    let ran = ran
        .prints("42 rows: 16 invited, 1 duplicate-row, 25 invalid")
        .prints("No mail was sent. 16 links above; `--output FILE` keeps them");
    ran.prints("11 rows with warnings; `bidden check").says("columns not used: enrollment_number, mobile");
    assert_eq!(platform.bodies().len(), 16);
    let bodies = platform.bodies().concat();
    assert!(!bodies.contains("#N/A") && !bodies.contains("=A1") && !bodies.contains("okonjo"), "{bodies}");
}

#[test]
fn mails_are_asked_for_only_on_demand_and_counted() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", &people(3));
    let line = format!("invite list.csv --on imocha --test 1 --base-url {}", sandbox.url());
    folder.bidden(&line).exits(0).prints("No mail was sent. 3 links above");
    assert_eq!(sandbox.control("/_sandbox/outbox")["messages"].as_array().map(Vec::len), Some(0));
    folder.bidden(&format!("{line} --send-email --max-emails 2")).exits(2).says("3 mails would be asked for, more than --max-emails 2");
    let alone = format!("invite - --on imocha --test 1 --dry-run --send-email --base-url {}", sandbox.url());
    folder.bidden_with_input(&alone, &people(1)).exits(0).prints("1 mail to a candidate would be asked for");
    let ran = folder.bidden(&format!("{line} --send-email --max-emails 3")).exits(0);
    ran.prints("3 mails were asked for. 3 links above").prints_no("No mail");
    assert_eq!(sandbox.control("/_sandbox/outbox")["messages"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_output_file_holds_the_input_and_the_results_and_never_replaces_the_input() {
    let folder = Folder::new();
    folder.write("list.csv", "name;email;status\n\"Lovelace; Ada\";ada@example.com;=new\n;;x\nBob;bob@example.com\nC;c@example.com;y;z\n");
    let platform = Platform::answering(|_, _| (400, r#"{"errors":["=cmd|calc"]}"#.to_owned()));
    let line = format!("invite list.csv --on imocha --test 1 --base-url {}", platform.url);
    let ran = folder.bidden(&format!("{line} --output results.csv")).exits(1);
    ran.prints("No mail was sent. Results: results.csv\n");
    let expected_header = "name;email;status;disposition;known_from;mail;bidden_status;platform_status;invitation_id;invitation_code;test_url;error_kind;error_message;error_field;platform_code";
    let text = folder.read("results.csv");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], expected_header, "{text}");
    assert!(lines[1].starts_with("\"Lovelace; Ada\";ada@example.com;=new;refused;reply;none;;;;;;rejected;"), "{text}");
    assert!(lines[3].starts_with("Bob;bob@example.com;;invalid;;none;;"), "{text}");
    assert!(lines[4].starts_with("C;c@example.com;y;invalid;") && lines[4].ends_with(";z"), "{text}");
    let before = folder.read("list.csv");
    folder.bidden(&format!("{line} --output ./list.csv")).exits(2).says("--output names the input file");
    assert_eq!(folder.read("list.csv"), before);
}

#[test]
fn the_run_says_where_the_links_are() {
    let folder = Folder::new();
    folder.write("list.csv", &people(2));
    let platform = Platform::answering(|number, _| invited(number));
    let line = format!("invite list.csv --on imocha --test 1 --output results.csv --base-url {}", platform.url);
    folder.bidden(&line).exits(0).prints("No mail was sent. 2 links: results.csv\n");
    assert!(folder.read("results.csv").contains("https://test.example/"));
    let elsewhere = line.replace("--test 1", "--test 2");
    let (_, summary) = folder.bidden(&format!("{elsewhere} --json --quiet")).exits(0).says_nothing().rows();
    assert_eq!(summary["output"], "results.csv");
}

#[test]
fn on_a_live_host_example_addresses_are_refused_and_nobody_is_invited_without_consent() {
    let folder = Folder::new();
    folder.write("list.csv", "name,email\nAda,ada@example.com\nBob,bob@company.co\nCid,cid@company.co\n");
    let key = [("BIDDEN_IMOCHA_API_KEY", "a-real-key")];
    for host in ["https://platform.example", "http://localhost.example"] {
        let line = format!("invite list.csv --on imocha --test 1 --base-url {host}");
        let ran = folder.bidden_with(&key, &line).exits(2).prints("2 of 3 rows would be sent to test 1");
        ran.prints("is an example address").says("nobody can be asked without a terminal; nothing was sent").says("--yes says yes to it");
        let mailing = format!("{line} --send-email --yes");
        folder.bidden_with(&key, &mailing).exits(2).says("--yes alone is no consent to mails").says("--yes --max-emails 2");
        folder
            .bidden_with(&key, &format!("{mailing} --max-emails 1"))
            .exits(2)
            .says("2 mails would be asked for, more than --max-emails 1");
    }
}

#[test]
fn an_option_that_the_platform_cannot_honour_is_refused_unless_its_loss_is_allowed() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", &people(1));
    let line =
        format!("invite list.csv --on think-exam --test 41 --hide-instruction --start 2099-01-01T00:00:00Z --base-url {}", sandbox.url());
    folder.bidden(&line).exits(2).says("--start: Think Exam has no access window").says("--hide-instruction: only iMocha has it");
    assert!(sandbox.requests().is_empty());
    folder.bidden(&format!("{line} --allow-loss")).exits(0).says("left out: --hide-instruction");
}

#[test]
fn every_option_reaches_the_platform() {
    let folder = Folder::new();
    folder.write("list.csv", &people(1));
    let platform = Platform::answering(|number, _| invited(number));
    let options = "--send-email --stakeholder-emails boss@example.com --start 2099-01-31T09:00 --end 2099-02-01T09:00:00+01:00 --zone Asia/Kolkata \
        --time-zone-id 720 --callback-url https://hook.example/x --redirect-url https://back.example --proctoring image --hide-instruction";
    folder.bidden(&format!("invite list.csv --on imocha --test 1 {options} --base-url {}", platform.url)).exits(0);
    let expected = concat!(
        r#"{"email":"person1@example.com","name":"Person Number 1","callbackUrl":"https://hook.example/x","redirectUrl":"https://back.example","#,
        r#""hideInstruction":1,"sendEmail":"yes","stakeholderEmails":"boss@example.com","startDateTime":"2099-01-31T03:30:00Z","#,
        r#""endDateTime":"2099-02-01T08:00:00Z","timeZoneId":720,"ProctoringMode":"image"}"#
    );
    assert_eq!(platform.bodies(), [expected]);
    let line = "invite list.csv --on imocha --test 1 --dry-run --start 2099-01-31T09:00:00Z --zone Europe/Nowhere";
    folder.bidden(line).exits(2).says("--zone: unknown zone “Europe/Nowhere”");
}

#[test]
fn a_price_needs_the_word_of_the_user_and_may_stand_in_a_column() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", "email,price\nada@example.com,5 USD\nbob@example.com,\ncid@example.com,much\n");
    let line = format!("invite list.csv --on testinvite --test task-1 --json --base-url {}", sandbox.url());
    folder.bidden(&format!("{line} --map price=price")).exits(2).says("--charge-candidates");
    let (rows, _) = folder.bidden(&format!("{line} --map price=price --charge-candidates")).exits(1).rows();
    assert_eq!(each(&rows, "disposition"), ["created", "invalid", "invalid"]);
    assert_eq!((&rows[1]["error"]["field"], &rows[2]["error"]["field"]), (&"price".into(), &"price".into()));
    let requests = sandbox.control("/_sandbox/requests").to_string();
    assert!(requests.contains(r#""amount":5"#) && requests.matches("amount").count() == 1, "{requests}");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_sends_nothing() {
    let folder = Folder::new();
    let platform = Platform::answering(|number, _| invited(number));
    let line = format!("--on imocha --test 1 --dry-run --send-email --base-url {}", platform.url);
    let ran = folder.bidden(&format!("invite {PEOPLE} {line}")).exits(0);
    ran.prints("250 of 250 rows would be sent to test 1")
        .prints("250 mails to candidates would be asked for")
        .prints("liam.fitzgerald@example.org");
    folder.bidden(&format!("invite {MISTAKES} {line}")).exits(1).prints("16 of 42 rows would be sent").prints("25 invalid");
    let json = folder.bidden(&format!("invite {MISTAKES} {line} --json")).exits(1).json();
    assert_eq!((&json[0]["dry_run"]["mails"], &json[0]["dry_run"]["invalid"]), (&16.into(), &25.into()));
    assert!(platform.bodies().is_empty());
}

#[test]
fn standard_input_is_a_file_too() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    let line = format!("invite - --on imocha --test 1 --json --base-url {}", sandbox.url());
    let (rows, _) = folder.bidden_with_input(&line, &people(40)).exits(0).rows();
    assert_eq!(rows.len(), 40);
    let line = format!("{line} --send-email --max-emails 7");
    folder.bidden_with_input(&line, &people(40)).exits(2).says("40 mails would be asked for, more than --max-emails 7");
    let broken = people(300) + "\"never closed,ada@example.com\n";
    folder.bidden_with_input(&line, &broken).exits(2).says("standard input: line 302").says("never closed");
    let invited = sandbox.requests().iter().filter(|request| request.contains("/invite")).count();
    assert_eq!(invited, 40);
}

#[test]
fn a_file_that_breaks_off_sends_nothing() {
    let folder = Folder::new();
    folder.write("list.csv", &(people(20_000) + "\"never closed,ada@example.com\n"));
    let platform = Platform::answering(|number, _| invited(number));
    let ran = folder.bidden(&format!("invite list.csv --on imocha --test 1 --base-url {}", platform.url)).exits(2);
    ran.says("line 20002").says("never closed");
    assert!(platform.bodies().is_empty());
}

#[test]
fn a_status_is_null_where_the_platform_accepted_nothing() {
    let folder = Folder::new();
    folder.write("list.csv", "name,email\nAda,ada@example.com\nBob,bob@example.com\nCid,no address\n");
    let platform =
        Platform::answering(|number, _| if number == 1 { (400, r#"{"errors":["no"]}"#.to_owned()) } else { (200, "<".to_owned()) });
    let line = format!("invite list.csv --on imocha --test 1 --concurrency 1 --json --base-url {}", platform.url);
    let (rows, _) = folder.bidden(&line).exits(1).rows();
    assert_eq!(each(&rows, "disposition"), ["refused", "failed", "invalid"]);
    assert_eq!(
        (each(&rows, "status"), each(&rows, "known_from")),
        (vec!["null".to_owned(); 3], ["reply", "reply", "null"].map(str::to_owned).to_vec())
    );
}

#[test]
fn an_internal_candidate_is_known_by_its_user_id() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", "user_id\nu-1001\nu-1002\nu-1001\n");
    let ran = folder.bidden(&format!("invite list.csv --on testinvite --test task-1 --base-url {}", sandbox.url())).exits(0);
    ran.prints("  1  u-1001     created").prints("  3  u-1001     duplicate-row").prints("the same candidate as row 1 (line 2)");
}

/// The outputs of `invite FILE` and of `plan FILE`, `apply`, each with a platform and a ledger of its own.
fn both_outputs(file: &str, text: &str, options: &str) -> (String, String) {
    let run = |lines: &[&str]| {
        let (folder, platform) = (Folder::new(), Platform::answering(|number, _| invited(number)));
        folder.write(file, text);
        for line in lines {
            let url = if line.starts_with("apply") { String::new() } else { format!("{options} --base-url {}", platform.url) };
            let ran = folder.bidden(&format!("{line} {url} --concurrency 1 --quiet"));
            assert!(matches!(ran.status.code(), Some(0 | 1)), "{}", ran.shown);
        }
        folder.read("out.csv")
    };
    let invited = run(&[&format!("invite {file} --output out.csv")]);
    (invited, run(&[&format!("plan {file} -o plan.jsonl"), "apply plan.jsonl --output out.csv"]))
}

#[test]
fn the_output_of_a_plan_is_that_of_invite() {
    let separated = "\u{feff}Nr;status;Vorname;Name;E-Mail;Remark\n\
        7; old ;Ada;Lovelace; ada@example.com ;\"two\nlines; \"\"quoted\"\"\"\n\
        ;;Alan;Turing;ALAN@example.com;=1+1;;\n\
        8;;Bad;Row;no-address;@here\n\
        9;;Ada;Again;ada@example.com;\n\
        10;;too;few\n\
        11;;too;many;cells@example.com;here;and here\n";
    let lines = "{\"email\":\"ada@example.com\",\"name\":\"Ada\",\"remark\":\"=1\",\"age\":36}\n\
        {\"email\":\"alan@example.com\",\"name\":\"Alan\",\"remark\":null}\n";
    let cases = [
        ("list.csv", separated, "--on imocha --test 1"),
        ("list.csv", &support::people(3), "--on imocha --test 1 --send-email"),
        ("list.jsonl", lines, "--on imocha --test 1"),
    ];
    for (file, text, options) in cases {
        let (invited, applied) = both_outputs(file, text, options);
        assert_eq!(applied, invited, "{text}");
        assert!(invited.contains("https://test.example/1"), "{invited}");
    }
}

#[test]
fn the_command_that_a_plan_proposes_uses_the_record_that_it_was_made_with() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", &support::people(3));
    let to = format!("--on imocha --test 292930 --base-url {} --ledger its-own.db", sandbox.url());
    folder.bidden(&format!("invite list.csv --quiet --send-email {to}")).exits(0);
    let planned = folder.bidden(&format!("plan list.csv -o plan.jsonl --send-email {to}")).exits(0);
    let proposed = planned.prints("Plan: plan.jsonl. `bidden apply plan.jsonl --ledger its-own.db` sends it.");
    let line = proposed.output.split("`bidden ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    let (_, summary) = folder.bidden(&format!("{line} --json --quiet")).exits(0).rows();
    assert_eq!(summary["by_disposition"], serde_json::json!({"unchanged": 3}));
    assert_eq!(summary["mails"], 0);
}

#[test]
fn the_output_of_a_plan_holds_no_secret_and_is_complete_after_it_went_on() {
    let (folder, [first, second]) = (Folder::new(), [Sandbox::start(), Sandbox::start()]);
    let header = "remark,name,email,enrollment_number,password,mobile,gender,dob,course_name\n";
    let row = |number: usize| {
        format!("r{number},Person,p{number}@example.com,E{number},hunter-{number}-Secret,14165550168,male,1990-05-24,Analyst\n")
    };
    folder.write("list.csv", &format!("{header}{}{}{}", row(1), row(2), row(3)));
    let to = |sandbox: &Sandbox| format!("--on think-exam --test 41 --quiet --base-url {}", sandbox.url());
    folder.bidden(&format!("invite list.csv --output invited.csv {}", to(&first))).exits(0);
    folder.bidden(&format!("plan list.csv -o plan.jsonl {}", to(&second))).exits(0);
    let whole = (1..=3).fold(folder.read("invited.csv"), |text, number| text.replace(&format!("hunter-{number}-Secret"), ""));
    let ran = folder.bidden("apply plan.jsonl --secrets list.csv --first 1 --output out.csv --quiet --json").exits(3);
    assert_eq!(each(&ran.rows().0, "disposition"), ["invited", "not-sent", "not-sent"]);
    let begun = folder.read("out.csv");
    assert_eq!(begun.lines().take(2).collect::<Vec<_>>(), whole.lines().take(2).collect::<Vec<_>>());
    folder.bidden("apply plan.jsonl --secrets list.csv --output out.csv --quiet").exits(0);
    let (gone_on, inputs) = (folder.read("out.csv"), |text: &str| {
        let cells = |line: &str| line.splitn(10, ',').take(9).collect::<Vec<_>>().join(",");
        text.lines().map(cells).collect::<Vec<_>>()
    });
    assert_eq!(inputs(&gone_on), inputs(&whole));
    assert!(gone_on.lines().skip(1).all(|line| ["unchanged", "invited"].contains(&line.split(',').nth(9).unwrap())), "{gone_on}");
    folder.bidden("apply plan.jsonl --output list.csv --reopen").exits(2).says("--output names the input file");
}

#[test]
fn a_plan_that_was_made_without_the_columns_of_its_input_still_applies() {
    use bidden_ledger::plan::{Header, PlannedRow, Reader, Writer};
    let (folder, platform) = (Folder::new(), Platform::answering(|number, _| invited(number)));
    folder.write("list.csv", "remark,name,email\nr,Ada,ada@example.com\ns,Bob,no-address\n");
    folder.bidden(&format!("plan list.csv --on imocha --test 1 --base-url {} -o plan.jsonl --quiet", platform.url)).exits(1);
    let whole = folder.read("plan.jsonl");
    let mut reader = Reader::new(whole.as_bytes()).unwrap();
    let mut without = Vec::new();
    let mut writer = Writer::new(&mut without, &Header { columns: None, ..reader.header().clone() }).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        assert_eq!(row.cells.first().map(|(column, _)| *column), Some(0));
        writer.row(&PlannedRow { cells: Vec::new(), ..row }).unwrap();
    }
    writer.finish().unwrap();
    folder.write("plan.jsonl", str::from_utf8(&without).unwrap());
    folder.bidden("apply plan.jsonl --output out.csv --quiet").exits(1).says("1 failed row: list.csv.failed.csv");
    assert!(folder.read("out.csv").starts_with("email,name,external_id,disposition,"), "{}", folder.read("out.csv"));
    assert!(folder.read("out.csv").contains("\nada@example.com,Ada,,invited,"), "{}", folder.read("out.csv"));
    assert!(folder.read("list.csv.failed.csv").contains("\nno-address,Bob,,invalid,"), "{}", folder.read("list.csv.failed.csv"));
}
