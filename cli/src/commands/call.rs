//! `bidden call`: the one door to every call, for scripts. What goes in and what comes out is JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use bidden::http::{BaseUrl, Request, Response};
use bidden::operation::TestId;
use bidden::{AnyCall, AnyReply, CALLS, Error, Platform};
use bidden_ledger::Consent;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::configuration::{Connection, ConnectionOptions, public_base_url};
use crate::failure::{Failure, Result};
use crate::{terminal, values};

/// The address that `--request` assumes for a platform without a public one: where the sandbox listens.
const SANDBOX_BASE_URL: &str = "http://127.0.0.1:8787";

const AFTER_HELP: &str = "\
JSON is one flat object: the reference's field names in snake_case. On failure
standard output carries {\"error\":{\"kind\",\"message\",\"fields\",\"platform_code\",
\"http_status\",\"retry_after\"}}.

A call that asks the platform to mail a candidate goes through the ledger, as
invite does: it is refused when a mail was asked for before. Every other call is
one request, and nothing keeps a record of it.

Example: bidden call testinvite.create_candidate '{\"task_id\":\"task-1\"}' --sandbox";

/// The options of `bidden call`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The call, e.g. imocha.invite; --list names all
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// The arguments as JSON; - reads them from standard input
    #[arg(value_name = "JSON", required_unless_present = "list")]
    arguments: Option<String>,
    /// Lists the calls
    #[arg(long, conflicts_with_all = ["name", "request", "reply"])]
    list: bool,
    /// Prints the request as JSON and sends nothing; no credential is needed or shown
    #[arg(long, conflicts_with = "reply")]
    request: bool,
    /// Reads a stored answer {"status","headers","body"} instead of sending; - is standard input
    #[arg(long, value_name = "FILE")]
    reply: Option<PathBuf>,
    /// With --list: one JSON object per call. Everything else is JSON anyway
    #[arg(long)]
    json: bool,
    /// Asks for a mail although one was asked for before
    #[arg(long, help_heading = "Consent")]
    mail_again: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Runs `bidden call`.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.list {
        return list(options.json);
    }
    match answer(options) {
        Ok(text) => {
            terminal::print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => {
            if let Some(error) = &failure.error {
                terminal::print_json(&ErrorObject::of(error))?;
            }
            Err(failure)
        }
    }
}

fn list(json: bool) -> Result<ExitCode> {
    #[derive(Serialize)]
    struct Row {
        name: &'static str,
        platform: &'static str,
        method: &'static str,
        path: &'static str,
    }
    if json {
        for row in CALLS {
            terminal::print_json(&Row { name: row.name, platform: row.platform.slug(), method: row.method, path: row.path })?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = CALLS.iter().map(|row| [row.name, row.method, row.path].map(str::to_owned).to_vec()).collect();
    terminal::print(&terminal::table(&["call", "method", "path"], &rows))?;
    Ok(ExitCode::SUCCESS)
}

fn answer(options: &Options) -> Result<String> {
    let arguments = options.arguments.as_deref().unwrap_or_default();
    let from_input = if arguments == "-" { Some(values::read_text("-".as_ref())?) } else { None };
    let call = AnyCall::from_json(options.name.as_deref().unwrap_or_default(), from_input.as_deref().unwrap_or(arguments))?;
    let platform = call.row().platform;
    if options.request {
        let request = call.to_request(&base_url_of_request(&options.connection, platform)?)?;
        return shown(&request);
    }
    let reply = match &options.reply {
        Some(path) => call.read_reply(&stored(&values::read_text(path)?)?)?,
        None => {
            let connection = Connection::open(&options.connection, platform)?;
            if call.asks_for_mail() { mailed(&connection, &call, options.mail_again)? } else { connection.client(None, 1)?.call(&call)? }
        }
    };
    Ok(reply.to_json())
}

/// Sends a call that asks for mail through the ledger. What the commands over rows ask about besides is said by writing the call.
fn mailed(connection: &Connection, call: &AnyCall, mail_again: bool) -> Result<AnyReply> {
    let ledger = connection.open_ledger()?;
    let (place, keys) = ledger.place_of_call(&connection.place(&TestId::from("")), call)?;
    let consent = Consent { mail_again, reopen: true, resend_uncertain: true, retry_failed: true };
    Ok(connection.desk_at(&ledger, &place, None, 1)?.with_consent(consent).call(&keys, call)?)
}

fn base_url_of_request(options: &ConnectionOptions, platform: Platform) -> Result<BaseUrl> {
    let text = match &options.base_url {
        Some(text) => text,
        None if options.sandbox => SANDBOX_BASE_URL,
        None => public_base_url(platform).unwrap_or(SANDBOX_BASE_URL),
    };
    Ok(BaseUrl::parse(text)?)
}

fn shown(request: &Request) -> Result<String> {
    #[derive(Serialize)]
    struct Shown<'a> {
        method: &'a str,
        url: String,
        headers: BTreeMap<&'a str, String>,
        body: Option<String>,
    }
    let body = String::from_utf8_lossy(request.body()).into_owned();
    let shown = Shown {
        method: request.method().as_str(),
        url: request.uri().to_string(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: Some(body).filter(|body| !body.is_empty()),
    };
    serde_json::to_string(&shown)
        .map_err(|error| Error::new(bidden::Kind::Internal, "the request cannot be written").with_source(error).into())
}

/// Reads a stored answer. A body that is not a text is taken as the JSON it is.
fn stored(text: &str) -> Result<Response> {
    #[derive(Deserialize)]
    struct Stored {
        status: u16,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        #[serde(default)]
        body: Value,
    }
    let wrong = |reason: String| Failure::usage(format!("the stored answer cannot be read: {reason}"));
    let stored: Stored = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let mut response = Response::new(match stored.body {
        Value::Null => Vec::new(),
        Value::String(text) => text.into_bytes(),
        other => other.to_string().into_bytes(),
    });
    *response.status_mut() = stored.status.try_into().map_err(|_| wrong(format!("{} is no HTTP status", stored.status)))?;
    for (name, value) in stored.headers {
        let unfit = || wrong(format!("{name} cannot be a header"));
        let read: http::HeaderName = name.parse().map_err(|_| unfit())?;
        response.headers_mut().append(read, value.parse().map_err(|_| unfit())?);
    }
    Ok(response)
}

/// An error as scripts read it.
#[derive(Serialize)]
pub(crate) struct ErrorObject<'a> {
    error: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    kind: &'static str,
    message: String,
    fields: Vec<Field<'a>>,
    platform_code: Option<&'a str>,
    http_status: Option<u16>,
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    reason: &'a str,
}

impl<'a> ErrorObject<'a> {
    pub(crate) fn of(error: &'a Error) -> Self {
        ErrorObject {
            error: Details {
                kind: error.kind().slug(),
                message: error.to_string(),
                fields: error.fields().iter().map(|fault| Field { field: &fault.field, reason: &fault.reason }).collect(),
                platform_code: error.platform_code(),
                http_status: error.http_status(),
                retry_after: error.retry_after().map(|wait| wait.as_secs()),
            },
        }
    }
}
