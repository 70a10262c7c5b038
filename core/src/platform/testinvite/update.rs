//! Update a candidate; beta at the platform. Reference: section 4.3.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

#[cfg(feature = "engine")]
use super::body::Members;
use super::candidate::{Seconds, moment_fault};
use super::{TaskCandidate, id_fault, reply};
use crate::call::{Call, Repeat};
use crate::candidate::email_fault;
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request, path};
use crate::{Error, FieldError, Platform, Time, wire};

/// Labels to give to a candidate and to take away.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct LabelChange {
    /// Given, unless the candidate has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Taken away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// What changes of the candidate itself; what is absent stays as it is. Tags, programs, unique id, credentials, price and callback
/// cannot be changed.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct CandidateChange {
    /// The full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fullname: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelChange>,
    /// Whether it is marked as a favorite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorite: Option<bool>,
    /// Whether the candidate may log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Since when the candidate may log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_after: Option<Time>,
    /// Until when the candidate may log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_before: Option<Time>,
}

quiet_debug!(CandidateChange);

/// A value for this candidate alone, or the task's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setting<T> {
    /// Back to what the task says.
    Default,
    /// This value.
    Own(T),
}

/// `{"is_default":true}` or `{"is_default":false,"value":…}`.
impl<T: Serialize> Serialize for Setting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a, T> {
            is_default: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            value: Option<&'a T>,
        }
        let value = if let Setting::Own(value) = self { Some(value) } else { None };
        Written { is_default: value.is_none(), value }.serialize(serializer)
    }
}

/// When a step may be entered; an absent side stays as it is, `Own(None)` removes the limit.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct StepDates {
    /// The start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Setting<Option<Time>>>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Setting<Option<Time>>>,
}

/// What changes of one step for this candidate alone; what is absent stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct StepChange {
    /// Whether it may be entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<Setting<bool>>,
    /// When it may be entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<Setting<StepDates>>,
    /// How many attempts the candidate has; -1 means any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Setting<i64>>,
}

/// `PATCH /api/integration/rest/v1/tasks/{taskId}/candidates/{id}` (section 4.3, published, beta). The same request again changes
/// nothing more.
///
/// ```
/// use bidden::testinvite::{BASE_URL, CandidateChange, Setting, StepChange, UpdateCandidate};
/// use bidden::{BaseUrl, Call};
/// let mut call = UpdateCandidate::new("task-1", "b7Qw0ZtXk3LmP9sRvY2a");
/// call.fields = CandidateChange { group: Some("B".into()), ..CandidateChange::default() };
/// call.steps.insert("step1".into(), StepChange { limit: Some(Setting::Own(-1)), ..StepChange::default() });
/// let request = call.to_request(&BaseUrl::parse(BASE_URL)?)?;
/// let body = r#"{"fields":{"group":"B"},"steps":{"step1":{"limit":{"isDefault":false,"value":-1}}}}"#;
/// assert_eq!(request.body(), body.as_bytes());
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct UpdateCandidate {
    /// The task.
    pub task_id: String,
    /// The candidate's id.
    pub id: String,
    /// What changes of the candidate itself.
    pub fields: CandidateChange,
    /// What changes of the steps, by their ids.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, StepChange>,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl UpdateCandidate {
    /// No change yet.
    #[must_use]
    pub fn new(task_id: impl Into<String>, id: impl Into<String>) -> Self {
        UpdateCandidate {
            task_id: task_id.into(),
            id: id.into(),
            fields: CandidateChange::default(),
            steps: BTreeMap::new(),
            extra: Map::new(),
        }
    }
}

/// The answer to [`UpdateCandidate`]: the detailed candidate.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct UpdatedCandidate(pub TaskCandidate);

impl Call for UpdateCandidate {
    type Reply = UpdatedCandidate;
    const NAME: &'static str = "testinvite.update_candidate";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "PATCH";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/candidates/{id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 4.3, published, beta",
        query: "",
        body: crate::engine::Shape::Written(
            "{fields?: {fullname?: text, email?: text, group?: text, labels?: {add?: [text],
            remove?: [text]}, favorite?: boolean, active?: boolean, activeAfter?: number, activeBefore?: number},
            steps?: record}",
        ),
        statuses: &[200],
        answer: TaskCandidate::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        UpdateCandidate {
            task_id: fields.id_text("task_id").unwrap_or_default(),
            id: fields.id_text("id").unwrap_or_default(),
            fields: neutral::candidate(fields),
            steps: fields.nested("steps", neutral::steps).unwrap_or_default(),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        let ids = [("task_id", &self.task_id), ("id", &self.id)];
        let mut faults: Vec<FieldError> = ids.into_iter().filter_map(|(field, id)| Some(FieldError::new(field, id_fault(id)?))).collect();
        let mut fault = |field: String, reason: String| faults.push(FieldError::new(field, reason));
        if let Some(reason) = self.fields.email.as_deref().and_then(|email| email_fault(email.trim())) {
            fault("fields.email".into(), reason.into());
        }
        for (name, time) in [("active_after", self.fields.active_after), ("active_before", self.fields.active_before)] {
            if let Some(reason) = moment_fault(time) {
                fault(format!("fields.{name}"), reason);
            }
        }
        for (id, step) in &self.steps {
            if id.trim().is_empty() {
                fault("steps".into(), "the id of a step is empty".into());
            }
            if let Some(Setting::Own(dates)) = step.dates {
                for (side, setting) in [("after", dates.after), ("before", dates.before)] {
                    if let Some(Setting::Own(time)) = setting
                        && let Some(reason) = moment_fault(time)
                    {
                        fault(format!("steps.{id}.dates.value.{side}.value"), reason);
                    }
                }
            }
            if matches!(step.limit, Some(Setting::Own(limit)) if limit < -1) {
                fault(format!("steps.{id}.limit.value"), "a number from 0 on, or -1 for any number of attempts, is expected".into());
            }
        }
        faults.extend(refuse_known(&self.extra, &["fields", "steps"]));
        faults
    }

    fn repeat(&self) -> Repeat {
        // Section 3.4: PATCH is repeated.
        Repeat::Freely
    }

    fn addresses(&self) -> Vec<&str> {
        self.fields.email.as_deref().into_iter().collect()
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.task_id, &self.id]);
        json_request(base, http::Method::PATCH, &path, wire::body(&sent::Body::new(self), &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<UpdatedCandidate, Error> {
        TaskCandidate::read(reply::success(response)?, &self.task_id, response).map(UpdatedCandidate)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let [task_id, id] = reply::path_ids::<2>(Self::PATH, request)?;
        let mut body = Members::of_request(request, dialect)?;
        body.require(&["fields"]);
        let call = UpdateCandidate {
            task_id,
            id,
            fields: body.object("fields", served::candidate).unwrap_or_default(),
            steps: body.object("steps", served::steps).unwrap_or_default(),
            extra: body.rest(),
        };
        body.finish(call)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &UpdatedCandidate, _dialect: &Dialect) -> Response {
        super::lookup::write_candidate(&reply.0)
    }
}

mod neutral {
    use super::{BTreeMap, CandidateChange, Fields, LabelChange, Setting, StepChange, StepDates};

    pub(super) fn candidate(fields: &mut Fields) -> CandidateChange {
        let is_given = fields.has("fields");
        let read = fields.nested("fields", |fields| CandidateChange {
            fullname: fields.text("fullname"),
            email: fields.text("email"),
            group: fields.text("group"),
            labels: fields.nested("labels", |labels| LabelChange {
                add: labels.texts("add").unwrap_or_default(),
                remove: labels.texts("remove").unwrap_or_default(),
            }),
            favorite: fields.boolean("favorite"),
            active: fields.boolean("active"),
            active_after: fields.time("active_after"),
            active_before: fields.time("active_before"),
        });
        if !is_given {
            fields.fault("fields", "is missing; give {} to change nothing but steps");
        }
        read.unwrap_or_default()
    }

    pub(super) fn steps(steps: &mut Fields) -> BTreeMap<String, StepChange> {
        let mut read = BTreeMap::new();
        for id in steps.names() {
            let step = steps.nested(&id, |step| StepChange {
                active: setting(step, "active", |active| active.boolean("value")),
                dates: setting(step, "dates", |dates| {
                    dates.nested("value", |dates| StepDates { after: side(dates, "after"), before: side(dates, "before") })
                }),
                limit: setting(step, "limit", |limit| limit.integer("value")),
            });
            read.insert(id, step.unwrap_or_default());
        }
        read
    }

    /// Null is a value here: it removes the limit.
    fn side(dates: &mut Fields, name: &str) -> Option<Setting<Option<crate::Time>>> {
        setting(dates, name, |side| if side.has("value") { Some(side.time("value")) } else { None })
    }

    fn setting<T>(fields: &mut Fields, name: &str, value: impl FnOnce(&mut Fields) -> Option<T>) -> Option<Setting<T>> {
        fields
            .nested(name, |setting| {
                let faults = setting.errors.len();
                match setting.boolean("is_default") {
                    Some(true) => Some(Setting::Default),
                    Some(false) => {
                        let value = value(setting).map(Setting::Own);
                        if value.is_none() && setting.errors.len() == faults {
                            setting.fault("value", "is missing");
                        }
                        value
                    }
                    None => {
                        if setting.errors.len() == faults {
                            setting.fault("is_default", "is missing");
                        }
                        // What belongs to it is not called unknown.
                        setting.given("value");
                        None
                    }
                }
            })
            .flatten()
    }
}

/// The body as it is sent.
mod sent {
    use super::{BTreeMap, LabelChange, Seconds, Serialize, Serializer, Setting, StepChange, StepDates, Time, UpdateCandidate};

    #[derive(Serialize)]
    pub(super) struct Body<'a> {
        fields: Fields<'a>,
        #[serde(skip_serializing_if = "Steps::is_empty")]
        steps: Steps<'a>,
    }

    /// The steps in the order in which they are kept.
    struct Steps<'a>(&'a BTreeMap<String, StepChange>);

    impl Steps<'_> {
        fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
    }

    impl Serialize for Steps<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(id, step)| (id, Step::new(*step))))
        }
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Fields<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        fullname: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        labels: Option<&'a LabelChange>,
        #[serde(skip_serializing_if = "Option::is_none")]
        favorite: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        active: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        active_after: Option<Seconds>,
        #[serde(skip_serializing_if = "Option::is_none")]
        active_before: Option<Seconds>,
    }

    #[derive(Serialize)]
    struct Step {
        #[serde(skip_serializing_if = "Option::is_none")]
        active: Option<Set<bool>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        dates: Option<Set<Dates>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<Set<i64>>,
    }

    #[derive(Serialize)]
    struct Dates {
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Set<Option<Seconds>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Set<Option<Seconds>>>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Set<T> {
        is_default: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<T>,
    }

    impl<T> Set<T> {
        fn new<U>(setting: Setting<U>, write: impl FnOnce(U) -> T) -> Self {
            match setting {
                Setting::Default => Set { is_default: true, value: None },
                Setting::Own(value) => Set { is_default: false, value: Some(write(value)) },
            }
        }
    }

    impl<'a> Body<'a> {
        pub(super) fn new(call: &'a UpdateCandidate) -> Self {
            let fields = &call.fields;
            Body {
                fields: Fields {
                    fullname: fields.fullname.as_deref(),
                    email: fields.email.as_deref().map(str::trim),
                    group: fields.group.as_deref(),
                    labels: fields.labels.as_ref(),
                    favorite: fields.favorite,
                    active: fields.active,
                    active_after: fields.active_after.map(Seconds),
                    active_before: fields.active_before.map(Seconds),
                },
                steps: Steps(&call.steps),
            }
        }
    }

    impl Step {
        fn new(step: StepChange) -> Self {
            let side = |setting: Setting<Option<Time>>| Set::new(setting, |time| time.map(Seconds));
            let dates = |StepDates { after, before }| Dates { after: after.map(side), before: before.map(side) };
            Step {
                active: step.active.map(|setting| Set::new(setting, |active| active)),
                dates: step.dates.map(|setting| Set::new(setting, dates)),
                limit: step.limit.map(|setting| Set::new(setting, |limit| limit)),
            }
        }
    }
}

/// The sandbox's side of the body.
#[cfg(feature = "engine")]
mod served {
    use super::{BTreeMap, CandidateChange, LabelChange, Members, Setting, StepChange, StepDates};
    use crate::Time;

    pub(super) fn candidate(fields: &mut Members) -> CandidateChange {
        CandidateChange {
            fullname: fields.text("fullname"),
            email: fields.text("email"),
            group: fields.text("group"),
            labels: fields.object("labels", |labels| LabelChange { add: labels.texts("add"), remove: labels.texts("remove") }),
            favorite: fields.boolean("favorite"),
            active: fields.boolean("active"),
            active_after: fields.seconds("activeAfter"),
            active_before: fields.seconds("activeBefore"),
        }
    }

    pub(super) fn steps(steps: &mut Members) -> BTreeMap<String, StepChange> {
        let ids: Vec<String> = steps.members.keys().cloned().collect();
        ids.into_iter()
            .map(|id| {
                let step = steps.object(&id, |step| StepChange {
                    active: setting(step, "active", |setting| setting.boolean("value")),
                    dates: setting(step, "dates", |setting| {
                        setting.object("value", |dates| StepDates { after: side(dates, "after"), before: side(dates, "before") })
                    }),
                    limit: setting(step, "limit", |setting| setting.integer("value")),
                });
                (id, step.unwrap_or_default())
            })
            .collect()
    }

    fn side(dates: &mut Members, name: &str) -> Option<Setting<Option<Time>>> {
        setting(dates, name, |side| {
            let is_null = side.members.get("value").is_some_and(|json| json.get().trim() == "null");
            if is_null {
                side.members.remove("value");
                Some(None)
            } else {
                side.seconds("value").map(Some)
            }
        })
    }

    /// A setting whose value is missing or wrong is noted there; the body is refused then.
    fn setting<T>(members: &mut Members, name: &str, value: impl FnOnce(&mut Members) -> Option<T>) -> Option<Setting<T>> {
        members
            .object(name, |setting| {
                setting.require(&["isDefault"]);
                if setting.boolean("isDefault") == Some(false) {
                    setting.require(&["value"]);
                    value(setting).map(Setting::Own)
                } else {
                    setting.members.remove("value");
                    Some(Setting::Default)
                }
            })
            .flatten()
    }
}
