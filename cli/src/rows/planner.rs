//! What would be done with each row: the rows of a source, judged by the ledger, a batch at a time.

use std::collections::{BTreeMap, VecDeque};

use bidden::operation::{Disposition, InviteOptions};
use bidden::{Candidate, Platform};
use bidden_ledger::Judged;
use bidden_ledger::plan::{Action, LastChange, SAME_AS, SeenThen, price_to_text};

use super::{Invitee, Line, Source, Task};
use crate::configuration::Desk;
use crate::failure::Result;

/// So many rows are looked up in the ledger at once.
const BATCH: usize = 512;

/// A row, and what would be done with it.
#[derive(Debug)]
pub struct Planned {
    /// The row.
    pub line: Line,
    /// What would be done.
    pub action: Action,
    /// Whether a mail to the candidate would be asked for.
    pub mail: bool,
    /// Why nothing would be done.
    pub why: Option<String>,
    /// What the ledger knew.
    pub seen: Option<SeenThen>,
    /// What changed the record last, for the plan that is applied.
    pub last_change: LastChange,
}

/// Judges the rows of a source.
pub struct Planner<'a, S> {
    source: S,
    desk: &'a Desk,
    platform: Platform,
    options: &'a InviteOptions,
    run: Option<bidden_ledger::Digest>,
    ready: VecDeque<Planned>,
}

impl<'a, S: Source> Planner<'a, S> {
    /// A planner over a source.
    pub fn new(source: S, desk: &'a Desk, platform: Platform, options: &'a InviteOptions, run: Option<bidden_ledger::Digest>) -> Self {
        Planner { source, desk, platform, options, run, ready: VecDeque::new() }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When the source breaks off, the ledger cannot be read, or the platform cannot be asked.
    pub fn next(&mut self) -> Result<Option<Planned>> {
        if self.ready.is_empty() {
            let mut lines = Vec::with_capacity(BATCH);
            while lines.len() < BATCH
                && let Some(line) = self.source.next()?
            {
                lines.push(line);
            }
            self.judge(lines)?;
        }
        Ok(self.ready.pop_front())
    }

    fn judge(&mut self, lines: Vec<Line>) -> Result<()> {
        let invitees: Vec<&Invitee> = lines.iter().filter_map(|line| invitee(&line.task)).collect();
        let options: Vec<_> = invitees.iter().map(|invitee| invitee.options(self.options)).collect();
        let wishes: Vec<(&Candidate, &InviteOptions)> =
            invitees.iter().zip(&options).map(|(invitee, options)| (&invitee.candidate, &**options)).collect();
        let mut judged = self.desk.judge(&wishes)?.into_iter();
        let known: Vec<Option<_>> = lines.iter().map(|line| invitee(&line.task).and_then(|_| judged.next())).collect();
        for (line, judged) in lines.into_iter().zip(known) {
            let (action, mail, why) = match (&judged, &line.task) {
                (Some(judged), _) => Action::of(self.platform, &judged.verdict, &judged.standing),
                (None, Task::Settled(outcome)) => {
                    let action = if outcome.disposition == Disposition::Held { Action::Held } else { Action::Invalid };
                    (action, false, outcome.error.as_ref().map(bidden_ledger::stop::reason))
                }
                (None, Task::Repeated { first }) => (Action::DuplicateRow, false, Some(format!("{SAME_AS}{first}"))),
                (None, _) => (Action::Invite, false, None),
            };
            let seen = judged.as_ref().and_then(|judged| SeenThen::of(&judged.found, &judged.standing));
            let change = |(judged, run): (&Judged, _)| LastChange::of(&judged.found, run);
            let last_change = judged.as_ref().zip(self.run).map_or(LastChange::Elsewhere, change);
            self.ready.push_back(Planned { line, action, mail, why, seen, last_change });
        }
        Ok(())
    }
}

/// Who is invited by a task.
#[must_use]
pub fn invitee(task: &Task) -> Option<&Invitee> {
    match task {
        Task::Invite(invitee) | Task::Assign(invitee) => Some(invitee),
        _ => None,
    }
}

/// What a first reading of all rows shows, before anything is sent.
#[derive(Debug, Default)]
pub struct Survey {
    /// All rows.
    pub rows: u64,
    /// How many rows come to what.
    pub actions: BTreeMap<Action, u64>,
    /// Rows for which something is sent.
    pub sendable: u64,
    /// Mails to candidates that would be asked for.
    pub mails: u64,
    /// Rows that hold something doubtful.
    pub with_warnings: u64,
    /// The width of the widest candidate.
    pub widest: usize,
    /// What is charged, by currency, in millionths.
    pub charge: BTreeMap<String, i128>,
    /// The first rows that would be sent.
    pub first: Vec<Planned>,
    /// The first rows that would not.
    pub first_left_out: Vec<Planned>,
}

/// How many rows of each sort a plan shows.
const SHOWN: usize = 5;

impl Survey {
    /// Reads a planner to its end; `each` sees every row.
    ///
    /// # Errors
    /// When it cannot be read to its end, and what `each` says.
    pub fn of<S: Source>(planner: &mut Planner<'_, S>, mut each: impl FnMut(&Planned) -> Result<()>) -> Result<Self> {
        let mut survey = Survey::default();
        while let Some(planned) = planner.next()? {
            each(&planned)?;
            survey.rows += 1;
            *survey.actions.entry(planned.action).or_default() += 1;
            survey.with_warnings += u64::from(planned.line.has_warnings);
            survey.widest = survey.widest.max(unicode_width::UnicodeWidthStr::width(planned.line.person.label()));
            survey.mails += u64::from(planned.mail);
            let sends = planned.action.sends();
            survey.sendable += u64::from(sends);
            let price = invitee(&planned.line.task).filter(|_| sends).and_then(|invitee| invitee.options(planner.options).price.clone());
            if let Some((amount, currency)) = price.as_ref().map(price_to_text).as_deref().and_then(|text| text.split_once(' ')) {
                *survey.charge.entry(currency.to_owned()).or_default() += millionths(amount);
            }
            let list = if sends { &mut survey.first } else { &mut survey.first_left_out };
            if list.len() < SHOWN {
                list.push(planned);
            }
        }
        Ok(survey)
    }

    /// How many rows come to an action.
    #[must_use]
    pub fn count(&self, action: Action) -> u64 {
        self.actions.get(&action).copied().unwrap_or(0)
    }
}

/// A decimal text in millionths; what is finer is cut.
fn millionths(amount: &str) -> i128 {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(6).collect();
    let magnitude = format!("{}{digits}", whole.trim_start_matches('-')).parse::<i128>().unwrap_or(0);
    if whole.starts_with('-') { -magnitude } else { magnitude }
}

/// A sum in millionths as people write it.
#[must_use]
pub fn amount(millionths: i128) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let magnitude = millionths.unsigned_abs();
    let fraction = format!("{:06}", magnitude % 1_000_000);
    let fraction = fraction.trim_end_matches('0');
    let fraction = if fraction.len() < 2 { format!("{fraction:0<2}") } else { fraction.to_owned() };
    format!("{sign}{}.{fraction}", magnitude / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_money_are_exact() {
        assert_eq!(amount(millionths("19.90") * 250), "4975.00");
        assert_eq!(amount(millionths("0.1") + millionths("0.2")), "0.30");
        assert_eq!(amount(millionths("-3.456789")), "-3.456789");
        assert_eq!(amount(millionths("7")), "7.00");
    }
}
