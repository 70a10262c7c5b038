//! The record held against what the platform shows of a test: who agrees, who is missing on which side, what has moved.

use std::collections::{BTreeMap, HashMap, HashSet};

use bidden::candidate::email_key;
use bidden::error::Stops;
use bidden::operation::{Disposition, LookUp, Operation as _, Sighting, Step};
use bidden::{AnyReply, Error, Kind, Platform, Status, Time, imocha};
use serde::{Serialize, Serializer};

use crate::clock::now;
use crate::law::{self, Sight};
use crate::ledger::Invitations;
use crate::lookup;
use crate::record::{Pending, Record, Standing};
use crate::send::Sender;
use crate::status::{Whose, status_at};
use crate::storage::{Learned, Note};
use crate::{Keys, Place};

/// So many invitations that no list of iMocha shows are asked for one by one.
const MOST_REPORTS: usize = 10_000;

/// What the record and the platform say of one invitation, side by side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Finding {
    /// Both say the same.
    Agreed,
    /// iMocha lists neither waiting nor running invitations: nothing contradicts the record, and nothing confirms it.
    NotListed,
    /// It stands otherwise than the record said.
    Moved,
    /// The platform shows what nobody knew to have arrived.
    Resolved,
    /// Nobody can say what came of it, the platform does not either.
    Uncertain,
    /// The record says that the platform accepted it, and it is not there.
    Ghost,
    /// The platform shows it, and the record does not know it.
    Orphan,
    /// An operation was under way meanwhile.
    UnderWay,
}

impl Finding {
    /// The word in every language.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Finding::Agreed => "agreed",
            Finding::NotListed => "not-listed",
            Finding::Moved => "moved",
            Finding::Resolved => "resolved",
            Finding::Uncertain => "uncertain",
            Finding::Ghost => "ghost",
            Finding::Orphan => "orphan",
            Finding::UnderWay => "under-way",
        }
    }

    /// Whether somebody has to look at it.
    #[must_use]
    pub fn needs_somebody(self) -> bool {
        matches!(self, Finding::Uncertain | Finding::Ghost | Finding::Orphan)
    }

    /// Whether the record learns from it.
    fn is_news(self) -> bool {
        matches!(self, Finding::Moved | Finding::Resolved | Finding::Ghost)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

/// One invitation on which record and platform do not simply agree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What it is.
    pub finding: Finding,
    /// Whose it is.
    pub candidate: Keys,
    /// The platform's id.
    pub invitation_id: Option<String>,
    /// Where the record said that it stands; `None` when it knew of none.
    pub recorded: Option<Status>,
    /// Where the platform says that it stands; `None` when it shows none.
    pub shown: Option<Status>,
    /// The platform's own word.
    pub platform_status: Option<String>,
}

impl Difference {
    fn order(&self) -> impl Ord + '_ {
        (self.finding, self.candidate.email.as_deref(), self.candidate.external.as_deref(), self.invitation_id.as_deref())
    }
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            finding: Finding,
            candidate: Whose<'a>,
            invitation_id: Option<&'a str>,
            recorded: Option<Status>,
            shown: Option<Status>,
            platform_status: Option<&'a str>,
        }
        let Difference { finding, candidate, invitation_id, recorded, shown, platform_status } = self;
        let candidate = Whose::of(candidate.email.as_deref(), candidate.external.as_deref());
        let (invitation_id, platform_status) = (invitation_id.as_deref(), platform_status.as_deref());
        Shown { finding: *finding, candidate, invitation_id, recorded: *recorded, shown: *shown, platform_status }.serialize(serializer)
    }
}

/// What a comparison came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reconciliation {
    /// How many invitations are what.
    pub counts: BTreeMap<Finding, u64>,
    /// All of them but those that agree and those that the platform does not list, by finding and candidate.
    pub differences: Vec<Difference>,
    /// How many the platform shows.
    pub shown: usize,
    /// How many were written into the record.
    pub written: usize,
}

/// A record, what the platform shows of it, and what that makes of it.
struct Compared {
    record: Record,
    place: Place,
    sight: Sight,
    finding: Finding,
    standing: Standing,
}

/// What the platform shows of a test.
struct Shown {
    platform: Platform,
    by_id: HashMap<String, Sighting>,
    by_email: HashMap<String, Vec<String>>,
}

/// What was known before the platform was asked: whatever differs from it afterwards has moved meanwhile.
#[derive(Default)]
struct Before {
    versions: HashMap<i64, i64>,
    ids: HashSet<String>,
    since: Option<Time>,
}

/// What a reading of the record leaves.
#[derive(Default)]
struct Scan {
    counts: BTreeMap<Finding, u64>,
    compared: Vec<Compared>,
    /// The ids that belong to an invitation of the record.
    claimed: HashSet<String>,
    /// iMocha: invitations that wait by the record, and are asked for one by one.
    waiting: usize,
    /// iMocha: the newest id of each address, for a chain's older attempts.
    newest: HashMap<String, i64>,
}

impl<S: Sender> Invitations<S> {
    /// Holds the record of this test against what the platform shows of it, whatever the scope in which its candidates are unique.
    /// `progress` hears how many invitations the platform has shown so far. With `writes` the record learns what has moved. iMocha
    /// lists no attempt that runs: for up to 10,000 invitations that wait by the record, the report is asked whether it has begun.
    ///
    /// # Errors
    /// `invalid-input` on Think Exam, which shows nothing; `storage`; what the platform says.
    pub fn reconcile(&self, writes: bool, mut progress: impl FnMut(usize)) -> Result<Reconciliation, Error> {
        let before = self.before()?;
        let shown = self.shown(before.since, &mut progress)?;
        let listed = shown.by_id.len();
        let (mut scan, shown) = self.scan(before, shown)?;
        let at = now();
        let mut asked = 0;
        for compared in &mut scan.compared {
            let id = compared.record.standing.invitation_id.as_deref();
            let seen = match compared.finding {
                // Pages that shift while they are read hide somebody: only the platform's own no makes a ghost.
                Finding::Ghost => self.fetched(id)?,
                Finding::NotListed if !self.cancellation().is_cancelled() => {
                    asked += 1;
                    progress(listed + asked);
                    self.begun(id)?
                }
                _ => None,
            };
            if let Some(sighting) = seen {
                compared.sight = lookup::seen(sighting);
                (compared.finding, compared.standing) = judge(&compared.record, &compared.place, &compared.sight, at);
            }
        }
        let mut reconciliation = Reconciliation { counts: scan.counts, shown: listed, ..Reconciliation::default() };
        let notes: Vec<Note> =
            scan.compared.iter().filter(|compared| compared.finding.is_news()).map(|compared| compared.note(at)).collect();
        if writes {
            reconciliation.written = notes.len();
            for notes in notes.chunks(256) {
                let notes = notes.to_vec();
                self.ledger().ask(move |storage| storage.note(&notes))?;
            }
        }
        for compared in scan.compared {
            *reconciliation.counts.entry(compared.finding).or_default() += 1;
            if !matches!(compared.finding, Finding::Agreed | Finding::NotListed) {
                reconciliation.differences.push(compared.difference(at));
            }
        }
        let orphans: Vec<Sighting> = shown
            .by_id
            .into_values()
            .filter(|sighting| !scan.claimed.contains(&sighting.invitation_id))
            .filter(|sighting| {
                let newest = sighting.email.as_deref().and_then(|email| scan.newest.get(&email_key(email)));
                newest.is_none_or(|newest| lookup::number(&sighting.invitation_id) > *newest)
            })
            .collect();
        if !orphans.is_empty() {
            reconciliation.counts.insert(Finding::Orphan, orphans.len() as u64);
        }
        reconciliation.differences.extend(orphans.into_iter().map(|sighting| Difference {
            finding: Finding::Orphan,
            candidate: sighting.email.as_deref().map(Keys::of_email).unwrap_or_default(),
            invitation_id: Some(sighting.invitation_id),
            recorded: None,
            shown: Some(sighting.status),
            platform_status: sighting.platform_status,
        }));
        // Records are numbered as their requests happened to be written: a report must not depend on it.
        reconciliation.differences.sort_by(|one, other| one.order().cmp(&other.order()));
        Ok(reconciliation)
    }

    fn before(&self) -> Result<Before, Error> {
        let base = self.base().clone();
        self.ledger().ask(move |storage| {
            let mut before = Before::default();
            let places = beside(storage.places()?, &base);
            for number in places.keys() {
                let since = storage.since(*number)?;
                before.since = match (before.since, since) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
            storage.each(None, &mut |number, record| {
                if places.contains_key(&number) {
                    before.versions.insert(record.id, record.version);
                    before.ids.extend(record.standing.invitation_id);
                }
                Ok(true)
            })?;
            Ok(before)
        })
    }

    /// All that the platform shows of the test.
    fn shown(&self, since: Option<Time>, progress: &mut dyn FnMut(usize)) -> Result<Shown, Error> {
        let platform = self.sender().platform();
        let mut look_up = match platform {
            Platform::Imocha => LookUp::imocha(self.test(), since.unwrap_or(now()), now())?,
            Platform::TestInvite => LookUp::testinvite_task(self.test()),
            Platform::ThinkExam => {
                return Err(Error::new(Kind::InvalidInput, "Think Exam shows no assignment: there is nothing to hold the record against"));
            }
        };
        let mut last = None;
        let found = loop {
            match look_up.next(last.take()) {
                Step::Done(done) => break done?,
                Step::Send(call) => last = Some(self.sender().report(&call, self.cancellation())),
            }
            progress(look_up.found());
        };
        let mut shown = Shown { platform, by_id: HashMap::new(), by_email: HashMap::new() };
        for sighting in found {
            if let Some(email) = &sighting.email {
                shown.by_email.entry(email_key(email)).or_default().push(sighting.invitation_id.clone());
            }
            shown.by_id.insert(sighting.invitation_id.clone(), sighting);
        }
        Ok(shown)
    }

    fn scan(&self, before: Before, shown: Shown) -> Result<(Scan, Shown), Error> {
        let (base, at) = (self.base().clone(), now());
        self.ledger().ask(move |storage| {
            let places = beside(storage.places()?, &base);
            let mut scan = Scan { claimed: before.ids.clone(), ..Scan::default() };
            storage.each(None, &mut |number, record| {
                let Some(place) = places.get(&number) else { return Ok(true) };
                let sight = shown.sight(&record, place, &before.ids);
                let has_moved = record.is_live || before.versions.get(&record.id) != Some(&record.version);
                let (finding, standing) =
                    if has_moved { (Finding::UnderWay, record.standing.clone()) } else { judge(&record, place, &sight, at) };
                scan.claimed.extend(record.standing.invitation_id.clone());
                if let (true, Sight::Seen(observed)) = (standing.is_accepted || has_moved, &sight) {
                    scan.claimed.extend(observed.invitation_id.clone());
                }
                if let (Platform::Imocha, Some(email), Some(id)) = (shown.platform, &record.email, &standing.invitation_id) {
                    let newest = scan.newest.entry(email.clone()).or_default();
                    *newest = (*newest).max(lookup::number(id));
                }
                let may_have_begun = finding == Finding::NotListed
                    && shown.platform == Platform::Imocha
                    && standing.status == Status::Pending
                    && standing.invitation_id.is_some()
                    && scan.waiting < MOST_REPORTS;
                if may_have_begun {
                    scan.waiting += 1;
                }
                if matches!(finding, Finding::Agreed | Finding::NotListed) && !may_have_begun {
                    *scan.counts.entry(finding).or_default() += 1;
                } else {
                    scan.compared.push(Compared { record, place: place.clone(), sight, finding, standing });
                }
                Ok(true)
            })?;
            Ok((scan, shown))
        })
    }

    /// iMocha: where an invitation stands that waits by the record, where its report says that it was taken up.
    fn begun(&self, id: Option<&str>) -> Result<Option<Sighting>, Error> {
        let Some(number) = id.and_then(|id| id.parse().ok()) else { return Ok(None) };
        let report = match self.sender().report(&imocha::Report::new(number).into(), self.cancellation()).result {
            Ok(AnyReply::ImochaReport(report)) => report,
            Err(error) if error.kind().row().stops == Stops::Batch => return Err(error),
            _ => return Ok(None),
        };
        let Some(status) = report.standing() else { return Ok(None) };
        Ok(Some(Sighting {
            email: report.candidate_email,
            invitation_id: number.to_string(),
            status,
            platform_status: report.platform_status,
            invitation_code: None,
            test_url: None,
        }))
    }

    /// TestInvite: one candidate by the id; `None` when the platform says that there is none.
    fn fetched(&self, id: Option<&str>) -> Result<Option<Sighting>, Error> {
        let Some(id) = id.filter(|_| self.sender().platform() == Platform::TestInvite) else { return Ok(None) };
        lookup::of_id(self.sender(), self.test(), id, self.cancellation())
    }
}

/// The places of one test, whatever the scope in which its candidates are unique.
fn beside(places: Vec<(i64, Place)>, base: &Place) -> HashMap<i64, Place> {
    places.into_iter().filter(|(_, place)| place.is_beside(base) && place.test == base.test).collect()
}

/// What a sight makes of a record.
fn judge(record: &Record, place: &Place, sight: &Sight, at: Time) -> (Finding, Standing) {
    let before = record.standing.clone().with_loss();
    let after = law::seen(before.clone(), sight);
    let finding = match sight {
        _ if after.disposition == Some(Disposition::Uncertain) => Finding::Uncertain,
        Sight::NotAsked | Sight::NotListed if before.is_accepted => Finding::NotListed,
        Sight::Absent if before.is_accepted && before.status != Status::Cancelled => Finding::Ghost,
        Sight::Seen(_) if before.disposition == Some(Disposition::Uncertain) || (after.is_accepted && !before.is_accepted) => {
            Finding::Resolved
        }
        Sight::Seen(_)
            if before.is_accepted
                && (status_at(place, &before, at) != status_at(place, &after, at) || before.invitation_id != after.invitation_id) =>
        {
            Finding::Moved
        }
        _ => Finding::Agreed,
    };
    (finding, after)
}

impl Compared {
    fn note(&self, at: Time) -> Note {
        let closes = self.record.standing.pending.is_some().then_some(self.record.operation);
        let standing = Standing { looked_up_by: None, ..self.standing.clone() };
        Note { invitation: self.record.id, version: self.record.version, closes, at, standing, learned: Learned::LookUp }
    }

    fn difference(self, at: Time) -> Difference {
        let Compared { record, place, sight, finding, standing } = self;
        let recorded = record.standing.is_accepted.then(|| status_at(&place, &record.standing, at));
        let (shown, platform_status) = match sight {
            Sight::Seen(observed) => (Some(observed.status), observed.platform_status),
            _ => (None, None),
        };
        let candidate = Keys { email: record.email, external: record.external };
        Difference { finding, candidate, invitation_id: standing.invitation_id, recorded, shown, platform_status }
    }
}

impl Shown {
    /// What the platform shows of a record's invitation: the rules of [`Lookups`](crate::lookup::Lookups), over a whole list.
    fn sight(&self, record: &Record, place: &Place, ids: &HashSet<String>) -> Sight {
        let standing = &record.standing;
        let known = standing.invitation_id.as_deref();
        let email = record.email.as_ref();
        // What belongs to another record is not this one's, whatever address it bears.
        let by_email: Vec<&Sighting> = email
            .and_then(|email| self.by_email.get(email))
            .into_iter()
            .flatten()
            .filter(|id| !ids.contains(*id) || known == Some(id.as_str()))
            .filter_map(|id| self.by_id.get(id))
            .collect();
        let seen = |sighting: &Sighting| lookup::seen(sighting.clone());
        match self.platform {
            Platform::Imocha => {
                let newest = by_email.into_iter().max_by_key(|sighting| lookup::number(&sighting.invitation_id));
                let is_later =
                    |sighting: &&Sighting| known.is_some_and(|known| lookup::number(&sighting.invitation_id) > lookup::number(known));
                let attempt = standing.lost.as_deref().filter(|lost| Pending::makes_attempt(lost)).and(newest).filter(is_later);
                let own = || match known {
                    Some(id) => self.by_id.get(id),
                    None => newest,
                };
                attempt.or_else(own).map_or(Sight::NotListed, seen)
            }
            Platform::TestInvite => {
                if let Some(sighting) = known.filter(|_| standing.lost.is_none()).and_then(|id| self.by_id.get(id)) {
                    return seen(sighting);
                }
                // The same address may be another candidate in another group: there only the id tells.
                let found = if place.within.is_some() { &[] } else { by_email.as_slice() };
                match (found, known) {
                    ([only], _) => seen(only),
                    ([], Some(_)) => Sight::Absent,
                    ([], None) if email.is_some() && place.within.is_none() => Sight::Absent,
                    // Several of one address, and nothing says which.
                    (_, Some(_)) if standing.lost.is_none() => Sight::Absent,
                    _ => Sight::NotListed,
                }
            }
            Platform::ThinkExam => Sight::NotListed,
        }
    }
}
