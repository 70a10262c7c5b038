//! What a candidate sees: the page behind a test URL, and the logins that lead there.
//!
//! What may happen is asked of the engine, by an attempt whose changes are thrown away; so a page offers what the platform
//! would accept, and says what it would say.

use std::ops::ControlFlow;

use bidden::engine::{self, Attempted, Invitation, Store};
use bidden::http::Response;
use bidden::lifecycle::{Rules, decide};
use bidden::{Event, Platform, Status};
use maud::{Markup, html};
use serde::Deserialize;

use crate::writer::{Writer, world};

use super::{Asked, Result, View, badge, document, queries, see_other};

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
    active: Option<bool>,
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
        let event = asked.field("event").and_then(Event::from_slug);
        let Some(event) = event.filter(|event| matches!(event, Event::Start | Event::Finish | Event::Leave)) else {
            return Ok(not_there(view));
        };
        match engine::attempt(&writer.database, &world(&writer.world), &invitation.id, event, view.now, &asked.origin)? {
            Attempted::NotFound => return Ok(not_there(view)),
            Attempted::Refused(_) => refusal = Some(event),
            Attempted::Moved(_, changes) => {
                writer.database.apply(view.now, changes)?;
                // iMocha reference, sections 7 and 21, documented: after the test the browser goes to redirectUrl.
                let onward = settings.redirect().filter(|_| event == Event::Finish).map(|(url, _)| url.to_owned());
                return Ok(see_other(&onward.unwrap_or_else(|| format!("IMInstructions?{token}"))));
            }
        }
    }
    let mut may = [Event::Start, Event::Finish, Event::Leave].map(|event| (event, false));
    for (event, is_allowed) in &mut may {
        let attempted = engine::attempt(&writer.database, &world(&writer.world), &invitation.id, *event, view.now, &asked.origin)?;
        *is_allowed = matches!(attempted, Attempted::Moved(..));
    }
    let may = |event: Event| may.iter().any(|(known, is_allowed)| *known == event && *is_allowed);
    let state = invitation.state_at(view.now);
    let form_action = match settings.redirect() {
        // A policy also holds for where a form is led on to.
        Some((_, origin)) => format!("'self' {origin}"),
        None => "'self'".to_owned(),
    };
    let content = html! {
        @if let Some(event) = refusal { p.refusal role="alert" { "That is not possible now: " (event.slug()) "." } }
        p.state { (badge(state)) @if let Some(name) = &invitation.name { " " span.name { (name) } } }
        @match state {
            Status::Pending | Status::InProgress => (open(&invitation, &settings, state, &may, view)),
            _ => (closed(writer, &invitation, &settings, state, view)),
        }
    };
    let status = match (refusal, state) {
        (Some(_), _) => 409,
        (None, _) => 200,
    };
    Ok(shell(status, view, invitation.platform, &title(&invitation), &form_action, &content))
}

fn title(invitation: &Invitation) -> String {
    let word = if invitation.platform == Platform::TestInvite { "Task" } else { "Test" };
    format!("{word} {}", invitation.test_id)
}

/// The page while the test can be started or runs.
fn open(invitation: &Invitation, settings: &Settings, state: Status, may: &dyn Fn(Event) -> bool, view: &View) -> Markup {
    let is_running = state == Status::InProgress;
    let button = |event: Event, name: &str| {
        html! { @if may(event) { button type="submit" name="event" value=(event.slug()) { (name) } } }
    };
    html! {
        @if is_running {
            p.said { "Your test is running." @if let Some(started) = invitation.started { " You started at " (view.time(started)) " UTC." } }
        } @else if may(Event::Start) {
            p.said { "You can take this test now." @if let Some(end) = invitation.window.end { " It closes at " (view.time(end)) " UTC." } }
            @if settings.hide_instruction != Some(true) {
                section.instructions {
                    h2 { "Instructions" }
                    ul {
                        li { "Begin when you are ready: the time counts from then on." }
                        li { "Finish submits your answers. Leave ends the test without coming back to it." }
                    }
                }
            }
        } @else { (not_admitted(invitation, settings, view)) }
        @if let Some(mode) = &settings.proctoring_mode {
            p.proctoring { "Proctoring: " strong { (mode) }
                @match mode.as_str() {
                    "image" => { " – pictures of you would be taken." }
                    "video" => { " – you would be filmed." }
                    _ => { "." }
                }
            }
        }
        form.buttons method="post" {
            (view.token())
            @if !is_running { (button(Event::Start, "Begin")) }
            (button(Event::Finish, "Finish"))
            (button(Event::Leave, "Leave"))
        }
        (onward(settings, "Afterwards you are sent on to "))
    }
}

/// Why a pending invitation cannot be started.
fn not_admitted(invitation: &Invitation, settings: &Settings, view: &View) -> Markup {
    html! {
        @if let Some(start) = invitation.window.start.filter(|start| *start > view.now) {
            p.said { "This test is not open yet. It opens at " (view.time(start)) " UTC." }
        } @else if let Some(price) = &settings.price {
            p.said { "There is a price to pay before you are admitted: " strong { (amount(&price.amount)) " " (price.currency) } "." }
            p.small { "The sandbox takes no money, so nobody is admitted here." }
        } @else {
            p.said { "This test cannot be started now." }
        }
    }
}

fn amount(amount: &serde_json::Value) -> String {
    amount.as_str().map_or_else(|| amount.to_string(), str::to_owned)
}

/// The page when there is nothing to start any longer.
fn closed(_writer: &Writer, invitation: &Invitation, settings: &Settings, state: Status, view: &View) -> Markup {
    let refusal = decide(Rules::of(invitation.platform), Some(invitation.status), Event::Start, Some(&invitation.window), view.now);
    html! {
        @match state {
            Status::Expired => p.said { "The time to take this test is over."
                @if let Some(end) = invitation.window.end { " It closed at " (view.time(end)) " UTC." } },
            Status::Cancelled => p.said { "This invitation was cancelled." },
            _ => {
                @if let Err(refusal) = refusal { p.said { (sentence(refusal.reason)) } }
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
        form.fields method="post" {
            (view.token())
            h2 { "With your invitation code" }
            label { "Invitation code" input type="text" name="code" required autocomplete="off" autocapitalize="characters" spellcheck="false"; }
            button type="submit" { "Log in" }
        }
        form.fields method="post" {
            (view.token())
            h2 { "With your credentials" }
            label { "Credential 1, or your username" input type="text" name="credential1" required autocomplete="username" spellcheck="false"; }
            label { "Credential 2, if you have one" input type="password" name="credential2" autocomplete="current-password"; }
            button type="submit" { "Log in" }
        }
    };
    Ok(shell(if has_failed { 403 } else { 200 }, view, Platform::TestInvite, &format!("Task {task_id}"), "'self'", &content))
}

/// Think Exam: the login by e-mail and password.
pub(super) fn panel(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    writer.work_off_due(view.now)?;
    let mut has_failed = false;
    if asked.form.is_some() {
        let email = asked.field("email").unwrap_or_default();
        match writer.database.student(&bidden::candidate::email_key(email))? {
            Some(student) => return tests_of(writer, view, &student.name, &student.email),
            None => has_failed = true,
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

/// Think Exam: the login by the token that `checkLogin` gives.
pub(super) fn auto_login(_writer: &mut Writer, _asked: &Asked, view: &View, _token: &str) -> Result<Response> {
    Ok(not_there(view))
}

/// The tests that are assigned to a candidate of Think Exam.
fn tests_of(writer: &Writer, view: &View, name: &str, email: &str) -> Result<Response> {
    let mut assigned = Vec::new();
    queries::invitations_of(&writer.database, email, |invitation| {
        if invitation.platform == Platform::ThinkExam && invitation.status != Status::Cancelled {
            assigned.push(invitation);
        }
        if assigned.len() == queries::PAGE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let content = html! {
        p.state { span.name { (name) } }
        @if assigned.is_empty() { p.said { "No test is assigned to you." } }
        ul.tests {
            @for invitation in &assigned {
                li { a href=(view.link(&format!("IMInstructions?{}", invitation.token))) { (title(invitation)) } " " (badge(invitation.state_at(view.now))) }
            }
        }
    };
    Ok(shell(200, view, Platform::ThinkExam, "Your tests", "'self'", &content))
}
