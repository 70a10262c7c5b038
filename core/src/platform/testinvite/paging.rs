//! Pages: what every list asks for, and where a page stands among the others. Reference: sections 4.1 and 7.

use super::Mode;
use crate::FieldError;
use crate::fields::Fields;
use crate::http::with_query;

/// The largest `limit` that is sent (choice C23).
const LARGEST_LIMIT: i64 = 100;

shapes! {
    /// Where a page stands among the others (section 4.1, published). What the platform does not tell is `None`.
    Pagination {
        /// How many entries fit the filters.
        total_items: i64 = "totalItems" or ();
        /// How many pages they fill.
        total_pages: i64 = "totalPages" or ();
        /// This page, counted from 1.
        current_page: i64 = "currentPage" or ();
        /// How many entries a page has.
        limit: i64 = "limit" or ();
        /// The query of the next page, such as `?limit=5&page=3&mode=basic`; none on the last.
        next: String = "next" or ();
        /// The query of the page before; none on the first.
        previous: String = "previous" or ();
    }
}

/// What every list in pages asks for.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) mode: Option<Mode>,
    pub(super) limit: Option<i64>,
    pub(super) page: Option<i64>,
}

impl Asked {
    pub(super) fn read(fields: &mut Fields) -> Self {
        Asked { mode: fields.word("mode", Mode::WORDS), limit: fields.integer("limit"), page: fields.integer("page") }
    }

    pub(super) fn faults(self) -> Vec<FieldError> {
        let limit = limit_fault(self.limit);
        let page = self.page.is_some_and(|page| page < 1).then(|| FieldError::new("page", "a number from 1 on is expected"));
        limit.into_iter().chain(page).collect()
    }

    /// The parameters in the order of the reference, those that are not given without a value.
    fn query(self) -> [(&'static str, Option<String>); 3] {
        [
            ("mode", self.mode.map(|mode| mode.word().to_owned())),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("page", self.page.map(|page| page.to_string())),
        ]
    }

    /// The path with these parameters, and behind them the filters that are given.
    pub(super) fn path(self, path: &str, filters: &[(&str, &Option<String>)]) -> String {
        let mut query = self.query().to_vec();
        query.extend(filters.iter().map(|(name, value)| (*name, (*value).clone())));
        with_query(path, &query)
    }
}

/// Choice C23.
pub(super) fn limit_fault(limit: Option<i64>) -> Option<FieldError> {
    limit.is_some_and(|limit| !(1..=LARGEST_LIMIT).contains(&limit)).then(|| FieldError::new("limit", "a number from 1 to 100 is expected"))
}

/// A platform that takes an empty filter for none would answer with others.
pub(super) fn filter_faults(filters: &[(&str, &Option<String>)]) -> Vec<FieldError> {
    let is_empty = |text: &Option<String>| text.as_ref().is_some_and(|text| text.trim().is_empty());
    filters
        .iter()
        .filter(|(_, text)| is_empty(text))
        .map(|(field, _)| FieldError::new(*field, "is empty; leave it out to see all"))
        .collect()
}

/// The sandbox's side of what a query asks for.
#[cfg(feature = "engine")]
pub(super) mod served {
    use super::super::reply::{Refusal, query_mode};
    use super::Asked;
    use crate::engine::Dialect;
    use crate::http::{Request, Response, query_value};

    /// Choice C22: a number that is out of range is 400.
    pub(in super::super) fn asked(request: &Request, dialect: &Dialect) -> Result<Asked, Response> {
        let mode = query_mode(request)?;
        Ok(Asked { mode, limit: limit(request, dialect)?, page: number(request, "page")? })
    }

    /// The largest limit is the client's affair, unless a switch sets one (choice C23).
    pub(in super::super) fn limit(request: &Request, dialect: &Dialect) -> Result<Option<i64>, Response> {
        let limit = number(request, "limit")?;
        match dialect.testinvite.max_limit {
            Some(most) if limit.is_some_and(|limit| limit > most) => {
                Err(Refusal::InvalidQuery.to_response(&format!("limit: a number from 1 to {most} is expected")))
            }
            _ => Ok(limit),
        }
    }

    fn number(request: &Request, name: &str) -> Result<Option<i64>, Response> {
        match query_value(request, name).map(|text| text.parse()) {
            None => Ok(None),
            Some(Ok(number @ 1_i64..)) => Ok(Some(number)),
            Some(_) => Err(Refusal::InvalidQuery.to_response(&format!("{name}: a number from 1 on is expected"))),
        }
    }
}
