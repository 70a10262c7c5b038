//! How the platforms are set up: their switches and what is declared of them. Both come from the command line and from the
//! control plane, hold for one namespace, and are kept in its database.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use bidden::engine::{self, Answer, Attempted, Change, Declared, Dialect, Fixtures, World};
use bidden::{AnyCall, Event};

use crate::writer::{Writer, random, world};

const SWITCHES: &str = "switches";
const FIXTURES: &str = "fixtures";

/// What a sandbox is told when it is started; what it falls back to when it is reset.
#[derive(Clone, Default)]
pub(crate) struct Start {
    /// What a candidate's address begins with where no request says it.
    pub(crate) origin: String,
    /// Names and values, in order.
    pub(crate) switches: Vec<(String, String)>,
    /// What is declared; `None` leaves what the database holds.
    pub(crate) fixtures: Option<Fixtures>,
}

impl Start {
    /// Sets the switches that were named.
    fn set(&self, dialect: &mut Dialect) -> Result<(), String> {
        self.switches.iter().try_for_each(|(name, value)| dialect.set(name, value))
    }
}

/// Whether a switch can be set so.
///
/// ```
/// assert!(bidden_sandbox::check_switch("imocha.repeat-mail", "off").is_ok());
/// assert!(bidden_sandbox::check_switch("imocha.repeat-mail", "sometimes").unwrap_err().contains("off, on"));
/// ```
///
/// # Errors
/// What is wrong: an unknown name, or a value that the switch does not take and those that it takes.
pub fn check_switch(name: &str, value: &str) -> Result<(), String> {
    Dialect::default().set(name, value)
}

/// Reads fixtures: a JSON object.
///
/// ```
/// let fixtures = bidden_sandbox::read_fixtures(br#"{"imocha":{"tests":[{"test_id":292930}]}}"#)?;
/// assert_eq!(fixtures.imocha.tests.len(), 1);
/// let wrong = bidden_sandbox::read_fixtures(br#"{"imocha":{"tests":[{"test_id":"x"}]}}"#).unwrap_err();
/// assert!(wrong.starts_with("imocha.tests[0].test_id: "));
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// What is wrong, and where in the JSON: `testinvite.tasks[2].task_id: invalid type: …`.
pub fn read_fixtures(json: &[u8]) -> Result<Fixtures, String> {
    // Some editors put a byte order mark in front.
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    if json.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err("a JSON object is expected".to_owned());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let fixtures = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| match error.path().to_string() {
        // The JSON itself ends or breaks there.
        path if path == "." || path.ends_with('?') => error.inner().to_string(),
        path => format!("{path}: {}", error.inner()),
    })?;
    deserializer.end().map_err(|error| error.to_string())?;
    Ok(fixtures)
}

type Result<T, E = rusqlite::Error> = std::result::Result<T, E>;

impl Writer {
    /// Sets the platforms up as the database and then the start say, inside the open transaction. `Err` inside says what of the
    /// start cannot be.
    pub(crate) fn set_up(&mut self) -> Result<Result<(), String>> {
        self.set_up_as_kept()?;
        let kept = world(&self.world);
        let mut dialect = kept.dialect.clone();
        if let Err(reason) = self.start.set(&mut dialect) {
            return Ok(Err(reason));
        }
        let wanted = self.start.fixtures.clone().unwrap_or_else(|| kept.fixtures.clone());
        self.become_world(World { dialect, ..World::clone(&kept) });
        self.keep_switches()?;
        self.declare(wanted)
    }

    /// Sets the platforms up as the database says.
    pub(crate) fn set_up_as_kept(&mut self) -> Result<()> {
        let mut dialect = Dialect::default();
        for (name, value) in self.database.setting::<BTreeMap<String, String>>(SWITCHES)?.unwrap_or_default() {
            if let Err(reason) = dialect.set(&name, &value) {
                tracing::warn!(reason, "a switch in the database is not known");
            }
        }
        let fixtures: Fixtures = self.database.setting(FIXTURES)?.unwrap_or_default();
        self.become_world(World { dialect, fixtures });
        Ok(())
    }

    /// As after the first start on an empty database, inside the open transaction.
    pub(crate) fn set_up_anew(&mut self) -> Result<()> {
        self.become_world(World::default());
        match self.set_up()? {
            Ok(()) => {}
            // It was taken at the start; a rule that refuses it later, by the time of day, leaves it undeclared.
            Err(reason) => tracing::warn!(reason, "the fixtures of the start are not taken again"),
        }
        Ok(())
    }

    /// Sets switches, all or none. `Err` inside says what is wrong with one.
    pub(crate) fn set_switches(&mut self, wanted: &BTreeMap<String, String>) -> Result<Result<(), String>> {
        let mut changed = World::clone(&world(&self.world));
        for (name, value) in wanted {
            if let Err(reason) = changed.dialect.set(name, value) {
                return Ok(Err(reason));
            }
        }
        self.become_world(changed);
        self.keep_switches().map(Ok)
    }

    /// Sets every switch to what it was at the start: its default, unless the command line said otherwise.
    pub(crate) fn reset_switches(&mut self) -> Result<()> {
        let mut dialect = Dialect::default();
        if let Err(reason) = self.start.set(&mut dialect) {
            tracing::error!(reason, "a switch of the start is not known");
        }
        self.become_world(World { dialect, ..World::clone(&world(&self.world)) });
        self.keep_switches()
    }

    /// Replaces what is declared, and makes the candidates that were not declared before. `Err` inside says what cannot be;
    /// nothing has changed then.
    pub(crate) fn declare(&mut self, wanted: Fixtures) -> Result<Result<(), String>> {
        let before = world(&self.world);
        self.database.mark()?;
        self.become_world(World { fixtures: wanted.clone(), ..World::clone(&before) });
        let new = |declared: &Declared| !before.fixtures.candidates.contains(declared);
        for (index, declared) in wanted.candidates.iter().enumerate().filter(|(_, declared)| new(declared)) {
            if let Err(reason) = self.make(declared)? {
                self.database.back_to_mark()?;
                self.become_world(World::clone(&before));
                return Ok(Err(format!("candidates[{index}]: {reason}")));
            }
        }
        self.database.set_setting(FIXTURES, &wanted)?;
        self.database.unmark().map(Ok)
    }

    fn make(&mut self, declared: &Declared) -> Result<Result<(), String>> {
        let call = match AnyCall::from_json(&declared.call, declared.arguments.get()) {
            Ok(call) => call,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let now = self.now();
        let world = world(&self.world);
        let Answer { response, changes } = engine::respond(&self.database, &world, call.clone(), now, &mut random, &self.start.origin)?;
        if let Err(error) = call.read_reply(&response) {
            return Ok(Err(error.to_string()));
        }
        let mut invitations: Vec<String> = Vec::new();
        for change in &changes {
            if let Change::Created(invitation) | Change::Changed(invitation) = change
                && !invitations.contains(&invitation.id)
            {
                invitations.push(invitation.id.clone());
            }
        }
        self.database.apply(now, quiet(changes))?;
        for (index, word) in declared.then.iter().enumerate() {
            let Some(event) = Event::from_slug(word) else {
                return Ok(Err(format!("then[{index}]: there is no event “{word}”")));
            };
            for invitation_id in &invitations {
                match engine::attempt(&self.database, &world, invitation_id, event, now, &self.start.origin)? {
                    Attempted::Moved(_, changes) => self.database.apply(now, quiet(changes))?,
                    Attempted::Refused(reason) => return Ok(Err(format!("then[{index}]: {reason}"))),
                    Attempted::NotFound => return Ok(Err(format!("then[{index}]: there is no invitation"))),
                }
            }
        }
        Ok(Ok(()))
    }

    fn become_world(&self, changed: World) {
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(changed);
    }

    /// What differs from the defaults is kept, so that a default which a later version changes is that version's.
    fn keep_switches(&self) -> Result<()> {
        let world = world(&self.world);
        let kept: BTreeMap<String, String> = Dialect::table()
            .map(|row| (row, world.dialect.value(row)))
            .filter(|(row, value)| value != row.default)
            .map(|(row, value)| (format!("{}.{}", row.platform, row.name), value))
            .collect();
        self.database.set_setting(SWITCHES, &kept)
    }
}

/// What is declared has happened long ago: nobody is mailed or called back for it.
fn quiet(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| !matches!(change, Change::Mailed(_) | Change::CalledBack(_))).collect()
}
