//! The first page: the invitations of the three platforms.

use std::ops::ControlFlow;

use bidden::engine::Invitation;
use bidden::http::Response;
use bidden::{Platform, Status};
use maud::{Markup, html};

use crate::writer::Writer;

use super::queries::{self, Found, PAGE};
use super::{Asked, Result, View, badge, page, paging, part};

/// What the list is narrowed to.
struct Filter<'a> {
    platform: Option<Platform>,
    status: Option<Status>,
    text: Option<&'a str>,
}

impl Filter<'_> {
    /// As a query, without the page.
    fn query(&self) -> String {
        let pairs = [("platform", self.platform.map(Platform::slug)), ("status", self.status.map(Status::slug)), ("text", self.text)];
        let pairs: Vec<String> = pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", part(value?)))).collect();
        pairs.join("&")
    }

    fn is_empty(&self) -> bool {
        self.platform.is_none() && self.status.is_none() && self.text.is_none()
    }

    /// Whether a record can fit, told by its text alone. An expired invitation is kept as pending.
    fn may_fit(&self, record: &str) -> bool {
        let holds = |name: &str, value: &str| record.contains(&format!("\"{name}\":\"{value}\""));
        self.platform.is_none_or(|platform| holds("platform", platform.slug()))
            && self
                .status
                .is_none_or(|status| holds("status", if status == Status::Expired { Status::Pending.slug() } else { status.slug() }))
    }

    fn fits(&self, invitation: &Invitation, view: &View) -> bool {
        self.platform.is_none_or(|platform| invitation.platform == platform)
            && self.status.is_none_or(|status| invitation.state_at(view.now) == status)
            && self.text.is_none_or(|text| {
                let text = text.to_lowercase();
                let contains = |value: &str| value.to_lowercase().contains(&text);
                [&invitation.email, &invitation.name, &invitation.invitation_code].into_iter().flatten().any(|value| contains(value))
                    || contains(&invitation.id)
                    || contains(&invitation.test_id)
            })
    }
}

pub(super) fn answer(writer: &Writer, asked: &Asked, view: &View) -> Result<Response> {
    let filter = Filter {
        platform: asked.parameter("platform").and_then(Platform::from_slug),
        status: asked.parameter("status").and_then(Status::from_slug),
        text: asked.parameter("text"),
    };
    let before = asked.parameter("before").and_then(|number| number.parse().ok());
    let found = match filter.text {
        Some(text) => match known(writer, text, &filter, view)? {
            Some(found) => found,
            None => searched(writer, before, &filter, view)?,
        },
        None => searched(writer, before, &filter, view)?,
    };
    let content = html! {
        form.filter method="get" action=(view.root) role="search" data-auto {
            label { "Platform"
                select name="platform" {
                    option value="" { "all" }
                    @for platform in Platform::ALL {
                        option value=(platform.slug()) selected[filter.platform == Some(platform)] { (platform.title()) }
                    }
                }
            }
            label { "Status"
                select name="status" {
                    option value="" { "all" }
                    @for status in Status::ALL.into_iter().filter(|status| *status != Status::Unknown) {
                        option value=(status.slug()) selected[filter.status == Some(status)] { (status.word()) }
                    }
                }
            }
            label.wide { "Name, e-mail, code, id or test"
                input type="search" name="text" value=(filter.text.unwrap_or_default()) autocomplete="off" spellcheck="false";
            }
            button type="submit" { "Filter" }
            @if !filter.is_empty() { a href=(view.root) { "All" } }
        }
        section #invitations data-live aria-label="Invitations" {
            (table(&found, view))
            @if found.rows.is_empty() {
                p.empty {
                    @if !filter.is_empty() || before.is_some() { "Nothing fits." }
                    @else { "Nobody is invited yet. Send a call to " code { (asked.origin) } "; " a href=(view.link("help")) { "Help" } " has the credentials." }
                }
            }
            @if found.is_cut { p.note { "There are many invitations; the search has stopped here and goes on under " em { "Older" } "." } }
            (paging(view, "", &filter.query(), before, found.older))
        }
    };
    Ok(page(200, view, "Invitations", None, &content))
}

fn searched(writer: &Writer, before: Option<i64>, filter: &Filter<'_>, view: &View) -> Result<Found<Invitation>> {
    queries::invitations(&writer.database, before, |record| filter.may_fit(record), |invitation| filter.fits(invitation, view))
}

/// What an index knows by the whole text: an id, or an address. The search would find the same, and take longer.
fn known(writer: &Writer, text: &str, filter: &Filter<'_>, view: &View) -> Result<Option<Found<Invitation>>> {
    let mut rows = Vec::new();
    queries::invitations_of(&writer.database, text, |invitation| {
        if filter.fits(&invitation, view) {
            rows.push((0, invitation));
        }
        if rows.len() == PAGE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if rows.is_empty() {
        rows.extend(queries::invitation(&writer.database, text)?.filter(|found| filter.fits(found, view)).map(|found| (0, found)));
    }
    // A full page may not be all there is: then the search tells.
    Ok((!rows.is_empty() && rows.len() < PAGE).then_some(Found { rows, older: None, is_cut: false }))
}

fn table(found: &Found<Invitation>, view: &View) -> Markup {
    html! {
        @if !found.rows.is_empty() {
            table.cards {
                thead { tr {
                    th scope="col" { "Candidate" } th scope="col" { "Status" } th scope="col" { "Platform" } th scope="col" { "Test" }
                    th scope="col" { "Window" } th scope="col" { "Invited" } th scope="col" { "Invitation" }
                } }
                tbody {
                    @for (_, invitation) in &found.rows {
                        tr {
                            td data-label="Candidate" {
                                a.row href=(view.link(&format!("invitations/{}", part(&invitation.id)))) { (person(invitation)) }
                            }
                            td data-label="Status" { (badge(invitation.state_at(view.now))) }
                            td data-label="Platform" { (invitation.platform.title()) }
                            td.code data-label="Test" { (invitation.test_id) }
                            td data-label="Window" { (window(invitation, view)) }
                            td data-label="Invited" { (view.time(invitation.created)) }
                            td.code data-label="Invitation" { (invitation.id) }
                        }
                    }
                }
            }
        }
    }
}

/// Name and address, one under the other.
pub(super) fn person(invitation: &Invitation) -> Markup {
    html! {
        span.person {
            @match (&invitation.name, &invitation.email) {
                (Some(name), Some(email)) => { span.name { (name) } span.email { (email) } }
                (Some(one), None) | (None, Some(one)) => { span.name { (one) } }
                (None, None) => { span.name { "–" } }
            }
        }
    }
}

/// When the test may be started.
pub(super) fn window(invitation: &Invitation, view: &View) -> Markup {
    html! {
        @match (invitation.window.start, invitation.window.end) {
            (None, None) => { "open" }
            (start, end) => {
                @if let Some(start) = start { (view.time(start)) } @else { "any time" }
                " – "
                @if let Some(end) = end { (view.time(end)) } @else { "no end" }
            }
        }
    }
}
