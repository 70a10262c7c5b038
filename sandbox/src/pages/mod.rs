//! The pages for people: the dashboard at `/` with everything that the sandbox knows, and what a candidate sees.
//!
//! They are made here, on the server, and work by links and forms alone; one small script keeps them live. They load nothing
//! from another host, and their content-security policy allows no script and no style that stands in the page itself.
//! Every link is relative, so that they work below a prefix too. They are made by the writer's thread, and none of them reads
//! more of the database than a page of it.

mod candidate;
mod diagram;
mod events;
mod invitation;
mod invitations;
mod lists;
mod queries;
mod settings;

use std::sync::atomic::Ordering;

use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use bidden::Time;
use bidden::engine::{self, Attempted};
use bidden::http::Response;
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::control::{self, Control, Happening, respond};
use crate::server::{decoded, query};
use crate::writer::{Writer, random, world};

pub(crate) use events::{EVENTS, events};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Where style and script are, below the root of a sandbox; behind it stands the digest of the content.
const STYLE_PATH: &str = "assets/style.css";
const SCRIPT_PATH: &str = "assets/script.js";

/// The field of each form that carries [`Writer::form_token`].
const TOKEN_FIELD: &str = "form_token";

/// Tells where a request comes from, in browsers that send it.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What stays as it is in a part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

type Result<T, E = rusqlite::Error> = std::result::Result<T, E>;

type Pairs = Vec<(String, String)>;

/// A page that somebody opens, or a form of it that somebody posts.
#[derive(Debug)]
pub(crate) struct Asked {
    page: Page,
    /// The way from the page back to the root of the sandbox.
    root: &'static str,
    query: Pairs,
    /// The query as it came: a test URL ends in a bare token.
    bare_query: String,
    /// What was posted.
    form: Option<Pairs>,
    /// What addresses begin with that are shown whole.
    origin: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Page {
    Invitations,
    Candidates,
    Invitation(String),
    Outbox,
    Callbacks,
    Requests,
    Clock,
    Faults,
    Switches,
    Rules,
    Help,
    /// The candidate's page at a test URL.
    Test,
    /// A report as a file.
    Pdf,
    /// The login of a TestInvite task.
    Task(String),
    /// The login of Think Exam's panel.
    Panel,
    /// The login by Think Exam's access token.
    AutoLogin(String),
}

impl Page {
    fn of(path: &str) -> Option<(Self, &'static str)> {
        let page = match path {
            "/" => Page::Invitations,
            "/candidates" => Page::Candidates,
            "/outbox" => Page::Outbox,
            "/callbacks" => Page::Callbacks,
            "/requests" => Page::Requests,
            "/clock" => Page::Clock,
            "/faults" => Page::Faults,
            "/switches" => Page::Switches,
            "/rules" => Page::Rules,
            "/help" => Page::Help,
            "/IMInstructions" => Page::Test,
            "/PDFReport" => Page::Pdf,
            "/te" => Page::Panel,
            _ => {
                let (folder, last) = path.strip_prefix('/')?.split_once('/')?;
                if last.is_empty() || last.contains('/') {
                    return None;
                }
                let last = decoded(last);
                let page = match folder {
                    "invitations" => Page::Invitation(last),
                    "ti" => Page::Task(last),
                    "autoLogin" => Page::AutoLogin(last),
                    _ => return None,
                };
                return Some((page, "../"));
            }
        };
        Some((page, "./"))
    }

    /// Whether something can be posted there.
    fn has_form(&self) -> bool {
        matches!(
            self,
            Page::Invitation(_) | Page::Clock | Page::Faults | Page::Switches | Page::Test | Page::Task(_) | Page::Panel | Page::Callbacks
        )
    }
}

impl Asked {
    /// Whether it may change what the pages show.
    pub(crate) fn is_change(&self) -> bool {
        self.form.is_some()
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        value(&self.query, name)
    }

    fn field(&self, name: &str) -> Option<&str> {
        value(self.form.as_deref().unwrap_or_default(), name)
    }
}

/// The page that a form came from; only a way below the root leads back.
fn back(asked: &Asked) -> Option<&str> {
    asked.field("back").filter(|back| !back.starts_with(['/', '\\', '.']) && !back.contains([':', '\\']))
}

/// The first value of a name that is not blank.
fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// The page that a request asks for; `None` when its path is no page's. What needs no store is answered at once, as `Err`.
pub(crate) fn route(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    origin: &str,
) -> Option<std::result::Result<Asked, Response>> {
    let path = uri.path();
    if let Some(name) = path.strip_prefix('/').filter(|name| [STYLE_PATH, SCRIPT_PATH].contains(name)) {
        return Some(Err(asset(name)));
    }
    let (page, root) = Page::of(path)?;
    let is_post = *method == Method::POST;
    if !(matches!(*method, Method::GET | Method::HEAD) || is_post && page.has_form()) {
        let mut response = control::refused(405, "this page takes another method");
        let allowed = if page.has_form() { "GET, POST" } else { "GET" };
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        return Some(Err(response));
    }
    if is_post {
        let from = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
        if from.is_some_and(|from| from != b"same-origin" && from != b"none") {
            return Some(Err(control::refused(403, "forms of other web pages are not taken")));
        }
        if !headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded")) {
            return Some(Err(control::refused(415, "the content type application/x-www-form-urlencoded is expected")));
        }
    }
    let bare_query = uri.query().unwrap_or_default().to_owned();
    Some(Ok(Asked {
        page,
        root,
        query: query(&bare_query).collect(),
        bare_query,
        form: is_post.then(|| query(&String::from_utf8_lossy(body)).collect()),
        origin: origin.to_owned(),
    }))
}

/// A new secret of the forms.
pub(crate) fn form_token() -> String {
    let mut bytes = [0; 16];
    random(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a page, or does what its form asks for.
pub(crate) fn answer(writer: &mut Writer, asked: &Asked) -> Result<Response> {
    if asked.form.is_some() && asked.field(TOKEN_FIELD) != Some(writer.form_token.as_str()) {
        return Ok(message(
            403,
            asked.root,
            "The form is not of this sandbox",
            "It was restarted, perhaps. Load the page again, then send the form again.",
        ));
    }
    let view = View::of(writer, asked);
    match &asked.page {
        Page::Invitations => invitations::answer(writer, asked, &view),
        Page::Candidates => lists::candidates(writer, asked, &view),
        Page::Invitation(id) => invitation::answer(writer, asked, &view, id),
        Page::Outbox => lists::outbox(writer, asked, &view),
        Page::Callbacks => lists::callbacks(writer, asked, &view),
        Page::Requests => lists::requests(writer, asked, &view),
        Page::Clock => settings::clock(writer, asked, &view),
        Page::Faults => settings::faults(writer, asked, &view),
        Page::Switches => settings::switches(writer, asked, &view),
        Page::Rules => Ok(diagram::answer(asked, &view)),
        Page::Help => Ok(settings::help(&view)),
        Page::Test => candidate::test(writer, asked, &view),
        Page::Pdf => candidate::pdf(writer, asked, &view),
        Page::Task(task) => candidate::task(writer, asked, &view, task),
        Page::Panel => candidate::panel(writer, asked, &view),
        Page::AutoLogin(token) => candidate::auto_login(writer, &view, token),
    }
}

/// Asks the control plane, for which the rules are the same: its answer, or why it refuses.
fn ask_control(writer: &mut Writer, control: &Control) -> Result<std::result::Result<serde_json::Value, String>> {
    let response = control::answer(writer, control)?;
    let answer: serde_json::Value = serde_json::from_slice(response.body()).unwrap_or_default();
    Ok(if response.status().is_success() { Ok(answer) } else { Err(answer["error"].as_str().unwrap_or("the sandbox refused").to_owned()) })
}

/// What would come of something that happens to an invitation, or what does when its changes are kept.
fn attempt(writer: &Writer, invitation_id: &str, happening: Happening, asked: &Asked) -> Result<Attempted> {
    let (database, now) = (&writer.database, writer.now());
    match happening {
        Happening::Event(event) => engine::attempt(database, &world(&writer.world), invitation_id, event, now, &asked.origin),
        Happening::Pay => engine::pay(database, invitation_id, now),
        Happening::Reinstate => engine::reinstate(database, invitation_id, None, now),
    }
}

/// What every page needs to know.
struct View {
    now: Time,
    is_frozen: bool,
    root: &'static str,
    form_token: String,
    /// How often something had changed when the page was made.
    changes: u64,
    /// The page below the root, to come back to after its clock was moved.
    here: String,
    has_faults: bool,
}

impl View {
    fn of(writer: &Writer, asked: &Asked) -> Self {
        let here = match &asked.page {
            Page::Candidates => "candidates".to_owned(),
            Page::Invitation(id) => format!("invitations/{}", part(id)),
            Page::Outbox => "outbox".to_owned(),
            Page::Callbacks => "callbacks".to_owned(),
            Page::Requests => "requests".to_owned(),
            Page::Faults => "faults".to_owned(),
            Page::Switches => "switches".to_owned(),
            Page::Rules => "rules".to_owned(),
            Page::Help => "help".to_owned(),
            _ => String::new(),
        };
        View {
            now: writer.now(),
            is_frozen: writer.clock.is_frozen(),
            root: asked.root,
            form_token: writer.form_token.clone(),
            changes: *writer.changes.borrow(),
            here,
            has_faults: writer.faults.active().load(Ordering::Acquire),
        }
    }

    /// A link below the root of the sandbox.
    fn link(&self, below: &str) -> String {
        format!("{}{below}", self.root)
    }

    /// The hidden field without which no form is taken.
    fn token(&self) -> Markup {
        html! { input type="hidden" name=(TOKEN_FIELD) value=(self.form_token); }
    }

    /// One moment, as text for people and for programs.
    fn time(&self, time: Time) -> Markup {
        let text = time.to_string();
        html! { time datetime=(text) { (readable(&text)) } }
    }
}

/// A moment in UTC as people read it: `2026-03-01 12:00`, and seconds where there are some.
fn readable(rfc3339: &str) -> String {
    let seconds = rfc3339.split_once('.').map_or(rfc3339.trim_end_matches('Z'), |(seconds, _)| seconds);
    seconds.strip_suffix(":00").unwrap_or(seconds).replacen('T', " ", 1)
}

/// One part of a path or the value in a query.
fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// The parts of the dashboard, in the order of its navigation.
const PARTS: [(&str, &str); 9] = [
    ("", "Invitations"),
    ("candidates", "Candidates"),
    ("outbox", "Outbox"),
    ("callbacks", "Callbacks"),
    ("requests", "Requests"),
    ("faults", "Faults"),
    ("switches", "Switches"),
    ("rules", "Rules"),
    ("help", "Help"),
];

/// A page of the dashboard.
fn page(status: u16, view: &View, title: &str, refusal: Option<&str>, content: &Markup) -> Response {
    let current = view.here.split('/').next().unwrap_or_default();
    let markup = html! {
        a.skip href="#content" { "Skip to the content" }
        header.top {
            p.brand { a href=(view.root) { "bidden sandbox" } }
            nav aria-label="Parts" {
                ul {
                    @for (below, name) in PARTS {
                        @let is_current = below == current || below.is_empty() && current == "invitations";
                        li {
                            a href=(view.link(below)) aria-current=[is_current.then_some("page")] {
                                (name)
                                @if below == "faults" && view.has_faults { span.dot title="a fault is active" { " on" } }
                            }
                        }
                    }
                }
            }
            (settings::clock_bar(view))
        }
        main #content tabindex="-1" {
            h1 { (title) }
            @if let Some(reason) = refusal {
                p.refusal role="alert" { strong { "Refused: " } (reason) }
            }
            (content)
        }
        p #announcer .unseen aria-live="polite" {}
    };
    document(status, view.root, title, &markup, Some(view.changes), "'self'")
}

/// A page that only says something.
fn message(status: u16, root: &str, title: &str, text: &str) -> Response {
    let markup = html! {
        main.narrow #content {
            h1 { (title) }
            p { (text) }
            p { a href=(root) { "To the sandbox's first page" } }
        }
    };
    document(status, root, title, &markup, None, "'self'")
}

/// The whole document. `changes` makes it live; `form_action` is where its forms may lead.
fn document(status: u16, root: &str, title: &str, body: &Markup, changes: Option<u64>, form_action: &str) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " – bidden sandbox" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                link rel="stylesheet" href={ (root) (STYLE_PATH) "?" (digest(STYLE)) };
                script src={ (root) (SCRIPT_PATH) "?" (digest(SCRIPT)) } defer {}
            }
            body data-changes=[changes] data-events=[changes.map(|_| format!("{root}{}", &EVENTS[1..]))] { (body) }
        }
    };
    let mut response = respond(status, "text/html; charset=utf-8", markup.into_string().into_bytes());
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The address of a candidate's page is a secret; and without any referrer a form would be posted under no origin.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Sends the browser on after a form.
pub(crate) fn see_other(location: &str) -> Response {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Style or script; its address holds the digest of what it says, so it may be kept for ever.
fn asset(name: &str) -> Response {
    let (content_type, content) =
        if name == STYLE_PATH { ("text/css; charset=utf-8", STYLE) } else { ("text/javascript; charset=utf-8", SCRIPT) };
    let mut response = respond(200, content_type, content.as_bytes().to_vec());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", digest(content))) {
        headers.insert(ETAG, tag);
    }
    response
}

fn digest(content: &str) -> String {
    format!("{:016x}", crate::database::digest(&[content]))
}

/// A status as a word with a colour beside it.
fn badge(status: bidden::Status) -> Markup {
    html! { span class={ "badge " (status.slug()) } { (status.word()) } }
}

/// Links to the newest rows and to older ones.
fn paging(view: &View, below: &str, filter: &str, before: Option<i64>, older: Option<i64>) -> Markup {
    let address = |before: Option<i64>| {
        let mut query = filter.to_owned();
        if let Some(before) = before {
            query.push_str(if query.is_empty() { "" } else { "&" });
            query.push_str(&format!("before={before}"));
        }
        if query.is_empty() { view.link(below) } else { format!("{}?{query}", view.link(below)) }
    };
    html! {
        @if before.is_some() || older.is_some() {
            nav.paging aria-label="Pages" {
                @if before.is_some() { a href=(address(None)) { "Newest" } }
                @if let Some(older) = older { a rel="next" href=(address(Some(older))) { "Older" } }
            }
        }
    }
}
