//! What the control plane lists: whole, or a page at a time. A page costs what it shows, whatever else is stored.

use bidden::candidate::email_key;
use bidden::engine::{Invitation, Message, Student};
use bidden::{Platform, Time};
use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};

use super::{Database, Noted, Result, digest, platform_number, record, test_digest};

/// So many rows are looked at for a page, if it is smaller: what does not belong to the list would else be read to the end.
const LOOKED_AT: usize = 2000;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Page {
    /// The rows after this number.
    pub(crate) after: i64,
    /// So many of them; `None` for all.
    pub(crate) limit: Option<usize>,
}

/// A part of a list.
pub(crate) struct Listed<T> {
    pub(crate) rows: Vec<T>,
    /// The number after which the next part begins; `None` at the end of the list.
    pub(crate) next: Option<i64>,
}

/// Which invitations are asked for.
#[derive(Clone, Default, Debug)]
pub(crate) struct WantedInvitations {
    pub(crate) platform: Option<Platform>,
    pub(crate) test: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) page: Page,
}

/// A platform call as it is listed.
pub(crate) struct ListedRequest {
    pub(crate) at: Time,
    pub(crate) noted: Noted,
    pub(crate) status: Option<u16>,
}

impl Database {
    /// The rows of a query whose first column is their number, the page's `after` its first parameter.
    fn list<T>(&self, sql: &str, further: &[i64], page: Page, mut read: impl FnMut(&Row<'_>) -> Result<Option<T>>) -> Result<Listed<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = std::iter::once(page.after).chain(further.iter().copied()).map(Value::Integer);
        let mut found = statement.query(params_from_iter(values))?;
        let (mut rows, mut last, mut looked_at) = (Vec::new(), page.after, 0);
        while let Some(row) = found.next()? {
            if page.limit.is_some_and(|limit| rows.len() >= limit || looked_at >= limit.max(LOOKED_AT)) {
                return Ok(Listed { rows, next: Some(last) });
            }
            last = row.get(0)?;
            looked_at += 1;
            rows.extend(read(row)?);
        }
        Ok(Listed { rows, next: None })
    }

    /// Invitations in order of creation, by the index that fits what is asked for.
    pub(crate) fn list_invitations(&self, wanted: &WantedInvitations) -> Result<Listed<Invitation>> {
        let from = |index: &str, condition: &str| {
            format!("SELECT number, record FROM invitations INDEXED BY {index} WHERE {condition} AND number > ?1")
        };
        let key = wanted.email.as_deref().map(email_key);
        let (sql, values) = match (&key, &wanted.test, wanted.platform) {
            (Some(key), ..) => (from("invitations_by_email", "email = ?2"), vec![digest(&[key])]),
            (None, Some(test), Some(platform)) => (from("invitations_by_test", "test = ?2"), vec![test_digest(platform, test)]),
            // A test's name may stand on each platform: three lists, each in order, merged.
            (None, Some(test), None) => (
                ["test = ?2", "test = ?3", "test = ?4"].map(|test| from("invitations_by_test", test)).join(" UNION ALL "),
                Platform::ALL.iter().map(|platform| test_digest(*platform, test)).collect(),
            ),
            (None, None, Some(platform)) => (from("invitations_by_platform", "platform = ?2"), vec![platform_number(platform)]),
            (None, None, None) => ("SELECT number, record FROM invitations WHERE number > ?1".to_owned(), Vec::new()),
        };
        self.list(&format!("{sql} ORDER BY number"), &values, wanted.page, |row| {
            let invitation: Invitation = record(row, 1)?;
            let fits = wanted.platform.is_none_or(|platform| invitation.platform == platform)
                && wanted.test.as_ref().is_none_or(|test| invitation.test_id == *test)
                && key.as_ref().is_none_or(|key| invitation.email.as_deref().is_some_and(|email| email_key(email) == *key));
            Ok(fits.then_some(invitation))
        })
    }

    /// The invitations behind the candidates of iMocha, one for each address, and of TestInvite, without deleted ones.
    pub(crate) fn list_invited(&self, page: Page) -> Result<Listed<Invitation>> {
        let of = |place: usize| {
            format!("SELECT number, record FROM invitations INDEXED BY invitations_by_platform WHERE platform = ?{place} AND number > ?1")
        };
        let platforms = [Platform::Imocha, Platform::TestInvite].map(platform_number);
        self.list(&format!("{} UNION ALL {} ORDER BY number", of(2), of(3)), &platforms, page, |row| {
            let invitation: Invitation = record(row, 1)?;
            let is_shown = match invitation.platform {
                Platform::Imocha => !self.is_repeat(row.get(0)?, &invitation)?,
                // A deleted candidate is gone (TestInvite reference, section 4.4).
                Platform::TestInvite => invitation.status != bidden::Status::Cancelled,
                Platform::ThinkExam => false,
            };
            Ok(is_shown.then_some(invitation))
        })
    }

    /// Whether an earlier invitation of the same platform is to the same address.
    fn is_repeat(&self, number: i64, invitation: &Invitation) -> Result<bool> {
        let key = invitation.email.as_deref().map(email_key);
        // Left alone, SQLite takes the index of the platform and reads all that came before.
        let sql = "SELECT record FROM invitations INDEXED BY invitations_by_email WHERE email IS ?1 AND platform = ?2 AND number < ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![key.as_deref().map(|key| digest(&[key])), platform_number(invitation.platform), number];
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let earlier: Invitation = record(row, 0)?;
            if earlier.email.as_deref().map(email_key) == key {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) fn list_students(&self, page: Page) -> Result<Listed<Student>> {
        self.list("SELECT student_id, record FROM students WHERE student_id > ?1 ORDER BY student_id", &[], page, |row| {
            record(row, 1).map(Some)
        })
    }

    pub(crate) fn list_messages(&self, page: Page) -> Result<Listed<Message>> {
        self.list("SELECT number, record FROM messages WHERE number > ?1 ORDER BY number", &[], page, |row| record(row, 1).map(Some))
    }

    pub(crate) fn list_requests(&self, page: Page) -> Result<Listed<ListedRequest>> {
        let sql = "SELECT number, at, method, path, body, status FROM requests WHERE number > ?1 ORDER BY number";
        self.list(sql, &[], page, |row| {
            let noted = Noted { method: row.get(2)?, path: row.get(3)?, body: row.get(4)? };
            Ok(Some(ListedRequest { at: Time::from_milliseconds(row.get(1)?), noted, status: row.get(5)? }))
        })
    }
}
