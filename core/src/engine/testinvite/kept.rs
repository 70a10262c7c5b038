//! What is kept of a candidate beside the columns: the arguments of the call that made it, and what happened to them since.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::super::Invitation;
use super::fixtures;
use crate::testinvite::uniqueness::Tracked;
use crate::testinvite::{Scope, Setting, StepChange};
use crate::{Status, Time};

/// What the rules read of it.
#[derive(Default, Deserialize)]
pub(super) struct Kept {
    #[serde(default)]
    kind: String,
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) tags: Map<String, Value>,
    #[serde(default)]
    pub(super) program_ids: Vec<String>,
    pub(super) external_id: Option<String>,
    pub(super) credential1: Option<String>,
    /// The user's name, of an internal candidate.
    uniq_id: Option<String>,
    tracking: Option<Tracking>,
    price: Option<Box<RawValue>>,
    #[serde(default)]
    paid: bool,
    pub(super) callback: Option<Callback>,
    #[serde(default)]
    customized_steps: Vec<Customized>,
    /// The steps as they were changed; instead of `customized_steps` once there is one.
    steps: Option<BTreeMap<String, Own>>,
    /// Absent means active.
    active: Option<bool>,
    /// Where an inactive candidate stood.
    pub(super) was: Option<Status>,
}

#[derive(Deserialize)]
struct Tracking {
    uniq_id: String,
    #[serde(default)]
    scope: Option<String>,
}

/// Where the callback goes.
#[derive(Deserialize)]
pub(super) struct Callback {
    pub(super) url: String,
    #[serde(default)]
    pub(super) params: Map<String, Value>,
    pub(super) resource: String,
}

#[derive(Deserialize)]
struct Customized {
    step_id: String,
    customization: Dates,
}

#[derive(Deserialize)]
struct Dates {
    #[serde(default, deserialize_with = "moment")]
    active_after: Option<Time>,
    #[serde(default, deserialize_with = "moment")]
    active_before: Option<Time>,
}

/// What a candidate has of a step instead of the task's own; what is absent is the task's.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Own {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
}

/// One side of the dates: a moment, or no limit.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Side {
    #[serde(deserialize_with = "moment")]
    at: Option<Time>,
}

impl Kept {
    pub(super) fn of(invitation: &Invitation) -> Self {
        serde_json::from_str(invitation.details.get()).unwrap_or_default()
    }

    pub(super) fn is_internal(&self) -> bool {
        self.kind == "internal-candidate"
    }

    pub(super) fn is_active(&self) -> bool {
        self.active != Some(false)
    }

    pub(super) fn owes(&self) -> bool {
        self.price.is_some() && !self.paid
    }

    /// The unique id: the user's name, or what the caller gave.
    pub(super) fn uniq_id(&self) -> Option<&str> {
        self.uniq_id.as_deref().or_else(|| self.tracking.as_ref().map(|tracking| tracking.uniq_id.as_str()))
    }

    /// What counts of it for the uniqueness.
    pub(super) fn tracked<'a>(&'a self, default_group: &'a str) -> Option<Tracked<'a>> {
        let scope = self.tracking.as_ref().and_then(|tracking| tracking.scope.as_deref());
        let scope = Scope::WORDS.iter().find(|(word, _)| Some(*word) == scope).map_or(Scope::Task, |(_, scope)| *scope);
        Some(Tracked {
            uniq_id: self.uniq_id()?,
            scope,
            group: Some(self.group.as_deref().unwrap_or(default_group)),
            labels: &self.labels,
            program_ids: &self.program_ids,
        })
    }

    /// What the candidate has of the steps instead of the task's own (sections 2.1 and 4.3).
    pub(super) fn own_steps(&self) -> BTreeMap<String, Own> {
        if let Some(steps) = &self.steps {
            return steps.clone();
        }
        let side = |at: Option<Time>| at.map(|at| Side { at: Some(at) });
        let own = |dates: &Dates| Own { after: side(dates.active_after), before: side(dates.active_before), ..Own::default() };
        self.customized_steps.iter().map(|step| (step.step_id.clone(), own(&step.customization))).collect()
    }
}

impl Own {
    /// Section 4.3: `isDefault` goes back to the task's own, an omitted side stays.
    pub(super) fn change(&mut self, change: StepChange) {
        let own = |setting| if let Setting::Own(value) = setting { Some(value) } else { None };
        if let Some(active) = change.active {
            self.active = own(active);
        }
        match change.dates {
            None => {}
            Some(Setting::Default) => (self.after, self.before) = (None, None),
            Some(Setting::Own(dates)) => {
                let side = |setting| if let Setting::Own(at) = setting { Some(Side { at }) } else { None };
                if let Some(after) = dates.after {
                    self.after = side(after);
                }
                if let Some(before) = dates.before {
                    self.before = side(before);
                }
            }
        }
        if let Some(limit) = change.limit {
            self.limit = if let Setting::Own(limit) = limit { Some(limit) } else { None };
        }
    }

    /// The step as it is for the candidate.
    pub(super) fn apply(&self, step: &mut fixtures::Step) {
        step.active = self.active.unwrap_or(step.active);
        step.active_after = self.after.map_or(step.active_after, |side| side.at);
        step.active_before = self.before.map_or(step.active_before, |side| side.at);
        step.attempt_limit = self.limit.unwrap_or(step.attempt_limit);
    }
}

/// The details of an invitation, to be changed: what is not touched stays as it was written, digits included.
pub(super) struct Details(BTreeMap<String, Box<RawValue>>);

impl Details {
    pub(super) fn of(invitation: &Invitation) -> Self {
        Details(serde_json::from_str(invitation.details.get()).unwrap_or_default())
    }

    pub(super) fn set(&mut self, name: &str, value: &impl Serialize) {
        if let Ok(value) = serde_json::value::to_raw_value(value) {
            self.0.insert(name.to_owned(), value);
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn store(&self, invitation: &mut Invitation) {
        if let Ok(details) = serde_json::value::to_raw_value(&self.0) {
            invitation.details = details;
        }
    }
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Time::parse(&text).map_err(serde::de::Error::custom)).transpose()
}
