//! What can be declared of TestInvite: tasks and users, as `docs/platforms/testinvite.md` sections 5.1 and 5.2 tell them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::Time;

/// TestInvite's part of the fixtures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// The tasks; every id exists as long as there are none (choice C30).
    pub tasks: Vec<Task>,
    /// The users; as long as there are none, `u-1001` and `u-1002` exist.
    pub users: Vec<User>,
}

/// A task. What is not declared is as of a task that nobody declared, but that it has no program, stage and template then.
///
/// ```
/// use bidden::engine::testinvite::fixtures::Task;
/// let task: Task = serde_json::from_str(r#"{"task_id":"t","programs":[{"uuid":"p","name":"P"}],"steps":[{"id":"s","programs":["p"]}]}"#)?;
/// assert_eq!(task.steps[0].attempt_limit, 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its id.
    pub task_id: String,
    /// The title.
    #[serde(default)]
    pub title: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "moment")]
    pub created_at: Option<Time>,
    /// Whether it is marked as a favorite.
    #[serde(default)]
    pub favorite: bool,
    /// The folder that it lies in.
    #[serde(default)]
    pub folder: Option<String>,
    /// The labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The language; absent means `default`.
    #[serde(default)]
    pub lang: Option<String>,
    /// How candidates log in.
    #[serde(default)]
    pub access_method: AccessMethod,
    /// Whether candidates may log in.
    #[serde(default = "yes")]
    pub active: bool,
    /// Since when candidates may log in.
    #[serde(default, deserialize_with = "moment")]
    pub active_after: Option<Time>,
    /// Until when candidates may log in.
    #[serde(default, deserialize_with = "moment")]
    pub active_before: Option<Time>,
    /// The programs.
    #[serde(default)]
    pub programs: Vec<Named>,
    /// The stages of a candidate.
    #[serde(default)]
    pub stages: Vec<Named>,
    /// The saved templates.
    #[serde(default)]
    pub email_templates: Vec<EmailTemplate>,
    /// Whether candidates may chat with the proctor.
    #[serde(default)]
    pub private_chat_enabled: bool,
    /// The steps, in order; `step-1` and `step-2` when there are none.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// How the candidates of a task log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessMethod {
    /// With the code of the invitation.
    #[default]
    InvitationCode,
    /// With one credential.
    SingleCredential,
    /// With two credentials.
    DoubleCredential,
    /// Without anything.
    NoAuth,
}

impl AccessMethod {
    /// The word of the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AccessMethod::InvitationCode => "invitation-code",
            AccessMethod::SingleCredential => "single-credential",
            AccessMethod::DoubleCredential => "double-credential",
            AccessMethod::NoAuth => "no-auth",
        }
    }
}

/// A program or a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its id.
    pub uuid: String,
    /// Its name.
    pub name: String,
}

/// A saved template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailTemplate {
    /// The name that calls give.
    pub name: String,
    /// The subject line of its mails.
    pub subject: String,
}

/// A step: one test that the candidates of the task sit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its id.
    pub id: String,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// Whether it may be entered.
    #[serde(default = "yes")]
    pub active: bool,
    /// Since when it may be entered.
    #[serde(default, deserialize_with = "moment")]
    pub active_after: Option<Time>,
    /// Until when it may be entered.
    #[serde(default, deserialize_with = "moment")]
    pub active_before: Option<Time>,
    /// How many attempts a candidate has; -1 means any number.
    #[serde(default = "one")]
    pub attempt_limit: i64,
    /// The programs that it is tied to, by their ids; tied to none it is open to every candidate.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Its test.
    #[serde(default)]
    pub test_id: Option<String>,
    /// Where the test comes from; absent means `own-test`.
    #[serde(default)]
    pub test_source: Option<String>,
    /// `NONE`, `PHOTO` or `VIDEO`; absent means `NONE`.
    #[serde(default)]
    pub webcam_recording: Option<String>,
    /// `NONE`, `SCREENSHOT` or `SCREENCAPTURE`; absent means `NONE`.
    #[serde(default)]
    pub screen_recording: Option<String>,
    /// Whether the test fills the screen.
    #[serde(default)]
    pub fullscreen: bool,
    /// Whether recordings are judged by a machine afterwards.
    #[serde(default)]
    pub post_ai_proctoring: bool,
    /// Whether it is for practice.
    #[serde(default)]
    pub practice_mode: bool,
}

impl Step {
    /// A step that is open to everybody, once.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Step {
            id: id.into(),
            title: None,
            active: true,
            active_after: None,
            active_before: None,
            attempt_limit: 1,
            programs: Vec::new(),
            test_id: None,
            test_source: None,
            webcam_recording: None,
            screen_recording: None,
            fullscreen: false,
            post_ai_proctoring: false,
            practice_mode: false,
        }
    }
}

/// A user of the organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The user's id.
    pub user_id: String,
    /// The name with which the user logs in; it becomes `uniqId` and first credential of a candidate.
    pub username: String,
    /// When it was made.
    #[serde(default, deserialize_with = "moment")]
    pub created_at: Option<Time>,
    /// The full name.
    #[serde(default)]
    pub fullname: Option<String>,
    /// The address.
    #[serde(default)]
    pub email: Option<String>,
    /// The folder that it lies in.
    #[serde(default)]
    pub folder: Option<String>,
    /// The tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The group.
    #[serde(default)]
    pub group: Option<String>,
    /// Whether it is marked as a favorite.
    #[serde(default)]
    pub favorite: bool,
    /// Whether the user may log in.
    #[serde(default = "yes")]
    pub active: bool,
    /// The roles; `USER`, the test taker, when there are none.
    #[serde(default)]
    pub roles: Vec<String>,
}

fn yes() -> bool {
    true
}

fn one() -> i64 {
    1
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Time::parse(&text).map_err(serde::de::Error::custom)).transpose()
}
