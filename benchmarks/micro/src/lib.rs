//! The smallest pieces of work that a row or a request is made of, each by its name.
//!
//! `make bench-micro` times them (divan), `make bench-count` counts their instructions (callgrind): a time moves by tens of per cent
//! on a machine that others use, a count does not, so a regression is seen by the second.

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use bidden::candidate::{Field, Row, email_fault, validate};
use bidden::lifecycle::{Event, Rules, decide};
use bidden::operation::{Disposition, Outcome};
use bidden::sign::{Recipe, Signer};
use bidden::{AccessWindow, AnyCall, BaseUrl, Credential, Platform, Repeat, Secret, Status, Time};
use bidden_cli::table::Reader;
use bidden_ledger::law::{Consent, Sight, Verdict, Wish, judge};
use bidden_ledger::record::{Deed, Ending, Pending, Record, Standing};
use bidden_ledger::{Digest, Keys};

/// One piece of work, done again with each call.
pub type Work = Box<dyn FnMut()>;

/// The pieces in the order in which they are shown.
pub const NAMES: [&str; 15] = [
    "email",
    "validate-row",
    "header",
    "decide",
    "sign",
    "read-call",
    "encode-imocha-invite",
    "encode-think-exam-assign",
    "encode-think-exam-register",
    "encode-testinvite-create",
    "read-imocha-invite",
    "read-testinvite-create",
    "keys",
    "judge-known",
    "fold-invitation",
];

fn now() -> Time {
    Time::from_seconds(1_700_000_000)
}

fn base() -> BaseUrl {
    BaseUrl::parse("http://127.0.0.1:8787").expect("an address")
}

fn signer() -> Arc<Signer> {
    let recipe = Recipe::preset("default").expect("the reference's recipe");
    Arc::new(Signer::recipe(Secret::new("sandbox-ak"), Secret::new("sandbox-secret"), recipe))
}

fn call(name: &str, json: &str) -> AnyCall {
    AnyCall::from_json(name, json).expect("a call")
}

fn encode(name: &str, json: &str, credential: Credential) -> Work {
    let (call, base) = (call(name, json), base());
    Box::new(move || drop(black_box(credential.request(&call, &base, now()).expect("a request"))))
}

fn read(name: &str, json: &str, status: u16, body: &'static str) -> Work {
    let call = call(name, json);
    let mut response = bidden::http::Response::new(body.as_bytes().to_vec());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    Box::new(move || drop(black_box(call.read_reply(&response).expect("an answer"))))
}

const IMOCHA_INVITE: &str = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;
const TESTINVITE_CREATE: &str = r#"{"task_id":"task-1","kind":"temporary-candidate","email":"ada@example.com","fullname":"Ada Lovelace"}"#;

fn wish() -> Wish {
    let request = Digest::of(b"request");
    Wish {
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
        now: now(),
    }
}

fn outcome() -> Outcome {
    Outcome {
        status: Status::Pending,
        platform_status: Some("Pending".to_owned()),
        invitation_id: Some("58461".to_owned()),
        test_url: Some("https://test.example/IMInstructions?58461".to_owned()),
        ..Outcome::of(Disposition::Invited)
    }
}

/// What the record says of an invitation: an intent, and then what came of it.
fn folded(outcome: &Outcome, wish: &Wish) -> Standing {
    let pending = Pending {
        deed: Deed::Invite,
        asks_for_mail: false,
        request: wish.request,
        request_without_mail: wish.request_without_mail,
        terms: wish.terms,
        start: None,
        end: None,
        is_new: true,
        beside_window: None,
        is_refresh: false,
    };
    let ending = Ending { outcome, may_have_taken_effect: true, window: AccessWindow::default(), terms: Some(wish.terms), run: None };
    Standing::default().with_intent(pending).with_outcome(&ending)
}

/// The piece of a name.
///
/// # Panics
/// When there is none, or when it cannot be done: a benchmark of a failure would be quick and worthless.
#[must_use]
pub fn work(name: &str) -> Work {
    match name {
        "email" => Box::new(|| assert!(email_fault(black_box("ada.lovelace+exams@mail.example.com")).is_none())),
        "validate-row" => {
            let mut row = Row::new();
            for (field, text) in [
                (Field::Name, "Ada Lovelace"),
                (Field::Email, "ada.lovelace@example.com"),
                (Field::EnrollmentNumber, "GW1815"),
                (Field::Mobile, "+491700000000"),
                (Field::Gender, "female"),
                (Field::Dob, "1990-12-10"),
                (Field::CourseName, "C"),
                (Field::Extra1, "a"),
                (Field::Extra2, "b"),
                (Field::Extra3, "c"),
            ] {
                row.set(field, text);
            }
            Box::new(move || assert!(validate(black_box(&row), Some(Platform::ThinkExam), now()).is_empty()))
        }
        "header" => {
            let text = "Full Name;E-Mail Address;Enrollment No.;Mobile;Gender;Date of Birth;Course;Remark\nA B;a@example.com;1;;;;;\n";
            Box::new(move || drop(black_box(Reader::new("list.csv", Cursor::new(text), &[]).expect("a list"))))
        }
        "decide" => {
            let rules = Rules::of(Platform::Imocha);
            let window = AccessWindow { start: None, end: Some(Time::from_seconds(1_800_000_000)) };
            Box::new(move || {
                let state = black_box(Some(Status::Pending));
                assert!(black_box(decide(rules, state, black_box(Event::Start), Some(&window), now())).is_ok());
            })
        }
        "sign" => {
            let signer = signer();
            let request = call("think_exam.assign_test", r#"{"email":"ada@example.com","test_id":"41"}"#).to_request(&base());
            let request = request.expect("a request");
            Box::new(move || drop(black_box(signer.sign(&request, now()).expect("a signature"))))
        }
        "read-call" => Box::new(|| drop(black_box(call("imocha.invite", black_box(IMOCHA_INVITE))))),
        "encode-imocha-invite" => encode("imocha.invite", IMOCHA_INVITE, Credential::ImochaKey(Secret::new("sandbox-key"))),
        "encode-think-exam-assign" => {
            encode("think_exam.assign_test", r#"{"email":"ada@example.com","test_id":"41"}"#, Credential::ThinkExamSigner(signer()))
        }
        "encode-think-exam-register" => encode(
            "think_exam.bulk_candidate_register",
            r#"{"candidates":[{"name":"Ada Lovelace","email":"ada@example.com"}]}"#,
            Credential::ThinkExamSigner(signer()),
        ),
        "encode-testinvite-create" => {
            encode("testinvite.create_candidate", TESTINVITE_CREATE, Credential::TestInviteToken(Secret::new("sandbox-token")))
        }
        "read-imocha-invite" => read(
            "imocha.invite",
            IMOCHA_INVITE,
            200,
            r#"{"testInvitationId":58461,"testUrl":"https://test.example/IMInstructions?58461","status":"Pending"}"#,
        ),
        "read-testinvite-create" => read(
            "testinvite.create_candidate",
            TESTINVITE_CREATE,
            200,
            r#"{"candidateId":"b7Qw","kind":"temp","taskId":"task-1","loggedIn":false,"email":"ada@example.com","invitationCode":"K7P2QX"}"#,
        ),
        "keys" => Box::new(|| drop(black_box(Keys::of_email(black_box("Ada.Lovelace@Example.com"))))),
        "judge-known" => {
            let email = Some("ada@example.com".to_owned());
            let wish = wish();
            let standing = folded(&outcome(), &wish);
            let record = Record { id: 1, place: 1, email, external: None, version: 1, operation: 1, is_live: false, standing };
            Box::new(move || {
                let verdict = judge(black_box(Some(&record)), &wish, None);
                assert!(!matches!(black_box(verdict), Verdict::Send { .. }), "who is known is not invited again");
            })
        }
        "fold-invitation" => {
            let (outcome, wish) = (outcome(), wish());
            Box::new(move || drop(black_box(folded(black_box(&outcome), &wish))))
        }
        _ => std::panic::panic_any(format!("there is no piece of work {name}: {}", NAMES.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_of_work_can_be_done() {
        for name in NAMES {
            let mut piece = work(name);
            piece();
            piece();
        }
    }
}
