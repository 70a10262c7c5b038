//! Create a candidate under a task. Reference: section 2.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{id_fault, reply};
use crate::call::{Call, Repeat};
use crate::candidate::email_fault;
use crate::decimal::Decimal;
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, in_order, refuse_known};
use crate::http::{BaseUrl, Request, Response, json_request, path};
use crate::{Error, FieldError, Platform, Secret, Time, wire};

words! {
    /// Where a unique id may stand only once (section 3, documented). All four lie within one task.
    Scope {
        /// In the whole task; what an absent scope means.
        Task = "task",
        /// Among candidates of the same group.
        Group = "group",
        /// Among candidates that share a label.
        Labels = "labels",
        /// Among candidates that share a program.
        Programs = "programs",
    }
}

words! {
    /// The language of the interface (section 2.1, documented).
    Language {
        /// Turkish.
        Turkish = "tr",
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
        /// French.
        French = "fr",
        /// Dutch.
        Dutch = "nl",
        /// Italian.
        Italian = "it",
        /// Serbian.
        Serbian = "sr",
        /// Swedish.
        Swedish = "sv",
        /// German.
        German = "de",
        /// Norwegian.
        Norwegian = "no",
        /// Russian.
        Russian = "ru",
        /// Portuguese.
        Portuguese = "pt",
    }
}

words! {
    /// The currency of a price (section 2.1, documented).
    Currency {
        /// US dollar.
        Usd = "USD",
        /// Euro.
        Eur = "EUR",
        /// Turkish lira.
        Try = "TRY",
    }
}

words! {
    /// How much a callback tells (section 2.1, documented).
    Resource {
        /// The basic test session.
        Basic = "basic",
        /// The detailed test session.
        Detailed = "detailed",
    }
}

words! {
    /// The kind of a request (sections 2.2 and 2.3, documented); the answer has other words.
    RequestKind {
        /// A person who is known to this task only.
        Temporary = "temporary-candidate",
        /// A user of the organization.
        Internal = "internal-candidate",
    }
}

quiet_debug!(TemporaryCandidate, Tracking, Callback, Created);

/// What a candidate may be given once only (section 2.2, documented).
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Tracking {
    /// The id on the caller's side, sent and compared as it is (choice C12).
    pub uniq_id: String,
    /// Where it may stand only once; absent means the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

impl Tracking {
    /// Once in the whole task.
    #[must_use]
    pub fn new(uniq_id: impl Into<String>) -> Self {
        Tracking { uniq_id: uniq_id.into(), scope: None }
    }
}

/// A person who is known to this task only; nothing is required (section 2.2, documented).
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct TemporaryCandidate {
    /// The full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fullname: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The first login credential.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub credential1: Option<Secret>,
    /// The second login credential.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub credential2: Option<Secret>,
    /// Without it the same request makes a second candidate (section 2.7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
}

/// A user of the organization: name, address, tags and unique id are the user's (section 2.3, documented).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct InternalCandidate {
    /// The user's id.
    pub id: String,
}

/// Who becomes a candidate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "kind")]
pub enum Person {
    /// A person who is known to this task only.
    #[serde(rename = "temporary-candidate")]
    Temporary(TemporaryCandidate),
    /// A user of the organization.
    #[serde(rename = "internal-candidate")]
    Internal(InternalCandidate),
}

impl From<TemporaryCandidate> for Person {
    fn from(candidate: TemporaryCandidate) -> Self {
        Person::Temporary(candidate)
    }
}

impl From<InternalCandidate> for Person {
    fn from(candidate: InternalCandidate) -> Self {
        Person::Internal(candidate)
    }
}

/// When the candidate may log in (section 2.1, documented). An end before the start passes through (choice C38).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Dates {
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Time>,
    /// The start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Time>,
}

/// What the candidate has to pay to be admitted (section 2.1, documented).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Price {
    /// Passed through unchanged; the unit is not stated (choice C31).
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl Price {
    /// Reads the neutral form. Faults are recorded in `fields`; a price with faults is never handed out.
    pub(crate) fn read(fields: &mut Fields) -> Self {
        neutral::price(fields)
    }
}

/// The dates of one step for this candidate only (section 2.1, documented).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CustomizedStep {
    /// The step.
    pub step_id: String,
    /// Its dates.
    pub customization: Customization,
}

/// When a step may be entered.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Customization {
    /// The start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_after: Option<Time>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_before: Option<Time>,
}

/// A mail from a saved template of the task to the candidate's address, if there is one (section 2.1, documented).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct InviteByEmail {
    /// The template's name.
    pub email_template_name: String,
    /// When it is sent; absent means right after creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_to_send: Option<Time>,
}

/// What is posted after each test session (sections 2.1 and 6, documented).
#[derive(Clone, PartialEq, Serialize)]
pub struct Callback {
    /// The address it is posted to.
    pub url: String,
    /// Free values that come back with it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
    /// How much it tells.
    pub resource: Resource,
}

/// `POST /api/integration/rest/v1/tasks/{taskId}/candidates` (section 2, documented). Creates one candidate; only
/// `tracking`, or a user's own name, keeps the same request from creating a second.
///
/// ```
/// use bidden::testinvite::{BASE_URL, CreateCandidate, TemporaryCandidate, Tracking};
/// use bidden::{BaseUrl, Call};
/// let ada = TemporaryCandidate {
///     fullname: Some("Ada Lovelace".into()),
///     email: Some("ada@example.com".into()),
///     tracking: Some(Tracking::new("ada@example.com")),
///     ..TemporaryCandidate::default()
/// };
/// let call = CreateCandidate { group: Some("A".into()), ..CreateCandidate::new("task-1", ada) };
/// let request = call.to_request(&BaseUrl::parse(BASE_URL)?)?;
/// assert_eq!(request.uri().path(), "/api/integration/rest/v1/tasks/task-1/candidates");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
pub struct CreateCandidate {
    /// The task.
    pub task_id: String,
    /// Who becomes a candidate.
    #[serde(flatten)]
    pub person: Person,
    /// For sorting and filtering; absent means the platform's default group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// For sorting and filtering.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// For sorting and filtering.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The candidate's id on the caller's side; nothing makes it unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Free data of the caller.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub external_data: Map<String, Value>,
    /// The language of the interface; absent means the task's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Language>,
    /// The programs the candidate is put into.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub program_ids: Vec<String>,
    /// Further addresses that mails are copied to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra_emails: Vec<String>,
    /// When the candidate may log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<Dates>,
    /// What the candidate has to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Dates of single steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customized_steps: Vec<CustomizedStep>,
    /// The invitation mail; absent means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_by_email: Option<InviteByEmail>,
    /// What is posted after each test session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl CreateCandidate {
    /// A candidate of a task, with nothing but the person.
    #[must_use]
    pub fn new(task_id: impl Into<String>, person: impl Into<Person>) -> Self {
        CreateCandidate {
            task_id: task_id.into(),
            person: person.into(),
            group: None,
            labels: Vec::new(),
            tags: BTreeMap::new(),
            external_id: None,
            external_data: Map::new(),
            lang: None,
            program_ids: Vec::new(),
            extra_emails: Vec::new(),
            dates: None,
            price: None,
            customized_steps: Vec::new(),
            invite_by_email: None,
            callback: None,
            extra: Map::new(),
        }
    }
}

/// Shows the task only: no name, address or credential.
impl std::fmt::Debug for CreateCandidate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CreateCandidate").field("task_id", &self.task_id).finish_non_exhaustive()
    }
}

/// The answer to [`CreateCandidate`]: the basic candidate (section 2.5, documented).
#[derive(Clone, PartialEq, Serialize)]
pub struct Created {
    /// The platform's id.
    pub candidate_id: String,
    /// `temp` or `user`, as the platform says it; what the request means when it does not say.
    pub kind: String,
    /// The task.
    pub task_id: String,
    /// Whether the candidate has logged in; documented to be false at creation.
    pub logged_in: bool,
    /// The full name, when there is one.
    pub fullname: Option<String>,
    /// The address, when there is one.
    pub email: Option<String>,
    /// What the candidate enters, or the link carries; may be null for a user (choice C16).
    pub invitation_code: Option<String>,
    /// The candidate's own link, where the platform tells it (choice C15).
    pub direct_access_url: Option<String>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

// The parameters of `serialize_with` are serde's.
#[allow(clippy::ref_option)]
fn exposed<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

/// Seconds since 1970, the wire's form of a moment; a fraction only where there is one.
pub(super) struct Seconds(pub(super) Time);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let milliseconds = self.0.milliseconds();
        if milliseconds % 1000 == 0 {
            serializer.serialize_i64(self.0.seconds())
        } else {
            // Exact to the millisecond: a double has 53 bits, the last second of the year 9999 needs 48.
            serializer.serialize_f64(milliseconds as f64 / 1000.0)
        }
    }
}

/// The body: the kind, the person, then the common fields in the order of section 2.1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    kind: RequestKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fullname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<TrackingBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    labels: &'a [String],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    external_data: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<Language>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    program_ids: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extra_emails: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dates: Option<DatesBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<PriceBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    customized_steps: Vec<CustomizedStepBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invite_by_email: Option<InviteByEmailBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback: Option<&'a Callback>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TrackingBody<'a> {
    uniq_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
}

#[derive(Serialize)]
struct DatesBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Seconds>,
}

#[derive(Serialize)]
struct PriceBody {
    amount: Box<RawValue>,
    currency: Currency,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomizedStepBody<'a> {
    step_id: &'a str,
    customization: CustomizationBody,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomizationBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    active_after: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_before: Option<Seconds>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InviteByEmailBody<'a> {
    email_template_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_to_send: Option<Seconds>,
}

impl<'a> Body<'a> {
    fn new(call: &'a CreateCandidate) -> Self {
        let (temporary, internal) = match &call.person {
            Person::Temporary(temporary) => (Some(temporary), None),
            Person::Internal(internal) => (None, Some(internal)),
        };
        Body {
            kind: if internal.is_some() { RequestKind::Internal } else { RequestKind::Temporary },
            id: internal.map(|internal| internal.id.as_str()),
            fullname: temporary.and_then(|person| person.fullname.as_deref()),
            email: temporary.and_then(|person| person.email.as_deref()).map(str::trim),
            credential1: temporary.and_then(|person| person.credential1.as_ref()).map(Secret::expose),
            credential2: temporary.and_then(|person| person.credential2.as_ref()).map(Secret::expose),
            tracking: temporary
                .and_then(|person| person.tracking.as_ref())
                .map(|tracking| TrackingBody { uniq_id: &tracking.uniq_id, scope: tracking.scope }),
            group: call.group.as_deref(),
            labels: &call.labels,
            tags: &call.tags,
            external_id: call.external_id.as_deref(),
            external_data: &call.external_data,
            lang: call.lang,
            program_ids: &call.program_ids,
            extra_emails: call.extra_emails.iter().map(|email| email.trim()).collect(),
            dates: call.dates.map(|dates| DatesBody { before: dates.before.map(Seconds), after: dates.after.map(Seconds) }),
            price: call.price.as_ref().map(|price| PriceBody { amount: price.amount.to_number(), currency: price.currency }),
            customized_steps: call
                .customized_steps
                .iter()
                .map(|step| CustomizedStepBody {
                    step_id: &step.step_id,
                    customization: CustomizationBody {
                        active_after: step.customization.active_after.map(Seconds),
                        active_before: step.customization.active_before.map(Seconds),
                    },
                })
                .collect(),
            invite_by_email: call.invite_by_email.as_ref().map(|invite| InviteByEmailBody {
                email_template_name: &invite.email_template_name,
                date_to_send: invite.date_to_send.map(Seconds),
            }),
            callback: call.callback.as_ref(),
        }
    }
}

/// The members of [`Body`].
const WIRE_NAMES: [&str; 20] = [
    "kind",
    "id",
    "fullname",
    "email",
    "credential1",
    "credential2",
    "tracking",
    "group",
    "labels",
    "tags",
    "externalId",
    "externalData",
    "lang",
    "programIds",
    "extraEmails",
    "dates",
    "price",
    "customizedSteps",
    "inviteByEmail",
    "callback",
];

/// What only a temporary candidate has (section 2.3, choice C35).
const TEMPORARY_NAMES: [&str; 5] = ["fullname", "email", "credential1", "credential2", "tracking"];

impl Call for CreateCandidate {
    type Reply = Created;
    const NAME: &'static str = "testinvite.create_candidate";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/candidates";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 2, documented",
        query: "",
        body: crate::engine::Shape::Written(
            r#"{kind: "internal-candidate", id: text, group?: text, labels?: [text],
            tags?: record, externalId?: text, externalData?: record, lang?: text, programIds?: [text], extraEmails?: [text],
            uniqueness?: any, dates?: {before?: number, after?: number}, price?: {amount: number, currency: text},
            customizedSteps?: [{stepId: text, customization: {activeAfter?: number, activeBefore?: number}}],
            inviteByEmail?: {emailTemplateName: text, dateToSend?: number}, callback?: {url: text, params?: record,
            resource: "basic"|"detailed"}}|{kind: "temporary-candidate", fullname?: text, email?: text, credential1?: text,
            credential2?: text, tracking?: {uniqId: text, scope?: text}, group?: text, labels?: [text], tags?: record,
            externalId?: text, externalData?: record, lang?: text, programIds?: [text], extraEmails?: [text], uniqueness?: any,
            dates?: {before?: number, after?: number}, price?: {amount: number, currency: text},
            customizedSteps?: [{stepId: text, customization: {activeAfter?: number, activeBefore?: number}}],
            inviteByEmail?: {emailTemplateName: text, dateToSend?: number}, callback?: {url: text, params?: record,
            resource: "basic"|"detailed"}}"#,
        ),
        statuses: &[200, 201],
        answer: crate::engine::Shape::Written(
            r#"{candidateId: text, kind: "temp"|"user", taskId: text, loggedIn: boolean,
            fullname?: text, email?: text, invitationCode: text|null, directAccessUrl?: text}"#,
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        // One after the other into what there is: a literal would be taken down in another way behind each field.
        let task_id = fields.id_text("task_id").unwrap_or_default();
        let mut call = CreateCandidate::new(task_id, neutral::person(fields));
        call.group = fields.text("group");
        call.labels = fields.texts("labels").unwrap_or_default();
        call.tags = neutral::tags(fields);
        call.external_id = fields.id_text("external_id");
        call.external_data = fields.object("external_data").unwrap_or_default();
        call.lang = fields.word("lang", Language::WORDS);
        call.program_ids = fields.texts("program_ids").unwrap_or_default();
        call.extra_emails = fields.texts("extra_emails").unwrap_or_default();
        call.dates = fields.nested("dates", |dates| Dates { before: dates.time("before"), after: dates.time("after") });
        call.price = fields.nested("price", neutral::price);
        call.customized_steps = fields.list("customized_steps", neutral::customized_step).unwrap_or_default();
        call.invite_by_email = fields.nested("invite_by_email", |invite| InviteByEmail {
            email_template_name: invite.text("email_template_name").unwrap_or_default(),
            date_to_send: invite.time("date_to_send"),
        });
        call.callback = fields.nested("callback", neutral::callback);
        call.extra = fields.object("extra").unwrap_or_default();
        neutral::order_faults(fields, &call);
        call
    }

    fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, reason: &str| faults.push(FieldError::new(field, reason));
        if let Some(reason) = id_fault(&self.task_id) {
            fault("task_id", reason);
        }
        match &self.person {
            Person::Internal(internal) => {
                if internal.id.trim().is_empty() {
                    fault("id", "is missing; an internal candidate is a user and needs the user's id");
                }
            }
            Person::Temporary(temporary) => {
                if let Some(reason) = temporary.email.as_deref().and_then(|email| email_fault(email.trim())) {
                    fault("email", reason);
                }
                if temporary.tracking.as_ref().is_some_and(|tracking| tracking.uniq_id.trim().is_empty()) {
                    fault("tracking.uniq_id", "is missing");
                }
            }
        }
        for (index, email) in self.extra_emails.iter().enumerate() {
            if let Some(reason) = email_fault(email.trim()) {
                fault(&format!("extra_emails[{index}]"), reason);
            }
        }
        let dates = self.dates.unwrap_or_default();
        for (field, time) in [("dates.before", dates.before), ("dates.after", dates.after)] {
            if let Some(reason) = moment_fault(time) {
                fault(field, &reason);
            }
        }
        for (index, step) in self.customized_steps.iter().enumerate() {
            if step.step_id.trim().is_empty() {
                fault(&format!("customized_steps[{index}].step_id"), "is missing");
            }
            let Customization { active_after, active_before } = step.customization;
            for (name, time) in [("active_after", active_after), ("active_before", active_before)] {
                if let Some(reason) = moment_fault(time) {
                    fault(&format!("customized_steps[{index}].customization.{name}"), &reason);
                }
            }
        }
        if let Some(invite) = &self.invite_by_email {
            if invite.email_template_name.trim().is_empty() {
                fault("invite_by_email.email_template_name", "is missing; the name of one of the task's templates is expected");
            }
            if let Some(reason) = moment_fault(invite.date_to_send) {
                fault("invite_by_email.date_to_send", &reason);
            }
        }
        if self.callback.as_ref().is_some_and(|callback| !crate::http::is_web_address(&callback.url)) {
            fault("callback.url", "an address that begins with http:// or https:// is expected");
        }
        faults.extend(refuse_known(&self.extra, &WIRE_NAMES));
        faults
    }

    fn addresses(&self) -> Vec<&str> {
        let own = if let Person::Temporary(candidate) = &self.person { candidate.email.as_deref() } else { None };
        own.into_iter().chain(self.extra_emails.iter().map(String::as_str)).collect()
    }

    fn repeat(&self) -> Repeat {
        // Section 2.7: R6 makes the scopes labels and programs no guard while their list is empty.
        let is_guarded = match &self.person {
            Person::Internal(_) => true,
            Person::Temporary(temporary) => match temporary.tracking.as_ref().map(|tracking| tracking.scope) {
                None => false,
                Some(None | Some(Scope::Task | Scope::Group)) => true,
                Some(Some(Scope::Labels)) => !self.labels.is_empty(),
                Some(Some(Scope::Programs)) => !self.program_ids.is_empty(),
            },
        };
        if is_guarded { Repeat::Guarded } else { Repeat::Never }
    }

    fn asks_for_mail(&self) -> bool {
        // Choice C33: without an address there is no mail. A user's address is the platform's to know.
        let may_have_address = match &self.person {
            Person::Internal(_) => true,
            Person::Temporary(temporary) => temporary.email.is_some(),
        };
        self.invite_by_email.is_some() && may_have_address
    }

    fn without_mail(&self) -> Self {
        CreateCandidate { invite_by_email: None, ..self.clone() }
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.task_id]);
        json_request(base, http::Method::POST, &path, wire::body(&Body::new(self), &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<Created, Error> {
        let mut body = reply::success(response)?;
        let Some(candidate_id) = wire::take_text(&mut body, "candidateId") else {
            return Err(reply::lacks(response, "candidateId"));
        };
        let documented_kind = match &self.person {
            Person::Temporary(_) => "temp",
            Person::Internal(_) => "user",
        };
        Ok(Created {
            candidate_id,
            kind: wire::take_text(&mut body, "kind").unwrap_or_else(|| documented_kind.to_owned()),
            task_id: wire::take_text(&mut body, "taskId").unwrap_or_else(|| self.task_id.clone()),
            logged_in: wire::take(&mut body, "loggedIn").and_then(|value| value.as_bool()).unwrap_or(false),
            fullname: wire::take_text(&mut body, "fullname"),
            email: wire::take_text(&mut body, "email"),
            invitation_code: wire::take_text(&mut body, "invitationCode"),
            direct_access_url: wire::take_text(&mut body, "directAccessUrl"),
            extra: body,
        })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        served::read(request, dialect)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Created, dialect: &Dialect) -> Response {
        served::write(reply, dialect)
    }
}

/// Choice C37: milliseconds or a duration in a field of seconds would lock the candidate out.
pub(super) fn moment_fault(time: Option<Time>) -> Option<String> {
    Time::read_seconds(time?.seconds()).err()
}

/// The neutral form's nested parts. Where a required one is missing or wrong the fault is recorded and a placeholder
/// stands in, since a call with faults is never handed out.
mod neutral {
    use crate::Given;

    use super::{
        BTreeMap, Call, Callback, CreateCandidate, Currency, Customization, CustomizedStep, Decimal, FieldError, Fields, InternalCandidate,
        Person, Price, RequestKind, Resource, Scope, Secret, TEMPORARY_NAMES, TemporaryCandidate, Tracking, Value, in_order,
    };

    /// Every name in the order of the reference, an outer one before its inner ones; no name stands inside two.
    const ORDER: [&str; 37] = [
        "task_id",
        "kind",
        "id",
        "fullname",
        "email",
        "credential1",
        "credential2",
        "tracking",
        "uniq_id",
        "scope",
        "group",
        "labels",
        "tags",
        "external_id",
        "external_data",
        "lang",
        "program_ids",
        "extra_emails",
        "dates",
        "before",
        "after",
        "price",
        "amount",
        "currency",
        "customized_steps",
        "step_id",
        "customization",
        "active_after",
        "active_before",
        "invite_by_email",
        "email_template_name",
        "date_to_send",
        "callback",
        "url",
        "params",
        "resource",
        "extra",
    ];

    fn sorted(faults: Vec<FieldError>) -> Vec<FieldError> {
        let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
        let place = |fault: &FieldError| {
            let (outer, inner) = fault.field.split_once('.').unwrap_or((&fault.field, ""));
            let (outer, index) = outer.split_once('[').unwrap_or((outer, ""));
            let index: usize = index.trim_end_matches(']').parse().unwrap_or(0);
            let innermost = inner.rsplit('.').next().unwrap_or(inner);
            (rank(outer), index, if inner.is_empty() { 0 } else { rank(innermost) })
        };
        in_order(faults, |a, b| place(a) < place(b))
    }

    /// Adds what [`Call::faults`] finds and sorts: faults of reading and of meaning come in the order of the reference.
    pub(super) fn order_faults(fields: &mut Fields, call: &CreateCandidate) {
        for fault in call.faults() {
            if !fields.errors.iter().any(|known| known.field == fault.field) {
                fields.errors.push(fault);
            }
        }
        fields.errors = sorted(std::mem::take(&mut fields.errors));
    }

    /// Reads a field that must be there.
    fn required<T>(fields: &mut Fields, name: &str, read: impl FnOnce(&mut Fields) -> Option<T>) -> Option<T> {
        let faults = fields.errors.len();
        let value = read(fields);
        if value.is_none() && fields.errors.len() == faults {
            fields.fault(name, "is missing");
        }
        value
    }

    pub(super) fn person(fields: &mut Fields) -> Person {
        let kind = fields.word("kind", RequestKind::WORDS);
        let id = if kind == Some(RequestKind::Temporary) {
            if fields.given("id").is_some() {
                fields.fault("id", "belongs to kind internal-candidate");
            }
            None
        } else {
            fields.id_text("id")
        };
        if id.is_some() || kind == Some(RequestKind::Internal) {
            for name in TEMPORARY_NAMES {
                if fields.given(name).is_some() {
                    fields.fault(name, "an internal candidate has it from the user; leave it out");
                }
            }
            return InternalCandidate { id: id.unwrap_or_default() }.into();
        }
        TemporaryCandidate {
            fullname: fields.text("fullname"),
            email: fields.text("email"),
            credential1: fields.text("credential1").map(Secret::new),
            credential2: fields.text("credential2").map(Secret::new),
            tracking: fields.nested("tracking", |tracking| Tracking {
                uniq_id: tracking.text("uniq_id").unwrap_or_default(),
                scope: tracking.word("scope", Scope::WORDS),
            }),
        }
        .into()
    }

    pub(super) fn tags(fields: &mut Fields) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        for (key, value) in fields.object("tags").unwrap_or_default() {
            match value {
                Value::String(text) => {
                    tags.insert(key, text);
                }
                _ => fields.fault(&format!("tags.{key}"), "text is expected"),
            }
        }
        tags
    }

    pub(super) fn price(price: &mut Fields) -> Price {
        let amount = required(price, "amount", |price| {
            let amount = match price.given("amount")? {
                Given::Text(text) => Decimal::read(text),
                Given::Integer(number) => Decimal::read_number(&number.to_string()),
                Given::Json(json) => match serde_json::from_str::<String>(json) {
                    Ok(text) => Decimal::read(&text),
                    Err(_) => Decimal::read_number(json),
                },
            };
            if amount.is_none() {
                price.fault("amount", Decimal::EXPECTED);
            }
            amount
        });
        let currency = required(price, "currency", |price| price.word("currency", Currency::WORDS));
        Price { amount: amount.unwrap_or_default(), currency: currency.unwrap_or(Currency::Usd) }
    }

    pub(super) fn customized_step(step: &mut Fields) -> CustomizedStep {
        CustomizedStep {
            step_id: step.text("step_id").unwrap_or_default(),
            customization: required(step, "customization", |step| {
                step.nested("customization", |dates| Customization {
                    active_after: dates.time("active_after"),
                    active_before: dates.time("active_before"),
                })
            })
            .unwrap_or_default(),
        }
    }

    pub(super) fn callback(callback: &mut Fields) -> Callback {
        Callback {
            url: callback.text("url").unwrap_or_default(),
            params: callback.object("params").unwrap_or_default(),
            resource: required(callback, "resource", |callback| callback.word("resource", Resource::WORDS)).unwrap_or(Resource::Basic),
        }
    }
}

/// The sandbox's side of the wire.
#[cfg(feature = "engine")]
mod served {
    use super::super::body::Members;
    use super::super::reply::path_ids;
    use super::{
        Call, Callback, CreateCandidate, Created, Currency, Customization, CustomizedStep, Dates, Decimal, Dialect, InternalCandidate,
        InviteByEmail, Language, Map, Person, Price, Request, RequestKind, Resource, Response, Scope, Secret, Serialize, TEMPORARY_NAMES,
        TemporaryCandidate, Tracking, Value,
    };

    /// Section 2.6: what is missing or of a wrong type is 400. Unknown members are kept and otherwise ignored (choice C42).
    pub(super) fn read(request: &Request, dialect: &Dialect) -> Result<CreateCandidate, Response> {
        let [task_id] = path_ids::<1>(CreateCandidate::PATH, request)?;
        let mut body = Members::of_request(request, dialect)?;
        let extra_emails = body.texts(&dialect.testinvite.extra_emails_key);
        let call = CreateCandidate {
            task_id,
            person: person(&mut body),
            group: body.text("group"),
            labels: body.texts("labels"),
            tags: body.take("tags", "an object of texts", |json| serde_json::from_str(json).ok()).unwrap_or_default(),
            external_id: body.text("externalId"),
            external_data: body.record("externalData"),
            lang: body.word("lang", Language::WORDS),
            program_ids: body.texts("programIds"),
            extra_emails,
            dates: body.object("dates", |dates| Dates { before: dates.seconds("before"), after: dates.seconds("after") }),
            price: body.object("price", price),
            customized_steps: body.list("customizedSteps", customized_step),
            invite_by_email: body.object("inviteByEmail", invite_by_email),
            callback: body.object("callback", callback),
            extra: body.rest(),
        };
        body.finish(call)
    }

    fn person(body: &mut Members) -> Person {
        body.require(&["kind"]);
        if body.word("kind", RequestKind::WORDS) == Some(RequestKind::Internal) {
            // Choice C35: ignored whatever they hold.
            for name in TEMPORARY_NAMES {
                body.members.remove(name);
            }
            body.require(&["id"]);
            return InternalCandidate { id: body.text("id").unwrap_or_default() }.into();
        }
        body.members.remove("id");
        TemporaryCandidate {
            fullname: body.text("fullname"),
            email: body.text("email"),
            credential1: body.text("credential1").map(Secret::new),
            credential2: body.text("credential2").map(Secret::new),
            tracking: body.object("tracking", tracking),
        }
        .into()
    }

    /// Rule R13.
    fn tracking(tracking: &mut Members) -> Tracking {
        tracking.require(&["uniqId"]);
        let uniq_id = tracking.text("uniqId");
        if uniq_id.as_deref() == Some("") {
            tracking.note("uniqId", "must not be empty");
        }
        Tracking { uniq_id: uniq_id.unwrap_or_default(), scope: tracking.word("scope", Scope::WORDS) }
    }

    // In the four below a placeholder stands in for what is missing: such a body is refused.

    fn price(price: &mut Members) -> Price {
        price.require(&["amount", "currency"]);
        Price {
            amount: price.take("amount", "a number", Decimal::read_number).unwrap_or_default(),
            currency: price.word("currency", Currency::WORDS).unwrap_or(Currency::Usd),
        }
    }

    fn customized_step(step: &mut Members) -> CustomizedStep {
        step.require(&["stepId", "customization"]);
        CustomizedStep {
            step_id: step.text("stepId").unwrap_or_default(),
            customization: step
                .object("customization", |dates| Customization {
                    active_after: dates.seconds("activeAfter"),
                    active_before: dates.seconds("activeBefore"),
                })
                .unwrap_or_default(),
        }
    }

    fn invite_by_email(invite: &mut Members) -> InviteByEmail {
        invite.require(&["emailTemplateName"]);
        InviteByEmail {
            email_template_name: invite.text("emailTemplateName").unwrap_or_default(),
            date_to_send: invite.seconds("dateToSend"),
        }
    }

    fn callback(callback: &mut Members) -> Callback {
        callback.require(&["url", "resource"]);
        Callback {
            url: callback.text("url").unwrap_or_default(),
            params: callback.record("params"),
            resource: callback.word("resource", Resource::WORDS).unwrap_or(Resource::Basic),
        }
    }

    /// The bare object of section 2.5; what is not set is left out (choice C40).
    pub(super) fn write(reply: &Created, dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            candidate_id: &'a str,
            kind: &'a str,
            task_id: &'a str,
            logged_in: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            fullname: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            email: Option<&'a str>,
            invitation_code: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            direct_access_url: Option<&'a str>,
            #[serde(flatten)]
            extra: &'a Map<String, Value>,
        }
        let body = Body {
            candidate_id: &reply.candidate_id,
            kind: &reply.kind,
            task_id: &reply.task_id,
            logged_in: reply.logged_in,
            fullname: reply.fullname.as_deref(),
            email: reply.email.as_deref(),
            invitation_code: reply.invitation_code.as_deref(),
            direct_access_url: reply.direct_access_url.as_deref(),
            extra: &reply.extra,
        };
        let status = if dialect.testinvite.create_status == "201" { 201 } else { 200 };
        crate::http::json_response(status, &body)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::{AnyCall, Kind};

    fn base() -> BaseUrl {
        BaseUrl::parse(super::super::BASE_URL).unwrap()
    }

    fn temporary(scope: Option<Scope>) -> CreateCandidate {
        let tracking = Some(Tracking { uniq_id: "u1".into(), scope });
        CreateCandidate::new("task-1", TemporaryCandidate { tracking, ..TemporaryCandidate::default() })
    }

    fn response(status: u16, body: &str) -> Response {
        http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_create_may_be_repeated_only_where_the_platform_refuses_a_second() {
        let untracked = CreateCandidate::new("task-1", TemporaryCandidate::default());
        assert_eq!(untracked.repeat(), Repeat::Never);
        assert_eq!(CreateCandidate::new("task-1", InternalCandidate { id: "u-1001".into() }).repeat(), Repeat::Guarded);
        assert_eq!(temporary(None).repeat(), Repeat::Guarded);
        assert_eq!(temporary(Some(Scope::Task)).repeat(), Repeat::Guarded);
        assert_eq!(temporary(Some(Scope::Group)).repeat(), Repeat::Guarded);
        for (scope, labels, programs, expected) in [
            (Scope::Labels, "", "p", Repeat::Never),
            (Scope::Labels, "a", "", Repeat::Guarded),
            (Scope::Programs, "a", "", Repeat::Never),
            (Scope::Programs, "", "p", Repeat::Guarded),
        ] {
            let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
            let call = CreateCandidate { labels: list(labels), program_ids: list(programs), ..temporary(Some(scope)) };
            assert_eq!(call.repeat(), expected, "{scope:?} with labels [{labels}] and programs [{programs}]");
        }
    }

    #[test]
    fn a_mail_is_asked_for_only_where_there_may_be_an_address() {
        let invite = Some(InviteByEmail { email_template_name: "Welcome".into(), date_to_send: Some(Time::from_seconds(2_000_000_000)) });
        let email = Some("ada@example.com".to_owned());
        let with = |person: Person| CreateCandidate { invite_by_email: invite.clone(), ..CreateCandidate::new("task-1", person) };
        let mailed = with(TemporaryCandidate { email, ..TemporaryCandidate::default() }.into());
        assert!(mailed.asks_for_mail());
        assert!(!mailed.without_mail().asks_for_mail());
        assert_eq!(CreateCandidate { invite_by_email: invite.clone(), ..mailed.without_mail() }, mailed);
        assert!(with(InternalCandidate { id: "u-1001".into() }.into()).asks_for_mail());
        assert!(!with(TemporaryCandidate::default().into()).asks_for_mail());
    }

    #[test]
    fn faults_of_typed_values_are_found_too() {
        let soon = Some(Time::from_seconds(86_400));
        let call = CreateCandidate {
            dates: Some(Dates { before: Some(Time::from_seconds(1_738_400_000_000)), after: soon }),
            extra_emails: vec!["grace@example.com".into(), "alan".into()],
            customized_steps: vec![CustomizedStep {
                step_id: " ".into(),
                customization: Customization { active_after: None, active_before: soon },
            }],
            invite_by_email: Some(InviteByEmail { email_template_name: String::new(), date_to_send: soon }),
            callback: Some(Callback { url: "/done".into(), params: Map::new(), resource: Resource::Basic }),
            ..CreateCandidate::new("..", TemporaryCandidate { tracking: Some(Tracking::new("")), ..TemporaryCandidate::default() })
        };
        let error = call.to_request(&base()).unwrap_err();
        let fields: Vec<&str> = error.fields().iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "task_id",
                "tracking.uniq_id",
                "extra_emails[1]",
                "dates.before",
                "dates.after",
                "customized_steps[0].step_id",
                "customized_steps[0].customization.active_before",
                "invite_by_email.email_template_name",
                "invite_by_email.date_to_send",
                "callback.url",
            ]
        );
    }

    #[test]
    fn fields_of_the_other_kind_are_refused_with_their_reason() {
        let fields = |arguments: &str| -> Vec<String> {
            let error = AnyCall::from_json(CreateCandidate::NAME, arguments).unwrap_err();
            error.fields().iter().map(ToString::to_string).collect()
        };
        let internal = fields(r#"{"task_id":"t","id":"u-1001","email":"ada@example.com","tracking":{"uniq_id":"u1"}}"#);
        assert_eq!(internal.len(), 2, "{internal:?}");
        assert!(internal[0].starts_with("email: an internal candidate"), "{internal:?}");
        let temporary = fields(r#"{"task_id":"t","kind":"temporary-candidate","id":"u-1001"}"#);
        assert_eq!(temporary, ["id: belongs to kind internal-candidate"]);
    }

    #[test]
    fn only_the_code_proves_a_duplicate() {
        let error = |status, body: &str| temporary(None).read_reply(&response(status, body)).unwrap_err();
        let duplicate = r#"{"error":{"code":"duplicate-candidate","message":"uniqId is already used in this scope"}}"#;
        for status in [400, 403, 409] {
            assert_eq!(error(status, duplicate).kind(), Kind::Duplicate, "{status}");
            assert_eq!(error(status, r#"{"error":"duplicate-candidate"}"#).kind(), Kind::Rejected, "{status}");
        }
        assert_eq!(error(500, duplicate).kind(), Kind::Unavailable);
        assert_eq!(error(401, duplicate).kind(), Kind::Unauthorized);
        assert_eq!(error(403, "<html>no</html>").raw_reply(), Some("<html>no</html>"));
    }

    #[test]
    fn no_personal_data_shows_in_debug() {
        let arguments = r#"{"task_id":"task-1","fullname":"Ada Lovelace","email":"ada@example.com","credential1":"pin-1815",
            "tracking":{"uniq_id":"ada@example.com"},"extra_emails":["ada@example.com"],"tags":{"name":"Ada Lovelace"}}"#;
        let call = AnyCall::from_json(CreateCandidate::NAME, arguments).unwrap();
        let body = r#"{"candidateId":"c","fullname":"Ada Lovelace","email":"ada@example.com","invitationCode":"pin-1815"}"#;
        let reply = call.read_reply(&response(200, body)).unwrap();
        for shown in [format!("{call:?}"), format!("{reply:?}")] {
            assert!(!["Ada", "ada@", "1815"].iter().any(|word| shown.contains(word)), "{shown}");
        }
    }

    #[cfg(feature = "engine")]
    #[test]
    fn a_refused_body_names_every_wrong_member() {
        let body = r#"{"kind":"temporary-candidate","email":5,"group":null,"tracking":{"uniqId":""},"price":{"amount":"19.90"},
            "customizedSteps":[{"stepId":"s","customization":{}},{"stepId":1}]}"#;
        let request = http::Request::post("/api/integration/rest/v1/tasks/t/candidates").body(body.as_bytes().to_vec()).unwrap();
        let refusal = CreateCandidate::from_request(&request, &Dialect::default()).unwrap_err();
        assert_eq!(refusal.status(), 400);
        assert_eq!(
            String::from_utf8_lossy(refusal.body()),
            "{\"error\":{\"code\":\"invalid-body\",\"message\":\"email: text is expected; tracking.uniqId: must not be empty; \
             group: text is expected; price.currency: is missing; price.amount: a number is expected; \
             customizedSteps[1].customization: is missing; customizedSteps[1].stepId: text is expected\"}}"
        );
    }

    fn text() -> impl Strategy<Value = String> {
        "\\PC{1,8}"
    }

    fn some_text() -> impl Strategy<Value = Option<String>> {
        prop::option::of(text())
    }

    fn email() -> impl Strategy<Value = String> {
        select(vec!["ada@example.com", "grace.hopper+x@example.org", "李@例子.example"]).prop_map(str::to_owned)
    }

    fn time() -> impl Strategy<Value = Option<Time>> {
        prop::option::of((1_000_000_000_000_i64..100_000_000_000_000).prop_map(Time::from_milliseconds))
    }

    fn object() -> impl Strategy<Value = Map<String, Value>> {
        let value = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text().prop_map(Value::from),
            prop::collection::vec(text(), 0..3).prop_map(Value::from),
        ];
        prop::collection::btree_map("x-\\PC{1,5}", value, 0..3).prop_map(Map::from_iter)
    }

    fn word<T: Copy + std::fmt::Debug + 'static>(words: &'static [(&'static str, T)]) -> impl Strategy<Value = T> {
        select(words).prop_map(|(_, value)| value)
    }

    fn person() -> impl Strategy<Value = Person> {
        let visible = "[!-~é李]{1,8}";
        let tracking =
            (visible, prop::option::of(word(Scope::WORDS))).prop_map(|(uniq_id, scope)| Tracking { uniq_id: format!(" {uniq_id}"), scope });
        prop_oneof![
            visible.prop_map(|id| InternalCandidate { id }.into()),
            (some_text(), prop::option::of(email()), some_text(), some_text(), prop::option::of(tracking)).prop_map(
                |(fullname, email, credential1, credential2, tracking)| {
                    let (credential1, credential2) = (credential1.map(Secret::new), credential2.map(Secret::new));
                    TemporaryCandidate { fullname, email, credential1, credential2, tracking }.into()
                }
            ),
        ]
    }

    fn call() -> impl Strategy<Value = CreateCandidate> {
        let texts = || prop::collection::vec(text(), 0..3);
        let visible = "[!-~é李]{1,8}x";
        let price = ("-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,10})?", word(Currency::WORDS))
            .prop_map(|(amount, currency)| Price { amount: Decimal::parse(&amount).unwrap(), currency });
        let step = (visible, time(), time()).prop_map(|(step_id, active_after, active_before)| CustomizedStep {
            step_id,
            customization: Customization { active_after, active_before },
        });
        let invite = (visible, time()).prop_map(|(email_template_name, date_to_send)| InviteByEmail { email_template_name, date_to_send });
        let callback = (object(), word(Resource::WORDS)).prop_map(|(params, resource)| Callback {
            url: "https://example.com/done?x=1".into(),
            params,
            resource,
        });
        let plain = (visible, person(), some_text(), texts(), prop::collection::btree_map(text(), text(), 0..3), some_text(), object());
        let rest = (
            prop::option::of(word(Language::WORDS)),
            texts(),
            prop::collection::vec(email(), 0..3),
            prop::option::of((time(), time()).prop_map(|(before, after)| Dates { before, after })),
            prop::option::of(price),
            prop::collection::vec(step, 0..3),
            prop::option::of(invite),
            prop::option::of(callback),
            object(),
        );
        (plain, rest).prop_map(
            |(
                (task_id, person, group, labels, tags, external_id, external_data),
                (lang, program_ids, extra_emails, dates, price, customized_steps, invite_by_email, callback, extra),
            )| CreateCandidate {
                task_id,
                person,
                group,
                labels,
                tags,
                external_id,
                external_data,
                lang,
                program_ids,
                extra_emails,
                dates,
                price,
                customized_steps,
                invite_by_email,
                callback,
                extra,
            },
        )
    }

    proptest! {
        #[test]
        fn the_neutral_form_goes_there_and_back(call in call()) {
            let json = AnyCall::from(call.clone()).to_json();
            match AnyCall::from_json(CreateCandidate::NAME, &json) {
                Ok(AnyCall::TestInviteCreateCandidate(read)) => prop_assert!(read == call, "{}", json),
                other => prop_assert!(false, "{json} {other:?}"),
            }
        }

        #[cfg(feature = "engine")]
        #[test]
        fn a_request_says_the_same_to_the_other_side(call in call()) {
            let request = call.to_request(&base()).unwrap();
            let read = CreateCandidate::from_request(&request, &Dialect::default());
            prop_assert!(read.as_ref().is_ok_and(|read| *read == call), "{}", String::from_utf8_lossy(request.body()));
        }

        #[cfg(feature = "engine")]
        #[test]
        fn an_answer_says_the_same_to_the_other_side(
            (candidate_id, task_id, logged_in, extra) in (text(), text(), any::<bool>(), object()),
            (fullname, email, invitation_code, direct_access_url) in (some_text(), some_text(), some_text(), some_text()),
        ) {
            let kind = "user".to_owned();
            let created =
                Created { candidate_id, kind, task_id, logged_in, fullname, email, invitation_code, direct_access_url, extra };
            let response = CreateCandidate::write_reply(&created, &Dialect::default());
            let read = temporary(None).read_reply(&response);
            prop_assert!(read.as_ref().is_ok_and(|read| *read == created), "{}", String::from_utf8_lossy(response.body()));
        }

        #[cfg(feature = "engine")]
        #[test]
        fn any_body_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64), cut in any::<prop::sample::Index>(), call in call()) {
            let path = "/api/integration/rest/v1/tasks/t/candidates";
            let mut body = call.to_request(&base()).unwrap().into_body();
            let at = cut.index(body.len());
            body.splice(at..at, bytes.iter().copied());
            for body in [bytes, body] {
                if let Err(refusal) = CreateCandidate::from_request(&http::Request::post(path).body(body.clone()).unwrap(), &Dialect::default()) {
                    prop_assert_eq!(refusal.status(), 400);
                }
                let _ = call.read_reply(&http::Response::new(body.clone()));
                let _ = AnyCall::from_json(CreateCandidate::NAME, &String::from_utf8_lossy(&body));
            }
        }
    }
}
