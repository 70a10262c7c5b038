//! B5 and B6: sending through the ledger beside what a script would do, and a ledger that has grown.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bidden::operation::{Disposition, Email, Outcome, TestId};
use bidden::{AccessWindow, BaseUrl, Platform, Repeat, Time};
use bidden_ledger::law::{Consent, Sight, Wish};
use bidden_ledger::record::{Deed, Ending};
use bidden_ledger::storage::{Intended, Intent, Settlement};
use bidden_ledger::{Digest, Keys, Ledger, Place};

/// A server that answers at once and keeps nothing: what is measured is whoever calls it.
fn serve() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    fn answer(stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        let (mut line, mut body) = (String::new(), Vec::new());
        loop {
            let (mut length, mut is_list) = (0, false);
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            is_list |= line.contains("testattempts");
            while line != "\r\n" {
                line.clear();
                reader.read_line(&mut line)?;
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            body.resize(length, 0);
            reader.read_exact(&mut body)?;
            let id = NUMBER.fetch_add(1, Ordering::Relaxed);
            let json = match is_list {
                true => r#"{"result":{"testAttempts":[]},"errors":null}"#.to_owned(),
                false => format!(r#"{{"testInvitationId":{id},"testUrl":"https://test.example/IMInstructions?{id}","status":"Pending"}}"#),
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", json.len());
            writer.write_all([head.as_bytes(), json.as_bytes()].concat().as_slice())?;
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A caller that goes away ends its connection.
            std::thread::spawn(move || drop(answer(stream)));
        }
    });
    format!("http://{address}")
}

fn people(path: &Path, numbers: std::ops::Range<u64>) {
    let mut file = BufWriter::new(std::fs::File::create(path).expect("a file"));
    writeln!(file, "name,email").expect("a line");
    numbers.for_each(|number| writeln!(file, "Ada Lovelace,person{number}@example.com").expect("a line"));
}

/// Runs the command; the time that it took and the most memory it held, in MiB.
fn bidden(folder: &Path, url: &str, line: &str) -> (Duration, f64) {
    let began = Instant::now();
    let mut child = Command::new(bidden_tests::command())
        .current_dir(folder)
        .args(line.split(' '))
        .args(["--ledger", "ledger.db"])
        .args(if line.starts_with("invite") || line.starts_with("plan") { vec!["--base-url", url] } else { Vec::new() })
        .env("BIDDEN_IMOCHA_API_KEY", "sandbox-key")
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(folder.join("output")).expect("a file"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("bidden");
    let mut most = 0.0_f64;
    let status = loop {
        if let Ok(text) = std::fs::read_to_string(format!("/proc/{}/status", child.id()))
            && let Some(kilobytes) =
                text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok())
        {
            most = most.max(kilobytes / 1024.0);
        }
        if let Some(status) = child.try_wait().expect("its end") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let elapsed = began.elapsed();
    if !status.success() {
        let mut why = String::new();
        let _ = child.stderr.take().expect("its errors").read_to_string(&mut why);
        panic!("bidden {line}: {status}\n{why}");
    }
    (elapsed, most)
}

fn rate(rows: u64, elapsed: Duration) -> u64 {
    (rows as f64 / elapsed.as_secs_f64()) as u64
}

/// What a script does: sixteen threads, no record of anything. `None` without Python or `requests`.
fn requests(url: &str, calls: u64) -> Option<u64> {
    let script = "
import sys, time, threading
from concurrent.futures import ThreadPoolExecutor
import requests
url, calls = sys.argv[1] + '/v3/tests/292930/invite', int(sys.argv[2])
local = threading.local()
def invite(number):
    if not hasattr(local, 'session'):
        local.session = requests.Session()
    body = {'email': f'person{number}@example.com', 'name': 'Ada Lovelace', 'sendEmail': 'no'}
    answer = local.session.post(url, json=body, headers={'X-API-KEY': 'sandbox-key'}, timeout=10)
    answer.raise_for_status()
    return answer.json()['testInvitationId']
with ThreadPoolExecutor(16) as pool:
    began = time.perf_counter()
    assert len(set(pool.map(invite, range(calls)))) == calls
    print(int(calls / (time.perf_counter() - began)))
";
    let output = Command::new("python3").args(["-c", script, url, &calls.to_string()]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// B5: rows through the ledger, and calls of a script, in turn.
pub fn bulk(folder: &Path) {
    let url = serve();
    people(&folder.join("people.csv"), 0..100_000);
    for _ in 0..3 {
        let _ = std::fs::remove_file(folder.join("ledger.db"));
        let (elapsed, most) = bidden(folder, &url, "invite people.csv --on imocha --test 292930 --yes --concurrency 32 --json --quiet");
        let ours = rate(100_000, elapsed);
        match requests(&url, 5_000) {
            Some(theirs) => println!(
                "B5  invite with the ledger            {ours} rows/s, {most:.0} MiB; requests with 16 threads {theirs}/s, {:.1} times (target 10 k/s, 7 times)",
                ours as f64 / theirs as f64
            ),
            None => {
                println!("B5  invite with the ledger            {ours} rows/s, {most:.0} MiB; no Python with requests here (target 10 k/s)")
            }
        }
    }
}

/// Puts people into a ledger as if each had been invited, by the record's own path, thousands to a commit.
fn fill(path: &Path, url: &str, numbers: std::ops::Range<u64>) {
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

/// B6: plan, apply, resume and status beside a ledger that grows.
pub fn grown(folder: &Path) {
    let url = serve();
    let ledger = folder.join("ledger.db");
    let _ = std::fs::remove_file(&ledger);
    let rows = 1_000_000;
    people(&folder.join("people.csv"), 0..rows);
    let plan = |what: &str| {
        let (elapsed, most) = bidden(folder, &url, "plan people.csv --on imocha --test 292930 -o plan.jsonl --quiet");
        println!("B6  plan of 1 M rows, {what:<16} {} rows/s, {most:.0} MiB", rate(rows, elapsed));
    };
    plan("empty ledger");
    let (elapsed, most) = bidden(folder, &url, "apply plan.jsonl --yes --concurrency 32 --quiet --output rows.jsonl");
    println!("B6  apply of 1 M rows                 {} rows/s, {most:.0} MiB", rate(rows, elapsed));
    let (elapsed, most) = bidden(folder, &url, "apply plan.jsonl --yes --quiet");
    println!("B6  resume of the finished run        {elapsed:.2?}, {most:.0} MiB  (target 2 s, 128 MiB)");
    let status = |what: &str| {
        let (elapsed, most) = bidden(folder, &url, "status --json");
        println!("B6  status of {what:<8}                {elapsed:.2?}, {most:.0} MiB");
    };
    status("1 M rows");
    plan("all known");
    let most: u64 = std::env::var("BIDDEN_BENCH_ROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000_000);
    let began = Instant::now();
    fill(&ledger, &url, rows..most);
    println!("    (filled to {most} in {:.0?}, {} rows/s)", began.elapsed(), rate(most - rows, began.elapsed()));
    status("all");
    people(&folder.join("people.csv"), most..most + rows);
    plan("all new");
    people(&folder.join("people.csv"), most - rows..most);
    plan("all known again");
}
