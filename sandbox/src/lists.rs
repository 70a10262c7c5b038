//! The lists of the control plane: candidates, invitations, mails, requests. Whole, or a page at a time.

use bidden::candidate::email_key;
use bidden::engine::Message;
use bidden::http::Response;
use bidden::{Platform, Time};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::control::{Shown, json, refused};
use crate::database::{Page, WantedInvitations, digest};
use crate::writer::Writer;

/// No page is longer.
const LONGEST_PAGE: usize = 10_000;

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// Which list is asked for.
#[derive(Debug)]
pub(crate) enum List {
    Invitations(WantedInvitations),
    Candidates(PeoplePage),
    Outbox(Page),
    Requests(Page),
}

/// Which part of the candidates is asked for: Think Exam's come after the others, and are numbered by themselves.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct PeoplePage {
    page: Page,
    is_after_invited: bool,
}

impl List {
    /// The list of a name with its query; `None` when there is no such list.
    pub(crate) fn read(name: &str, query: impl Iterator<Item = (String, String)>) -> Option<std::result::Result<List, Response>> {
        let mut list = match name {
            "invitations" => List::Invitations(WantedInvitations::default()),
            "candidates" => List::Candidates(PeoplePage::default()),
            "outbox" => List::Outbox(Page::default()),
            "requests" => List::Requests(Page::default()),
            _ => return None,
        };
        for (name, value) in query {
            if let Err(reason) = list.ask(&name, value) {
                return Some(Err(refused(400, reason)));
            }
        }
        Some(Ok(list))
    }

    fn ask(&mut self, name: &str, value: String) -> std::result::Result<(), &'static str> {
        const AFTER: &str = "after: what `next` said is expected";
        match (name, &mut *self) {
            ("limit", list) => {
                let limit = value.parse().ok().filter(|limit| (1..=LONGEST_PAGE).contains(limit));
                list.page().limit = Some(limit.ok_or("limit: a whole number from 1 to 10000 is expected")?);
            }
            ("after", List::Candidates(people)) => {
                let (kind, number) = value.split_at_checked(1).ok_or(AFTER)?;
                people.is_after_invited = match kind {
                    "i" => false,
                    "s" => true,
                    _ => return Err(AFTER),
                };
                people.page.after = number.parse().map_err(|_| AFTER)?;
            }
            ("after", list) => list.page().after = value.parse().map_err(|_| AFTER)?,
            ("platform", List::Invitations(wanted)) => {
                wanted.platform = Some(Platform::from_slug(&value).ok_or("platform: imocha, think-exam or testinvite is expected")?);
            }
            ("test", List::Invitations(wanted)) => wanted.test = Some(value),
            ("email", List::Invitations(wanted)) => wanted.email = Some(value),
            (_, List::Invitations(_)) => return Err("only platform, test, email, limit and after are expected"),
            _ => return Err("only limit and after are expected"),
        }
        Ok(())
    }

    fn page(&mut self) -> &mut Page {
        match self {
            List::Invitations(wanted) => &mut wanted.page,
            List::Candidates(people) => &mut people.page,
            List::Outbox(page) | List::Requests(page) => page,
        }
    }

    /// The list as it stands.
    pub(crate) fn answer(&self, writer: &Writer, now: Time, origin: &str) -> Result<Response> {
        match self {
            List::Invitations(wanted) => {
                #[derive(Serialize)]
                struct Answer<'a> {
                    invitations: Vec<Shown<'a>>,
                    #[serde(flatten)]
                    next: Next,
                }
                let listed = writer.database.list_invitations(wanted)?;
                let invitations = listed.rows.iter().map(|invitation| Shown::new(invitation, now, origin)).collect();
                Ok(json(200, &Answer { invitations, next: Next::of(wanted.page, listed.next) }))
            }
            List::Candidates(people) => candidates(writer, *people),
            List::Outbox(page) => {
                #[derive(Serialize)]
                struct Answer {
                    messages: Vec<Message>,
                    #[serde(flatten)]
                    next: Next,
                }
                let listed = writer.database.list_messages(*page)?;
                Ok(json(200, &Answer { messages: listed.rows, next: Next::of(*page, listed.next) }))
            }
            List::Requests(page) => requests(writer, *page),
        }
    }
}

/// Where the next page begins: null at the end, and left out where no page was asked for.
#[derive(Serialize)]
struct Next {
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Option<String>>,
}

impl Next {
    fn of(page: Page, number: Option<i64>) -> Self {
        Next::named(page, number.map(|number| number.to_string()))
    }

    fn named(page: Page, next: Option<String>) -> Self {
        Next { next: page.limit.is_some().then_some(next) }
    }
}

/// The people that the platforms know. iMocha has no record of a person, so its people are those invited, one per
/// address, under ids of the sandbox's own.
fn candidates(writer: &Writer, people: PeoplePage) -> Result<Response> {
    #[derive(Serialize)]
    struct Person {
        platform: Platform,
        candidate_id: String,
        email: Option<String>,
        name: Option<String>,
    }
    #[derive(Serialize)]
    struct Answer {
        candidates: Vec<Person>,
        #[serde(flatten)]
        next: Next,
    }
    let PeoplePage { page, is_after_invited } = people;
    let mut shown = Vec::new();
    let mut students = page;
    if !is_after_invited {
        let listed = writer.database.list_invited(page)?;
        shown.extend(listed.rows.into_iter().map(|invitation| Person {
            platform: invitation.platform,
            candidate_id: match invitation.platform {
                Platform::Imocha => {
                    format!("imocha-{:016x}", digest(&[&invitation.email.as_deref().map(email_key).unwrap_or_default()]))
                }
                Platform::TestInvite | Platform::ThinkExam => invitation.id,
            },
            email: invitation.email,
            name: invitation.name,
        }));
        if let Some(number) = listed.next {
            return Ok(json(200, &Answer { candidates: shown, next: Next::named(page, Some(format!("i{number}"))) }));
        }
        students = Page { after: 0, limit: page.limit.map(|limit| limit - shown.len()) };
    }
    let listed = writer.database.list_students(students)?;
    shown.extend(listed.rows.into_iter().map(|student| Person {
        platform: Platform::ThinkExam,
        candidate_id: student.student_id.to_string(),
        email: Some(student.email),
        name: Some(student.name),
    }));
    let next = listed.next.map(|number| format!("s{number}"));
    Ok(json(200, &Answer { candidates: shown, next: Next::named(page, next) }))
}

fn requests(writer: &Writer, page: Page) -> Result<Response> {
    #[derive(Serialize)]
    struct Row {
        at: Time,
        method: String,
        path: String,
        body: Box<RawValue>,
        status: Option<u16>,
    }
    #[derive(Serialize)]
    struct Answer {
        requests: Vec<Row>,
        #[serde(flatten)]
        next: Next,
    }
    let listed = writer.database.list_requests(page)?;
    let rows = listed.rows.into_iter().map(|request| Row {
        at: request.at,
        method: request.noted.method,
        path: request.noted.path,
        // JSON stays as it was sent, digits and order included; anything else is text, an empty body null.
        body: RawValue::from_string(request.noted.body).unwrap_or_default(),
        status: request.status,
    });
    Ok(json(200, &Answer { requests: rows.collect(), next: Next::of(page, listed.next) }))
}
