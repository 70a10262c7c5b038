//! `bidden doctor`: is everything in order, before the first send? Nothing is sent that changes anything.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use bidden::client::{Client, ClientOptions, Probe};
use bidden::{AnyCall, AnyReply, BaseUrl, Error, Kind, Platform, Time, imocha, testinvite, think_exam};
use serde::Serialize;

use crate::configuration::{Connection, ConnectionOptions};
use crate::failure::{Failure, Result};
use crate::rows::report::shown;
use crate::{terminal, values};
use bidden_ledger::stop::reason;

const AFTER_HELP: &str = "\
It looks at configuration, ledger, network, credential, test and clock, and sends one
call that only reads. Think Exam has none: there a signature is made, and not sent.

Exit code: 0 nothing failed, 1 ledger, network or platform say no, 2 the configuration
cannot be used.

Example: bidden doctor --on imocha --test 292930 --sandbox";

/// The options of `bidden doctor`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The platform
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform())]
    on: Platform,
    /// The test; TestInvite calls it task
    #[arg(long, value_name = "ID")]
    test: String,
    /// TestInvite: a saved template that is to be mailed
    #[arg(long, value_name = "NAME", help_heading = "What is looked for in the task")]
    email_template: Option<String>,
    /// TestInvite: a program that candidates are to be put into
    #[arg(long = "program", value_name = "ID", help_heading = "What is looked for in the task")]
    programs: Vec<String>,
    /// TestInvite: a step that is to have dates of its own
    #[arg(long = "step", value_name = "ID", help_heading = "What is looked for in the task")]
    steps: Vec<String>,
    #[command(flatten)]
    connection: ConnectionOptions,
    /// One JSON object per check, and a summary
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How far the clocks may lie apart before it is worth a word: a date has whole seconds, and answers take their time.
const APART: Duration = Duration::from_secs(10);

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Failed,
}

/// One line.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    result: Verdict,
    message: String,
    hints: Vec<String>,
}

impl Check {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Check { check, result: Verdict::Ok, message: message.into(), hints: Vec::new() }
    }

    fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Check { result: Verdict::Warning, ..Check::ok(check, message) }
    }

    fn failed(check: &'static str, message: impl Into<String>) -> Self {
        Check { result: Verdict::Failed, ..Check::ok(check, message) }
    }

    fn of_failure(check: &'static str, failure: Failure) -> Self {
        Check { hints: failure.hints, ..Check::failed(check, failure.message) }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// What was found so far: written as it comes, because a platform that does not answer takes its time.
struct Findings {
    json: bool,
    ok: u32,
    warning: u32,
    failed: u32,
    exit: u8,
}

impl Findings {
    fn add(&mut self, check: Check) -> Result<()> {
        match check.result {
            Verdict::Ok => self.ok += 1,
            Verdict::Warning => self.warning += 1,
            Verdict::Failed => {
                self.failed += 1;
                self.exit = self.exit.max(1);
            }
        }
        if self.json {
            return terminal::print_json(&check);
        }
        let word = match check.result {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed => "failed",
        };
        let mut text = format!("{word:<8} {:<13} {}", check.check, shown(&check.message, 400));
        for hint in &check.hints {
            text.push_str(&format!("\n{:<22} {}", "", shown(hint, 400)));
        }
        terminal::print(&text)
    }

    fn finish(self) -> Result<ExitCode> {
        #[derive(Serialize)]
        struct Line {
            summary: Summary,
        }
        #[derive(Serialize)]
        struct Summary {
            ok: u32,
            warning: u32,
            failed: u32,
        }
        let Findings { json, ok, warning, failed, exit } = self;
        if json {
            terminal::print_json(&Line { summary: Summary { ok, warning, failed } })?;
        }
        Ok(ExitCode::from(exit))
    }
}

/// Runs the command.
///
/// # Errors
/// Exit 3 when the results cannot be written; what is out of order is a line.
pub fn run(options: &Options) -> Result<ExitCode> {
    let mut findings = Findings { json: options.json, ok: 0, warning: 0, failed: 0, exit: 0 };
    let connection = match Connection::open(&options.connection, options.on) {
        Ok(connection) => connection,
        Err(failure) => {
            findings.exit = failure.exit;
            findings.add(Check::of_failure("configuration", failure))?;
            return findings.finish();
        }
    };
    let base_url = &connection.base_url;
    findings.add(Check::ok("configuration", format!("{} at {base_url}, account {}", options.on.title(), connection.account)))?;
    findings.add(match connection.open_ledger() {
        Ok(_) => Check::ok("ledger", format!("{} can be read and written", connection.ledger_shown())),
        Err(failure) => Check::of_failure("ledger", failure).hint("nothing is sent without a ledger; --ledger names another"),
    })?;
    let client_options = ClientOptions { timeout: Duration::from_secs(15), callers: 1, ..ClientOptions::default() };
    let client = match Client::new(base_url.clone(), connection.credential.clone(), client_options) {
        Ok(client) => client,
        Err(error) => {
            findings.exit = 2;
            findings.add(Check::failed("credential", reason(&error)))?;
            return findings.finish();
        }
    };
    findings.add(network(base_url))?;
    let now: Time = SystemTime::now().into();
    let Some(call) = read(options)? else {
        for check in signature(&connection, &options.test, now) {
            findings.add(check)?;
        }
        return findings.finish();
    };
    let probe = client.probe(&call);
    let then: Time = SystemTime::now().into();
    for check in answer(options, &probe) {
        findings.add(check)?;
    }
    if let Ok(probe) = &probe {
        findings.add(clock(probe.date, now, then))?;
    }
    findings.finish()
}

/// The call that reads the test and changes nothing; none on Think Exam.
fn read(options: &Options) -> Result<Option<AnyCall>> {
    let test = options.test.trim();
    match options.on {
        Platform::Imocha => match test.parse() {
            Ok(test_id) if test_id > 0 => Ok(Some(imocha::RetrieveTest { test_id }.into())),
            _ => Err(Failure::usage("--test: an iMocha test is a positive number")),
        },
        Platform::TestInvite => Ok(Some(testinvite::FetchTask { id: test.to_owned(), mode: Some(testinvite::Mode::Detailed) }.into())),
        Platform::ThinkExam => Ok(None),
    }
}

/// Whether the host is known and can be connected to, over each sort of address that it has.
fn network(base_url: &BaseUrl) -> Check {
    const NAME: &str = "network";
    let proxies = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy"];
    if !base_url.is_loopback()
        && let Some(proxy) = proxies.into_iter().find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    {
        return Check::warning(NAME, format!("goes through the proxy that {proxy} names; only the answer below tells whether it arrives"));
    }
    let addresses = match addresses_of(base_url) {
        Ok(addresses) if !addresses.is_empty() => addresses,
        _ => {
            return Check::failed(NAME, format!("the name {} is not known", base_url.host()))
                .hint("is the address right, and the network up?");
        }
    };
    let mut reached = Vec::new();
    let mut failed = Vec::new();
    for (family, is_of_family) in [("IPv6", SocketAddr::is_ipv6 as fn(&SocketAddr) -> bool), ("IPv4", SocketAddr::is_ipv4)] {
        if let Some(address) = addresses.iter().find(|address| is_of_family(address)) {
            match TcpStream::connect_timeout(address, CONNECT) {
                Ok(_) => reached.push(family),
                Err(error) => failed.push(format!("{family} ({}): {error}", address.ip())),
            }
        }
    }
    match (reached.is_empty(), failed.is_empty()) {
        (true, _) => Check::failed(NAME, format!("{} cannot be reached: {}", base_url.host(), failed.join("; ")))
            .hint("is the address right, does it listen, does a firewall stand between?"),
        (false, true) => Check::ok(NAME, format!("{} can be reached over {}", base_url.host(), reached.join(" and "))),
        (false, false) => {
            Check::warning(NAME, format!("{} can be reached over {} only; {}", base_url.host(), reached.join(" and "), failed.join("; ")))
        }
    }
}

fn addresses_of(base_url: &BaseUrl) -> std::io::Result<Vec<SocketAddr>> {
    let uri: http::Uri = base_url.as_str().parse().map_err(std::io::Error::other)?;
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    Ok((host, port).to_socket_addrs()?.collect())
}

/// What the one answer says of credential and test.
fn answer(options: &Options, probe: &std::result::Result<Probe, Error>) -> Vec<Check> {
    let result = match probe {
        Ok(probe) => &probe.result,
        Err(error) => return vec![Check::failed("platform", format!("{}: {}", error.kind(), reason(error)))],
    };
    let is_told = Check::ok("credential", "accepted");
    match result {
        Ok(AnyReply::ImochaRetrieveTest(test)) => {
            let name = test.test_name.as_deref().map_or(String::new(), |name| format!(" “{}”", shown(name, 120)));
            let minutes = test.duration.map_or(String::new(), |minutes| format!(", {minutes} minutes"));
            vec![is_told, Check::ok("test", format!("{}{name} exists{minutes}", test.test_id))]
        }
        Ok(AnyReply::TestInviteFetchTask(task)) => std::iter::once(is_told).chain(of_task(options, task)).collect(),
        Ok(_) => vec![Check::failed("platform", "the answer belongs to another call")],
        Err(error) if error.kind() == Kind::Unauthorized => {
            let check = Check::failed("credential", format!("not accepted: {}", reason(error)));
            vec![check.hint("is it the key of this platform and this account, and is it still valid?")]
        }
        Err(error) if error.kind() == Kind::NotFound => {
            let check =
                Check::failed("test", format!("{} is not known to this account: {}", shown(options.test.trim(), 120), reason(error)));
            vec![is_told, check.hint("is it the id of the test itself, and does the credential belong to its account?")]
        }
        Err(error) => vec![Check::failed("platform", format!("{}: {}", error.kind(), reason(error)))],
    }
}

/// What a TestInvite task says of itself, and of what is asked for in it.
fn of_task(options: &Options, task: &testinvite::Task) -> Vec<Check> {
    let title = task.title.as_deref().map_or(String::new(), |title| format!(" “{}”", shown(title, 120)));
    let now: Time = SystemTime::now().into();
    let closed = match (task.active, task.active_before) {
        (Some(false), _) => Some("its candidates may not log in: it is not active".to_owned()),
        (_, Some(until)) if until <= now => Some(format!("its candidates could log in until {until}")),
        _ => None,
    };
    let id = shown(&task.task_id, 120);
    let mut checks = vec![match closed {
        Some(why) => Check::warning("test", format!("{id}{title} exists, but {why}")),
        None => Check::ok("test", format!("{id}{title} exists")),
    }];
    let names =
        |named: &Option<Vec<testinvite::Named>>| -> Vec<String> { named.iter().flatten().filter_map(|named| named.uuid.clone()).collect() };
    let templates = task.email_templates.iter().flatten().filter_map(|template| template.name.clone()).collect::<Vec<_>>();
    let steps = task.steps.iter().flatten().filter_map(|step| step.id.clone()).collect::<Vec<_>>();
    for (check, wanted, listed) in [
        ("template", options.email_template.as_slice(), templates),
        ("program", options.programs.as_slice(), names(&task.programs)),
        ("step", options.steps.as_slice(), steps),
    ] {
        checks.extend(wanted.iter().map(|wanted| {
            let shown_wanted = shown(wanted, 120);
            match listed.as_slice() {
                // A task that lists none may still know it: the sandbox's undeclared tasks do.
                [] => Check::warning(check, format!("the task lists none, so nobody can say whether there is “{shown_wanted}”")),
                listed if listed.contains(wanted) => Check::ok(check, format!("the task has “{shown_wanted}”")),
                listed => {
                    let known = shown(&listed.join(", "), 300);
                    Check::failed(check, format!("the task has no “{shown_wanted}”")).hint(format!("it has {known}"))
                }
            }
        }));
    }
    checks
}

/// Think Exam: no call only reads, so a signature is made and stays here.
fn signature(connection: &Connection, test: &str, now: Time) -> Vec<Check> {
    let call = AnyCall::from(think_exam::AssignTest::new("ada@example.com", test.trim()));
    let made = call.to_request(&connection.base_url).and_then(|mut request| connection.credential.authorize(&mut request, now));
    let signature = match made {
        Ok(()) => Check::ok("signature", "ak, sgn and ts can be made; nothing was sent with them"),
        Err(error) => Check::failed("signature", format!("{}: {}", error.kind(), reason(&error))),
    };
    let not_asked = "not checked: Think Exam has no call that only reads";
    vec![
        signature,
        Check::warning("credential", not_asked).hint("register one candidate of your own first"),
        Check::warning("test", not_asked).hint("assign it to one candidate of your own first"),
        Check::warning("clock", not_asked).hint("ts is signed: keep this machine's clock synchronised"),
    ]
}

/// The platform's clock against this machine's.
fn clock(date: Option<Time>, sent: Time, received: Time) -> Check {
    const NAME: &str = "clock";
    let Some(date) = date else { return Check::warning(NAME, "the platform's answer has no date to compare with") };
    // Whole seconds, cut, some time between the two.
    let (ahead, behind) = (sent.since(date.after(Duration::from_secs(1))), date.since(received));
    let (apart, side) = if ahead >= behind { (ahead, "ahead of") } else { (behind, "behind") };
    if apart <= APART {
        return Check::ok(NAME, "agrees with the platform's");
    }
    Check::warning(NAME, format!("this machine is {} s {side} the platform", apart.as_secs()))
        .hint("windows and signatures are judged by the platform's clock: set this one right")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_named_with_its_side() {
        let now = Time::from_seconds(1_700_000_000);
        let received = now.after(Duration::from_secs(2));
        assert_eq!(clock(Some(now.after(Duration::from_secs(1))), now, received).result, Verdict::Ok);
        let ahead = clock(Some(Time::from_seconds(1_699_999_000)), now, received);
        assert_eq!((ahead.result, ahead.message.as_str()), (Verdict::Warning, "this machine is 999 s ahead of the platform"));
        let behind = clock(Some(Time::from_seconds(1_700_001_000)), now, received);
        assert_eq!((behind.result, behind.message.as_str()), (Verdict::Warning, "this machine is 998 s behind the platform"));
        assert_eq!(clock(None, now, received).result, Verdict::Warning);
    }

    #[test]
    fn a_host_where_nobody_listens_is_not_reached() {
        let check = |text: &str| network(&BaseUrl::parse(text).unwrap());
        assert_eq!(check("http://127.0.0.1:9").result, Verdict::Failed);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let reached = check(&format!("http://{}", listener.local_addr().unwrap()));
        assert_eq!((reached.result, reached.message.ends_with("can be reached over IPv4")), (Verdict::Ok, true));
    }
}
