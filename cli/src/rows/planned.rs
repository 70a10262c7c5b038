//! The rows of a plan, to be applied.

use std::collections::{BTreeMap, VecDeque};
use std::io::BufReader;
use std::time::Duration;

use bidden::candidate::Field;
use bidden::operation::Outcome;
pub use bidden_ledger::plan::PlanFile;
use bidden_ledger::plan::{FromStart, PlannedRow, Reader, Settled};
use bidden_ledger::storage::Claim;
use bidden_ledger::{Digest, Ledger};

use super::report::{OutputForm, Person};
use super::source::Preparation;
use super::{Line, Source, Task};
use crate::failure::{Failure, Result};
use crate::table::{Chunk, Input, Mapping, Reader as Table};

/// So many rows are claimed at once.
const CHUNK: u64 = 100;

/// The columns of the rows of a plan that holds none of its input's.
const PERSON: [&str; 3] = ["email", "name", "external_id"];

/// How long to wait before asking again whether another worker is done with its chunks.
const PATIENCE: Duration = Duration::from_secs(1);

/// The secrets that a plan leaves out, read again from the original file.
pub struct Secrets {
    input: Input,
    mappings: Vec<Mapping>,
    table: Table,
    chunk: Chunk,
    ready: VecDeque<(u64, BTreeMap<Field, String>)>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Opens the original file.
    ///
    /// # Errors
    /// Exit 2 when it cannot be read.
    pub fn open(mut input: Input, mappings: Vec<Mapping>) -> Result<Self> {
        let table = input.read(&mappings)?;
        Ok(Secrets { input, mappings, table, chunk: Chunk::new(), ready: VecDeque::new() })
    }

    fn rewind(&mut self) -> Result<()> {
        self.table = self.input.read(&self.mappings)?;
        self.ready.clear();
        Ok(())
    }

    /// The secrets of a row. Rows are asked for in their order.
    fn of(&mut self, row: u64) -> Result<Option<BTreeMap<Field, String>>> {
        loop {
            while let Some((number, secrets)) = self.ready.pop_front() {
                if number == row {
                    return Ok(Some(secrets));
                }
            }
            if !self.table.next_chunk(&mut self.chunk)? {
                return Ok(None);
            }
            let secret = |field: &Field| field.is_secret();
            self.ready.extend(self.chunk.rows().map(|row| {
                let secrets = Field::ALL.into_iter().filter(secret);
                (row.record(), secrets.filter_map(|field| row.field(field).map(|text| (field, text.to_owned()))).collect())
            }));
        }
    }
}

/// Where the chunks of a plan are claimed.
#[derive(Clone, Debug)]
pub struct Claims {
    /// The ledger.
    pub ledger: Ledger,
    /// The plan.
    pub run: Digest,
    /// How many rows it has.
    pub rows: u64,
}

/// The rows of a plan as a source.
pub struct PlanRows<'a> {
    plan: &'a PlanFile,
    reader: Reader<BufReader<FromStart>>,
    preparation: &'a Preparation,
    secrets: Option<Secrets>,
    /// Where chunks are claimed, when the rows are to be sent.
    claims: Option<Claims>,
    row: u64,
    is_mine: bool,
    /// The chunks that other workers have.
    others: Vec<i64>,
    /// Rows that other workers have sent.
    elsewhere: u64,
    is_second_round: bool,
}

impl std::fmt::Debug for PlanRows<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PlanRows").field("row", &self.row).finish_non_exhaustive()
    }
}

impl<'a> PlanRows<'a> {
    /// The rows of a plan from its beginning; with `claims` only those that no other worker has.
    ///
    /// # Errors
    /// Exit 2 when it cannot be read.
    pub fn new(plan: &'a PlanFile, preparation: &'a Preparation, secrets: Option<Secrets>, claims: Option<Claims>) -> Result<Self> {
        let reader = plan.rows()?;
        let others = Vec::new();
        Ok(PlanRows { plan, reader, preparation, secrets, claims, row: 0, is_mine: true, others, elsewhere: 0, is_second_round: false })
    }

    /// How many rows other workers have sent.
    #[must_use]
    pub fn elsewhere(&self) -> u64 {
        self.elsewhere
    }

    /// The header of the cells, and the form in which they are written again.
    #[must_use]
    pub fn layout(&self) -> (Vec<String>, OutputForm) {
        match &self.plan.header.columns {
            Some(columns) => {
                let delimiter = u8::try_from(columns.delimiter).unwrap_or(b',');
                let form = OutputForm { delimiter, has_mark: columns.has_mark, makes_formulas: columns.makes_formulas };
                (columns.header.clone(), form)
            }
            // What the rows of a plan without columns tell.
            None => (PERSON.map(str::to_owned).to_vec(), OutputForm { delimiter: b',', has_mark: false, makes_formulas: true }),
        }
    }

    fn claim(&mut self, chunk: i64) -> Result<bool> {
        let Some(Claims { ledger, run, .. }) = &self.claims else { return Ok(true) };
        let run = *run;
        Ok(match ledger.ask(move |storage| storage.claim(run, chunk))? {
            Claim::Mine => true,
            // What is done is told again from the ledger, unless another worker tells it now.
            Claim::Done => !self.is_second_round,
            Claim::Others => {
                self.others.push(chunk);
                false
            }
        })
    }

    /// After the last row: the chunks of workers that have gone are taken over.
    fn go_round_again(&mut self) -> Result<bool> {
        if self.claims.is_none() || self.others.is_empty() {
            return Ok(false);
        }
        std::thread::sleep(PATIENCE);
        self.is_second_round = true;
        self.reader = self.plan.rows()?;
        self.row = 0;
        self.secrets.as_mut().map_or(Ok(()), Secrets::rewind)?;
        Ok(true)
    }

    fn line(&mut self, planned: PlannedRow) -> Result<Line> {
        let text = |name: &str| planned.candidate.get(name).cloned();
        let person = Person {
            email: text("email"),
            name: text("name"),
            external_id: text("external_id"),
            other_id: text("user_id").or_else(|| text("uniq_id")),
        };
        let task = self.task(&planned)?;
        Ok(Line {
            row: planned.row,
            line: planned.line,
            person,
            cells: match &self.plan.header.columns {
                // Only rows that are sent are written.
                _ if self.claims.is_none() => Vec::new(),
                Some(columns) => columns.cells(&planned),
                None => PERSON.map(|name| text(name).unwrap_or_default()).to_vec(),
            },
            has_warnings: false,
            task,
            ends_chunk: None,
        })
    }

    fn task(&mut self, planned: &PlannedRow) -> Result<Task> {
        match planned.settled() {
            Some(Settled::Repeated { first }) => return Ok(Task::Repeated { first }),
            Some(Settled::Outcome(outcome)) => return Ok(Task::Settled(outcome)),
            None => {}
        }
        let secrets = match (&mut self.secrets, planned.left_out.is_empty()) {
            (_, true) => BTreeMap::new(),
            (Some(secrets), false) => match secrets.of(planned.row)? {
                Some(secrets) => secrets,
                None => return Err(Failure::usage(format!("the original file has no row {}", planned.row))),
            },
            (None, false) => {
                let outcome = planned.without_secrets("--secrets FILE reads it from the original file");
                return Ok(Task::Settled(Box::new(outcome)));
            }
        };
        let candidate = planned.candidate(&secrets, self.preparation.platform, self.preparation.now);
        let task = candidate.and_then(|candidate| self.preparation.task(candidate, planned.price.as_deref()));
        Ok(task.unwrap_or_else(|error| Task::Settled(Box::new(Outcome::of_error(error)))))
    }

    /// The next row with what the plan says of it.
    ///
    /// # Errors
    /// Exit 2 when the plan is cut or changed; `storage`.
    pub fn next_planned(&mut self) -> Result<Option<(PlannedRow, Line)>> {
        loop {
            let Some(planned) = self.reader.next_row()? else {
                if self.go_round_again()? {
                    continue;
                }
                return Ok(None);
            };
            let chunk = i64::try_from(self.row / CHUNK).unwrap_or(i64::MAX);
            if self.row.is_multiple_of(CHUNK) {
                self.is_mine = match self.is_second_round {
                    false => self.claim(chunk)?,
                    true => match self.others.iter().position(|other| *other == chunk) {
                        Some(index) => {
                            self.others.swap_remove(index);
                            self.claim(chunk)?
                        }
                        None => false,
                    },
                };
            }
            self.row += 1;
            if !self.is_mine {
                self.elsewhere += u64::from(!self.is_second_round);
                continue;
            }
            let mut line = self.line(planned.clone())?;
            self.elsewhere -= u64::from(self.is_second_round).min(self.elsewhere);
            if self.row.is_multiple_of(CHUNK) || self.claims.as_ref().is_some_and(|claims| claims.rows == self.row) {
                line.ends_chunk = Some(chunk);
            }
            return Ok(Some((planned, line)));
        }
    }
}

impl Source for PlanRows<'_> {
    fn next(&mut self) -> Result<Option<Line>> {
        Ok(self.next_planned()?.map(|(_, line)| line))
    }
}
