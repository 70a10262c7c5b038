//! One invitation: where it stands, what can happen to it, and everything that has.

use bidden::engine::imocha::MASKED_EMAIL;
use bidden::engine::{Attempted, Entry, Invitation, Message, Session, Store};
use bidden::http::Response;
use bidden::{Platform, Status};
use maud::{Markup, html};

use crate::control::{Control, Happening};
use crate::database::Kept;
use crate::writer::Writer;

use super::invitations::{person, window};
use super::{Asked, Result, View, ask_control, attempt, badge, lists, message, page, part, queries, see_other};

/// What can be made to happen here; the rest are calls.
const HAPPENINGS: [(&str, &str); 7] = [
    ("start", "Start"),
    ("finish", "Finish"),
    ("leave", "Leave"),
    ("terminate", "Terminate"),
    ("cancel", "Cancel"),
    ("pay", "Pay"),
    ("reinstate", "Reinstate"),
];

pub(super) fn answer(writer: &mut Writer, asked: &Asked, view: &View, id: &str) -> Result<Response> {
    let mut refusal = None;
    if asked.form.is_some() {
        match asked.field("event").and_then(Happening::from_word) {
            Some(event) => {
                let (invitation_id, origin) = (id.to_owned(), asked.origin.clone());
                let control = Control::Attempt { invitation_id, event, step: None, origin };
                match ask_control(writer, &control)? {
                    Ok(_) => return Ok(see_other(&part(id))),
                    Err(reason) => refusal = Some(reason),
                }
            }
            None => refusal = Some("there is no such event".to_owned()),
        }
    }
    writer.work_off_due(view.now)?;
    let Some(invitation) = queries::invitation(&writer.database, id)? else {
        return Ok(message(404, view.root, "There is no such invitation", "It may have gone with a reset of the sandbox."));
    };
    let content = html! {
        div #invitation data-live {
            (summary(&invitation, asked, view))
            (happenings(writer, &invitation, asked, view)?)
            (sessions(&writer.database.sessions_of(id)?, view))
            (happened(&writer.database.history(id)?, view))
            (mails(&queries::messages_of(&writer.database, id)?, view))
            (callbacks(&queries::callbacks_of(&writer.database, id)?, view))
            (chain(writer, &invitation, view)?)
            details {
                summary { "As it was asked for" }
                pre.json tabindex="0" { (pretty(crate::redact::raw(invitation.details.get()).get())) }
            }
        }
    };
    let status = if refusal.is_some() { 409 } else { 200 };
    Ok(page(status, view, &format!("Invitation {id}"), refusal.as_deref(), &content))
}

fn summary(invitation: &Invitation, asked: &Asked, view: &View) -> Markup {
    html! {
        dl.facts {
            dt { "Status" } dd { (badge(invitation.state_at(view.now))) }
            dt { "Candidate" } dd { (person(invitation)) }
            dt { "Platform" } dd { (invitation.platform.title()) }
            dt { "Test" } dd.code { (invitation.test_id) }
            @if let Some(link) = invitation.link_id { dt { "Test link" } dd.code { (link) } }
            dt { "Window" } dd { (window(invitation, view)) }
            @if let Some(zone) = invitation.time_zone_id { dt { "Time zone id" } dd { (zone) } }
            dt { "Invited" } dd { (view.time(invitation.created)) }
            @if let Some(started) = invitation.started { dt { "Started" } dd { (view.time(started)) } }
            @if let Some(ended) = invitation.ended { dt { "Ended" } dd { (view.time(ended)) } }
            @if let Some(code) = &invitation.invitation_code { dt { "Invitation code" } dd.code { (code) } }
            @if !invitation.stakeholder_emails.is_empty() { dt { "Stakeholders" } dd { (invitation.stakeholder_emails.join(", ")) } }
            dt { "Candidate’s page" }
            dd.code { a href=(view.link(&format!("IMInstructions?{}", invitation.token))) { (invitation.test_url(&asked.origin)) } }
        }
    }
}

/// A button for everything; what the rules refuse is off, with the reason below.
fn happenings(writer: &Writer, invitation: &Invitation, asked: &Asked, view: &View) -> Result<Markup> {
    let mut verdicts = Vec::new();
    for (word, name) in HAPPENINGS {
        let Some(happening) = Happening::from_word(word) else { continue };
        if invitation.platform != Platform::TestInvite && !matches!(happening, Happening::Event(_)) {
            continue;
        }
        let refused = match attempt(writer, &invitation.id, happening, asked)? {
            Attempted::Moved(..) => None,
            Attempted::Refused(reason) => Some(reason),
            Attempted::NotFound => Some("there is no such invitation".to_owned()),
        };
        verdicts.push((word, name, refused));
    }
    Ok(html! {
        section {
            h2 { "What may happen" }
            form.buttons method="post" {
                (view.token())
                @for (word, name, refused) in &verdicts {
                    button type="submit" name="event" value=(word) disabled[refused.is_some()] { (name) }
                }
            }
            @if verdicts.iter().any(|(_, _, refused)| refused.is_some()) {
                details.small {
                    summary { "Why the others may not" }
                    ul { @for (_, name, refused) in &verdicts { @if let Some(reason) = refused { li { strong { (name) } ": " (reason) } } } }
                }
            }
        }
    })
}

/// The sittings of a TestInvite candidate, step by step.
fn sessions(sessions: &[Session], view: &View) -> Markup {
    html! {
        @if !sessions.is_empty() {
            section {
                h2 { "Test sessions" }
                table.cards {
                    thead { tr { th scope="col" { "Step" } th scope="col" { "Status" } th scope="col" { "Started" } th scope="col" { "Completed" } th scope="col" { "Session" } } }
                    tbody {
                        @for session in sessions {
                            tr {
                                td.code data-label="Step" { (session.step_id) }
                                td data-label="Status" { (session.status.word()) }
                                td data-label="Started" { (view.time(session.started)) }
                                td data-label="Completed" { @if let Some(at) = session.completed { (view.time(at)) } @else { "–" } }
                                td.code data-label="Session" { (session.id) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn state(status: Option<Status>) -> Markup {
    html! { @match status { Some(status) => (badge(status)), None => { span.none { "none" } } } }
}

fn happened(history: &[Entry], view: &View) -> Markup {
    html! {
        section {
            h2 { "History" }
            @if history.is_empty() { p.empty { "Nothing is noted." } }
            @else {
                table.cards {
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "Asked" } th scope="col" { "From" } th scope="col" { "To" }
                        th scope="col" { "Effect" } th scope="col" { "Rule" } th scope="col" { "Basis" }
                    } }
                    tbody {
                        @for entry in history {
                            tr {
                                td data-label="When" { (view.time(entry.at)) }
                                td.code data-label="Asked" { (entry.asked) }
                                td data-label="From" { (state(entry.from)) }
                                td data-label="To" { (state(Some(entry.to))) }
                                td data-label="Effect" { (entry.effect) }
                                td data-label="Rule" { (entry.rule) }
                                td data-label="Basis" { (entry.basis) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn mails(messages: &[Message], view: &View) -> Markup {
    html! {
        section {
            h2 { "Mails" }
            @if messages.is_empty() { p.empty { "No mail has left." } }
            @else { (lists::message_table(messages.iter(), view, false)) }
        }
    }
}

fn callbacks(callbacks: &[(i64, Kept)], view: &View) -> Markup {
    html! {
        section {
            h2 { "Callbacks" }
            @if callbacks.is_empty() { p.empty { "No address was called." } }
            @for (number, kept) in callbacks { (lists::callback_entry(*number, kept, view, false)) }
        }
    }
}

/// The other attempts of the same person at the same test.
fn chain(writer: &Writer, invitation: &Invitation, view: &View) -> Result<Markup> {
    let mut others = Vec::new();
    // Whoever is masked is nobody's other attempt: all the masked share one address.
    if let Some(email) = invitation.email.as_ref().filter(|email| *email != MASKED_EMAIL) {
        queries::invitations_of(&writer.database, email, |other| {
            if other.id != invitation.id && other.platform == invitation.platform && other.test_id == invitation.test_id {
                others.push(other);
            }
            if others.len() == queries::PAGE { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        })?;
    }
    Ok(html! {
        @if !others.is_empty() {
            section {
                h2 { "Other invitations of this candidate to this test" }
                ul.chain {
                    @for other in &others {
                        li {
                            a.code href=(view.link(&format!("invitations/{}", part(&other.id)))) { (other.id) } " "
                            (badge(other.state_at(view.now))) " " (view.time(other.created))
                        }
                    }
                }
            }
        }
    })
}

/// JSON with its members one under the other, digits and order kept; anything else as it is.
pub(super) fn pretty(json: &str) -> String {
    let mut shown = String::with_capacity(json.len() * 2);
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    if serde_json::from_str::<serde::de::IgnoredAny>(json).is_err() {
        return json.to_owned();
    }
    let line = |shown: &mut String, depth: usize| {
        shown.push('\n');
        shown.extend(std::iter::repeat_n("  ", depth));
    };
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        if is_text {
            shown.push(character);
            is_text = is_escaped || character != '"';
            is_escaped = character == '\\' && !is_escaped;
            continue;
        }
        match character {
            '{' | '[' => {
                shown.push(character);
                while characters.peek().is_some_and(|next| next.is_ascii_whitespace()) {
                    characters.next();
                }
                if characters.peek().is_some_and(|next| matches!(next, '}' | ']')) {
                    shown.extend(characters.next());
                } else {
                    depth += 1;
                    line(&mut shown, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut shown, depth);
                shown.push(character);
            }
            ',' => {
                shown.push(character);
                line(&mut shown, depth);
            }
            ':' => shown.push_str(": "),
            character if character.is_ascii_whitespace() => {}
            '"' => {
                is_text = true;
                shown.push(character);
            }
            character => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn json_is_shown_line_by_line_with_its_digits() {
        let shown = pretty(r#"{"a":12.10,"b":[],"c":[1,{"d":"x, \"{y}\""}]}"#);
        assert_eq!(shown, "{\n  \"a\": 12.10,\n  \"b\": [],\n  \"c\": [\n    1,\n    {\n      \"d\": \"x, \\\"{y}\\\"\"\n    }\n  ]\n}");
        assert_eq!(pretty("not JSON, {"), "not JSON, {");
    }
}
