//! `bidden export`.

use serde_json::json;

use crate::Desk;
use crate::support::people;

#[test]
fn every_invitation_is_a_line_with_what_history_says_of_it() {
    let desk = Desk::new();
    desk.invite(&people(300), "--on imocha --test 292930");
    let lines = desk.read("export --operations").exits(0).json();
    assert_eq!(lines.len(), 300);
    let of_one: Vec<_> = lines.iter().filter(|line| line["candidate"]["email"] == "person7@example.com").collect();
    let history = desk.read("history person7@example.com --json").exits(0).json();
    assert_eq!(of_one, history.iter().collect::<Vec<_>>());
    let plain = desk.read("export").exits(0).json();
    assert_eq!((plain.len(), &plain[0]["operations"], &plain[0]["status"]), (300, &json!(null), &json!("pending")));
}

#[test]
fn a_table_of_cells_makes_no_formulas_and_is_for_its_owner_only() {
    let desk = Desk::new();
    desk.folder.write("export.csv", "an older one, for everybody, and longer than what is written over it: ".repeat(100).as_str());
    desk.invite("name,email,external_id\nAda,ada@example.com,=1+1\nAlan,alan@example.com,A 2\n", "--on testinvite --test task-1");
    desk.read("export --format csv -o export.csv").exits(0).says("2 invitations of ledger.db: export.csv");
    let text = desk.folder.read("export.csv");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("platform,address,account,test,within,email,external_id,"), "{text}");
    assert!(text.contains(",ada@example.com,'=1+1,,created,pending,") && text.contains(",alan@example.com,A 2,,"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(desk.folder.path("export.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    desk.read("export --format csv --operations").exits(2).says("--format jsonl");
}

#[test]
fn an_empty_record_is_an_empty_export() {
    let desk = Desk::new();
    assert_eq!(desk.read("export").exits(0).output, "");
    assert_eq!(desk.read("export --format csv").exits(0).output.lines().count(), 1);
    desk.read("export -o no/such/folder.jsonl").exits(2).says("cannot be written");
}
