//! A ledger that has grown, for B6 and the cost as it grows.

use std::path::Path;

use bidden::operation::{Disposition, Email, Outcome, TestId};
use bidden::{AccessWindow, BaseUrl, Platform, Repeat, Time};
use bidden_ledger::law::{Consent, Sight, Wish};
use bidden_ledger::record::{Deed, Ending};
use bidden_ledger::storage::{Intended, Intent, Settlement};
use bidden_ledger::{Digest, Keys, Ledger, Place};

/// Puts people into a ledger as if each had been invited, by the record's own path, thousands to a commit.
pub fn fill(path: &Path, url: &str, numbers: std::ops::Range<u64>) {
    let base = BaseUrl::parse(url).expect("an address");
    let place = Place::new(Platform::Imocha, &base, "default", &TestId::from(292_930));
    let ledger = Ledger::open(path).expect("a ledger");
    let number = ledger.ask(move |storage| storage.place(&place)).expect("a place");
    let at = Time::from_seconds(1_700_000_000);
    for start in numbers.clone().step_by(10_000) {
        let rows = start..(start + 10_000).min(numbers.end);
        let intents: Vec<Intent> = rows
            .clone()
            .map(|row| {
                let request = Digest::of(format!("person{row}").as_bytes());
                let wish = Wish {
                    deed: Deed::Invite,
                    platform: Platform::Imocha,
                    asks_for_mail: false,
                    repeat: Repeat::Freely,
                    request,
                    request_without_mail: request,
                    terms: Digest::of(b"terms"),
                    window: AccessWindow::default(),
                    refresh: None,
                    consent: Consent::default(),
                    sight: Sight::NotAsked,
                    seen_version: None,
                    looks_up: false,
                    now: at,
                };
                let keys = Keys::of_email(&format!("person{row}@example.com"));
                Intent { place: number, keys, wish, token: i64::try_from(row).expect("a number") + 1, run: None }
            })
            .collect();
        ledger
            .ask(move |storage| {
                let tickets = storage.write(&[], &intents)?;
                let settlements: Vec<Settlement> = tickets
                    .into_iter()
                    .zip(rows)
                    .filter_map(|(intended, row)| {
                        let Intended::Go(ticket) = intended else { return None };
                        let outcome = Outcome {
                            email: Email::None,
                            status: bidden::Status::Pending,
                            platform_status: Some("Pending".to_owned()),
                            invitation_id: Some(row.to_string()),
                            test_url: Some(format!("https://test.example/IMInstructions?{row}")),
                            ..Outcome::of(Disposition::Invited)
                        };
                        let ending = Ending {
                            outcome: &outcome,
                            may_have_taken_effect: true,
                            window: AccessWindow::default(),
                            terms: Some(Digest::of(b"terms")),
                            run: None,
                        };
                        Some(Settlement {
                            operation: ticket.operation,
                            invitation: ticket.invitation,
                            token: ticket.token,
                            at,
                            sent: 1,
                            http_status: Some(200),
                            answer: Some(Digest::of(b"answer")),
                            standing: ticket.standing.with_outcome(&ending),
                        })
                    })
                    .collect();
                assert_eq!(settlements.len(), intents.len(), "everybody is new");
                storage.write(&settlements, &[])?;
                Ok(())
            })
            .expect("written");
    }
}
