//! Many workers on one PostgreSQL ledger: killed, cut off and in each other's way, they mail nobody twice and leave nobody out.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bidden::client::Cancel;
use bidden::operation::{AnswerSeen, Disposition, Email, InviteOptions, Outcome, Report, TestId};
use bidden::{AnyCall, BaseUrl, Candidate, Platform};
use bidden_ledger::storage::Claim;
use bidden_ledger::{Digest, Ledger, LedgerOptions, Place, Sender};
use bidden_tests::postgres::Server;
use postgres::{Client, NoTls};

/// Stands in for the platform: notes every request in a file before it answers, so that the note outlives a kill.
struct Platforms {
    base: BaseUrl,
    requests: File,
    /// How long a request is on its way; that it leaves soon is noted too.
    delay: Duration,
    latency: Duration,
    count: AtomicI64,
}

impl Platforms {
    fn noting_in(path: &Path, latency: Duration) -> Self {
        let requests = File::options().create(true).append(true).open(path).unwrap();
        let base = BaseUrl::parse("https://apiv3.company.example").unwrap();
        Platforms { base, requests, delay: Duration::ZERO, latency, count: AtomicI64::new(1) }
    }
}

impl Sender for Platforms {
    fn platform(&self) -> Platform {
        Platform::Imocha
    }

    fn base_url(&self) -> &BaseUrl {
        &self.base
    }

    fn report(&self, call: &AnyCall, _: &Cancel) -> Report {
        let (status, body) = match call {
            AnyCall::ImochaInvite(_) => {
                let arguments = serde_json::to_value(call).unwrap();
                let kind = if call.asks_for_mail() { "mail" } else { "quiet" };
                if !self.delay.is_zero() {
                    (&self.requests).write_all(b"soon\n").unwrap();
                    std::thread::sleep(self.delay);
                }
                (&self.requests).write_all(format!("{kind} {}\n", arguments["email"].as_str().unwrap()).as_bytes()).unwrap();
                let id = self.count.fetch_add(1, Ordering::Relaxed);
                (200, format!(r#"{{"testInvitationId":{id},"testUrl":"https://test.example/{id}"}}"#))
            }
            // No list of iMocha's shows invitations that wait.
            _ => (404, String::new()),
        };
        std::thread::sleep(self.latency);
        let response = http::Response::builder().status(status).body(body.into_bytes()).unwrap();
        let answer = Some(AnswerSeen { status, digest: [7; 32] });
        Report { result: call.read_reply(&response), lost_before: false, cancelled: false, sent: 1, answer }
    }
}

/// Longer than a busy machine keeps a worker from renewing it.
const LEASE: Duration = Duration::from_secs(4);

fn place() -> Place {
    Place::new(Platform::Imocha, &BaseUrl::parse("https://apiv3.company.example").unwrap(), "default", &TestId::from(1))
}

fn address(row: i64) -> String {
    format!("candidate.{row}@company.example")
}

fn open(url: &str) -> Ledger {
    Ledger::open_with(url, &LedgerOptions { lease: Some(LEASE), ..LedgerOptions::default() }).unwrap()
}

/// The rows of a plan, and how a worker takes them.
#[derive(Clone, Copy)]
struct Plan {
    rows: i64,
    chunk: i64,
    senders: usize,
}

/// What one worker does: claims chunks and invites their rows, until every chunk is done by somebody. Each of the four begins
/// with another quarter.
fn work(url: &str, plan: Plan, worker: i64, platform: &Platforms) {
    let ledger = open(url);
    let invitations = ledger.invitations(platform, &place()).unwrap();
    let run = Digest::of(b"the plan");
    let chunks = plan.rows / plan.chunk;
    let mut waiting: VecDeque<i64> = (0..chunks).map(|chunk| (chunk + worker * chunks / 4) % chunks).collect();
    let options = InviteOptions { send_email: true, ..InviteOptions::default() };
    let is_settled = |row: i64| {
        let candidate = Candidate::new(&address(row)).unwrap().name("Ada Lovelace").unwrap();
        let outcome = invitations.invite(&candidate, &options).unwrap();
        matches!(outcome.disposition, Disposition::Invited | Disposition::Created | Disposition::Unchanged)
    };
    while let Some(chunk) = waiting.pop_front() {
        match ledger.ask(move |storage| storage.claim(run, chunk)).unwrap() {
            Claim::Done => continue,
            Claim::Mine => {
                let next = AtomicI64::new(chunk * plan.chunk);
                let open = AtomicI64::new(0);
                std::thread::scope(|scope| {
                    for _ in 0..plan.senders {
                        scope.spawn(|| {
                            let rows = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|row| *row < (chunk + 1) * plan.chunk);
                            while let Some(row) = rows() {
                                open.fetch_add(i64::from(!is_settled(row)), Ordering::Relaxed);
                            }
                        });
                    }
                });
                if open.into_inner() == 0 {
                    ledger.ask(move |storage| storage.finish(run, chunk)).unwrap();
                    continue;
                }
            }
            Claim::Others => {}
        }
        waiting.push_back(chunk);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How a worker process is told what to do: URL, rows, number, file.
const ORDERS: &str = "BIDDEN_TEST_WORKER";

/// So many rows each worker process has under way.
const SENDERS: usize = 16;

fn start(url: &str, rows: i64, worker: i64, file: &Path) -> Child {
    start_test("four_workers_mail_nobody_twice_and_leave_nobody_out", url, rows, worker, file)
}

fn start_test(name: &str, url: &str, rows: i64, worker: i64, file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ORDERS, format!("{url} {rows} {worker} {}", file.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn requests(files: &[PathBuf]) -> Vec<String> {
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap_or_default();
    files.iter().flat_map(|file| read(file).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn four_workers_mail_nobody_twice_and_leave_nobody_out() {
    if let Ok(orders) = std::env::var(ORDERS) {
        let [url, rows, worker, file] = orders.split(' ').collect::<Vec<_>>()[..] else { panic!("{orders}") };
        let platform = Platforms::noting_in(Path::new(file), Duration::from_millis(5));
        let plan = Plan { rows: rows.parse().unwrap(), chunk: 50, senders: SENDERS };
        return work(url, plan, worker.parse().unwrap(), &platform);
    }
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let rows = if std::env::var_os("BIDDEN_SOAK").is_some() { 20_000 } else { 2_000 };
    drop(open(&url));
    let folder = std::env::temp_dir().join(format!("bidden-workers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files: Vec<PathBuf> = (0..4).map(|worker| folder.join(format!("requests-{worker}"))).collect();
    let mut workers: Vec<Child> = (0..4).map(|worker| start(&url, rows, worker, &files[usize::try_from(worker).unwrap()])).collect();
    let is_over = AtomicBool::new(false);
    let (cuts, deadlocks) = std::thread::scope(|scope| {
        let cutter = scope.spawn(|| cut_connections(&url, &is_over));
        let rogue = scope.spawn(|| lock_in_the_wrong_order(&url, &is_over));
        // One is killed after a quarter of the rows, one after half of them.
        for (worker, part) in [(0, rows / 4), (1, rows / 2)] {
            while requests(&files).len() < usize::try_from(part).unwrap() {
                assert!(workers[worker].try_wait().unwrap().is_none(), "worker {worker} ended before it could be killed");
                std::thread::sleep(Duration::from_millis(20));
            }
            workers[worker].kill().unwrap();
            workers[worker].wait().unwrap();
        }
        let ended: Vec<bool> = workers[2..].iter_mut().map(|worker| worker.wait().unwrap().success()).collect();
        is_over.store(true, Ordering::Relaxed);
        let disturbed = (cutter.join().unwrap(), rogue.join().unwrap());
        assert!(ended.iter().all(|is_well| *is_well), "a worker failed");
        disturbed
    });

    let requests = requests(&files);
    let mut mails: HashMap<&str, usize> = HashMap::new();
    for address in requests.iter().filter_map(|request| request.strip_prefix("mail ")) {
        *mails.entry(address).or_default() += 1;
    }
    let twice: Vec<_> = mails.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "asked for mail more than once: {twice:?}");

    let ledger = Ledger::open_with(&url, &LedgerOptions { read_only: true, ..LedgerOptions::default() }).unwrap();
    let open = ledger.ask(|storage| {
        let (mut known, mut open) = (0, Vec::new());
        storage.each(None, &mut |_, record| {
            known += 1;
            if record.standing.pending.is_some() || !record.standing.is_accepted || !record.standing.is_mailed {
                open.push(format!("{:?}", record.standing));
            }
            Ok(true)
        })?;
        Ok((known, open))
    });
    let (known, open) = open.unwrap();
    assert_eq!(known, rows, "rows in the record");
    assert!(open.is_empty(), "{} rows are open: {:?}", open.len(), open.first());
    // A killed worker's rows are uncertain, and at most as many as it had in flight: they were asked again without mail. So are those
    // of a worker that a busy machine or a cut connection kept from renewing its short lease.
    let quiet = requests.iter().filter(|request| request.starts_with("quiet")).count();
    let unmailed = usize::try_from(rows).unwrap() - mails.len();
    assert!(quiet <= 4 * SENDERS && unmailed <= quiet, "{quiet} rows were asked again, {unmailed} got no mail");
    assert!(cuts > 0 && deadlocks > 0, "{cuts} connections were cut, {deadlocks} deadlocks broken");
    println!("{rows} rows, {} requests, {quiet} asked again, {cuts} connections cut, {deadlocks} deadlocks", requests.len());
    let _ = std::fs::remove_dir_all(&folder);
}

fn invite(ledger: &Ledger, platform: &Platforms) -> Outcome {
    let candidate = Candidate::new(&address(1)).unwrap().name("Ada Lovelace").unwrap();
    let options = InviteOptions { send_email: true, ..InviteOptions::default() };
    ledger.invitations(platform, &place()).unwrap().invite(&candidate, &options).unwrap()
}

#[test]
fn a_worker_that_sleeps_past_its_lease_and_sends_then_mails_nobody_twice() {
    if let Ok(orders) = std::env::var(ORDERS) {
        let [url, _, _, file] = orders.split(' ').collect::<Vec<_>>()[..] else { panic!("{orders}") };
        let platform = Platforms { delay: Duration::from_millis(700), ..Platforms::noting_in(Path::new(file), Duration::ZERO) };
        return drop(invite(&open(url), &platform));
    }
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let ledger = open(&url);
    let folder = tempfile::tempdir().unwrap();
    let files = [folder.path().join("sleeper"), folder.path().join("other")];
    let mut sleeper = start_test("a_worker_that_sleeps_past_its_lease_and_sends_then_mails_nobody_twice", &url, 0, 0, &files[0]);
    let signal = |name: &str| assert!(Command::new("kill").args([name, &sleeper.id().to_string()]).status().unwrap().success());
    while requests(&files[..1]).is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    signal("-STOP");
    let other = Platforms::noting_in(&files[1], Duration::ZERO);
    // As long as the lease holds, the row is the sleeper's.
    assert_eq!(invite(&ledger, &other).disposition, Disposition::Held);
    std::thread::sleep(LEASE + Duration::from_secs(1));
    let outcome = invite(&ledger, &other);
    assert_eq!((outcome.disposition, outcome.email), (Disposition::Invited, Email::Uncertain), "{outcome:?}");
    signal("-CONT");
    assert!(sleeper.wait().unwrap().success());
    let mut left = requests(&files);
    left.retain(|request| request != "soon");
    left.sort_unstable();
    assert_eq!(left, [format!("mail {}", address(1)), format!("quiet {}", address(1))]);
    let outcome = invite(&ledger, &other);
    assert_eq!((outcome.disposition, outcome.email), (Disposition::Unchanged, Email::Uncertain), "{outcome:?}");
    assert_eq!(requests(&files).len(), 3, "nothing more was sent");
}

fn cut_connections(url: &str, is_over: &AtomicBool) -> i64 {
    let mut client = Client::connect(url, NoTls).unwrap();
    let mut cuts = 0;
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(400));
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
                   WHERE application_name = 'bidden' AND datname = current_database() ORDER BY random() LIMIT 1) AS victim";
        cuts += client.query_one(cut, &[]).unwrap().get::<_, i64>(0);
    }
    cuts
}

/// Locks rows that are being worked on, the last first: the workers take them the other way round.
fn lock_in_the_wrong_order(url: &str, is_over: &AtomicBool) -> i64 {
    let mut client = Client::connect(url, NoTls).unwrap();
    while !is_over.load(Ordering::Relaxed) {
        let mut transaction = client.transaction().unwrap();
        let under_way = "SELECT id FROM bidden_invitation WHERE token IS NOT NULL ORDER BY id DESC LIMIT 40";
        for row in transaction.query(under_way, &[]).unwrap() {
            let id: i64 = row.get(0);
            if transaction.execute("SELECT 1 FROM bidden_invitation WHERE id = $1 FOR UPDATE", &[&id]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(transaction);
        std::thread::sleep(Duration::from_millis(20));
    }
    // The statistics of a session are written when it ends.
    std::thread::sleep(Duration::from_millis(1500));
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    Client::connect(url, NoTls).unwrap().query_one(deadlocks, &[]).unwrap().get(0)
}

#[test]
fn four_workers_keep_to_one_rate() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let (rate, batch, batches) = (400.0, 10, 25);
    let interval = Duration::from_secs_f64(1.0 / rate);
    let turns_of = |_| {
        let ledger = open(&url);
        let mut turns = Vec::new();
        for _ in 0..batches {
            let wait = ledger.ask(move |storage| storage.take_turns("imocha default", rate, batch)).unwrap();
            let first = Instant::now() + wait;
            turns.extend((0..batch).map(|turn| first + interval * turn));
            std::thread::sleep((first + interval * batch).saturating_duration_since(Instant::now()));
        }
        turns
    };
    let mut turns: Vec<Instant> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|worker| scope.spawn(move || turns_of(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    turns.sort();
    let span = turns[turns.len() - 1] - turns[0];
    let measured = (turns.len() - 1) as f64 / span.as_secs_f64();
    assert!((measured / rate - 1.0).abs() < 0.05, "{measured:.1} per second instead of {rate}");
}

/// TestInvite that shows every candidate, and notes when it was asked.
struct Lists {
    base: BaseUrl,
    asked: std::sync::Mutex<Vec<Instant>>,
}

impl Sender for &Lists {
    fn platform(&self) -> Platform {
        Platform::TestInvite
    }

    fn base_url(&self) -> &BaseUrl {
        &self.base
    }

    fn report(&self, call: &AnyCall, _: &Cancel) -> Report {
        let (status, body) = match call {
            AnyCall::TestInviteCreateCandidate(_) => (200, r#"{"candidateId":"c-1","kind":"temp","taskId":"t","loggedIn":false}"#),
            _ => {
                self.asked.lock().unwrap().push(Instant::now());
                let list = r#"{"candidates":[{"candidateId":"c-1","kind":"temp","taskId":"t","loggedIn":false}],
                    "pagination":{"totalItems":1,"totalPages":1,"currentPage":1,"limit":100,"next":null,"previous":null}}"#;
                (200, list)
            }
        };
        let response = http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap();
        let answer = Some(AnswerSeen { status, digest: [7; 32] });
        Report { result: call.read_reply(&response), lost_before: false, cancelled: false, sent: 1, answer }
    }
}

#[test]
fn look_ups_of_all_workers_keep_to_the_common_rate_too() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let lists = Lists { base: BaseUrl::parse("https://testinvite.company.example").unwrap(), asked: Vec::new().into() };
    let (rate, rows, workers) = (40.0, 20, 3);
    let candidates: Vec<Candidate> = (0..rows).map(|row| Candidate::new(&address(row)).unwrap().name("Ada Lovelace").unwrap()).collect();
    let options = InviteOptions::default();
    let place = Place::new(Platform::TestInvite, &lists.base, "default", &TestId::from("t"));
    let ledger = open(&url);
    let invitations = ledger.invitations(&lists, &place).unwrap();
    for candidate in &candidates {
        assert_eq!(invitations.invite(candidate, &options).unwrap().disposition, Disposition::Created);
    }
    assert!(lists.asked.lock().unwrap().is_empty(), "whoever is new is not looked up");
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let invitations = open(&url).invitations(&lists, &place).unwrap().with_rate(Some(rate));
                let wishes: Vec<_> = candidates.iter().map(|candidate| (candidate, &options)).collect();
                invitations.judge(&wishes).unwrap();
            });
        }
    });
    let asked = lists.asked.into_inner().unwrap();
    assert_eq!(asked.len(), candidates.len() * workers);
    let span = asked.iter().max().unwrap().duration_since(*asked.iter().min().unwrap());
    let least = Duration::from_secs_f64((asked.len() - 1) as f64 / rate * 0.9);
    assert!(span >= least, "{} look-ups within {span:?}, at least {least:?} are due", asked.len());
}

#[test]
fn where_there_is_no_ledger_yet_an_empty_one_is_read() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let to_read = LedgerOptions { read_only: true, ..LedgerOptions::default() };
    assert!(Ledger::open_with(&url, &to_read).unwrap_err().message().contains("there is no ledger"));
    let or_empty = LedgerOptions { or_empty: true, ..to_read };
    let empty = Ledger::open_with(&url, &or_empty).unwrap();
    assert!(!empty.is_there() && empty.location().starts_with("postgres://127.0.0.1"), "{}", empty.location());
    assert!(empty.history("ada@company.example").unwrap().is_empty());
    let folder = tempfile::tempdir().unwrap();
    let bidden = |line: &str| {
        let mut command = Command::new(bidden_tests::command());
        command.args(line.split(' ')).args(["--ledger", &url]).current_dir(&folder).stdin(Stdio::null());
        command.env("BIDDEN_IMOCHA_API_KEY", "sandbox-key").env("XDG_CONFIG_HOME", folder.path()).output().unwrap()
    };
    std::fs::write(folder.path().join("people.csv"), "name,email\nAda,ada@example.com\n").unwrap();
    let plan = bidden("plan people.csv --on imocha --test 1 --base-url http://127.0.0.1:9 -o plan.jsonl --json");
    assert!(plan.status.success(), "{}", String::from_utf8_lossy(&plan.stderr));
    assert!(String::from_utf8_lossy(&bidden("status").stdout).contains("there is none yet"));
    drop(open(&url));
    assert!(Ledger::open_with(&url, &or_empty).unwrap().is_there());
}

#[test]
fn one_person_is_invited_from_inside_a_runtime() {
    let Some(server) = Server::shared() else { return };
    let file = std::env::temp_dir().join(format!("bidden-runtime-{}", std::process::id()));
    let invite = |url: &str| {
        let ledger = open(url);
        let platform = Platforms::noting_in(&file, Duration::ZERO);
        let ada = Candidate::new("ada@company.example").unwrap().name("Ada Lovelace").unwrap();
        let twice = [(); 2].map(|()| ledger.invite(&platform, TestId::from(1), &ada, &InviteOptions::default()).unwrap().disposition);
        assert_eq!(twice, [Disposition::Invited, Disposition::Unchanged]);
        assert!(!format!("{ledger:?} {}", ledger.location()).contains("sesame"));
    };
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for runtime in [&many, &one] {
        let url = server.database();
        runtime.block_on(async { invite(&url) });
    }
    let _ = std::fs::remove_file(&file);
}

/// How fast four workers are when nothing but the ledger holds them back; it says nothing of a build without optimisation.
#[cfg(not(debug_assertions))]
#[test]
fn four_workers_write_thousands_of_rows_a_second() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let rows = 20_000;
    let file = std::env::temp_dir().join(format!("bidden-speed-{}", std::process::id()));
    let platform = Platforms::noting_in(&file, Duration::ZERO);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (url, platform) = (&url, &platform);
            scope.spawn(move || work(url, Plan { rows, chunk: 500, senders: 64 }, worker, platform));
        }
    });
    let per_second = rows as f64 / began.elapsed().as_secs_f64();
    println!("{per_second:.0} rows/s: four workers, 64 senders each, one PostgreSQL, fsync on");
    let _ = std::fs::remove_file(&file);
}
