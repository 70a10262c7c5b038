//! The other lists: people, mails, callbacks and platform calls.

use bidden::candidate::email_key;
use bidden::engine::{Message, MessageKind};
use bidden::http::Response;
use bidden::{Platform, Status, Time};
use maud::{Markup, html};

use crate::control::Control;
use crate::database::{Kept, State};
use crate::writer::Writer;

use super::invitation::pretty;
use super::{Asked, Result, View, ask_control, back, badge, page, paging, part, queries, see_other};

/// The people that the platforms know, of one platform at a time.
pub(super) fn candidates(writer: &Writer, asked: &Asked, view: &View) -> Result<Response> {
    let platform = asked.parameter("platform").and_then(Platform::from_slug).unwrap_or(Platform::Imocha);
    let before = asked.parameter("before").and_then(|number| number.parse().ok());
    let list = if platform == Platform::ThinkExam { students(writer, before, view)? } else { invited(writer, platform, before, view)? };
    let content = html! {
        nav.tabs aria-label="Platforms" {
            ul {
                @for tab in Platform::ALL {
                    li { a href={ (view.link("candidates")) "?platform=" (tab.slug()) } aria-current=[(tab == platform).then_some("page")] { (tab.title()) } }
                }
            }
        }
        section #people data-live aria-label="Candidates" { (list) }
    };
    Ok(page(200, view, "Candidates", None, &content))
}

/// iMocha has no record of a person: its people are those invited, each where its newest invitation stands. A candidate of
/// TestInvite is the candidate of one task.
fn invited(writer: &Writer, platform: Platform, before: Option<i64>, view: &View) -> Result<Markup> {
    let mark = format!("\"platform\":\"{platform}\"");
    // A deleted candidate is gone (TestInvite reference, section 4.4).
    let is_there = |status: Status| platform == Platform::Imocha || status != Status::Cancelled;
    let found = queries::invitations(
        &writer.database,
        before,
        |record| record.contains(&mark),
        |invitation| invitation.platform == platform && is_there(invitation.status),
    )?;
    let mut people = Vec::new();
    for (_, invitation) in &found.rows {
        if platform != Platform::Imocha || queries::is_newest_of_person(&writer.database, invitation)? {
            people.push(invitation);
        }
    }
    Ok(html! {
        @if people.is_empty() { p.empty { "There is nobody." } }
        @else {
            table.cards {
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "E-mail" } th scope="col" { "Newest invitation" } th scope="col" { "Status" }
                    @if platform == Platform::TestInvite { th scope="col" { "Code" } th scope="col" { "Login" } }
                } }
                tbody {
                    @for invitation in people {
                        tr {
                            td data-label="Name" { (invitation.name.as_deref().unwrap_or("–")) }
                            td data-label="E-mail" {
                                @if let Some(email) = &invitation.email { a href={ (view.root) "?text=" (part(email)) } { (email) } } @else { "–" }
                            }
                            td.code data-label="Newest invitation" {
                                a href=(view.link(&format!("invitations/{}", part(&invitation.id)))) { (invitation.id) }
                            }
                            td data-label="Status" { (badge(invitation.state_at(view.now))) }
                            @if platform == Platform::TestInvite {
                                td.code data-label="Code" { (invitation.invitation_code.as_deref().unwrap_or("–")) }
                                td data-label="Login" { a href=(view.link(&format!("ti/{}", part(&invitation.test_id)))) { "task " (invitation.test_id) } }
                            }
                        }
                    }
                }
            }
        }
        @if found.is_cut { p.note { "There are many invitations; the search has stopped here and goes on under " em { "Older" } "." } }
        (paging(view, "candidates", &format!("platform={platform}"), before, found.older))
    })
}

fn students(writer: &Writer, before: Option<i64>, view: &View) -> Result<Markup> {
    let found = queries::students(&writer.database, before)?;
    Ok(html! {
        p { "They log in at " a href=(view.link("te")) { "the panel" } "." }
        @if found.rows.is_empty() { p.empty { "Nobody is registered." } }
        @else {
            table.cards {
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "E-mail" } th scope="col" { "Student id" } th scope="col" { "Enrolment" } th scope="col" { "Courses" }
                } }
                tbody {
                    @for (_, student) in &found.rows {
                        tr {
                            td data-label="Name" { (student.name) }
                            td data-label="E-mail" { a href={ (view.root) "?platform=think-exam&text=" (part(&email_key(&student.email))) } { (student.email) } }
                            td.code data-label="Student id" { (student.student_id) }
                            td.code data-label="Enrolment" { (student.enrollment_no) }
                            td data-label="Courses" { (student.courses.join(", ")) }
                        }
                    }
                }
            }
        }
        (paging(view, "candidates", "platform=think-exam", before, found.older))
    })
}

/// Every mail that has left.
pub(super) fn outbox(writer: &Writer, asked: &Asked, view: &View) -> Result<Response> {
    let before = asked.parameter("before").and_then(|number| number.parse().ok());
    let found = queries::messages(&writer.database, before, |_| true)?;
    let content = html! {
        p.note { "Nothing here has reached a mailbox." }
        section #outbox data-live aria-label="Mails" {
            @if found.rows.is_empty() { p.empty { "No mail has left." } }
            @else { (message_table(found.rows.iter().map(|(_, message)| message), view, true)) }
            (paging(view, "outbox", "", before, found.older))
        }
    };
    Ok(page(200, view, "Outbox", None, &content))
}

pub(super) fn message_table<'a>(messages: impl Iterator<Item = &'a Message>, view: &View, with_invitation: bool) -> Markup {
    html! {
        table.cards {
            thead { tr {
                th scope="col" { "Sent" } th scope="col" { "To" } th scope="col" { "Subject" } th scope="col" { "Kind" }
                @if with_invitation { th scope="col" { "Platform" } th scope="col" { "Invitation" } }
            } }
            tbody {
                @for message in messages {
                    tr {
                        td data-label="Sent" { (view.time(message.sent_at)) }
                        td data-label="To" { (message.to) @if message.bounced { " " span.answer.lost { "bounced" } } @if !message.cc.is_empty() { span.cc { " cc " (message.cc.join(", ")) } } }
                        td data-label="Subject" { (message.subject) }
                        td data-label="Kind" {
                            @match message.kind {
                                MessageKind::Invitation => { "invitation" }
                                MessageKind::StakeholderCompletion => { "completion, to a stakeholder" }
                                MessageKind::Cancellation => { "cancellation" }
                            }
                        }
                        @if with_invitation {
                            td data-label="Platform" { (message.platform.title()) }
                            td.code data-label="Invitation" {
                                a href=(view.link(&format!("invitations/{}", part(&message.invitation_id)))) { (message.invitation_id) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Every call to somebody's address, and sending one again.
pub(super) fn callbacks(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    let mut refusal = None;
    if let Some(callback_id) = asked.field("resend") {
        match ask_control(writer, &Control::Resend { callback_id: callback_id.to_owned() })? {
            Ok(_) => return Ok(see_other(&format!("./{}", back(asked).unwrap_or("callbacks")))),
            Err(reason) => refusal = Some(reason),
        }
    }
    let before = asked.parameter("before").and_then(|number| number.parse().ok());
    let found = queries::callbacks(&writer.database, before)?;
    let content = html! {
        section #callbacks data-live aria-label="Callbacks" {
            @if found.rows.is_empty() { p.empty { "No address was called." } }
            @for (number, kept) in &found.rows { (callback_entry(*number, kept, view, true)) }
            (paging(view, "callbacks", "", before, found.older))
        }
    };
    Ok(page(if refusal.is_some() { 409 } else { 200 }, view, "Callbacks", refusal.as_deref(), &content))
}

/// One call to somebody's address: where it stands, its tries, its payload. Of its headers only the names: one may be a key.
pub(super) fn callback_entry(number: i64, kept: &Kept, view: &View, with_invitation: bool) -> Markup {
    let callback = &kept.callback;
    let (word, class) = match kept.state {
        State::Waiting => ("waiting", "pending"),
        State::Delivered => ("delivered", "complete"),
        State::Failed => ("failed", "terminated"),
        State::NotDelivered => ("not delivered", "cancelled"),
    };
    html! {
        article.entry {
            p {
                strong { (callback.status) } " to " span.code { (callback.url) } " "
                span class={ "badge " (class) } { (word) @if let Some(reason) = &kept.reason { ": " (reason) } }
            }
            @if with_invitation {
                p.small { (callback.platform.title()) ", invitation "
                    a.code href=(view.link(&format!("invitations/{}", part(&callback.invitation_id)))) { (callback.invitation_id) } }
            }
            @if !kept.made.is_empty() {
                ol.tries {
                    @for made in &kept.made {
                        li {
                            (view.time(Time::from_milliseconds(made.at))) " "
                            @if let Some(status) = made.status { span class={ "answer s" (status / 100) } { (status) } }
                            @if let Some(error) = &made.error { " " span.answer.lost { (error) } }
                        }
                    }
                }
            }
            details id={ "callback-" (number) } {
                summary { "Payload" }
                @if !callback.headers.is_empty() { p.small { "Headers beside the usual: " (callback.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")) } }
                pre.json tabindex="0" { (pretty(&callback.body)) }
            }
            @if kept.state != State::NotDelivered {
                form.buttons method="post" action=(view.link("callbacks")) {
                    (view.token())
                    input type="hidden" name="back" value=(view.here);
                    button type="submit" name="resend" value=(number) { "Send again" }
                }
            }
        }
    }
}

/// Every platform call that has arrived.
pub(super) fn requests(writer: &Writer, asked: &Asked, view: &View) -> Result<Response> {
    let before = asked.parameter("before").and_then(|number| number.parse().ok());
    let found = queries::requests(&writer.database, before)?;
    let content = html! {
        p.note { "As they were sent: masking changes nothing here. What logs a candidate in is blanked." }
        section #requests data-live aria-label="Requests" {
            @if found.rows.is_empty() { p.empty { "No call has arrived." } }
            @else {
                table.cards {
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "Call" } th scope="col" { "Answer" } th scope="col" { "Body" }
                    } }
                    tbody {
                        @for (number, called) in &found.rows {
                            tr {
                                td data-label="When" { (view.time(Time::from_milliseconds(called.at))) }
                                td.code data-label="Call" { strong { (called.method) } " " (called.path) }
                                td data-label="Answer" {
                                    @match called.status {
                                        Some(status) => { span class={ "answer s" (status / 100) } { (status) } }
                                        None => { span.answer.lost { "none left" } }
                                    }
                                }
                                td data-label="Body" {
                                    @if called.body == "null" { span.none { "none" } }
                                    @else {
                                        details id={ "request-" (number) } {
                                            summary { (called.body.len()) " bytes" }
                                            pre.json tabindex="0" { (pretty(&called.body)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            (paging(view, "requests", "", before, found.older))
        }
    };
    Ok(page(200, view, "Requests", None, &content))
}
