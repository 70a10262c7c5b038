//! Where the platform says that invitations stand, asked at most once per run where one answer serves all (iMocha).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bidden::candidate::email_key;
use bidden::client::Cancel;
use bidden::operation::{LookUp, Sighting, TestId};
use bidden::{AnyReply, Error, Kind, Platform, Status, Time, testinvite};

use crate::clock::now;
use crate::law::{Observed, Sight};
use crate::ledger::drive;
use crate::record::Standing;
use crate::send::Sender;

/// What one run has asked so far.
#[derive(Debug)]
pub struct Lookups {
    platform: Platform,
    test: TestId,
    since: Option<Time>,
    lists: Mutex<Option<(Instant, Lists)>>,
    /// TestInvite: what the last addresses showed, at which version of the record.
    shown: Mutex<HashMap<String, Answered>>,
    /// The last question that came to nothing: others are not asked for a while.
    failed: Mutex<Option<(Instant, Error)>>,
}

/// So long nothing is asked after a question that came to nothing.
const RESPITE: Duration = Duration::from_secs(30);

/// When the platform was asked, at which version of the record, and what it showed.
type Answered = (Instant, i64, Vec<Sighting>);

/// So long an answer serves: a plan and the run after it ask once.
const FRESH: Duration = Duration::from_secs(300);

/// So many addresses are remembered at most.
const MOST_SHOWN: usize = 10_000;

/// iMocha's finished, cancelled and expired invitations to the test.
#[derive(Debug, Default)]
struct Lists {
    by_id: HashMap<String, Sighting>,
    /// The newest of each address.
    by_email: HashMap<String, String>,
}

impl Lookups {
    /// Nothing asked yet. `since` is when the record first named the place.
    #[must_use]
    pub fn new(platform: Platform, test: TestId, since: Option<Time>) -> Self {
        Lookups { platform, test, since, lists: Mutex::default(), shown: Mutex::default(), failed: Mutex::default() }
    }

    /// Whether the platform can be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        // An iMocha invitation that is known by its id alone belongs to a test that nobody named.
        LookUp::is_possible(self.platform) && !self.test.as_str().is_empty()
    }

    /// Forgets what was asked: the next question goes to the platform.
    pub fn forget(&self) {
        *self.lists.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets what was seen of one candidate, to whom something was sent since.
    pub fn forget_one(&self, address: Option<&str>, invitation_id: Option<&str>) {
        if let Some(address) = address {
            self.shown.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
        }
        if let (Some((_, lists)), Some(id)) = (&mut *self.lists.lock().unwrap_or_else(PoisonError::into_inner), invitation_id) {
            lists.by_id.remove(id);
        }
    }

    /// What the platform shows of a candidate's invitation. `address` is as it was sent; an answer that was given before another
    /// version of the record is asked for again.
    ///
    /// # Errors
    /// What the look-up says; it changes nothing on the platform.
    pub fn sight<S: Sender>(
        &self,
        sender: &S,
        address: Option<&str>,
        (standing, version): (&Standing, i64),
        cancel: &Cancel,
    ) -> Result<Sight, Error> {
        let failed = || self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, error)) = failed().as_ref().filter(|(at, _)| at.elapsed() < RESPITE) {
            return Err(error.clone());
        }
        let sight = self.ask(sender, address, (standing, version), cancel);
        if let Err(error) = &sight {
            *failed() = Some((Instant::now(), error.clone()));
        }
        sight
    }

    fn ask<S: Sender>(
        &self,
        sender: &S,
        address: Option<&str>,
        (standing, version): (&Standing, i64),
        cancel: &Cancel,
    ) -> Result<Sight, Error> {
        match self.platform {
            Platform::Imocha => self.in_lists(sender, address, standing, cancel),
            Platform::TestInvite => {
                let mut found = match address {
                    Some(address) => self.of_address(sender, address, version, cancel)?,
                    None => Vec::new(),
                };
                // A create that was lost has another id than the one before it; a change of the window has not.
                let is_same = standing.lost.as_deref().is_none_or(|lost| lost.is_refresh);
                if let Some(id) = standing.invitation_id.as_deref().filter(|_| is_same) {
                    if let Some(index) = found.iter().position(|sighting| sighting.invitation_id == id) {
                        return Ok(seen(found.swap_remove(index)));
                    }
                    if let Some(sighting) = of_id(sender, &self.test, id, cancel)? {
                        return Ok(seen(sighting));
                    }
                    // Gone; but perhaps there again: a request that was late, or somebody else's.
                    return Ok(found.pop().map_or(Sight::Absent, seen));
                }
                Ok(match (found.pop(), found.is_empty()) {
                    (None, _) if address.is_none() => Sight::NotListed,
                    (None, _) => Sight::Absent,
                    (Some(only), true) => seen(only),
                    // Several of one address, and nothing says which.
                    (Some(_), false) => Sight::NotListed,
                })
            }
            Platform::ThinkExam => Ok(Sight::NotListed),
        }
    }

    fn of_address<S: Sender>(&self, sender: &S, address: &str, version: i64, cancel: &Cancel) -> Result<Vec<Sighting>, Error> {
        let shown = || self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., found)) = shown().get(address).filter(|(at, known, _)| *known == version && at.elapsed() < FRESH) {
            return Ok(found.clone());
        }
        let (found, _) = drive(sender, &mut LookUp::testinvite(&self.test, address), cancel);
        let found = found?;
        let mut shown = shown();
        if shown.len() >= MOST_SHOWN {
            shown.clear();
        }
        shown.insert(address.to_owned(), (Instant::now(), version, found.clone()));
        Ok(found)
    }

    fn in_lists<S: Sender>(&self, sender: &S, address: Option<&str>, standing: &Standing, cancel: &Cancel) -> Result<Sight, Error> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.as_ref().is_some_and(|(at, _)| at.elapsed() >= FRESH) {
            *lists = None;
        }
        let (_, lists) = match &mut *lists {
            Some(lists) => lists,
            unasked => {
                let now = now();
                let (found, _) = drive(sender, &mut LookUp::imocha(&self.test, self.since.unwrap_or(now), now)?, cancel);
                unasked.insert((Instant::now(), Lists::of(found?)))
            }
        };
        // An id that is known is exact; by the address alone an older attempt of a chain could be meant. Of a new attempt that was
        // lost nobody knows the id, but it is a later one.
        let by_email = || address.and_then(|address| lists.by_email.get(&email_key(address)));
        let known = standing.invitation_id.as_ref();
        let is_later = |id: &&String| known.is_some_and(|known| number(id) > number(known));
        let attempt = standing.lost.as_deref().filter(|lost| lost.makes_attempt()).and_then(|_| by_email()).filter(is_later);
        let id = attempt.or(known).or_else(by_email);
        Ok(id.and_then(|id| lists.by_id.get(id)).map_or(Sight::NotListed, |sighting| seen(sighting.clone())))
    }
}

impl Lists {
    fn of(found: Vec<Sighting>) -> Self {
        let mut lists = Lists::default();
        for sighting in found {
            if let Some(email) = &sighting.email {
                let newest = lists.by_email.entry(email_key(email)).or_insert_with(|| sighting.invitation_id.clone());
                if number(&sighting.invitation_id) > number(newest) {
                    newest.clone_from(&sighting.invitation_id);
                }
            }
            lists.by_id.insert(sighting.invitation_id.clone(), sighting);
        }
        lists
    }
}

/// The list is filtered by the address as it was sent, letter case included (TestInvite reference, section 4.1): who is not in it may
/// be there all the same.
pub(crate) fn of_id<S: Sender>(sender: &S, test: &TestId, id: &str, cancel: &Cancel) -> Result<Option<Sighting>, Error> {
    let call = testinvite::FetchCandidate { task_id: test.as_str().to_owned(), id: id.to_owned(), mode: None };
    match sender.report(&call.into(), cancel).result {
        Ok(AnyReply::TestInviteFetchCandidate(candidate)) => Ok(Some(Sighting {
            email: candidate.email,
            invitation_id: candidate.candidate_id,
            // TestInvite prints no status: the states are ours (TestInvite reference, section 3.4).
            status: if candidate.logged_in == Some(true) { Status::InProgress } else { Status::Pending },
            platform_status: None,
            invitation_code: candidate.invitation_code,
            test_url: candidate.direct_access_url,
        })),
        Ok(_) => Err(Error::new(Kind::Internal, "the answer belongs to another call")),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// iMocha's ids are numbers that grow.
pub(crate) fn number(id: &str) -> i64 {
    id.parse().unwrap_or(0)
}

pub(crate) fn seen(sighting: Sighting) -> Sight {
    Sight::Seen(Box::new(Observed {
        status: sighting.status,
        platform_status: sighting.platform_status,
        invitation_id: Some(sighting.invitation_id),
        invitation_code: sighting.invitation_code,
        test_url: sighting.test_url,
    }))
}
