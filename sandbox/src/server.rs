//! HTTP in front of the writer: every platform at the root, the control plane under `/_sandbox/`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use bidden::http::{BaseUrl, Response};
use bidden::sign::Recipe;
use bidden::{Secret, engine};
use serde::de::DeserializeOwned;
use tokio::sync::{oneshot, watch};

use crate::body::{self, Unread};
use crate::control::{Control, FaultsChange, Happening, SwitchesChange, json, refused};
use crate::cut;
use crate::database::{Noted, WantedCallbacks};
use crate::deliver;
use crate::faults::{self, Fault, Held, Leaving};
use crate::lists::List;
use crate::magic;
use crate::namespaces::{self, Namespaces};
use crate::openapi;
use crate::pages;
use crate::redact;
use crate::setup::read_fixtures;
use crate::snapshot::{self, Attached, Temporary};
use crate::writer::{Job, SharedWorld, Work, machine_now, world};

/// The largest body that is read (Think Exam reference, C36).
const LARGEST_BODY: usize = 1_048_576;

/// The largest fixtures that are read: some ten thousand candidates.
const LARGEST_FIXTURES: usize = 16 * LARGEST_BODY;
/// So many callbacks are listed unless told otherwise.
const CALLBACKS_SHOWN: usize = 100;

/// No list of callbacks is longer.
const MOST_CALLBACKS_SHOWN: usize = 1000;

/// What every connection shares that asks one namespace.
pub(crate) struct Shared {
    pub(crate) jobs: Sender<Job>,
    /// The sandbox's own address, for a request that names no host.
    pub(crate) url: String,
    /// What stands in front of every path of this namespace: `/ns/NAME`, or nothing at the root.
    pub(crate) prefix: String,
    /// Whether any fault can hit.
    pub(crate) has_faults: Arc<AtomicBool>,
    /// How many callbacks are under way.
    pub(crate) under_way: watch::Receiver<usize>,
    /// How the platforms are set up.
    pub(crate) world: SharedWorld,
    /// How often something has changed; it ends with the writer.
    pub(crate) changes: watch::Receiver<u64>,
    /// Whether the sandbox is stopping: what waits for changes ends then.
    pub(crate) is_stopping: watch::Receiver<bool>,
}

impl Shared {
    /// The writer's answer; none once it is gone.
    pub(crate) async fn ask(&self, work: Work) -> Option<Response> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { work, reply }).ok()?;
        answer.await.ok()
    }

    async fn note_answered(&self, request: Option<i64>, status: u16) {
        if let Some(request) = request {
            drop(self.ask(Work::Answered { request, status }).await);
        }
    }
}

/// Answers one request.
pub(crate) async fn answer(namespaces: &Arc<Namespaces>, request: Request) -> axum::response::Response {
    let (mut parts, body) = request.into_parts();
    if let Some(below) = parts.uri.path().strip_prefix(namespaces::PREFIX) {
        if parts.method == Method::GET && !below.is_empty() && !below.contains('/') {
            // The links of its first page are relative to the folder.
            return pages::see_other(&format!("./{below}/")).map(Body::from);
        }
        match namespaces.enter(&mut parts).await {
            Ok(shared) => answer_in(&shared, parts, body).await,
            Err(response) => response.map(Body::from),
        }
    } else if let Some(below) = parts.uri.path().strip_prefix("/_sandbox/namespaces") {
        about_namespaces(namespaces, &parts, below).await.map(Body::from)
    } else {
        answer_in(&namespaces.root, parts, body).await
    }
}

/// The namespaces are listed and removed at the root alone: none of them knows the others.
async fn about_namespaces(namespaces: &Arc<Namespaces>, parts: &Parts, below: &str) -> Response {
    if let Some(reason) = foreign(&parts.headers) {
        return refused(403, reason);
    }
    match (below.strip_prefix('/'), &parts.method) {
        (None, method) if below.is_empty() => match only("GET", method) {
            Ok(()) => namespaces.list(&origin(&parts.headers, &namespaces.root)),
            Err(refusal) => refusal,
        },
        (Some(name), method) => match only("DELETE", method) {
            Ok(()) => namespaces.remove(&decoded(name)).await,
            Err(refusal) => refusal,
        },
        _ => refused(404, "there is no such path"),
    }
}

async fn answer_in(shared: &Shared, parts: Parts, body: Body) -> axum::response::Response {
    let path = parts.uri.path();
    let is_platform = engine::platform_of(path).is_some();
    if !is_platform && path == "/_sandbox/snapshot" {
        return snapshot(shared, &parts, body).await;
    }
    let largest = if path == "/_sandbox/fixtures" { LARGEST_FIXTURES } else { LARGEST_BODY };
    let bytes = body::read(&parts.headers, body, largest).await;
    let response = if is_platform {
        let mut noted = Noted { method: parts.method.as_str().to_owned(), path: redact::target(&parts.uri), body: "null".to_owned() };
        let origin = origin(&parts.headers, shared);
        let mut sent = None;
        let call = match bytes {
            Ok(bytes) => {
                noted.body = redact::body(&bytes);
                let request = bidden::http::Request::from_parts(parts, bytes.into());
                let call = engine::receive(&request, &world(&shared.world).dialect, machine_now());
                if shared.has_faults.load(Ordering::Acquire) || call.as_ref().is_ok_and(magic::is_magic) {
                    sent = Some(Box::new(request));
                }
                call
            }
            Err(unread) => Err(engine::refusal(path, unread.status(), said(unread))),
        };
        let unanswered = noted.path.clone();
        let answer = shared.ask(Work::Call { noted, call: Some(Box::new(call)), origin, sent }).await;
        answer.unwrap_or_else(|| engine::refusal(&unanswered, 500, "The sandbox is stopping, or its namespace was removed."))
    } else if path == pages::EVENTS && parts.method == Method::GET {
        return match foreign(&parts.headers) {
            None => pages::events(shared.changes.clone(), shared.is_stopping.clone()),
            Some(reason) => refused(403, reason).map(Body::from),
        };
    } else {
        let body = bytes.as_ref().map(|bytes| &bytes[..]).map_err(|unread| *unread);
        match control(&parts.method, &parts.uri, &parts.headers, body, shared) {
            Ok(control) => match answer_control(shared, control).await {
                Some(response) => response,
                None => refused(503, "the sandbox is stopping, or its namespace was removed"),
            },
            Err(response) => response,
        }
    };
    tracing::debug!(status = response.status().as_u16(), "answered");
    match response.extensions().get::<Held>() {
        None => response.map(Body::from),
        Some(held) => leave(shared, *held, response).await,
    }
}

/// The namespace as a file, and back.
async fn snapshot(shared: &Shared, parts: &Parts, body: Body) -> axum::response::Response {
    let work = if let Some(reason) = foreign(&parts.headers) {
        Err(refused(403, reason))
    } else if parts.method == Method::POST {
        snapshot_in(&parts.headers, body).await.map(Work::Restore)
    } else {
        only("GET", &parts.method).map(|()| Work::Snapshot).map_err(|_| not_allowed("GET, POST"))
    };
    let mut response = match work {
        Ok(work) => shared.ask(work).await.unwrap_or_else(|| refused(503, "the sandbox is stopping, or its namespace was removed")),
        Err(refusal) => refusal,
    };
    match response.extensions_mut().remove::<Attached>() {
        Some(attached) => response.map(|_| Body::new(attached.body())),
        None => response.map(Body::from),
    }
}

/// The snapshot that a body is, in a file.
async fn snapshot_in(headers: &HeaderMap, body: Body) -> Result<Temporary, Response> {
    if !has_type(headers, &[snapshot::MEDIA_TYPE, "application/octet-stream"]) {
        return Err(refused(415, "the content type application/vnd.sqlite3 or application/octet-stream is expected"));
    }
    let mut file = Temporary::new().map_err(|error| {
        tracing::error!(%error, "a snapshot cannot be kept");
        refused(500, "there is no place for a temporary file")
    })?;
    match body::save(headers, body, snapshot::LARGEST, file.file()).await {
        Ok(()) => Ok(file),
        Err(Unread::TooLarge) => Err(refused(413, "the snapshot is larger than 512 MiB")),
        Err(unread) => Err(refused(unread.status(), said(unread))),
    }
}

fn said(unread: Unread) -> &'static str {
    match unread {
        Unread::TooLarge => "The body is too large: 1 MiB is the limit, 16 MiB for fixtures.",
        Unread::TooSlow => "The body did not arrive within a minute.",
        Unread::Broken => "The body cannot be read.",
    }
}

/// The answer to a question, which may have to wait for callbacks.
async fn answer_control(shared: &Shared, control: Control) -> Option<Response> {
    match control {
        Control::Clock(Some(change)) if change.wait => deliver::travel(shared, change).await,
        Control::Settle => deliver::settle(shared).await,
        control => shared.ask(Work::Control(control)).await,
    }
}

/// Lets an answer leave as a fault wants it.
async fn leave(shared: &Shared, held: Held, mut response: Response) -> axum::response::Response {
    match held.leaving {
        Leaving::Slowly(wait) => {
            // Whoever goes away meanwhile ends this here, and the log keeps no status.
            tokio::time::sleep(wait).await;
            shared.note_answered(held.request, response.status().as_u16()).await;
            response.map(Body::from)
        }
        Leaving::AfterCallbacks => {
            deliver::before_answer(shared).await;
            response.map(Body::from)
        }
        Leaving::Dripping(pause) => {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().insert(CONTENT_LENGTH, length);
            let (jobs, status) = (shared.jobs.clone(), response.status().as_u16());
            let note = move || {
                let (reply, _) = oneshot::channel();
                if let Some(request) = held.request {
                    drop(jobs.send(Job { work: Work::Answered { request, status }, reply }));
                }
            };
            response.map(|body| cut::dripping(body.into(), pause, Box::new(note)))
        }
        // Half of nothing would be all of it.
        Leaving::Half if response.body().len() > 1 => {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().insert(CONTENT_LENGTH, length);
            response.map(|mut body| {
                body.truncate(body.len() / 2);
                cut::after(body.into())
            })
        }
        Leaving::Half | Leaving::Never => axum::response::Response::new(cut::nothing()),
    }
}

/// What a candidate's address begins with: the host under which the caller reached the sandbox, and the namespace.
fn origin(headers: &HeaderMap, shared: &Shared) -> String {
    let prefix = &shared.prefix;
    match headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| !host.is_empty()) {
        Some(host) => format!("http://{host}{prefix}"),
        None => format!("{}{prefix}", shared.url),
    }
}

/// Whether the method is one of those that are allowed, as the header `Allow` lists them.
fn only(allowed: &'static str, method: &Method) -> Result<(), Response> {
    if allowed.split(", ").any(|one| method.as_str() == one) { Ok(()) } else { Err(not_allowed(allowed)) }
}

fn not_allowed(allowed: &'static str) -> Response {
    let mut response = refused(405, &format!("only {allowed} is expected here"));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The question that a request to the control plane or a page asks; what needs no store is answered at once, as `Err`.
fn control(
    method: &Method,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
    body: Result<&[u8], Unread>,
    shared: &Shared,
) -> Result<Control, Response> {
    let path = uri.path();
    if let Some(reason) = foreign(headers) {
        return Err(refused(403, reason));
    }
    let body = body.map_err(|unread| refused(unread.status(), said(unread)))?;
    if let Some(page) = pages::route(method, uri, headers, body, &origin(headers, shared)) {
        return page.map(Control::Page);
    }
    if *method == Method::POST && !body.is_empty() && !is_json(headers) {
        return Err(refused(415, "the content type application/json is expected"));
    }
    let asked = if *method == Method::HEAD { &Method::GET } else { method };
    let only = |allowed| only(allowed, asked);
    if path == "/openapi.json" {
        only("GET")?;
        return Err(json(200, &openapi::document(&shared.prefix)));
    }
    let Some(rest) = path.strip_prefix("/_sandbox/") else {
        return Err(refused(404, "there is no such path"));
    };
    match rest {
        "health" => {
            only("GET")?;
            Err(json(200, &serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})))
        }
        "clock" if *asked == Method::GET => Ok(Control::Clock(None)),
        "clock" => {
            only("GET, POST")?;
            Ok(Control::Clock(Some(read(body, r#"{"advance":"P1D"}, {"set":"2026-01-31T09:00:00Z"} or {"freeze":true}"#)?)))
        }
        "invitations" | "candidates" | "outbox" | "requests" => {
            only("GET")?;
            let list = List::read(rest, query(uri.query().unwrap_or_default()));
            let list = list.unwrap_or_else(|| Err(refused(404, "there is no such path")))?;
            Ok(Control::List(list, origin(headers, shared)))
        }
        "callbacks" => {
            only("GET")?;
            callbacks(uri.query().unwrap_or_default()).map(Control::Callbacks)
        }
        // A GET of it never comes here, and HEAD has nothing to tell.
        "events" => Err(not_allowed("GET")),
        "settle" => only("POST").map(|()| Control::Settle),
        "faults" if *asked == Method::GET => Ok(Control::Faults(None)),
        "faults" if *method == Method::DELETE => Ok(Control::Faults(Some(FaultsChange::Clear))),
        "faults" => {
            only("GET, POST, DELETE")?;
            let fault = Fault::new(&read(body, faults::EXPECTED)?).map_err(|reason| refused(400, &reason))?;
            Ok(Control::Faults(Some(FaultsChange::Add(fault))))
        }
        "switches" if *asked == Method::GET => Ok(Control::Switches(None)),
        "switches" if *method == Method::DELETE => Ok(Control::Switches(Some(SwitchesChange::Reset))),
        "switches" => {
            only("GET, POST, DELETE")?;
            Ok(Control::Switches(Some(SwitchesChange::Set(read(body, r#"{"imocha.repeat-mail":"off"}"#)?))))
        }
        "fixtures" if *asked == Method::GET => Ok(Control::Fixtures(None)),
        "fixtures" => {
            only("GET, POST")?;
            let fixtures = read_fixtures(body).map_err(|reason| refused(400, &reason))?;
            Ok(Control::Fixtures(Some(Box::new(fixtures))))
        }
        "signature" => {
            only("POST")?;
            Err(signature(body))
        }
        "reset" => only("POST").map(|()| Control::Reset),
        _ => {
            if let Some(callback_id) = rest.strip_prefix("callbacks/").and_then(|rest| rest.strip_suffix("/resend")) {
                only("POST")?;
                return Ok(Control::Resend { callback_id: decoded(callback_id) });
            }
            if let Some(invitation_id) = rest.strip_prefix("invitations/").and_then(|rest| rest.strip_suffix("/history")) {
                only("GET")?;
                return Ok(Control::History { invitation_id: decoded(invitation_id) });
            }
            let asked = rest.strip_prefix("attempts/").and_then(|rest| rest.split_once('/'));
            let Some((invitation_id, event)) = asked.and_then(|(id, word)| Some((decoded(id), Happening::from_word(word)?))) else {
                return Err(refused(404, "there is no such path"));
            };
            only("POST")?;
            let step = query(uri.query().unwrap_or_default()).find(|(name, _)| name == "step").map(|(_, step)| step);
            Ok(Control::Attempt { invitation_id, event, step, origin: origin(headers, shared) })
        }
    }
}

/// Which callbacks a query asks for.
fn callbacks(text: &str) -> Result<WantedCallbacks, Response> {
    let mut wanted = WantedCallbacks { limit: CALLBACKS_SHOWN, ..WantedCallbacks::default() };
    for (name, value) in query(text) {
        match name.as_str() {
            "invitation" => wanted.invitation_id = Some(value),
            "after" => wanted.after = value.parse().map_err(|_| refused(400, "after: a callback_id is expected"))?,
            "limit" => match value.parse() {
                Ok(limit @ 1..=MOST_CALLBACKS_SHOWN) => wanted.limit = limit,
                _ => return Err(refused(400, &format!("limit: a whole number from 1 to {MOST_CALLBACKS_SHOWN} is expected"))),
            },
            _ => return Err(refused(400, "only invitation, after and limit are expected as filters")),
        }
    }
    Ok(wanted)
}

/// What Think Exam's Signature Generation is imagined to do: a triple for a known `ak` (Think Exam reference, section 7.5).
fn signature(body: &[u8]) -> Response {
    #[derive(serde::Deserialize)]
    struct Asked {
        ak: String,
    }
    let asked: Asked = match read(body, r#"{"ak":"sandbox-ak"}"#) {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    if asked.ak != engine::THINK_EXAM_API_KEY {
        return refused(404, "there is no such ak");
    }
    let secret = Secret::new(engine::THINK_EXAM_SECRET);
    match Recipe::default().sign(&asked.ak, &secret, &bidden::http::Request::default(), machine_now()) {
        Ok(triple) => json(200, &triple),
        Err(error) => refused(500, &error.to_string()),
    }
}

/// Why a request does not come from this machine's own user: a web page that the user happens to visit may post to
/// loopback too, but under its own origin, or under a host name of its own.
fn foreign(headers: &HeaderMap) -> Option<&'static str> {
    let value = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    let host = value(HOST).unwrap_or_default();
    if !BaseUrl::parse(&format!("http://{host}")).is_ok_and(|base| base.is_loopback() && base.host() == host) {
        return Some("the control plane answers only under localhost, 127.0.0.0/8 and [::1]");
    }
    match value(ORIGIN) {
        Some(origin) if origin.split_once("://").is_none_or(|(_, from)| from != host) => {
            Some("the control plane does not answer to other web pages")
        }
        _ => None,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    has_type(headers, &["application/json"])
}

fn has_type(headers: &HeaderMap, expected: &[&str]) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|kind| expected.iter().any(|expected| kind.trim().eq_ignore_ascii_case(expected)))
}

fn read<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, Response> {
    serde_json::from_slice(body).map_err(|_| refused(400, &format!("the body cannot be read: the JSON {expected} is expected")))
}

/// The pairs of a query, decoded.
pub(crate) fn query(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    })
}

pub(crate) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
