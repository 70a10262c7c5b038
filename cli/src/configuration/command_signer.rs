//! Think Exam's `ak`, `sgn`, `ts` made by a program of the user: `signature-command` (Think Exam reference, section 7.1,
//! source `supplied`). It reads `{"method","url","body","now"}` on standard input and writes `{"ak","sgn","ts"}`.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use bidden::http::Request;
use bidden::sign::{Signer, Triple};
use bidden::{Error, Kind, Secret, Time};
use serde::{Deserialize, Serialize};

/// How long the program may take: as long as one try of a call.
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Serialize)]
struct Question<'a> {
    method: &'a str,
    url: String,
    body: Option<&'a str>,
    now: Time,
}

#[derive(Deserialize)]
struct Answer {
    ak: Word,
    sgn: Word,
    ts: Word,
}

/// As from a signature service, values may be texts or numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Number(i64),
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        match word {
            Word::Text(text) => text,
            Word::Number(number) => number.to_string(),
        }
    }
}

/// Asks the program for each request. `words` are the program and its arguments.
pub(super) fn signer(words: Vec<String>) -> Signer {
    Signer::callback(move |request, now| ask(&words, request, now, LONGEST))
}

fn configuration(message: impl Into<String>) -> Error {
    Error::new(Kind::Configuration, message)
}

fn ask(words: &[String], request: &Request, now: Time, longest: Duration) -> Result<Triple, Error> {
    let body = std::str::from_utf8(request.body()).map_err(|_| configuration("the signature command takes bodies that are text only"))?;
    let question = Question {
        method: request.method().as_str(),
        url: request.uri().to_string(),
        body: Some(body).filter(|body| !body.is_empty()),
        now,
    };
    let question = serde_json::to_vec(&question)
        .map_err(|error| Error::new(Kind::Internal, "the question to the signature command cannot be written").with_source(error))?;
    let (program, arguments) = words.split_first().ok_or_else(|| configuration("signature-command names no program"))?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| configuration(format!("the signature command {program} cannot be started: {error}")))?;
    let (written, status) = exchange(&mut child, question, Instant::now() + longest).map_err(|what| {
        // It may still run; what it would say comes too late.
        let _ = child.kill();
        let _ = child.wait();
        configuration(format!("the signature command {program} {what}"))
    })?;
    if !status.success() {
        return Err(Error::new(Kind::Unauthorized, format!("the signature command {program} gave no signature: {status}")));
    }
    let answer: Answer = serde_json::from_slice(&written).map_err(|_| {
        configuration(format!("the signature command {program} did not write {{\"ak\",\"sgn\",\"ts\"}} as one JSON object"))
    })?;
    Ok(Triple { ak: answer.ak.into(), sgn: Secret::new(answer.sgn), ts: answer.ts.into() })
}

/// Gives the question and takes the answer, each in a thread of its own: a program that reads late, writes early or keeps
/// its output open must not hold up the run.
fn exchange(child: &mut Child, question: Vec<u8>, deadline: Instant) -> Result<(Vec<u8>, ExitStatus), String> {
    const LATE: &str = "did not answer in time";
    let (Some(mut input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("has no standard input and output".to_owned());
    };
    std::thread::spawn(move || {
        // A program that needs no question closes its input.
        let _ = input.write_all(&question);
    });
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut written = Vec::new();
        let read = output.read_to_end(&mut written).map(|_| written);
        let _ = sender.send(read);
    });
    let written = receiver
        .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        .map_err(|_| LATE.to_owned())?
        .map_err(|error| format!("cannot be read: {error}"))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((written, status)),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            Ok(None) => return Err(LATE.to_owned()),
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn asked(script: &str, longest: Duration) -> Result<Triple, Error> {
        let words = ["sh", "-c", script].map(str::to_owned);
        ask(&words, &Request::new(b"{\"a\":1}".to_vec()), Time::from_seconds(1_700_000_000), longest)
    }

    #[test]
    fn the_program_reads_the_request_and_writes_the_triple() {
        let script = r#"read -r question
            case $question in *'"method":"GET"'*'"body":"{\"a\":1}","now":"2023-11-14T22:13:20Z"'*) ;; *) exit 9;; esac
            echo '{"ak":"key","sgn":"signature","ts":1700000000}'"#;
        let triple = asked(script, LONGEST).unwrap();
        assert_eq!((triple.ak.as_str(), triple.sgn.expose(), triple.ts.as_str()), ("key", "signature", "1700000000"));
    }

    #[test]
    fn a_program_that_refuses_is_unauthorized_and_names_its_status() {
        let error = asked("exit 3", LONGEST).unwrap_err();
        assert_eq!(error.kind(), Kind::Unauthorized);
        assert!(error.to_string().contains('3'), "{error}");
    }

    #[test]
    fn bad_output_is_configuration_and_is_not_repeated_to_anybody() {
        let error = asked("echo top-secret", LONGEST).unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
        assert!(!error.to_string().contains("top-secret"), "{error}");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let began = Instant::now();
        let error = asked("exec sleep 60", Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
        assert!(error.to_string().contains("in time") && began.elapsed() < Duration::from_secs(20), "{error}");
    }

    #[test]
    fn a_program_that_does_not_exist_is_configuration() {
        let error = ask(&["./no-such-program".to_owned()], &Request::default(), Time::from_seconds(0), LONGEST).unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
    }
}
