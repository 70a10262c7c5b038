//! Think Exam, API under `/api/v1`. Reference: `docs/platforms/think-exam.md`.
//!
//! There is no default address: each tenant has its own, and none is printed by the vendor (choice 7). How `ak`, `sgn` and
//! `ts` are made is [`crate::sign`]'s.

mod assign;
mod assign_many;
pub(crate) mod callback;
pub mod lifecycle;
mod login;
pub(crate) mod operation;
mod password;
mod register;
mod reply;
mod unified_auth;

pub use assign::{ASSIGNED, AssignTest, Assigned, DEASSIGNED, DeassignTest, Deassigned};
pub use assign_many::{AssignTestMultiCandidates, AssignedMany};
#[cfg(feature = "engine")]
pub use login::served::no_record;
pub use login::{CUSTOM_HEADER, CheckLogin, LOGIN_SUCCESSFUL, LoggedIn};
pub use password::{ChangeStudentPassword, PASSWORD_CHANGED, PasswordChanged, PasswordEncoding, PasswordMethod};
pub use register::{BulkCandidateRegister, DEFAULT_PICTURE, LOGGED_IN, REGISTERED, Registered, RegisteredCandidate, Registration};
#[cfg(feature = "engine")]
pub(crate) use reply::served::{WENT_WRONG, shown, went_wrong};
pub use reply::{SANDBOX_AUTH, without_secrets};
#[cfg(feature = "engine")]
pub(crate) use reply::{expose as write_secret, expose_one as write_one_secret};
#[cfg(feature = "engine")]
pub use reply::{refusal, something_went_wrong, unsigned};
pub use unified_auth::UnifiedAuth;

#[cfg(feature = "client")]
pub use crate::client::ThinkExamClient as Client;

// Two attributes, because clippy knows a module as a test by the bare `cfg(test)` only.
#[cfg(feature = "engine")]
#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Map;

    use super::*;
    use crate::engine::Dialect;
    use crate::http::Response;
    use crate::{AnyCall, BaseUrl, Call, Kind, Secret};

    fn base() -> BaseUrl {
        BaseUrl::parse("http://127.0.0.1:8787").unwrap()
    }

    /// A text that is not blank: to the sandbox a blank is as good as absent.
    fn text() -> impl Strategy<Value = String> {
        "\\PC{0,12}[!-~]\\PC{0,12}"
    }

    fn email() -> impl Strategy<Value = String> {
        "[a-z]{1,8}[.][A-Z]{1,8}@[a-z]{1,8}[.]example"
    }

    fn registration() -> impl Strategy<Value = Registration> {
        (text(), email(), proptest::collection::vec(proptest::option::of(text()), 10)).prop_map(|(name, email, texts)| {
            let mut texts = texts.into_iter().map(|text| text.unwrap_or_default()).map(|text| Some(text).filter(|text| !text.is_empty()));
            let mut next = || texts.next().flatten();
            Registration {
                enrollment_number: next(),
                password: next().map(Secret::new),
                mobile: next(),
                gender: next(),
                dob: next(),
                course_name: next(),
                extra1: next(),
                extra2: next(),
                extra3: next(),
                profile_pic: next(),
                ..Registration::new(name, email)
            }
        })
    }

    fn registered() -> impl Strategy<Value = RegisteredCandidate> {
        let success = (any::<bool>(), any::<i64>(), text(), text(), text()).prop_map(|(is_known, id, number, picture, token)| {
            let msg = if is_known { LOGGED_IN } else { REGISTERED };
            RegisteredCandidate {
                result: "success".into(),
                code: None,
                msg: Some(msg.into()),
                student_id: Some(id),
                enrollment_no: Some(number),
                profile_pic: Some(picture),
                laravel_token: Some(Secret::new(token)),
                extra: Map::new(),
            }
        });
        let error = (text(), text()).prop_map(|(code, msg)| RegisteredCandidate {
            result: "error".into(),
            code: Some(code),
            msg: Some(msg),
            student_id: None,
            enrollment_no: None,
            profile_pic: None,
            laravel_token: None,
            extra: Map::new(),
        });
        prop_oneof![success, error]
    }

    proptest! {
        #[test]
        fn each_call_survives_both_sides_of_the_wire(
            email in email(),
            test_id in text(),
            flags in any::<(bool, bool)>(),
            candidates in proptest::collection::vec(registration(), 1..4),
        ) {
            let assign = AssignTest { is_mail_enable: flags.0, is_password_skip: flags.1, ..AssignTest::new(&email, &test_id) };
            prop_assert_eq!(&AssignTest::from_request(&assign.to_request(&base()).unwrap(), &Dialect::default()).unwrap(), &assign);
            let deassign = DeassignTest::new(&email, &test_id);
            prop_assert_eq!(&DeassignTest::from_request(&deassign.to_request(&base()).unwrap(), &Dialect::default()).unwrap(), &deassign);
            let dialect = Dialect::default();
            let mut one = candidates[0].clone();
            (one.extra1, one.extra2, one.extra3) = (None, None, None);
            let unified = UnifiedAuth::new(one);
            prop_assert_eq!(&UnifiedAuth::from_request(&unified.to_request(&base()).unwrap(), &dialect).unwrap(), &unified);
            let many = AssignTestMultiCandidates { is_mail_enable: flags.0, ..AssignTestMultiCandidates::new([&email, &email], &test_id) };
            prop_assert_eq!(&AssignTestMultiCandidates::from_request(&many.to_request(&base()).unwrap(), &dialect).unwrap(), &many);
            let method = if flags.0 { PasswordMethod::Get } else { PasswordMethod::Post };
            let change = ChangeStudentPassword { method, ..ChangeStudentPassword::new(&email, Secret::new(&test_id), Secret::new("p4ss&word")) };
            prop_assert_eq!(&ChangeStudentPassword::from_request(&change.to_request(&base()).unwrap(), &dialect).unwrap(), &change);
            let login = CheckLogin { client_url: Some("tenant.example".into()), ..CheckLogin::new(&email, Secret::new(&test_id)) };
            prop_assert_eq!(&CheckLogin::from_request(&login.to_request(&base()).unwrap(), &dialect).unwrap(), &login);
            for call in [AnyCall::from(unified), many.into(), change.into(), login.into()] {
                prop_assert_eq!(AnyCall::from_json(call.name(), &call.to_json()).unwrap().to_json(), call.to_json());
            }
            let register = BulkCandidateRegister { candidates };
            prop_assert_eq!(&BulkCandidateRegister::from_request(&register.to_request(&base()).unwrap(), &Dialect::default()).unwrap(), &register);
            for call in [AnyCall::from(assign), deassign.into(), register.into()] {
                prop_assert_eq!(AnyCall::from_json(call.name(), &call.to_json()).unwrap().to_json(), call.to_json());
            }
        }

        #[test]
        fn each_reply_survives_both_sides_of_the_wire(candidates in proptest::collection::vec(registered(), 0..4)) {
            let register = BulkCandidateRegister { candidates: Vec::new() };
            let reply = Registered::documented(candidates);
            prop_assert_eq!(register.read_reply(&BulkCandidateRegister::write_reply(&reply, &Dialect::default())).unwrap(), reply);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
            let mut response = Response::new(bytes.clone());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            let read = AssignTest::new("ada@example.com", "41").read_reply(&response);
            prop_assert!(read.is_err());
            let request = crate::http::Request::new(bytes);
            prop_assert!(AssignTest::from_request(&request, &Dialect::default()).is_err());
            prop_assert!(DeassignTest::from_request(&request, &Dialect::default()).is_err());
            let _ = BulkCandidateRegister::from_request(&request, &Dialect::default());
            prop_assert!(UnifiedAuth::from_request(&request, &Dialect::default()).is_err());
            prop_assert!(AssignTestMultiCandidates::from_request(&request, &Dialect::default()).is_err());
            prop_assert!(ChangeStudentPassword::from_request(&request, &Dialect::default()).is_err());
            prop_assert!(CheckLogin::from_request(&request, &Dialect::default()).is_err());
            prop_assert!(CheckLogin::new("ada@example.com", Secret::new("p")).read_reply(&response).is_err());
        }
    }

    #[test]
    fn documented_successes_are_written_byte_for_byte() {
        let assigned = AssignTest::write_reply(&Assigned::documented(), &Dialect::default());
        assert_eq!(
            std::str::from_utf8(assigned.body()).unwrap(),
            r#"{"result":"success","success":{"code":"200","msg":"Test is assigned and mail has been sent successfully"}}"#
        );
        let deassigned = DeassignTest::write_reply(&Deassigned::documented(), &Dialect::default());
        assert_eq!(
            std::str::from_utf8(deassigned.body()).unwrap(),
            r#"{"result":"success","success":{"code":"200","msg":"Test successfully deassigned from the candidate"}}"#
        );
    }

    #[test]
    fn a_refused_signature_is_explained_and_read_as_unauthorized() {
        let (recipe, secret, now) =
            (crate::sign::Recipe::default(), Secret::new("sandbox-secret"), crate::Time::from_seconds(1_700_000_000));
        let call = AssignTest::new("ada@example.com", "41");
        let mut request = call.to_request(&base()).unwrap();
        let triple = recipe.sign("sandbox-ak", &Secret::new("another"), &request, now).unwrap();
        crate::sign::authorize(&mut request, &triple).unwrap();
        let explanation = crate::sign::verify(&recipe, "sandbox-ak", &secret, &request, now, 900).unwrap_err();
        let response = unsigned(&Dialect::default(), &explanation);
        assert_eq!(
            std::str::from_utf8(response.body()).unwrap(),
            concat!(
                r#"{"result":"error","error":{"code":"SANDBOX_AUTH","msg":"sgn differs","explain":"#,
                r#"{"message":"ak=sandbox-ak&ts=1700000000","ts_offset_s":0,"hints":["wrong-secret"]}}}"#
            )
        );
        let error = call.read_reply(&response).unwrap_err();
        assert_eq!((error.kind(), error.http_status(), error.platform_code()), (Kind::Unauthorized, Some(401), Some(SANDBOX_AUTH)));
    }

    #[test]
    fn an_address_in_a_refusal_is_not_taken_for_a_field() {
        let response = refusal(&Dialect::default(), "3084", "ada@example.com not exist.");
        let error = AssignTest::new("ada@example.com", "41").read_reply(&response).unwrap_err();
        assert_eq!((error.kind(), error.fields().len()), (Kind::Rejected, 0));
        assert!(!error.to_string().contains("ada@example.com"), "{error}");
    }

    #[test]
    fn a_password_that_the_platform_repeats_is_in_no_error() {
        let login = AnyCall::from(CheckLogin::new("ada@example.com", Secret::new("p4ss&word")));
        let repeated =
            r#"{"result":"error","error":{"code":"cDRzcyZ3b3Jk","msg":"p4ss&word and cDRzcyZ3b3Jk are wrong for ada@example.com"}}"#;
        let error = login.read_reply(&Response::new(repeated.into())).unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.platform_code());
        for hidden in ["p4ss&word", "cDRzcyZ3b3Jk", "ada@example.com"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }

    #[test]
    fn debug_shows_no_person_and_no_secret() {
        let registration = Registration { password: Some(Secret::new("p4ssword")), ..Registration::new("Ada Lovelace", "ada@example.com") };
        let calls = [
            AnyCall::from(AssignTest::new("ada@example.com", "41")),
            DeassignTest::new("ada@example.com", "41").into(),
            BulkCandidateRegister { candidates: vec![registration.clone()] }.into(),
            UnifiedAuth::new(registration).into(),
            AssignTestMultiCandidates::new(["ada@example.com"], "41").into(),
            ChangeStudentPassword::new("ada@example.com", Secret::new("p4ssword"), Secret::new("p4ssword")).into(),
            CheckLogin::new("ada@example.com", Secret::new("p4ssword")).into(),
        ];
        let login = concat!(
            r#"{"result":"success","data":{"name":"Ada Lovelace","email":"ada@example.com","redirectionUrl":"https://x.example/autoLogin/t0ken"},"#,
            r#""ACCESS_TOKEN":"t0ken","LARAVEL_TOKEN":"t0ken"}"#
        );
        let logged_in = calls[6].read_reply(&Response::new(login.into())).unwrap();
        assert!(logged_in.to_json().contains(r#""access_token":"t0ken""#), "{}", logged_in.to_json());
        let token = r#"{"responseArray":[{"result":"success","success":{"msg":"ok"},"laravelToken":"t0ken"}],"result":"Success"}"#;
        let reply = calls[2].read_reply(&Response::new(token.into())).unwrap();
        assert!(reply.to_json().contains("t0ken") && calls[2].to_json().contains("p4ssword"), "the neutral form carries them");
        let shown = format!("{calls:?}{reply:?}{logged_in:?}");
        for hidden in ["ada@example.com", "Lovelace", "p4ssword", "t0ken"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }

    #[test]
    fn repeats_are_as_section_8_says() {
        use crate::Repeat;
        let with_mail = AssignTest { is_mail_enable: true, ..AssignTest::new("ada@example.com", "41") };
        assert_eq!((with_mail.repeat(), with_mail.asks_for_mail()), (Repeat::WithoutMail, true));
        let without = with_mail.without_mail();
        assert_eq!((without.repeat(), without.asks_for_mail()), (Repeat::Freely, false));
        assert_eq!(DeassignTest::new("ada@example.com", "41").repeat(), Repeat::Freely);
        assert_eq!(BulkCandidateRegister { candidates: Vec::new() }.repeat(), Repeat::Freely);
        let many = AssignTestMultiCandidates { is_mail_enable: true, ..AssignTestMultiCandidates::new(["ada@example.com"], "41") };
        assert_eq!((many.repeat(), many.without_mail().repeat()), (Repeat::WithoutMail, Repeat::Freely));
        let change = ChangeStudentPassword::new("ada@example.com", Secret::new("a"), Secret::new("b"));
        assert_eq!((change.repeat(), change.is_change()), (Repeat::Never, true));
        let login = CheckLogin::new("ada@example.com", Secret::new("a"));
        assert_eq!((login.repeat(), login.is_change(), CheckLogin::IS_SIGNED), (Repeat::Freely, false, false));
    }
}
