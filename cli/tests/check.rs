//! `bidden check`: every mistake in one pass.

#![allow(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod support;

use serde_json::Value;
use support::{Folder, MISTAKES, PEOPLE};

/// Line, field and severity of every finding.
fn findings(rows: &[Value]) -> Vec<(u64, String, &'static str)> {
    let mut all = Vec::new();
    for row in rows {
        for severity in ["errors", "warnings"] {
            for finding in row[severity].as_array().unwrap() {
                all.push((row["line"].as_u64().unwrap(), finding["field"].as_str().unwrap().to_owned(), severity));
            }
        }
    }
    all
}

#[test]
fn the_example_list_has_no_mistake_on_any_platform() {
    let folder = Folder::new();
    for on in ["", "--on imocha", "--on think-exam", "--on testinvite"] {
        let (rows, summary) = folder.bidden(&format!("check {PEOPLE} {on} --strict --json")).exits(0).rows();
        assert_eq!((rows.len(), &summary["rows"]), (0, &250.into()), "{on}: {rows:?}");
    }
}

#[test]
fn every_mistake_is_found_in_one_pass() {
    let (rows, summary) = Folder::new().bidden(&format!("check {MISTAKES} --json")).exits(1).rows();
    let (email, name, mobile, dob) = ("email", "name", "mobile", "dob");
    let mut expected: Vec<(u64, String, &str)> = [
        (3, email, "errors"),
        (4, email, "errors"),
        (5, email, "errors"),
        (6, email, "errors"),
        (7, email, "errors"),
        (9, email, "errors"),
        (10, email, "errors"),
        (11, email, "errors"),
        (12, email, "errors"),
        (13, email, "errors"),
        (14, name, "warnings"),
        (15, name, "warnings"),
        (17, email, "errors"),
        (17, name, "warnings"),
        (18, mobile, "warnings"),
        (19, mobile, "warnings"),
        (20, mobile, "warnings"),
        (21, mobile, "warnings"),
        (22, dob, "warnings"),
        (23, dob, "warnings"),
        (24, dob, "warnings"),
        (25, dob, "warnings"),
        (26, "gender", "warnings"),
        (28, email, "warnings"),
        (29, name, "errors"),
        (30, "course_name", "errors"),
        (31, name, "errors"),
    ]
    .map(|(line, field, severity)| (line, field.to_owned(), severity))
    .to_vec();
    expected.extend((32..=37).map(|line| (line, email.to_owned(), "errors")));
    expected.extend((38..=40).map(|line| (line, "row".to_owned(), "errors")));
    expected.push((44, name.to_owned(), "errors"));
    assert_eq!(findings(&rows), expected);
    // Line 42 is empty and line 43 holds only commas: neither is a row.
    assert_eq!((&summary["rows"], &summary["errors"], &summary["warnings"]), (&42.into(), &24.into(), &13.into()));
}

#[test]
fn people_read_errors_and_warnings_apart() {
    let ran = Folder::new().bidden(&format!("check {MISTAKES}")).exits(1);
    let (errors, warnings) = ran.output.split_once("\nWarnings\n").unwrap_or_else(|| panic!("{}", ran.shown));
    assert!(
        errors.starts_with("Errors\n") && errors.contains("      4        3  email               has no @: agnieszka"),
        "{}",
        ran.shown
    );
    assert!(warnings.contains("rounded number") && !warnings.contains("has no @"), "{}", ran.shown);
    ran.prints("42 rows: 24 errors in 24 rows, 13 warnings in 13 rows");
}

#[test]
fn a_platform_adds_what_it_requires() {
    let folder = Folder::new();
    folder.write("list.csv", "id number,Full Name\n7,Ada\n");
    let line = "check list.csv --map id=external_id --json";
    folder.write("list.csv", "id,Full Name\n7,Ada\n");
    folder.bidden(line).exits(0);
    folder.bidden(&format!("{line} --on testinvite")).exits(0);
    let (rows, _) = folder.bidden(&format!("{line} --on imocha")).exits(1).rows();
    assert_eq!(findings(&rows), [(2, "email".to_owned(), "errors")]);
    assert_eq!(rows[0]["errors"][0]["column"], Value::Null);
}

#[test]
fn strict_counts_warnings() {
    let folder = Folder::new();
    folder.write("list.csv", "name,E-mail,phone\nAda,ada@example.com,12\n");
    folder.bidden("check list.csv").exits(0).prints("Warnings\n").prints_no("Errors\n");
    folder.bidden("check list.csv --strict").exits(1).prints("Errors\n").prints_no("Warnings\n");
}

#[test]
fn a_finding_names_the_column_as_the_file_does_and_hides_secrets() {
    let folder = Folder::new();
    folder.write("list.csv", "First Name,Last Name,Candidate E-Mail,Password\n=A1,Lovelace,ada@example,\"one\ntwo\"\n");
    let ran = folder.bidden("check list.csv --json").exits(1);
    let (rows, _) = ran.rows();
    let errors = rows[0]["errors"].as_array().unwrap();
    let columns: Vec<&str> = errors.iter().filter_map(|error| error["column"].as_str()).collect();
    assert_eq!(columns, ["Candidate E-Mail", "First Name Last Name", "Password"], "{}", ran.shown);
    assert_eq!(errors[0]["value"], "ada@example");
    assert!(errors[2].get("value").is_none() && !ran.output.contains("two"), "{}", ran.shown);
}

#[test]
fn a_person_who_stands_twice_is_a_warning_that_names_the_first_row() {
    let folder = Folder::new();
    folder.write("list.csv", "name,email\nAda,ada@example.com\nBob,n/a\nBob,n/a\n\nAda,ADA@example.com\n");
    let (rows, _) = folder.bidden("check list.csv --json").exits(1).rows();
    assert_eq!(rows.len(), 3);
    let warning = &rows[2]["warnings"][0];
    assert_eq!((rows[2]["row"].as_u64(), rows[2]["line"].as_u64()), (Some(4), Some(6)));
    assert_eq!(
        (warning["reason"].as_str(), warning["value"].as_str()),
        (Some("is the same candidate as row 1 (line 2)"), Some("ADA@example.com"))
    );
}

#[test]
fn a_long_file_is_reported_in_its_order() {
    let folder = Folder::new();
    let mut text = "name,email,note\n".to_owned();
    for row in 1..=60_000 {
        let at = if row % 1000 == 0 { "" } else { "@" };
        text += &format!("Person,person{row}{at}example.com,something that nobody reads\n");
    }
    folder.write("list.csv", &text);
    let (rows, summary) = folder.bidden("check list.csv --json").exits(1).rows();
    let found: Vec<u64> = rows.iter().filter_map(|row| row["row"].as_u64()).collect();
    assert_eq!(found, (1..=60).map(|thousand| thousand * 1000).collect::<Vec<_>>());
    assert_eq!((&summary["rows"], summary["ignored_columns"].to_string().as_str()), (&60_000.into(), r#"["note"]"#));
}

#[test]
fn a_file_that_cannot_be_used_says_why() {
    let folder = Folder::new();
    folder.bidden("check missing.csv").exits(2).says("missing.csv: cannot be opened");
    folder.write("list.csv", "first,second\n1,2\n");
    folder.bidden("check list.csv").exits(2).says("--map");
    folder.bidden("check list.csv --map first=emial").exits(2).says("no field is called");
    folder.write("list.csv", "email\nada@example\n\"bob@example.com\n");
    let ran = folder.bidden("check list.csv --json").exits(1).says("line 3");
    assert_eq!(ran.rows().0.len(), 1, "what comes before the break is listed: {}", ran.shown);
}

#[test]
fn standard_input_is_a_file_too() {
    let ran = Folder::new().bidden_with_input("check -", "email\nada@example.com\n").exits(0);
    ran.prints("1 row: 0 errors in 0 rows, 1 warning in 1 row");
}
