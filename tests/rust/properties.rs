//! Properties of the whole: every call comes back from both sides of the wire, every decision is made, and no bytes from
//! outside make anything panic.

use bidden::engine::Dialect;
use bidden::http::{Request, Response};
use bidden::lifecycle::{Effect, Rules, decide, state_at};
use bidden::{AccessWindow, AnyCall, BaseUrl, CALLS, Event, Platform, Status, Time};
use bidden_tests::all;
use proptest::prelude::*;
use serde_json::{Map, Value};

fn base() -> BaseUrl {
    BaseUrl::parse("http://127.0.0.1:8787").unwrap()
}

/// A call with the first sample arguments that the vectors have for it.
fn sample(name: &str) -> AnyCall {
    let (_, vector) = all("request").into_iter().find(|(_, vector)| vector.text("call") == Some(name)).unwrap();
    AnyCall::from_json(name, &vector.json("arguments")).unwrap()
}

fn text() -> impl Strategy<Value = String> {
    // Any text that a person or a script may put there; blanks alone would count as missing.
    "[^\\p{C}]{1,20}".prop_filter("blank", |text| !text.trim().is_empty())
}

fn email() -> impl Strategy<Value = String> {
    ("[a-z0-9_]{1,12}", "[a-z]{1,8}").prop_map(|(local, domain)| format!("{local}@{domain}.example"))
}

fn moment() -> impl Strategy<Value = i64> {
    1_000_000_001_i64..99_999_999_999
}

fn object(fields: Vec<(&str, Option<Value>)>) -> Value {
    Value::Object(fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect::<Map<_, _>>())
}

fn optional<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<Value>>
where
    Value: From<T>,
{
    proptest::option::of(strategy).prop_map(|value| value.map(Value::from))
}

fn imocha_invite() -> impl Strategy<Value = (&'static str, Value)> {
    (
        (1..i64::MAX, email(), text(), optional(any::<bool>()), optional(any::<bool>()), optional(moment()), optional(any::<i64>())),
        (
            optional(Just("disable".to_owned())),
            optional(prop_oneof![Just("image"), Just("video"), Just("disabled")]),
            optional(any::<bool>()),
        ),
    )
        .prop_map(|((test, email, name, hide, send, start, zone), (stakeholders, proctoring, optional_fields))| {
            let fields = vec![
                ("test_id", Some(test.into())),
                ("email", Some(email.into())),
                ("name", Some(name.into())),
                ("hide_instruction", hide),
                ("send_email", send),
                ("start_date_time", start),
                ("time_zone_id", zone),
                ("stakeholder_emails", stakeholders),
                ("proctoring_mode", proctoring),
                ("disable_mandatory_fields", optional_fields),
            ];
            ("imocha.invite", object(fields))
        })
}

fn think_exam_assign() -> impl Strategy<Value = (&'static str, Value)> {
    (email(), text(), optional(any::<bool>()), optional(any::<bool>())).prop_map(|(email, test, mail, skip)| {
        let fields =
            vec![("email", Some(email.into())), ("test_id", Some(test.into())), ("is_mail_enable", mail), ("is_password_skip", skip)];
        ("think_exam.assign_test", object(fields))
    })
}

fn think_exam_deassign() -> impl Strategy<Value = (&'static str, Value)> {
    (email(), text())
        .prop_map(|(email, test)| ("think_exam.deassign_test", object(vec![("email", Some(email.into())), ("test_id", Some(test.into()))])))
}

fn think_exam_register() -> impl Strategy<Value = (&'static str, Value)> {
    let candidate =
        (email(), text(), optional(text()), optional(text()), optional(text())).prop_map(|(email, name, mobile, password, extra)| {
            object(vec![
                ("email", Some(email.into())),
                ("name", Some(name.into())),
                ("mobile", mobile),
                ("password", password),
                ("extra2", extra),
            ])
        });
    proptest::collection::vec(candidate, 1..5)
        .prop_map(|candidates| ("think_exam.bulk_candidate_register", object(vec![("candidates", Some(Value::Array(candidates)))])))
}

fn testinvite_create() -> impl Strategy<Value = (&'static str, Value)> {
    (
        (text(), optional(email()), optional(text()), optional(text()), optional(moment())),
        (
            optional(proptest::collection::vec(text(), 1..4)),
            optional(prop_oneof![Just("task"), Just("group"), Just("labels")]),
            text(),
            0_u32..100_000,
        ),
    )
        .prop_map(|((task, email, name, group, before), (labels, scope, uniq_id, price))| {
            let fields = vec![
                ("task_id", Some(task.replace('.', "-").into())),
                ("email", email),
                ("fullname", name),
                ("group", group),
                ("labels", labels),
                ("tracking", Some(object(vec![("uniq_id", Some(uniq_id.into())), ("scope", scope)]))),
                ("dates", before.map(|before| object(vec![("before", Some(before))]))),
                (
                    "price",
                    Some(object(vec![
                        ("amount", Some(format!("{}.{:02}", price / 100, price % 100).into())),
                        ("currency", Some("EUR".into())),
                    ])),
                ),
            ];
            ("testinvite.create_candidate", object(fields))
        })
}

fn imocha_by_id() -> impl Strategy<Value = (&'static str, Value)> {
    (1..i64::MAX, proptest::option::of(1..=3_i64)).prop_flat_map(|(id, report_type)| {
        proptest::sample::select(vec![
            ("imocha.cancel", object(vec![("test_invitation_id", Some(id.into()))])),
            ("imocha.report", object(vec![("test_invitation_id", Some(id.into())), ("report_type", report_type.map(Value::from))])),
            ("imocha.retrieve_test", object(vec![("test_id", Some(id.into()))])),
        ])
    })
}

fn imocha_reattempt() -> impl Strategy<Value = (&'static str, Value)> {
    (1..i64::MAX, moment(), 1..1_000_000_i64, any::<i64>(), optional(any::<bool>()), any::<bool>()).prop_map(
        |(id, start, length, zone, hide, send)| {
            let fields = vec![
                ("test_invitation_id", Some(id.into())),
                ("start_date_time", Some((start - length).max(1_000_000_000).into())),
                ("end_date_time", Some(start.into())),
                ("time_zone_id", Some(zone.into())),
                ("redirect_url", Some("https://www.imocha.io/".into())),
                ("hide_instruction", hide),
                ("send_email", Some(send.into())),
            ];
            ("imocha.reattempt", object(fields))
        },
    )
}

fn imocha_retrieve_invites() -> impl Strategy<Value = (&'static str, Value)> {
    (proptest::sample::select(vec!["completed", "cancelled", "expired"]), moment(), 1..1_000_000_i64, optional(1..i64::MAX)).prop_map(
        |(state, end, length, test)| {
            let fields = vec![
                ("state", Some(state.into())),
                ("start_date_time", Some((end - length).max(1_000_000_000).into())),
                ("end_date_time", Some(end.into())),
                ("test_id", test),
            ];
            ("imocha.retrieve_invites", object(fields))
        },
    )
}

fn testinvite_look_up() -> impl Strategy<Value = (&'static str, Value)> {
    let mode = || optional(prop_oneof![Just("basic"), Just("detailed")]);
    let filters = (optional(text()), optional(email()), optional(text()));
    prop_oneof![
        (text(), mode(), optional(1..=100), optional(1..1_000_000), filters).prop_map(
            |(task, mode, limit, page, (fullname, email, code))| {
                let fields = vec![
                    ("task_id", Some(task.replace('.', "-").into())),
                    ("mode", mode),
                    ("limit", limit),
                    ("page", page),
                    ("fullname", fullname),
                    ("email", email),
                    ("code", code),
                ];
                ("testinvite.list_candidates", object(fields))
            }
        ),
        (text(), text(), mode()).prop_map(|(task, id, mode)| {
            let [task, id] = [task, id].map(|id| Some(Value::from(id.replace('.', "-"))));
            ("testinvite.fetch_candidate", object(vec![("task_id", task), ("id", id), ("mode", mode)]))
        }),
        (text(), text()).prop_map(|(task, id)| {
            let [task, id] = [task, id].map(|id| Some(Value::from(id.replace('.', "-"))));
            ("testinvite.delete_candidate", object(vec![("task_id", task), ("id", id)]))
        }),
        (text(), mode())
            .prop_map(|(id, mode)| ("testinvite.fetch_task", object(vec![("id", Some(id.replace('.', "-").into())), ("mode", mode)]))),
    ]
}

fn any_call() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        imocha_by_id(),
        imocha_reattempt(),
        imocha_retrieve_invites(),
        imocha_invite(),
        think_exam_assign(),
        think_exam_deassign(),
        think_exam_register(),
        testinvite_create(),
        testinvite_look_up(),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    proptest::sample::select(&Event::ALL[..])
}

proptest! {
    /// What the client writes, the sandbox reads as the same call.
    #[test]
    fn a_call_comes_back_from_both_sides_of_the_wire((name, arguments) in any_call()) {
        let call = AnyCall::from_json(name, &arguments.to_string()).map_err(|error| TestCaseError::fail(format!("{arguments}: {error}")))?;
        let request = call.to_request(&base()).unwrap();
        let Some(Ok(read)) = AnyCall::from_request(&request, &Dialect::default()) else {
            return Err(TestCaseError::fail(format!("{arguments} is refused by the sandbox's side")));
        };
        prop_assert_eq!(read.to_json(), call.to_json());
        // And the neutral form is complete.
        let again = AnyCall::from_json(name, &call.to_json()).unwrap().to_request(&base()).unwrap();
        prop_assert_eq!(again.body(), request.body());
        prop_assert_eq!(again.uri(), request.uri());
    }

    /// A decision or a refusal for every state, event, window and moment; an allowed event is one that the refusal names.
    #[test]
    fn every_event_is_decided(
        platform in proptest::sample::select(&Platform::ALL[..]),
        state in proptest::option::of(proptest::sample::select(&Status::ALL[..])),
        event in events(),
        start in proptest::option::of(0_i64..4_000_000_000),
        length in proptest::option::of(1_i64..1_000_000),
        now in 0_i64..4_000_000_000,
    ) {
        let rules = Rules::of(platform);
        let window = AccessWindow {
            start: start.map(Time::from_seconds),
            end: length.map(|length| Time::from_seconds(start.unwrap_or(now) + length - 500_000)),
        };
        let now = Time::from_seconds(now);
        match decide(rules, state, event, Some(&window), now) {
            Ok(decision) => {
                prop_assert!(decision.next != Status::Unknown);
                prop_assert!(state != Some(Status::Unknown));
                if decision.effect == Effect::Unchanged {
                    prop_assert_eq!(Some(decision.next), decision.state);
                }
                let seen = state_at(rules, state, Some(&window), now);
                prop_assert!(decision.state == seen || event == Event::Expire);
            }
            Err(refusal) => {
                prop_assert_eq!(refusal.event, event);
                prop_assert!(!refusal.reason.is_empty());
                prop_assert!(!refusal.allowed.contains(event) || refusal.moment.is_some(), "{}", refusal);
                let text = refusal.to_string();
                prop_assert!(text.contains(event.slug()), "{}", text);
                if state == Some(Status::Unknown) {
                    prop_assert!(refusal.allowed.is_empty());
                }
            }
        }
    }

    #[test]
    fn arbitrary_bytes_as_an_answer_never_panic(call in 0..CALLS.len(), status in 100_u16..600, body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let call = sample(CALLS[call].name);
        let response: Response = http::Response::builder().status(status).body(body).unwrap();
        if let Err(error) = call.read_reply(&response) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn json_of_any_shape_as_an_answer_never_panics(call in 0..CALLS.len(), status in proptest::sample::select(vec![200_u16, 201, 400, 401, 403, 404, 429, 500]), body in json()) {
        let call = sample(CALLS[call].name);
        let response: Response = http::Response::builder().status(status).body(body.to_string().into_bytes()).unwrap();
        let _ = call.read_reply(&response);
    }

    #[test]
    fn arbitrary_bytes_as_a_request_never_panic(row in 0..CALLS.len(), body in proptest::collection::vec(any::<u8>(), 0..300)) {
        serve(row, body);
    }

    #[test]
    fn json_of_any_shape_as_a_request_never_panics(row in 0..CALLS.len(), body in json()) {
        serve(row, body.to_string().into_bytes());
    }

    #[test]
    fn any_text_as_arguments_never_panics(row in 0..CALLS.len(), text in ".{0,200}", value in json()) {
        let name = CALLS[row].name;
        let _ = AnyCall::from_json(name, &text);
        let _ = AnyCall::from_json(name, &value.to_string());
    }

    #[test]
    fn any_text_as_a_time_never_panics(text in ".{0,40}", zone in "[A-Za-z/]{0,20}") {
        let _ = Time::parse(&text);
        let _ = Time::parse_local(&text, &zone);
        let _ = Time::from_http_date(&text);
        let _ = BaseUrl::parse(&text);
        let _ = Status::read(&text);
    }
}

fn serve(row: usize, body: Vec<u8>) {
    let row = CALLS[row];
    let path: Vec<&str> = row.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    let mut request = Request::new(body);
    *request.method_mut() = row.method.parse().unwrap();
    *request.uri_mut() = path.join("/").parse().unwrap();
    // A refusal is the platform's own: it has a status and a body that is JSON.
    if let Some(Err(refusal)) = AnyCall::from_request(&request, &Dialect::default()) {
        assert!(serde_json::from_slice::<Value>(refusal.body()).is_ok());
    }
}

/// JSON of any shape, with the names that the platforms use among its members.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let names = proptest::sample::select(vec![
        "email",
        "name",
        "testId",
        "kind",
        "tracking",
        "uniqId",
        "responseArray",
        "result",
        "error",
        "errors",
        "code",
        "msg",
        "data",
        "dates",
        "price",
        "amount",
        "startDateTime",
        "timeZoneId",
        "sendEmail",
        "status",
        "testInvitationId",
        "candidateId",
        "labels",
        "tags",
        "id",
        "callback",
        "customizedSteps",
        "candidates",
        "test_id",
        "task_id",
        "extra",
    ]);
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        ]
    })
}
