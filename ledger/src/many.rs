//! Many candidates who come one after the other from a program: each judged, sent and told, at most so many at once; or planned first, as
//! a file to be looked at, and applied.
//!
//! Files of candidates and their results are the command's; this is for who holds the people already, in any number: nobody is kept longer
//! than he is under way. A plan is the same file, whoever makes it and whoever applies it.

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bidden::candidate::{Field, Row};
use bidden::operation::{Disposition, InviteOptions, Outcome};
use bidden::{BaseUrl, Candidate, Error, Kind, Time};

use crate::ledger::Invitations;
use crate::plan::{
    Action, Footer, Header, LastChange, Moved, PlanFile, PlannedRow, SAME_AS, SeenThen, Settled, VERSION, Writer, fields_of,
    options_from_json, options_to_json, price_from_text,
};
use crate::seen::{Digester, Keys, Meeting, Place, Seen};
use crate::send::Sender;
use crate::stop::{Stop, reason};

/// Who is invited, and how; an error is a row that cannot be one, and is told as it is.
pub type Invitee = Result<(Candidate, InviteOptions), Error>;

/// So many rows are looked up in the record at once.
const BATCH: usize = 512;

/// What came of many.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Rows that came.
    pub rows: u64,
    /// Rows that ended well, now or before.
    pub good: u64,
    /// Rows that were not sent, because the run ended before.
    pub not_sent: u64,
    /// Requests for mail that left in this run.
    pub mails: u64,
    /// Why the run ended before its end, if it did.
    pub stopped: Option<String>,
}

/// How many go at once, and what was said yes to beforehand: nobody is asked here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many are under way at once.
    pub concurrency: usize,
    /// Whether somebody said yes to reaching people on a host that is not this machine.
    pub is_confirmed: bool,
    /// To how many mails at most. The run ends before one more is asked for.
    pub max_emails: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { concurrency: 16, is_confirmed: false, max_emails: None }
    }
}

impl Limits {
    /// Whether people may be reached at an address: on this machine always, anywhere else when somebody said so, and mailed only with a
    /// bound, as the command asks before it sends (DESIGN, section 4: consent).
    ///
    /// # Errors
    /// `invalid-input`, field `confirm` or `max_emails`.
    pub fn check(&self, base_url: &BaseUrl, options: &InviteOptions) -> Result<(), Error> {
        if base_url.is_loopback() {
            return Ok(());
        }
        let missing =
            |field, what: &str| Err(Error::invalid_field(field, format!("is missing: {what} {}; nothing was sent", base_url.host())));
        match (self.is_confirmed, self.max_emails) {
            (false, _) => missing("confirm", "people would be reached at"),
            (true, None) if asks_for_mail(options) => missing("max_emails", "mails would be asked for, any number of them, at"),
            _ => Ok(()),
        }
    }
}

fn asks_for_mail(options: &InviteOptions) -> bool {
    options.send_email || options.email_template.is_some()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many mails may still be asked for. A row that may ask for one holds a turn until it is known whether it did.
#[derive(Default)]
struct Mails {
    most: Option<u64>,
    /// Asked for, and perhaps asked for.
    counts: Mutex<(u64, u64)>,
    changed: Condvar,
}

/// A mail that may be asked for, counted as asked unless somebody knows better: a worker that panics may have sent.
struct Turn<'a> {
    mails: &'a Mails,
    is_asked: bool,
}

impl Mails {
    /// Waits for what is under way rather than refuse a row for which there is room after all.
    fn turn(&self) -> Option<Turn<'_>> {
        let Some(most) = self.most else { return Some(Turn { mails: self, is_asked: true }) };
        let mut counts = lock(&self.counts);
        loop {
            if counts.0 + counts.1 < most {
                counts.1 += 1;
                return Some(Turn { mails: self, is_asked: true });
            }
            if counts.1 == 0 {
                return None;
            }
            counts = self.changed.wait(counts).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.mails.most.is_some() {
            let mut counts = lock(&self.mails.counts);
            counts.1 -= 1;
            counts.0 += u64::from(self.is_asked);
            self.mails.changed.notify_all();
        }
    }
}

/// What is done for a row.
enum Work {
    Settled(Box<Outcome>),
    Invite(Box<(Candidate, InviteOptions)>),
}

impl<S: Sender + Sync> Invitations<S> {
    /// Invites everybody whom `next` gives, so many at once as `limits` say, and tells `each` what came of each: its number from 0, in the
    /// order in which they end. When the run ends early (somebody cancels, an error concerns every row, or one more mail would be more than
    /// was allowed), those who are under way are finished, and the next ones are told as *not sent* until `next` gives nobody any more or
    /// somebody has cancelled.
    ///
    /// # Errors
    /// `storage`, when the ledger fails; what `each` was told before holds. `invalid-input`, field `confirm`: a host that is not this
    /// machine, and nobody said yes.
    pub fn invite_many(
        &self,
        mut next: impl FnMut() -> Option<Invitee> + Send,
        mut each: impl FnMut(u64, &Outcome) + Send,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<Totals, Error> {
        // Who asks for mails is known row by row: on a live host no bound is none.
        limits.check(self.sender().base_url(), &InviteOptions::default())?;
        let is_live = !self.sender().base_url().is_loopback();
        let limits = Limits { max_emails: limits.max_emails.or(is_live.then_some(0)), ..*limits };
        let next = || {
            Ok(next().map(|invitee| match invitee {
                Ok(invitee) => ((), Work::Invite(Box::new(invitee))),
                Err(error) => ((), Work::Settled(Box::new(Outcome::of_error(error)))),
            }))
        };
        self.work_off(next, |number, (), outcome| each(number, outcome), &limits, stop)
    }

    fn work_off<T: Send>(
        &self,
        next: impl FnMut() -> Result<Option<(T, Work)>, Error> + Send,
        each: impl FnMut(u64, &T, &Outcome) + Send,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<Totals, Error> {
        let source = Mutex::new((next, 0_u64));
        let told = Mutex::new((each, Totals::default()));
        let broken = Mutex::new(None);
        let mails = Mails { most: limits.max_emails, ..Mails::default() };
        let break_off = |error: &Error| {
            stop.set(format!("{}: {error}", error.kind()));
            lock(&broken).get_or_insert_with(|| error.clone());
        };
        let take = || {
            let (next, count) = &mut *lock(&source);
            // Whoever cancelled wants no more rows read; an error that ends the run tells the rest.
            if stop.is_set() && self.cancellation().is_cancelled() {
                return None;
            }
            let (tag, work) = next().unwrap_or_else(|error| {
                break_off(&error);
                None
            })?;
            *count += 1;
            Some((*count - 1, tag, work))
        };
        let work = || {
            while let Some((number, tag, work)) = take() {
                let outcome = match work {
                    Work::Settled(outcome) => *outcome,
                    Work::Invite(_) if stop.is_set() => Outcome::of(Disposition::NotSent),
                    Work::Invite(invitee) => self.invite_within(&invitee.0, &invitee.1, &mails, stop).unwrap_or_else(|error| {
                        break_off(&error);
                        Outcome::of_error(error)
                    }),
                };
                stop.judge(&outcome);
                let (each, totals) = &mut *lock(&told);
                totals.rows += 1;
                totals.good += u64::from(outcome.disposition.exit_code() == 0);
                totals.not_sent += u64::from(outcome.disposition == Disposition::NotSent);
                totals.mails += u64::from(outcome.asked_for_mail);
                each(number, &tag, &outcome);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..limits.concurrency.max(1) {
                scope.spawn(|| {
                    if catch_unwind(AssertUnwindSafe(work)).is_err() {
                        break_off(&Error::new(Kind::Internal, "a worker panicked"));
                    }
                });
            }
        });
        let (_, mut totals) = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        totals.stopped = stop.why();
        match broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(totals),
        }
    }

    /// Invites one, unless that could ask for one mail more than is allowed.
    fn invite_within(&self, candidate: &Candidate, options: &InviteOptions, mails: &Mails, stop: &Stop) -> Result<Outcome, Error> {
        if !asks_for_mail(options) {
            return self.invite(candidate, options);
        }
        let Some(mut turn) = mails.turn() else {
            stop.set(format!("{} mails were asked for, and no more are allowed (max_emails)", mails.most.unwrap_or_default()));
            return Ok(Outcome::of(Disposition::NotSent));
        };
        let outcome = self.invite(candidate, options)?;
        turn.is_asked = outcome.asked_for_mail;
        Ok(outcome)
    }
}

/// A row for a plan: who is wished, as he was given.
pub struct Wished {
    fields: BTreeMap<String, String>,
    candidate: Result<Candidate, Error>,
}

impl Wished {
    /// Reads a row.
    #[must_use]
    pub fn read(row: &Row<'_>, platform: bidden::Platform, now: Time) -> Self {
        let told = [Field::Email, Field::Name, Field::ExternalId, Field::UserId, Field::UniqId];
        let fields = told.into_iter().filter_map(|field| Some((field.name().to_owned(), row.text(field)?.to_owned())));
        Wished { fields: fields.collect(), candidate: Candidate::from_row(row, Some(platform), now) }
    }

    fn keys(&self, digester: &Digester) -> Keys {
        let mut row = Row::new();
        for (name, text) in &self.fields {
            if let Some(field) = Field::from_name(name) {
                row.set(field, text);
            }
        }
        digester.keys(&row)
    }
}

/// The people who stand in a plan already.
#[derive(Default)]
struct Known {
    digester: Digester,
    seen: Option<Seen>,
}

impl Known {
    fn meet(&mut self, wished: &Wished, number: u64) -> Meeting {
        let keys = wished.keys(&self.digester);
        self.seen.get_or_insert_with(Seen::unlimited).meet(&keys, Place::new(number, 0))
    }
}

fn now() -> Time {
    SystemTime::now().into()
}

impl<S: Sender> Invitations<S> {
    /// Writes a plan: what [`Invitations::invite_many`] would do for everybody whom `next` gives, in their order, by what the record
    /// holds, and the platform where the record holds them. Nothing is sent that changes anything. `each` hears of every row that is
    /// written. The plan holds no password and no second credential.
    ///
    /// # Errors
    /// `invalid-input`, when the options are none that the platform takes; `storage`, when it cannot be written; what a look-up says;
    /// `timed-out`, when somebody cancelled.
    pub fn plan_many(
        &self,
        mut next: impl FnMut() -> Option<Wished>,
        mut each: impl FnMut(&PlannedRow),
        options: &InviteOptions,
        output: impl Write,
    ) -> Result<Footer, Error> {
        options.check(self.sender().platform(), now())?;
        let header = Header {
            plan: VERSION,
            made_at: now().to_string(),
            place: self.base().clone(),
            base_url: self.sender().base_url().as_str().to_owned(),
            options: options_to_json(options),
            consent: self.consent(),
            input: None,
            columns: None,
        };
        let mut writer = Writer::new(output, &header)?;
        let (mut known, mut number, mut is_over) = (Known::default(), 0, false);
        while !is_over {
            if self.cancellation().is_cancelled() {
                return Err(Error::new(Kind::TimedOut, "cancelled; nothing was sent"));
            }
            let mut batch = Vec::with_capacity(BATCH);
            while batch.len() < BATCH && !is_over {
                match next() {
                    Some(wished) => {
                        number += 1;
                        batch.push((number, wished));
                    }
                    None => is_over = true,
                }
            }
            for row in self.planned(batch, options, &mut known)? {
                each(&row);
                writer.row(&row)?;
            }
        }
        writer.finish()
    }

    fn planned(&self, batch: Vec<(u64, Wished)>, options: &InviteOptions, known: &mut Known) -> Result<Vec<PlannedRow>, Error> {
        let mut rows = Vec::with_capacity(batch.len());
        let mut candidates = Vec::new();
        for (number, wished) in batch {
            let mut row = PlannedRow {
                row: number,
                line: None,
                action: Action::Invite,
                mail: false,
                candidate: BTreeMap::new(),
                left_out: Vec::new(),
                cells: Vec::new(),
                price: None,
                seen: None,
                why: None,
                faults: Vec::new(),
            };
            let checked =
                wished.candidate.as_ref().map_err(Error::clone).and_then(|candidate| self.task(candidate, options).map(|_| candidate));
            // Only what can be sent takes the place of what follows: the second of two rows may be the whole one.
            let (action, error) = match checked {
                Err(error) => (Action::Invalid, Some(error)),
                Ok(candidate) => match known.meet(&wished, number) {
                    Meeting::New => {
                        (row.candidate, row.left_out) = fields_of(candidate);
                        candidates.push((rows.len(), candidate.clone()));
                        (Action::Invite, None)
                    }
                    Meeting::Same(_, place) => {
                        row.why = Some(format!("{SAME_AS}{place}"));
                        (Action::DuplicateRow, None)
                    }
                    Meeting::Conflict(field, place) => {
                        (Action::Held, Some(Error::invalid_field(field.name(), Meeting::conflict(field, place))))
                    }
                },
            };
            row.action = action;
            if let Some(error) = error {
                row.why = Some(reason(&error));
                row.faults = error.fields().iter().map(|fault| (fault.field.clone(), fault.reason.clone())).collect();
            }
            if row.candidate.is_empty() {
                row.candidate = wished.fields;
            }
            rows.push(row);
        }
        let wishes: Vec<_> = candidates.iter().map(|(_, candidate)| (candidate, options)).collect();
        for ((at, _), judged) in candidates.iter().zip(self.judge(&wishes)?) {
            if let Some(row) = rows.get_mut(*at) {
                (row.action, row.mail, row.why) = Action::of(self.sender().platform(), &judged.verdict, &judged.standing);
                row.seen = SeenThen::of(&judged.found, &judged.standing);
            }
        }
        Ok(rows)
    }
}

/// A row of a plan, ready to be done.
fn work_of(row: &PlannedRow, options: &InviteOptions, platform: bidden::Platform) -> Work {
    match row.settled() {
        Some(Settled::Outcome(outcome)) => return Work::Settled(outcome),
        Some(Settled::Repeated { .. }) => return Work::Settled(Box::new(Outcome::of(Disposition::DuplicateRow))),
        None => {}
    }
    if !row.left_out.is_empty() {
        return Work::Settled(Box::new(row.without_secrets("invite this candidate by himself")));
    }
    let price = row.price.as_deref().map(price_from_text).transpose();
    let candidate = row.candidate(&BTreeMap::new(), platform, now());
    match price.and_then(|price| Ok((candidate?, price))) {
        Ok((candidate, None)) => Work::Invite(Box::new((candidate, options.clone()))),
        Ok((candidate, price)) => Work::Invite(Box::new((candidate, InviteOptions { price, ..options.clone() }))),
        Err(error) => Work::Settled(Box::new(Outcome::of_error(error))),
    }
}

impl<S: Sender + Sync> Invitations<S> {
    /// Sends what a plan says, after it has looked whether that still holds; that it was made and is sent is the consent. The same plan
    /// again goes on where it was. `each` hears what came of each row, in the order in which they end. Rows whose secrets the plan leaves
    /// out are held. Nothing is claimed from other workers: it is for a record that has one sender.
    ///
    /// # Errors
    /// `invalid-input`, when it was made for another place, was cut or changed, asks for more mails than `limits` allow, or is stale:
    /// nothing was sent. `storage`, when the ledger fails.
    pub fn apply(
        self,
        plan: &PlanFile,
        mut each: impl FnMut(&PlannedRow, &Outcome) + Send,
        limits: &Limits,
        stop: &Stop,
    ) -> Result<Totals, Error> {
        let footer = plan.footer()?;
        if *self.base() != plan.header.place {
            let message = "the plan was made for another platform, account or address than this client's";
            return Err(Error::new(Kind::InvalidInput, message));
        }
        let options = options_from_json(&plan.header.options)?;
        let consent = plan.header.consent.or(self.consent());
        let invitations = self.with_consent(consent).with_run(Some(footer.digest));
        let mails = invitations.look_again(plan, &options, stop)?;
        if let Some(most) = limits.max_emails.filter(|most| mails > *most) {
            let reason = format!("allows {most} mails, and {mails} would be asked for; nothing was sent");
            return Err(Error::invalid_field("max_emails", reason));
        }
        let platform = invitations.sender().platform();
        let mut rows = plan.rows()?;
        let next = || {
            Ok(rows.next_row()?.map(|row| {
                let work = work_of(&row, &options, platform);
                (row, work)
            }))
        };
        invitations.work_off(next, |_, row, outcome| each(row, outcome), limits, stop)
    }

    /// Looks at every row again, and counts the mails that would be asked for. Nothing is sent when the world of any of them has moved.
    fn look_again(&self, plan: &PlanFile, options: &InviteOptions, stop: &Stop) -> Result<u64, Error> {
        let platform = self.sender().platform();
        let (mut rows, mut moved, mut mails, mut is_over) = (plan.rows()?, Moved::default(), 0, false);
        while !is_over && !stop.is_set() {
            let mut batch = Vec::with_capacity(BATCH);
            while batch.len() < BATCH && !is_over {
                match rows.next_row()? {
                    None => is_over = true,
                    Some(row) => {
                        if let Work::Invite(invitee) = work_of(&row, options, platform) {
                            batch.push((row, invitee));
                        }
                    }
                }
            }
            let wishes: Vec<_> = batch.iter().map(|(_, invitee)| (&invitee.0, &invitee.1)).collect();
            for ((row, _), judged) in batch.iter().zip(self.judge(&wishes)?) {
                let seen = SeenThen::of(&judged.found, &judged.standing);
                let run = self.run().unwrap_or_default();
                if LastChange::of(&judged.found, run).has_moved(row.seen.as_ref(), seen.as_ref()) {
                    moved.add(row.row, row.seen.as_ref(), seen.as_ref());
                }
                mails += u64::from(Action::of(platform, &judged.verdict, &judged.standing).1);
            }
        }
        moved.check()?;
        Ok(mails)
    }
}
