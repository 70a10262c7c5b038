//! What goes wrong between a client and a platform: each ends in its kind and one plain line, and no secret and no address
//! is seen at any log level.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use bidden::client::{Client, ClientOptions, Credential};
use bidden::retry::Policy;
use bidden::sign::{Recipe, Signer};
use bidden::{AnyCall, BaseUrl, Error, Kind, Secret, Time};
use bidden_sandbox::{Options, Sandbox};

const ADDRESS: &str = "ada.private@example.com";
const KEY: &str = "sandbox-key-that-nobody-may-see";

/// A server that does with each connection what a function says; the number of the connection, from 0, goes in.
struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
}

fn serve(behaviour: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let behaviour = Arc::new(behaviour);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let number = counter.fetch_add(1, Ordering::SeqCst);
            let behaviour = Arc::clone(&behaviour);
            std::thread::spawn(move || behaviour(number, &mut stream));
        }
    });
    Server { url, connections }
}

/// Reads one request whole.
fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(|v| v.trim().parse().unwrap_or(0)))
                .next();
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len());
}

/// A policy that repeats quickly, so that the tests do too.
fn hasty() -> ClientOptions {
    let policy = Policy { tries: 3, base: Duration::from_millis(20), longest: Duration::from_secs(5), deadline: Duration::from_secs(20) };
    ClientOptions { policy, timeout: Duration::from_secs(2), ..ClientOptions::default() }
}

fn imocha(url: &str) -> Client {
    Client::new(BaseUrl::parse(url).unwrap(), Credential::ImochaKey(Secret::new(KEY)), hasty()).unwrap()
}

fn invite(send_email: bool) -> AnyCall {
    let json = format!(r#"{{"test_id":1,"email":"{ADDRESS}","name":"Ada Private","send_email":{send_email}}}"#);
    AnyCall::from_json("imocha.invite", &json).unwrap()
}

fn check_plain(error: &Error) {
    let text = error.to_string();
    for shown in [text.clone(), format!("{error:?}"), format!("{error:#?}")] {
        assert!(!shown.contains(ADDRESS) && !shown.contains(KEY) && !shown.contains("Ada Private"), "{shown}");
    }
    assert!(!text.contains('\n') && text.len() < 600, "{text}");
}

/// The kind in which a call ends against a behaviour, and how many connections it took.
fn ends(send_email: bool, behaviour: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> (Kind, usize, Error) {
    let server = serve(behaviour);
    let error = imocha(&server.url).call(&invite(send_email)).unwrap_err();
    check_plain(&error);
    (error.kind(), server.connections.load(Ordering::SeqCst), error)
}

#[test]
fn a_page_instead_of_json_is_a_malformed_reply() {
    let (kind, _, error) = ends(false, |_, stream| {
        read_request(stream);
        answer(stream, "200 OK", "content-type: text/html\r\n", "<html>hello ada.private@example.com</html>");
    });
    assert_eq!(kind, Kind::MalformedReply);
    assert!(error.raw_reply().unwrap().contains("<html>"));
}

#[test]
fn an_unreadable_answer_to_a_call_with_mail_is_uncertain() {
    let (kind, connections, _) = ends(true, |_, stream| {
        read_request(stream);
        answer(stream, "200 OK", "", "<html>");
    });
    assert_eq!((kind, connections), (Kind::Uncertain, 1));
}

#[test]
fn a_redirect_is_not_followed_and_names_the_location() {
    let (kind, connections, error) = ends(false, |_, stream| {
        read_request(stream);
        answer(stream, "302 Found", "location: http://127.0.0.1:1/elsewhere?token=abc\r\n", "");
    });
    assert_eq!((kind, connections), (Kind::Rejected, 1));
    assert!(error.to_string().contains("/elsewhere") && !error.to_string().contains("abc"), "{error}");
}

#[test]
fn a_platform_that_is_down_is_unavailable_and_was_not_sent_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for send_email in [false, true] {
        let error = imocha(&url).call(&invite(send_email)).unwrap_err();
        check_plain(&error);
        assert_eq!(error.kind(), Kind::Unavailable);
    }
}

#[test]
fn a_connection_cut_before_the_answer_is_uncertain_and_a_mail_is_not_asked_for_twice() {
    let mails = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&mails);
    let (kind, connections, error) = ends(true, move |_, stream| {
        if read_request(stream).contains(r#""sendEmail":"yes""#) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    assert_eq!((kind, connections), (Kind::Uncertain, 3));
    assert_eq!(mails.load(Ordering::SeqCst), 1, "the repeats must go without mail");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_connection_cut_in_the_middle_of_the_answer_is_uncertain() {
    let (kind, connections, _) = ends(false, |_, stream| {
        read_request(stream);
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{{\"testInvitationId\":");
    });
    assert_eq!((kind, connections), (Kind::Uncertain, 3));
}

#[test]
fn a_429_after_a_lost_answer_does_not_say_what_became_of_the_first() {
    let (kind, connections, _) = ends(true, |number, stream| {
        read_request(stream);
        if number > 0 {
            answer(stream, "429 Too Many Requests", "", "{}");
        }
    });
    assert_eq!((kind, connections), (Kind::Uncertain, 3));
}

#[test]
fn a_lost_answer_is_repeated_and_the_repeat_settles_it() {
    let server = serve(|number, stream| {
        read_request(stream);
        if number > 0 {
            answer(stream, "200 OK", "", r#"{"testInvitationId":7,"testUrl":"http://x.example/?t","status":"Pending"}"#);
        }
    });
    let report = imocha(&server.url).report(&invite(true));
    assert!(report.result.is_ok() && report.lost_before, "{:?}", report.result.err());
}

#[test]
fn a_cancel_whose_answer_is_lost_is_sent_once_and_uncertain() {
    let server = serve(|_, stream| drop(read_request(stream)));
    let call = AnyCall::from_json("imocha.cancel", r#"{"test_invitation_id":7}"#).unwrap();
    let error = imocha(&server.url).call(&call).unwrap_err();
    assert_eq!((error.kind(), server.connections.load(Ordering::SeqCst)), (Kind::Uncertain, 1));
    check_plain(&error);
}

#[test]
fn a_reattempt_whose_answer_is_lost_asks_for_no_second_mail() {
    let (sent, seen) = std::sync::mpsc::channel();
    let server = serve(move |number, stream| {
        sent.send(read_request(stream)).unwrap();
        if number > 0 {
            answer(stream, "200 OK", "", r#"{"testInvitationId":8,"testUrl":"http://x.example/?t"}"#);
        }
    });
    let json = r#"{"test_invitation_id":7,"start_date_time":"2030-01-01T00:00:00Z","end_date_time":"2030-01-08T00:00:00Z",
        "time_zone_id":1720,"send_email":true}"#;
    let report = imocha(&server.url).report(&AnyCall::from_json("imocha.reattempt", json).unwrap());
    assert!(report.result.is_ok() && report.lost_before, "{:?}", report.result.err());
    let mails: Vec<bool> = seen.try_iter().map(|request| request.contains(r#""sendEmail":"yes""#)).collect();
    assert_eq!(mails, [true, false]);
}

#[test]
fn silence_is_uncertain_within_the_time_out() {
    let began = Instant::now();
    let (kind, _, _) = ends(false, |_, stream| {
        read_request(stream);
        std::thread::sleep(Duration::from_secs(30));
    });
    assert_eq!(kind, Kind::Uncertain);
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_server_error_is_unavailable_without_mail_and_uncertain_with_it() {
    let down = |_: usize, stream: &mut TcpStream| {
        read_request(stream);
        answer(stream, "503 Service Unavailable", "", "{}");
    };
    assert_eq!(ends(false, down).0, Kind::Unavailable);
    assert_eq!(ends(true, down).0, Kind::Uncertain);
}

fn waits_as_asked(headers: impl Fn() -> String + Send + Sync + 'static) {
    let server = serve(move |number, stream| {
        read_request(stream);
        if number == 0 {
            answer(stream, "429 Too Many Requests", &headers(), r#"{"statusCode":429,"message":"slow down"}"#);
        } else {
            answer(stream, "200 OK", "", r#"{"testInvitationId":7,"testUrl":"http://x.example/?t","status":"Pending"}"#);
        }
    });
    let began = Instant::now();
    let report = imocha(&server.url).report(&invite(true));
    assert!(report.result.is_ok(), "{:?}", report.result.err());
    assert!(!report.lost_before, "a 429 is a complete answer");
    let elapsed = began.elapsed();
    assert!(elapsed >= Duration::from_millis(990) && elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[test]
fn retry_after_in_seconds_is_waited_for() {
    waits_as_asked(|| "retry-after: 2\r\n".to_owned());
}

#[test]
fn retry_after_as_a_date_is_waited_for() {
    waits_as_asked(|| {
        let now: Time = SystemTime::now().into();
        format!("retry-after: {}\r\n", now.after(Duration::from_secs(2)).to_http_date())
    });
}

#[test]
fn a_pause_holds_back_all_callers_of_the_credential() {
    let server = serve(|number, stream| {
        read_request(stream);
        if number == 0 {
            answer(stream, "429 Too Many Requests", "retry-after: 1\r\n", "{}");
        } else {
            answer(stream, "200 OK", "", r#"{"testInvitationId":7,"testUrl":"u","status":"Pending"}"#);
        }
    });
    let client = imocha(&server.url);
    let first = client.clone();
    let waiting = std::thread::spawn(move || first.call(&invite(false)).is_ok());
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    assert!(client.call(&invite(false)).is_ok());
    assert!(began.elapsed() >= Duration::from_millis(400), "the second caller went ahead after {:?}", began.elapsed());
    assert!(waiting.join().unwrap());
}

#[test]
fn the_last_429_is_a_used_up_quota() {
    let (kind, connections, _) = ends(false, |_, stream| {
        read_request(stream);
        answer(stream, "429 Too Many Requests", "", "{}");
    });
    assert_eq!((kind, connections), (Kind::QuotaExhausted, 3));
}

#[test]
fn a_wrong_key_is_unauthorized_on_every_platform() {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let base = || BaseUrl::parse(sandbox.url()).unwrap();
    let signer = |ak: &str, secret: &str| {
        Credential::ThinkExamSigner(Arc::new(Signer::recipe(Secret::new(ak), Secret::new(secret), Recipe::default())))
    };
    let assign = r#"{"email":"ada.private@example.com","test_id":"41"}"#;
    let candidate = r#"{"task_id":"task-1","email":"ada.private@example.com"}"#;
    let invite = r#"{"test_id":1,"email":"ada.private@example.com","name":"Ada Private"}"#;
    for (credential, name, json) in [
        (Credential::ImochaKey(Secret::new("sandbox-wrong")), "imocha.invite", invite),
        (Credential::TestInviteToken(Secret::new("sandbox-wrong")), "testinvite.create_candidate", candidate),
        (signer("sandbox-ak", "sandbox-wrong"), "think_exam.assign_test", assign),
        (signer("sandbox-wrong", "sandbox-secret"), "think_exam.assign_test", assign),
    ] {
        let client = Client::new(base(), credential, hasty()).unwrap();
        let error = client.call(&AnyCall::from_json(name, json).unwrap()).unwrap_err();
        check_plain(&error);
        assert_eq!(error.kind(), Kind::Unauthorized, "{name}: {error}");
        assert!(!error.to_string().contains("sandbox-wrong"), "{error}");
    }
    sandbox.stop();
}

#[test]
fn a_platform_that_repeats_credential_and_candidate_gets_neither_into_an_error() {
    let echo = |_: usize, stream: &mut TcpStream| {
        let request = read_request(stream);
        let told = request.replace(['"', '\\', '\r', '\n', '{', '}'], " ");
        answer(
            stream,
            "400 Bad Request",
            "",
            &format!(r#"{{"errors":["{told}"],"result":"error","error":{{"code":"{told}","msg":"{told}","message":"{told}"}}}}"#),
        );
    };
    let server = serve(echo);
    let base = || BaseUrl::parse(&server.url).unwrap();
    let signer = Signer::recipe(Secret::new("sandbox-private-ak"), Secret::new("sandbox-secret"), Recipe::default());
    for (credential, name, json) in [
        (
            Credential::ImochaKey(Secret::new(KEY)),
            "imocha.invite",
            r#"{"test_id":1,"email":"ada.private@example.com","name":"Ada Private"}"#,
        ),
        (
            Credential::TestInviteToken(Secret::new(KEY)),
            "testinvite.create_candidate",
            r#"{"task_id":"t","fullname":"Ada Private","credential2":"hunter22"}"#,
        ),
        (
            Credential::ThinkExamSigner(Arc::new(signer)),
            "think_exam.bulk_candidate_register",
            r#"{"candidates":[{"name":"Ada Private","email":"ada.private@example.com","password":"hunter22"}]}"#,
        ),
    ] {
        let error = Client::new(base(), credential, hasty()).unwrap().call(&AnyCall::from_json(name, json).unwrap()).unwrap_err();
        check_plain(&error);
        let all = format!("{error} {:?} {:?} {:?}", error.platform_code(), error.platform_message(), error.raw_reply());
        assert!(!all.contains(KEY) && !all.contains("sandbox-private-ak"), "{name}: {all}");
        let shown = format!("{error} {:?}", error.platform_code());
        for personal in ["Private", "private", "hunter22"] {
            assert!(!shown.contains(personal), "{name}: {shown}");
        }
    }
}

#[test]
fn cancelling_ends_the_wait_and_what_was_not_taken_counts_as_not_sent() {
    let server = serve(|_, stream| {
        read_request(stream);
        answer(stream, "429 Too Many Requests", "retry-after: 5\r\n", "{}");
    });
    let cancel = bidden::client::Cancel::default();
    let (client, began) = (imocha(&server.url), Instant::now());
    let report = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.report_unless(&invite(true), &cancel));
        std::thread::sleep(Duration::from_millis(200));
        cancel.cancel();
        waiting.join().unwrap()
    });
    assert!(report.cancelled && report.result.is_err());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn a_clock_that_is_off_by_an_hour_is_unauthorized_and_says_by_how_much() {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let signer = Signer::callback(|request, now| {
        let recipe = Recipe::default();
        let late = Time::from_seconds(now.seconds() - 3600);
        recipe.sign("sandbox-ak", &Secret::new("sandbox-secret"), request, late)
    });
    let client = Client::new(BaseUrl::parse(sandbox.url()).unwrap(), Credential::ThinkExamSigner(Arc::new(signer)), hasty()).unwrap();
    let call = AnyCall::from_json("think_exam.assign_test", r#"{"email":"ada.private@example.com","test_id":"41"}"#).unwrap();
    let error = client.call(&call).unwrap_err();
    check_plain(&error);
    assert_eq!((error.kind(), error.platform_code()), (Kind::Unauthorized, Some("SANDBOX_AUTH")));
    sandbox.stop();
}

#[test]
fn a_fetched_signature_is_accepted_by_the_sandbox() {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let signer =
        bidden::client::FetchedSigner::new(&format!("{}/_sandbox/signature", sandbox.url())).unwrap().body(r#"{"ak":"sandbox-ak"}"#);
    let client = bidden::think_exam::Client::fetching(sandbox.url(), signer).unwrap();
    let call = bidden::think_exam::BulkCandidateRegister {
        candidates: vec![bidden::think_exam::Registration::new("Ada Private", "ada.private@example.com")],
    };
    assert_eq!(client.bulk_candidate_register(&call).unwrap().candidates.len(), 1);
    sandbox.stop();
}

#[test]
fn a_credential_of_the_sandbox_never_leaves_this_machine() {
    let error =
        Client::new(BaseUrl::parse("https://apiv3.imocha.io").unwrap(), Credential::ImochaKey(Secret::new(KEY)), hasty()).unwrap_err();
    check_plain(&error);
    assert_eq!(error.kind(), Kind::Configuration);
}

#[test]
fn on_a_live_host_example_addresses_are_refused_before_anything_is_sent() {
    let client =
        Client::new(BaseUrl::parse("https://imocha.live.invalid").unwrap(), Credential::ImochaKey(Secret::new("real")), hasty()).unwrap();
    let error = client.call(&invite(false)).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
    check_plain(&error);
}

fn testinvite(url: &str) -> Client {
    Client::new(BaseUrl::parse(url).unwrap(), Credential::TestInviteToken(Secret::new(KEY)), hasty()).unwrap()
}

#[test]
fn a_read_whose_answer_is_lost_leaves_nothing_uncertain() {
    let server = serve(|_, stream| drop(read_request(stream)));
    let json = format!(r#"{{"task_id":"t","email":"{ADDRESS}"}}"#);
    let error = testinvite(&server.url).call(&AnyCall::from_json("testinvite.list_candidates", &json).unwrap()).unwrap_err();
    check_plain(&error);
    assert_eq!((error.kind(), server.connections.load(Ordering::SeqCst)), (Kind::Unavailable, 3));
}

fn delete() -> AnyCall {
    AnyCall::from_json("testinvite.delete_candidate", r#"{"task_id":"t","id":"c"}"#).unwrap()
}

#[test]
fn a_delete_whose_answer_was_lost_is_done_when_the_repeat_finds_nobody() {
    for first_answer in ["", "503 Service Unavailable"] {
        let server = serve(move |number, stream| {
            let request = read_request(stream);
            assert!(request.starts_with("DELETE /api/integration/rest/v1/tasks/t/candidates/c "), "{request}");
            match number {
                0 if first_answer.is_empty() => {}
                0 => answer(stream, first_answer, "", ""),
                _ => answer(stream, "404 Not Found", "", r#"{"error":{"code":"not-found","message":"no candidate"}}"#),
            }
        });
        let report = testinvite(&server.url).report(&delete());
        assert!(report.lost_before, "{first_answer}");
        assert_eq!(report.result.unwrap().to_json(), r#"{"extra":{}}"#);
        assert_eq!(server.connections.load(Ordering::SeqCst), 2);
    }
}

#[test]
fn a_first_delete_that_finds_nobody_is_not_found_and_a_silent_platform_leaves_it_uncertain() {
    let server = serve(|_, stream| {
        read_request(stream);
        answer(stream, "404 Not Found", "", "");
    });
    assert_eq!(testinvite(&server.url).call(&delete()).unwrap_err().kind(), Kind::NotFound);
    let server = serve(|_, stream| drop(read_request(stream)));
    assert_eq!(testinvite(&server.url).call(&delete()).unwrap_err().kind(), Kind::Uncertain);
    // Answered before and not carried out: nothing was lost, so 404 proves nothing.
    let server = serve(|number, stream| {
        read_request(stream);
        answer(stream, if number == 0 { "429 Too Many Requests" } else { "404 Not Found" }, "", "");
    });
    assert_eq!(testinvite(&server.url).call(&delete()).unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn what_has_no_body_is_sent_without_one() {
    for (name, json, method) in [
        ("testinvite.delete_candidate", r#"{"task_id":"t","id":"c"}"#, "DELETE"),
        ("testinvite.fetch_candidate", r#"{"task_id":"t","id":"c"}"#, "GET"),
    ] {
        let (sent, seen) = std::sync::mpsc::channel();
        let server = serve(move |_, stream| {
            sent.send(read_request(stream)).unwrap();
            answer(stream, "200 OK", "", r#"{"candidateId":"c"}"#);
        });
        testinvite(&server.url).call(&AnyCall::from_json(name, json).unwrap()).unwrap();
        let request = seen.recv().unwrap().to_ascii_lowercase();
        assert!(request.starts_with(&method.to_ascii_lowercase()) && request.ends_with("\r\n\r\n"), "{request}");
        assert!(!request.contains("content-type") && !request.contains("transfer-encoding"), "{request}");
    }
}

#[test]
fn at_no_log_level_does_the_command_show_a_secret_or_an_address() {
    type Behaviour = fn(usize, &mut TcpStream);
    let behaviours: [Behaviour; 4] = [
        |_, stream| {
            read_request(stream);
            answer(stream, "200 OK", "", r#"{"testInvitationId":7,"testUrl":"http://x.example/?secret-token","status":"Pending"}"#);
        },
        |_, stream| {
            read_request(stream);
            answer(stream, "400 Bad Request", "", r#"{"errors":["No records found for given Email address: ada.private@example.com"]}"#);
        },
        |_, stream| {
            read_request(stream);
            answer(stream, "200 OK", "", "<html>ada.private@example.com</html>");
        },
        |_, stream| {
            read_request(stream);
            answer(stream, "401 Unauthorized", "", r#"{"statusCode":401,"message":"key sandbox-key-that-nobody-may-see"}"#);
        },
    ];
    for behaviour in behaviours {
        let server = serve(behaviour);
        for level in ["error", "debug", "trace"] {
            let invite = format!(r#"{{"test_id":1,"email":"{ADDRESS}","name":"Ada Private","send_email":true}}"#);
            let list = format!(r#"{{"task_id":"t","email":"{ADDRESS}","fullname":"Ada Private","code":"secret-token"}}"#);
            for (call, json) in [("imocha.invite", &invite), ("testinvite.list_candidates", &list)] {
                let output = Command::new(bidden_tests::command())
                    .args(["call", call, json, "--base-url", &server.url])
                    .env("BIDDEN_IMOCHA_API_KEY", KEY)
                    .env("BIDDEN_TESTINVITE_TOKEN", KEY)
                    .env("BIDDEN_LOG", level)
                    .env("RUST_LOG", level)
                    .output()
                    .unwrap();
                let logged = String::from_utf8_lossy(&output.stderr).into_owned();
                for secret in [ADDRESS, "Ada Private", "ada.private%40", "Ada%20Private", "secret-token"] {
                    assert!(!logged.contains(secret), "{call} at {level}: {logged}");
                }
                assert!(!logged.contains("panicked"), "{logged}");
            }
        }
    }
}
