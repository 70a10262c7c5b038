//! Calls over some connections, each with a new e-mail, the next as soon as the last is answered.

use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::messages::{Incoming, length};

struct Connection {
    stream: TcpStream,
    incoming: Incoming,
    asked: Option<Instant>,
}

fn send(connection: &mut Connection, host: &str, number: u64) {
    let json = format!(r#"{{"email":"person{number}@example.com","name":"Ada Lovelace","sendEmail":"no"}}"#);
    let request = format!(
        "POST /v3/tests/292930/invite HTTP/1.1\r\nhost: {host}\r\nx-api-key: sandbox-key\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}",
        json.len()
    );
    connection.asked = Some(Instant::now());
    connection.stream.write_all(request.as_bytes()).expect("the request goes out");
}

/// Calls for some seconds, or a number of times; prints calls, seconds, the 50th and the 99th of a hundred in microseconds.
pub fn run(address: &str, connections: usize, seconds: Option<u64>, calls: Option<u64>, first: u64) {
    let socket: SocketAddr = address.parse().expect("an address with a port");
    let mut poll = Poll::new().expect("a poll");
    let mut callers: Vec<Connection> = (0..connections)
        .map(|place| {
            let stream = std::net::TcpStream::connect(socket).expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            stream.set_nonblocking(true).expect("non-blocking");
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(place), Interest::READABLE).expect("registered");
            Connection { stream, incoming: Incoming::default(), asked: None }
        })
        .collect();
    let mut events = Events::with_capacity(1024);
    let mut times: Vec<u32> = Vec::new();
    let began = Instant::now();
    let goes_on = |sent: u64| match (seconds, calls) {
        (Some(seconds), _) => began.elapsed() < Duration::from_secs(seconds),
        (None, calls) => sent < calls.unwrap_or(0),
    };
    let mut sent = 0;
    let mut open = 0;
    for caller in &mut callers {
        if goes_on(sent) {
            send(caller, address, first + sent);
            sent += 1;
            open += 1;
        }
    }
    while open > 0 {
        if let Err(error) = poll.poll(&mut events, Some(Duration::from_secs(30))) {
            assert_eq!(error.kind(), std::io::ErrorKind::Interrupted, "{error}");
        }
        assert!(!events.is_empty(), "no answer within 30 seconds");
        for event in &events {
            let caller = &mut callers[event.token().0];
            assert!(caller.incoming.read(&mut caller.stream).expect("the answer"), "the server has closed a connection");
            if !is_answered(&mut caller.incoming) {
                continue;
            }
            let asked = caller.asked.take().expect("an answer to a question");
            times.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
            open -= 1;
            if goes_on(sent) {
                send(caller, address, first + sent);
                sent += 1;
                open += 1;
            }
        }
    }
    let elapsed = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let of_a_hundred = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    println!(
        r#"{{"calls":{},"seconds":{elapsed},"p50_us":{},"p99_us":{},"next":{}}}"#,
        times.len(),
        of_a_hundred(50),
        of_a_hundred(99),
        first + sent
    );
}

/// Whether a whole answer is there; it is used up. Anything but success ends the program: a fast refusal is no speed.
fn is_answered(incoming: &mut Incoming) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let rest = incoming.rest();
    let httparse::Status::Complete(head) = response.parse(rest).expect("an answer in HTTP/1") else { return false };
    let whole = head + length(response.headers);
    if rest.len() < whole {
        return false;
    }
    assert!(response.code.is_some_and(|code| (200..300).contains(&code)), "refused: {}", String::from_utf8_lossy(rest));
    assert!(whole > head, "an answer without a length or a body");
    incoming.skip(whole);
    true
}
