//! Who stands twice in a file.
//!
//! Kept are eight bytes of a digest and eight of a place for each key of a candidate, never the address itself. Two
//! different addresses among ten million share a digest in one run of 370,000.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use bidden::candidate::{Field, Row, email_key};

/// Where a row stands. More than four thousand million rows or lines count as the last of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The record, from 1.
    pub row: u32,
    /// The line on which it begins.
    pub line: u32,
}

impl Place {
    /// A place in a file.
    #[must_use]
    pub fn new(row: u64, line: u64) -> Self {
        Place { row: u32::try_from(row).unwrap_or(u32::MAX), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }
}

/// The digests of a candidate's keys, each with the field it comes from.
pub type Keys = [Option<(Field, u64)>; 2];

/// Makes digests of keys; the same in all threads of a run, different in every run.
#[derive(Clone, Debug, Default)]
pub struct Digester(RandomState);

impl Digester {
    /// The keys of a row: e-mail and external id; where neither is given, the user id or the unique id.
    #[must_use]
    pub fn keys(&self, row: &Row<'_>) -> Keys {
        let email = row.text(Field::Email).map(|text| (Field::Email, self.email(text)));
        let other = |field: Field| row.text(field).map(|text| (field, self.digest(field, text.as_bytes())));
        let external = other(Field::ExternalId);
        let last = if email.is_some() { None } else { other(Field::UserId).or_else(|| other(Field::UniqId)) };
        [email, external.or(last)]
    }

    /// The digest of an address. Plain addresses, nearly all, are lower-cased without allocating.
    #[must_use]
    pub fn email(&self, address: &str) -> u64 {
        let mut buffer = [0_u8; 256];
        let address = address.trim();
        match buffer.get_mut(..address.len()) {
            Some(lower) if address.is_ascii() => {
                lower.copy_from_slice(address.as_bytes());
                lower.make_ascii_lowercase();
                self.digest(Field::Email, lower)
            }
            _ => self.digest(Field::Email, email_key(address).as_bytes()),
        }
    }

    fn digest(&self, field: Field, key: &[u8]) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_u8(field as u8);
        hasher.write(key);
        hasher.finish()
    }
}

/// The candidates met so far, and where each was met first.
#[derive(Debug)]
pub struct Seen {
    places: HashMap<u64, Place>,
    limit: usize,
    is_full: bool,
}

impl Seen {
    /// Remembers every candidate: 16 bytes and some slack for each key.
    #[must_use]
    pub fn unlimited() -> Self {
        Seen::limited(usize::MAX)
    }

    /// Remembers this many keys, so that memory stays bounded at any length of the file.
    #[must_use]
    pub fn limited(limit: usize) -> Self {
        Seen { places: HashMap::new(), limit, is_full: false }
    }

    /// Whether keys were left out because the limit was reached.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Where the same candidate was met before, and by which field; `None` when it is new, and from now on known. Either
    /// key matching is the same candidate, and a new key is added to it.
    pub fn meet(&mut self, keys: &Keys, here: Place) -> Option<(Field, Place)> {
        let known = keys.iter().flatten().find_map(|(field, digest)| self.places.get(digest).map(|place| (*field, *place)));
        let first = known.map_or(here, |(_, place)| place);
        for (_, digest) in keys.iter().flatten() {
            if self.places.len() < self.limit {
                self.places.entry(*digest).or_insert(first);
            } else {
                self.is_full = true;
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(digester: &Digester, cells: &[(Field, &'static str)]) -> Keys {
        let mut row = Row::new();
        for (field, text) in cells {
            row.set(*field, text);
        }
        digester.keys(&row)
    }

    #[test]
    fn letter_case_blanks_and_the_form_of_a_domain_make_no_other_candidate() {
        let digester = Digester::default();
        let mut seen = Seen::unlimited();
        let place = Place::new(1, 2);
        assert_eq!(seen.meet(&keys(&digester, &[(Field::Email, "Ada@Müller.example")]), place), None);
        let again = seen.meet(&keys(&digester, &[(Field::Email, "  ada@XN--MLLER-KVA.example ")]), Place::new(2, 3));
        assert_eq!(again, Some((Field::Email, place)));
    }

    #[test]
    fn either_key_is_enough_and_a_new_key_is_added() {
        let digester = Digester::default();
        let mut seen = Seen::unlimited();
        let first = Place::new(1, 2);
        assert_eq!(seen.meet(&keys(&digester, &[(Field::Email, "ada@example.com")]), first), None);
        let both = keys(&digester, &[(Field::Email, "ada@example.com"), (Field::ExternalId, "7")]);
        assert_eq!(seen.meet(&both, Place::new(2, 3)), Some((Field::Email, first)));
        let other_address = keys(&digester, &[(Field::Email, "countess@example.com"), (Field::ExternalId, "7")]);
        assert_eq!(seen.meet(&other_address, Place::new(3, 4)), Some((Field::ExternalId, first)));
    }

    #[test]
    fn a_key_of_one_field_is_none_of_another() {
        let digester = Digester::default();
        let mut seen = Seen::unlimited();
        assert_eq!(seen.meet(&keys(&digester, &[(Field::ExternalId, "7")]), Place::new(1, 2)), None);
        assert_eq!(seen.meet(&keys(&digester, &[(Field::UserId, "7")]), Place::new(2, 3)), None);
    }

    #[test]
    fn beyond_the_limit_nothing_more_is_remembered() {
        let digester = Digester::default();
        let mut seen = Seen::limited(1);
        let (ada, bob) = ([(Field::Email, "ada@example.com")], [(Field::Email, "bob@example.com")]);
        assert_eq!(seen.meet(&keys(&digester, &ada), Place::new(1, 2)), None);
        assert!(!seen.is_full());
        assert_eq!(seen.meet(&keys(&digester, &bob), Place::new(2, 3)), None);
        assert!(seen.is_full());
        assert_eq!(seen.meet(&keys(&digester, &bob), Place::new(3, 4)), None);
        assert!(seen.meet(&keys(&digester, &ada), Place::new(4, 5)).is_some());
    }
}
