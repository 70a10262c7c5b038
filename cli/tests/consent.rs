//! Who is asked, and what happens without a yes: against a live host, which is this machine's own address in the network.

mod support;

use support::{Folder, Platform, invited};

const KEY: [(&str, &str); 1] = [("BIDDEN_IMOCHA_API_KEY", "a-real-key")];

/// Three people of a company, and one address that nobody has.
const STAFF: &str = "name,email\nAda,ada@company.co\nBob,bob@company.co\nCid,cid@company.co\nDan,dan@example.com\n";

fn desk() -> Option<(Folder, Platform, String)> {
    let platform = Platform::live(|number, body| match body.contains("sendEmail") {
        true => invited(number),
        false => (200, r#"{"result":{"testAttempts":[]},"errors":null}"#.to_owned()),
    })?;
    let folder = Folder::new();
    folder.write("list.csv", STAFF);
    let line = format!("invite list.csv --on imocha --test 1 --rate 1000/s --base-url {}", platform.url);
    Some((folder, platform, line))
}

#[test]
fn without_a_terminal_and_without_a_yes_no_connection_is_made() {
    let Some((folder, platform, line)) = desk() else { return };
    let refused = |line: &str, why: &str| {
        let ran = folder.bidden_with(&KEY, line).exits(2).says(why);
        ran.prints("3 of 4 rows would be sent to test 1").prints("is an example address");
        assert!(platform.bodies().is_empty(), "something was sent");
    };
    refused(&line, "nobody can be asked without a terminal; nothing was sent");
    refused(&format!("{line} --send-email"), "--yes --max-emails 3 says yes to it");
    refused(&format!("{line} --send-email --yes"), "--yes alone is no consent to mails");
    refused(&format!("{line} --send-email --yes --max-emails 2"), "3 mails would be asked for, more than --max-emails 2");
    let (rows, _) = folder.bidden_with(&KEY, &format!("{line} --send-email --yes --max-emails 3 --json")).exits(1).rows();
    assert_eq!(support::each(&rows, "disposition"), ["invited", "invited", "invited", "invalid"]);
    assert_eq!(platform.bodies().len(), 3);
}

#[test]
fn at_a_terminal_the_number_is_typed() {
    let Some((folder, platform, line)) = desk() else { return };
    let mailing = format!("{line} --send-email");
    for typed in ["\n", "y\n", "yes\n", "4\n", "33\n"] {
        let ran = folder.bidden_at_a_terminal(&KEY, &mailing, typed).exits(2);
        ran.prints("3 people, 3 mails. Type the number of mails to go on:").prints("that was no yes; nothing was sent");
        assert!(platform.bodies().is_empty(), "{typed:?} sent something");
    }
    let ran = folder.bidden_at_a_terminal(&KEY, &mailing, "3\n").exits(1);
    ran.prints("4 rows: 3 invited, 1 invalid").prints("3 mails were asked for");
    assert_eq!(platform.bodies().iter().filter(|body| body.contains(r#""sendEmail":"yes""#)).count(), 3);
    // Who is known is not asked about again.
    folder.bidden_at_a_terminal(&KEY, &mailing, "3\n").exits(1).prints("4 rows: 3 unchanged, 1 invalid");
    assert_eq!(platform.bodies().iter().filter(|body| body.contains(r#""sendEmail":"yes""#)).count(), 3);
}

#[test]
fn the_first_are_sent_and_shown_before_the_others_are_asked_about() {
    let Some((folder, platform, line)) = desk() else { return };
    let first = format!("{line} --first 1");
    let sent = || platform.bodies().iter().filter(|body| body.contains("sendEmail")).count();
    folder.bidden_at_a_terminal(&KEY, &first, "3\nno\n").exits(3).prints("4 rows: 1 invited, 1 invalid, 2 not-sent");
    assert_eq!(sent(), 1);
    // Without a terminal it stops there.
    folder.bidden_with(&KEY, &format!("{first} --yes")).exits(3).says("without a terminal nobody can be asked for the others");
    assert_eq!(sent(), 2);
    folder.bidden_at_a_terminal(&KEY, &line, "1\n").exits(1).prints("4 rows: 1 invited, 2 unchanged, 1 invalid");
    assert_eq!(sent(), 3);
    folder.write("list.csv", "name,email\nEve,eve@company.co\nFay,fay@company.co\nGil,gil@company.co\n");
    folder.bidden_at_a_terminal(&KEY, &first, "3\nyes\n").exits(0).prints("Send the other 2 too?").prints("3 rows: 3 invited");
    assert_eq!(sent(), 6);
}
