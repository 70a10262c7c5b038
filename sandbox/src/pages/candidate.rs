//! What a candidate sees: the page behind a test URL, and the logins that lead there.
//!
//! What may happen is asked of the engine, by an attempt whose changes are thrown away; so a page offers what the platform
//! would accept, and says what it would say.

use std::ops::ControlFlow;

use bidden::candidate::email_key;
use bidden::engine::testinvite::fixtures::AccessMethod;
use bidden::engine::{self, Attempted, Invitation, Session, Store, Student};
use bidden::http::Response;
use bidden::lifecycle::{Rules, decide};
use bidden::{Event, Platform, Secret, Status};
use maud::{Markup, html};
use serde::Deserialize;

use crate::control::{Happening, respond};
use crate::database::digest;
use crate::writer::{Writer, world};

use super::{Asked, Result, View, attempt, badge, document, queries, see_other};

/// What is shown of the call that made an invitation.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    redirect_url: Option<String>,
    hide_instruction: Option<bool>,
    proctoring_mode: Option<String>,
    credential1: Option<String>,
    credential2: Option<String>,
    price: Option<Price>,
    paid: bool,
}

#[derive(Deserialize)]
struct Price {
    amount: serde_json::Value,
    currency: String,
}

impl Settings {
    fn of(invitation: &Invitation) -> Self {
        serde_json::from_str(invitation.details.get()).unwrap_or_default()
    }

    /// Where the browser goes after the test, with its origin, if a browser can go there.
    fn redirect(&self) -> Option<(&str, String)> {
        let url = self.redirect_url.as_deref()?;
        let parsed: axum::http::Uri = url.parse().ok()?;
        let scheme = parsed.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
        let authority = parsed.authority()?;
        let port = authority.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = authority.host();
        let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
        is_plain.then(|| (url, format!("{scheme}://{host}{port}")))
    }
}

/// What a candidate can do.
const DOINGS: [(Happening, &str); 4] = [
    (Happening::Pay, "Pay"),
    (Happening::Event(Event::Start), "Begin"),
    (Happening::Event(Event::Finish), "Finish"),
    (Happening::Event(Event::Leave), "Leave"),
];

/// A page of a platform's own, without the dashboard around it.
fn shell(status: u16, view: &View, platform: Platform, title: &str, form_action: &str, content: &Markup) -> Response {
    let markup = html! {
        main.narrow.candidate #content {
            p.sandbox { "The bidden sandbox, in place of " (platform.title()) }
            div #candidate data-live {
                h1 { (title) }
                (content)
            }
        }
        p #announcer .unseen aria-live="polite" {}
    };
    document(status, view.root, title, &markup, Some(view.changes), form_action)
}

fn not_there(view: &View) -> Response {
    let content = html! { p { "There is no such invitation." } };
    let markup = html! { main.narrow.candidate #content { p.sandbox { "The bidden sandbox" } h1 { "Not found" } (content) } };
    document(404, view.root, "Not found", &markup, None, "'self'")
}

/// The invitation that a token leads to.
fn invitation_of(writer: &Writer, token: &str) -> Result<Option<Invitation>> {
    let found = match Invitation::id_of_token(token) {
        Some(id) => queries::invitation(&writer.database, &id)?,
        None => None,
    };
    Ok(found.filter(|invitation| invitation.token == token))
}

/// The page behind a test URL.
pub(super) fn test(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    writer.work_off_due(view.now)?;
    let token = asked.bare_query.as_str();
    let Some(invitation) = invitation_of(writer, token)? else { return Ok(not_there(view)) };
    let settings = Settings::of(&invitation);
    let mut refusal = None;
    if asked.form.is_some() {
        let wanted = asked.field("event").and_then(Happening::from_word).filter(|wanted| DOINGS.iter().any(|(doing, _)| doing == wanted));
        let Some(wanted) = wanted else { return Ok(not_there(view)) };
        match attempt(writer, &invitation.id, wanted, asked)? {
            Attempted::NotFound => return Ok(not_there(view)),
            Attempted::Refused(reason) => refusal = Some(reason_of(&reason)),
            Attempted::Moved(moved, changes) => {
                writer.apply(view.now, changes)?;
                // iMocha reference, sections 7 and 21, documented: after the test the browser goes to redirectUrl.
                let is_over = wanted == Happening::Event(Event::Finish) && moved.status == Status::Complete;
                let onward = settings.redirect().filter(|_| is_over).map(|(url, _)| url.to_owned());
                return Ok(see_other(&onward.unwrap_or_else(|| format!("IMInstructions?{token}"))));
            }
        }
    }
    // What the page offers, and why the test cannot be begun.
    let mut offered = Vec::new();
    let mut why = None;
    for (doing, name) in DOINGS {
        if doing == Happening::Pay && (settings.price.is_none() || settings.paid) {
            continue;
        }
        match attempt(writer, &invitation.id, doing, asked)? {
            Attempted::Moved(..) => offered.push((doing, name)),
            Attempted::Refused(reason) if doing == Happening::Event(Event::Start) => why = Some(reason_of(&reason)),
            Attempted::Refused(_) | Attempted::NotFound => {}
        }
    }
    let sessions = writer.database.sessions_of(&invitation.id)?;
    // A task is taken step by step; any other test runs from its start to its end.
    let is_running = match invitation.platform {
        Platform::TestInvite => sessions.iter().any(|session| session.completed.is_none()),
        Platform::Imocha | Platform::ThinkExam => invitation.status == Status::InProgress,
    };
    if is_running {
        offered.retain(|(doing, _)| *doing != Happening::Event(Event::Start));
    }
    let state = invitation.state_at(view.now);
    let form_action = match settings.redirect() {
        // A policy also holds for where a form is led on to.
        Some((_, origin)) => format!("'self' {origin}"),
        None => "'self'".to_owned(),
    };
    let text = match invitation.platform {
        Platform::Imocha => engine::imocha::page_text(&writer.database, &world(&writer.world), &invitation, view.now)?,
        Platform::ThinkExam | Platform::TestInvite => {
            let refused = decide(Rules::of(invitation.platform), Some(invitation.status), Event::Start, Some(&invitation.window), view.now);
            refused.err().map(|refusal| sentence(refusal.reason))
        }
    };
    let content = html! {
        @if let Some(reason) = &refusal { p.refusal role="alert" { "That is not possible now. " (reason) } }
        p.state { @if let Some(name) = &invitation.name { span.name { (name) } " " } (badge(state)) }
        @match state {
            Status::Pending | Status::InProgress => {
                (open(&Open { invitation: &invitation, settings: &settings, sessions: &sessions, offered: &offered, why: why.as_deref(), is_running }, view))
            }
            _ => (closed(&invitation, &settings, state, text.as_deref(), view)),
        }
    };
    let status = if refusal.is_some() { 409 } else { 200 };
    Ok(shell(status, view, invitation.platform, &title(&invitation), &form_action, &content))
}

/// The report as a file: where iMocha's `pdfReportUrl` leads.
pub(super) fn pdf(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    writer.work_off_due(view.now)?;
    let invitation = match asked.parameter("id") {
        Some(token) => invitation_of(writer, token)?,
        None => None,
    };
    Ok(match invitation.as_ref().and_then(engine::imocha::pdf_file) {
        Some(file) => respond(200, "application/pdf", file),
        None => not_there(view),
    })
}

fn title(invitation: &Invitation) -> String {
    let word = if invitation.platform == Platform::TestInvite { "Task" } else { "Test" };
    format!("{word} {}", invitation.test_id)
}

/// What a page shows of an invitation that can be taken, or could be.
struct Open<'a> {
    invitation: &'a Invitation,
    settings: &'a Settings,
    sessions: &'a [Session],
    offered: &'a [(Happening, &'static str)],
    why: Option<&'a str>,
    is_running: bool,
}

/// The page while the test can be started or runs.
fn open(page: &Open<'_>, view: &View) -> Markup {
    let Open { invitation, settings, sessions, offered, why, is_running } = page;
    let can_start = offered.iter().any(|(doing, _)| *doing == Happening::Event(Event::Start));
    html! {
        @if *is_running {
            p.said { "Your test is running." @if let Some(started) = invitation.started { " You started at " (view.time(started)) " UTC." } }
        } @else if can_start && invitation.status == Status::InProgress {
            p.said { "The next step is open." }
        } @else if can_start {
            p.said { "You can take this test now." @if let Some(end) = invitation.window.end { " It closes at " (view.time(end)) " UTC." } }
            @if settings.hide_instruction != Some(true) {
                section.instructions {
                    h2 { "Instructions" }
                    ul {
                        li { "Begin when you are ready: the time counts from then on." }
                        @if invitation.platform == Platform::TestInvite { li { "Finish submits a step; after the last one the task is complete." } }
                        @else { li { "Finish submits your answers. Leave ends the test without coming back to it." } }
                    }
                }
            }
        } @else { (not_admitted(invitation, settings, *why, view)) }
        @if !sessions.is_empty() {
            ul.tests {
                @for session in *sessions {
                    li { "Step " span.code { (session.step_id) } ": "
                        @match session.completed { Some(at) => { "done at " (view.time(at)) " UTC" }, None => { "running" } } }
                }
            }
        }
        @if let Some(mode) = &settings.proctoring_mode {
            p.proctoring { "Proctoring: " strong { (mode) }
                @match mode.as_str() {
                    "image" => { " – pictures of you would be taken." }
                    "video" => { " – you would be filmed." }
                    _ => { "." }
                }
            }
        }
        @if !offered.is_empty() {
            form.buttons method="post" {
                (view.token())
                @for (doing, name) in *offered { button type="submit" name="event" value=(doing.word()) { (name) } }
            }
        }
        (onward(settings, "Afterwards you are sent on to "))
    }
}

/// Why the test cannot be started.
fn not_admitted(invitation: &Invitation, settings: &Settings, why: Option<&str>, view: &View) -> Markup {
    html! {
        @if let Some(start) = invitation.window.start.filter(|start| *start > view.now) {
            p.said { "This test is not open yet. It opens at " (view.time(start)) " UTC." }
        } @else if let Some(price) = settings.price.as_ref().filter(|_| !settings.paid) {
            p.said { "There is a price to pay before you are admitted: " strong { (amount(&price.amount)) " " (price.currency) } "." }
            p.small { "The sandbox takes no money: Pay only says that it is paid." }
        } @else {
            p.said { "This test cannot be started now. " (why.unwrap_or_default()) }
        }
    }
}

/// Why a refusal refuses, without what it says to engineers around it.
fn reason_of(refusal: &str) -> String {
    let reason = refusal.split_once(": ").map_or(refusal, |(_, reason)| reason);
    sentence(reason.split_once("; ").map_or(reason, |(reason, _)| reason))
}

fn amount(amount: &serde_json::Value) -> String {
    amount.as_str().map_or_else(|| amount.to_string(), str::to_owned)
}

/// The page when there is nothing to start any longer; `text` is what the platform says then.
fn closed(invitation: &Invitation, settings: &Settings, state: Status, text: Option<&str>, view: &View) -> Markup {
    html! {
        @match state {
            Status::Expired => p.said { "The time to take this test is over."
                @if let Some(end) = invitation.window.end { " It closed at " (view.time(end)) " UTC." } },
            Status::Cancelled => p.said { "This invitation was cancelled." },
            _ => {
                @if let Some(text) = text { p.said { (text) } }
            }
        }
        @if state == Status::Complete {
            p { "Your answers were submitted" @if let Some(ended) = invitation.ended { " at " (view.time(ended)) " UTC" } "." }
            (onward(settings, "After the test you were sent on to "))
        }
    }
}

/// A reason of the rules as a sentence.
fn sentence(reason: &str) -> String {
    let mut characters = reason.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if reason.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

fn onward(settings: &Settings, words: &str) -> Markup {
    html! {
        @if let Some((url, _)) = settings.redirect() {
            p.onward { (words) a href=(url) rel="noreferrer" { (url) } "." }
        } @else if let Some(url) = &settings.redirect_url {
            p.onward { (words) code { (url) } ", which is no address of the web." }
        }
    }
}

/// TestInvite: the ways to log in to a task.
pub(super) fn task(writer: &mut Writer, asked: &Asked, view: &View, task_id: &str) -> Result<Response> {
    writer.work_off_due(view.now)?;
    // A task that nobody declared takes every login.
    let world = world(&writer.world);
    let tasks = &world.fixtures.testinvite.tasks;
    let method = match tasks.iter().find(|task| task.task_id == task_id) {
        Some(task) => Some(task.access_method),
        None if tasks.is_empty() => None,
        None => return Ok(not_there(view)),
    };
    let mut has_failed = false;
    if asked.form.is_some() {
        let code = asked.field("code").map(str::to_uppercase);
        let (first, second) = (asked.field("credential1"), asked.field("credential2"));
        let is_there = |invitation: &Invitation| invitation.status != Status::Cancelled;
        let found = match (&code, first) {
            (Some(code), _) => queries::candidate_of_task(&writer.database, task_id, code, |invitation| {
                is_there(invitation) && invitation.invitation_code.as_deref() == Some(code)
            })?,
            (None, Some(first)) => queries::candidate_of_task(&writer.database, task_id, "", |invitation| {
                let settings = Settings::of(invitation);
                is_there(invitation)
                    && settings.credential1.as_deref() == Some(first)
                    && settings.credential2.as_deref().is_none_or(|own| Some(own) == second)
            })?,
            (None, None) => None,
        };
        match found {
            Some(invitation) => return Ok(see_other(&format!("../IMInstructions?{}", invitation.token))),
            None => has_failed = true,
        }
    }
    let content = html! {
        @if has_failed { p.refusal role="alert" { "No candidate of this task logs in so." } }
        @if matches!(method, None | Some(AccessMethod::InvitationCode)) {
            form.fields method="post" {
                (view.token())
                h2 { "With your invitation code" }
                label { "Invitation code" input type="text" name="code" required autocomplete="off" autocapitalize="characters" spellcheck="false"; }
                button type="submit" { "Log in" }
            }
        }
        @if matches!(method, None | Some(AccessMethod::SingleCredential | AccessMethod::DoubleCredential)) {
            form.fields method="post" {
                (view.token())
                h2 { "With your credentials" }
                label { "Credential 1, or your username" input type="text" name="credential1" required autocomplete="username" spellcheck="false"; }
                @if method != Some(AccessMethod::SingleCredential) {
                    label { "Credential 2, if you have one" input type="password" name="credential2" autocomplete="current-password"; }
                }
                button type="submit" { "Log in" }
            }
        }
        @if method == Some(AccessMethod::NoAuth) {
            p.said { "This task asks for no login. Candidates who were invited have an address of their own." }
        }
    };
    Ok(shell(if has_failed { 403 } else { 200 }, view, Platform::TestInvite, &format!("Task {task_id}"), "'self'", &content))
}

/// Think Exam: the login by e-mail and password. As with *checkLogin*, who was registered without a password has none to log in
/// by (Think Exam reference, section 4.1).
pub(super) fn panel(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    writer.work_off_due(view.now)?;
    let mut has_failed = false;
    if asked.form.is_some() {
        let email = asked.field("email").unwrap_or_default();
        let password = asked.field("password").map(Secret::new);
        match writer.database.student(&email_key(email))?.filter(|student| password.is_some() && student.password == password) {
            Some(student) => return Ok(see_other(&format!("./te?session={}", session(writer, student.student_id)))),
            None => has_failed = true,
        }
    } else if let Some(known) = asked.parameter("session") {
        let id = known.split_once('.').and_then(|(id, _)| id.parse().ok());
        let student = match id.filter(|id| session(writer, *id) == known) {
            Some(id) => queries::student(&writer.database, id)?,
            None => None,
        };
        if let Some(student) = student {
            return tests_of(writer, view, &student);
        }
    }
    let content = html! {
        @if has_failed { p.refusal role="alert" { "E-mail and password do not match a candidate." } }
        form.fields method="post" {
            (view.token())
            label { "E-mail" input type="email" name="email" required autocomplete="username"; }
            label { "Password" input type="password" name="password" autocomplete="current-password"; }
            button type="submit" { "Log in" }
        }
    };
    Ok(shell(if has_failed { 403 } else { 200 }, view, Platform::ThinkExam, "Candidate login", "'self'", &content))
}

/// What tells the panel who is logged in, for as long as the sandbox runs.
fn session(writer: &Writer, student_id: i64) -> String {
    format!("{student_id}.{:016x}", digest(&[&writer.form_token, &student_id.to_string()]))
}

/// Think Exam: the automatic login by the token of the last *checkLogin* (Think Exam reference, section 4.1).
pub(super) fn auto_login(writer: &Writer, view: &View, token: &str) -> Result<Response> {
    let student = match engine::think_exam::student_of_access_token(token) {
        Some(id) => queries::student(&writer.database, id)?,
        None => None,
    };
    let token = Some(Secret::new(token));
    Ok(match student.filter(|student| student.access_token == token) {
        Some(student) => see_other(&format!("../te?session={}", session(writer, student.student_id))),
        None => not_there(view),
    })
}

/// The tests that are assigned to a candidate of Think Exam.
fn tests_of(writer: &Writer, view: &View, student: &Student) -> Result<Response> {
    let mut assigned = Vec::new();
    queries::invitations_of(&writer.database, &student.email, |invitation| {
        if invitation.platform == Platform::ThinkExam && invitation.status != Status::Cancelled {
            assigned.push(invitation);
        }
        if assigned.len() == queries::PAGE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let content = html! {
        p.state { span.name { (student.name) } }
        @if assigned.is_empty() { p.said { "No test is assigned to you." } }
        ul.tests {
            @for invitation in &assigned {
                li { a href=(view.link(&format!("IMInstructions?{}", invitation.token))) { (title(invitation)) } " " (badge(invitation.state_at(view.now))) }
            }
        }
    };
    Ok(shell(200, view, Platform::ThinkExam, "Your tests", "'self'", &content))
}
