//! Who stands twice in a file, or in what a program gives.
//!
//! Kept are eight bytes of a digest and eight of a place for each key of a candidate, never the address itself. Two
//! different addresses among ten million share a digest in one run of 370,000.
//!
//! A candidate has one address and one external id. Either alone is enough to know them again; both together must be the
//! same two: an address under two external ids, or an external id under two addresses, is a conflict that a person has to
//! settle.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use bidden::candidate::{Field, Row, email_key};

/// Where a row stands. More than four thousand million rows or lines count as the last of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The record, from 1.
    pub row: u32,
    /// The line on which it begins; 0 for a row of no file.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "row {}", self.row),
            line => write!(formatter, "row {} (line {line})", self.row),
        }
    }
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

/// What a row is to those before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meeting {
    /// A candidate that was not met before, and from now on is known.
    New,
    /// The same candidate as the row there, by this key.
    Same(Field, Place),
    /// This key is that of the row there, and the other key says that it is somebody else.
    Conflict(Field, Place),
}

impl Meeting {
    /// Why a conflict cannot be sent.
    #[must_use]
    pub fn conflict(field: Field, place: Place) -> String {
        let (same, other) = if field == Field::Email { ("e-mail address", "external id") } else { ("external id", "e-mail address") };
        format!("has the {same} of {place} and another {other}; correct one of the two rows")
    }
}

/// The first place of a candidate, and whether both keys of it are known. More than two thousand million rows count as
/// the last of them.
#[derive(Clone, Copy, Debug)]
struct Known {
    row_and_mark: u32,
    line: u32,
}

const MARK: u32 = 1 << 31;

impl Known {
    fn new(place: Place, has_both: bool) -> Self {
        Known { row_and_mark: place.row.min(MARK - 1) | if has_both { MARK } else { 0 }, line: place.line }
    }

    fn place(self) -> Place {
        Place { row: self.row_and_mark & !MARK, line: self.line }
    }

    fn has_both(self) -> bool {
        self.row_and_mark & MARK != 0
    }
}

/// A digest is a hash already, with a key of its own in every run: it is not hashed again.
#[derive(Clone, Copy, Debug, Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The candidates met so far, and where each was met first.
#[derive(Debug)]
pub struct Seen {
    candidates: HashMap<u64, Known, BuildHasherDefault<Itself>>,
    limit: usize,
    is_full: bool,
}

impl Seen {
    /// Remembers every candidate: 16 bytes and some slack for each key.
    #[must_use]
    pub fn unlimited() -> Self {
        Seen { candidates: HashMap::default(), limit: usize::MAX, is_full: false }
    }

    /// Remembers this many keys, so that memory stays bounded at any length of the file. The room for them is asked for at
    /// once: a table that grows holds its old self beside the new one. What is not used of it is never touched.
    #[must_use]
    pub fn limited(limit: usize) -> Self {
        Seen { candidates: HashMap::with_capacity_and_hasher(limit, BuildHasherDefault::default()), limit, is_full: false }
    }

    /// Whether keys were left out because the limit was reached.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// What a row with these keys is. A new candidate is remembered, and a new key of a known one; of a conflict nothing.
    pub fn meet(&mut self, keys: &Keys, here: Place) -> Meeting {
        let (email, other) = match *keys {
            [Some(email), Some(other)] => (email, other),
            [Some(key), None] | [None, Some(key)] => return self.meet_one(key, here),
            [None, None] => return Meeting::New,
        };
        let find = |(_, digest): (Field, u64)| self.candidates.get(&digest).copied();
        let found = (find(email), find(other));
        let (meeting, place) = match found {
            (None, None) => (Meeting::New, here),
            (Some(one), Some(other)) if one.place() != other.place() => return Meeting::Conflict(email.0, one.place()),
            // The candidate has both keys, and the other one that this row gives is not among them.
            (Some(known), None) if known.has_both() => return Meeting::Conflict(email.0, known.place()),
            (None, Some(known)) if known.has_both() => return Meeting::Conflict(other.0, known.place()),
            (Some(known), _) => (Meeting::Same(email.0, known.place()), known.place()),
            (None, Some(known)) => (Meeting::Same(other.0, known.place()), known.place()),
        };
        let missing = usize::from(found.0.is_none()) + usize::from(found.1.is_none());
        self.remember(email.1, other.1, missing, place);
        meeting
    }

    /// As [`Seen::meet`], for the one key that nearly all rows have.
    fn meet_one(&mut self, (field, digest): (Field, u64), here: Place) -> Meeting {
        if !self.has_room_for(1) {
            let known = self.candidates.get(&digest);
            self.is_full |= known.is_none();
            return known.map_or(Meeting::New, |known| Meeting::Same(field, known.place()));
        }
        match self.candidates.entry(digest) {
            Entry::Occupied(known) => Meeting::Same(field, known.get().place()),
            Entry::Vacant(room) => {
                room.insert(Known::new(here, false));
                Meeting::New
            }
        }
    }

    /// Of the two keys, so many are not known yet.
    fn remember(&mut self, email: u64, other: u64, missing: usize, place: Place) {
        if self.has_room_for(missing) {
            for digest in [email, other] {
                self.candidates.insert(digest, Known::new(place, true));
            }
            return;
        }
        // The key without room must not be missed later: its candidate stays one with a single key.
        self.is_full = true;
        if missing == 2 && self.has_room_for(1) {
            self.candidates.insert(email, Known::new(place, false));
        }
    }

    fn has_room_for(&self, keys: usize) -> bool {
        self.limit - self.candidates.len() >= keys
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
        assert_eq!(seen.meet(&keys(&digester, &[(Field::Email, "Ada@Müller.example")]), place), Meeting::New);
        let again = seen.meet(&keys(&digester, &[(Field::Email, "  ada@XN--MLLER-KVA.example ")]), Place::new(2, 3));
        assert_eq!(again, Meeting::Same(Field::Email, place));
    }

    #[test]
    fn either_key_is_enough_and_a_new_key_is_added() {
        let digester = Digester::default();
        let mut seen = Seen::unlimited();
        let first = Place::new(1, 2);
        assert_eq!(seen.meet(&keys(&digester, &[(Field::Email, "ada@example.com")]), first), Meeting::New);
        let both = keys(&digester, &[(Field::Email, "ada@example.com"), (Field::ExternalId, "7")]);
        assert_eq!(seen.meet(&both, Place::new(2, 3)), Meeting::Same(Field::Email, first));
        let id_alone = keys(&digester, &[(Field::ExternalId, "7")]);
        assert_eq!(seen.meet(&id_alone, Place::new(3, 4)), Meeting::Same(Field::ExternalId, first));
        let both_again = seen.meet(&both, Place::new(4, 5));
        assert_eq!(both_again, Meeting::Same(Field::Email, first));
    }

    #[test]
    fn an_address_under_two_ids_and_an_id_under_two_addresses_are_conflicts() {
        let digester = Digester::default();
        let mut seen = Seen::unlimited();
        let both = |email, id| keys(&digester, &[(Field::Email, email), (Field::ExternalId, id)]);
        let (first, second) = (Place::new(1, 2), Place::new(2, 3));
        assert_eq!(seen.meet(&both("ada@example.com", "7"), first), Meeting::New);
        assert_eq!(seen.meet(&both("bob@example.com", "8"), second), Meeting::New);
        let later = Place::new(3, 4);
        assert_eq!(seen.meet(&both("ada@example.com", "9"), later), Meeting::Conflict(Field::Email, first));
        assert_eq!(seen.meet(&both("countess@example.com", "7"), later), Meeting::Conflict(Field::ExternalId, first));
        assert_eq!(seen.meet(&both("ada@example.com", "8"), later), Meeting::Conflict(Field::Email, first));
        // What only conflicting rows had is nobody's.
        assert_eq!(seen.meet(&both("countess@example.com", "9"), later), Meeting::New);
    }

    #[test]
    fn two_candidates_with_one_key_each_cannot_become_one() {
        let digester = Digester::default();
        let mut seen = Seen::unlimited();
        let first = Place::new(1, 2);
        assert_eq!(seen.meet(&keys(&digester, &[(Field::Email, "ada@example.com")]), first), Meeting::New);
        assert_eq!(seen.meet(&keys(&digester, &[(Field::ExternalId, "7")]), Place::new(2, 3)), Meeting::New);
        let both = keys(&digester, &[(Field::Email, "ada@example.com"), (Field::ExternalId, "7")]);
        assert_eq!(seen.meet(&both, Place::new(3, 4)), Meeting::Conflict(Field::Email, first));
    }

    #[test]
    fn a_key_for_which_there_was_no_room_makes_no_conflict() {
        let digester = Digester::default();
        let mut seen = Seen::limited(1);
        let first = Place::new(1, 2);
        let both = keys(&digester, &[(Field::Email, "ada@example.com"), (Field::ExternalId, "7")]);
        assert_eq!(seen.meet(&both, first), Meeting::New);
        assert!(seen.is_full());
        assert_eq!(seen.meet(&both, Place::new(2, 3)), Meeting::Same(Field::Email, first));
    }

    #[test]
    fn a_key_of_one_field_is_none_of_another() {
        let digester = Digester::default();
        let mut seen = Seen::unlimited();
        assert_eq!(seen.meet(&keys(&digester, &[(Field::ExternalId, "7")]), Place::new(1, 2)), Meeting::New);
        assert_eq!(seen.meet(&keys(&digester, &[(Field::UserId, "7")]), Place::new(2, 3)), Meeting::New);
    }

    #[test]
    fn beyond_the_limit_nothing_more_is_remembered() {
        let digester = Digester::default();
        let mut seen = Seen::limited(1);
        let (ada, bob) = ([(Field::Email, "ada@example.com")], [(Field::Email, "bob@example.com")]);
        assert_eq!(seen.meet(&keys(&digester, &ada), Place::new(1, 2)), Meeting::New);
        assert!(!seen.is_full());
        assert_eq!(seen.meet(&keys(&digester, &bob), Place::new(2, 3)), Meeting::New);
        assert!(seen.is_full());
        assert_eq!(seen.meet(&keys(&digester, &bob), Place::new(3, 4)), Meeting::New);
        assert_eq!(seen.meet(&keys(&digester, &ada), Place::new(4, 5)), Meeting::Same(Field::Email, Place::new(1, 2)));
    }
}
