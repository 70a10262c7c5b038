//! What can be declared of TestInvite: tasks and users, as `docs/platforms/testinvite.md` sections 5.1 and 5.2 tell them.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::super::fixtures::{distinct, filled};
use crate::Time;
use crate::testinvite::Language;

/// TestInvite's part of the fixtures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// The tasks; every id exists as long as there are none (choice C30). No id stands twice.
    #[serde(deserialize_with = "tasks")]
    pub tasks: Vec<Task>,
    /// The users; as long as there are none, `u-1001` and `u-1002` exist. Neither an id nor a name stands twice.
    #[serde(deserialize_with = "users")]
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
    #[serde(deserialize_with = "filled")]
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
    /// The language: one of the platform's, or `default`, which absent means.
    #[serde(default, deserialize_with = "lang")]
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
    #[serde(default, deserialize_with = "named")]
    pub programs: Vec<Named>,
    /// The stages of a candidate.
    #[serde(default, deserialize_with = "named")]
    pub stages: Vec<Named>,
    /// The saved templates.
    #[serde(default)]
    pub email_templates: Vec<EmailTemplate>,
    /// Whether candidates may chat with the proctor.
    #[serde(default)]
    pub private_chat_enabled: bool,
    /// The steps, in order; `step-1` and `step-2` when there are none. No id stands twice, and their programs are the task's.
    #[serde(default, deserialize_with = "steps")]
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
    #[serde(deserialize_with = "filled")]
    pub uuid: String,
    /// Its name.
    pub name: String,
}

/// A saved template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailTemplate {
    /// The name that calls give.
    #[serde(deserialize_with = "filled")]
    pub name: String,
    /// The subject line of its mails.
    pub subject: String,
}

/// A step: one test that the candidates of the task sit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its id.
    #[serde(deserialize_with = "filled")]
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
    #[serde(default = "one", deserialize_with = "attempt_limit")]
    pub attempt_limit: i64,
    /// The programs that it is tied to, by their ids; tied to none it is open to every candidate.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Its test.
    #[serde(default)]
    pub test_id: Option<String>,
    /// Where the test comes from; absent means `own-test`.
    #[serde(default, deserialize_with = "test_source")]
    pub test_source: Option<String>,
    /// `NONE`, `PHOTO` or `VIDEO`; absent means `NONE`.
    #[serde(default, deserialize_with = "webcam_recording")]
    pub webcam_recording: Option<String>,
    /// `NONE`, `SCREENSHOT` or `SCREENCAPTURE`; absent means `NONE`.
    #[serde(default, deserialize_with = "screen_recording")]
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
    #[serde(deserialize_with = "filled")]
    pub user_id: String,
    /// The name with which the user logs in; it becomes `uniqId` and first credential of a candidate.
    #[serde(deserialize_with = "filled")]
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
    #[serde(default, deserialize_with = "roles")]
    pub roles: Vec<String>,
}

fn yes() -> bool {
    true
}

fn one() -> i64 {
    1
}

/// Section 5.1.
const TEST_SOURCES: [&str; 8] = [
    "own-test",
    "marketplace",
    "recruitment-test-library",
    "talent-library-test",
    "free-recruitment-test-library",
    "free-talent-library-test",
    "trial",
    "unknown",
];
const WEBCAM_RECORDINGS: [&str; 3] = ["NONE", "PHOTO", "VIDEO"];
const SCREEN_RECORDINGS: [&str; 3] = ["NONE", "SCREENSHOT", "SCREENCAPTURE"];
/// Section 5.2.
const ROLES: [&str; 7] = ["MANAGER", "EDITOR", "OPERATOR", "USER", "JOKER", "QUESTIONBANKSUPERVISOR", "QUESTIONBANKSUBMITTER"];

fn one_of<E: Error>(text: &str, words: &[&str]) -> Result<(), E> {
    if words.contains(&text) { Ok(()) } else { Err(E::custom(format!("“{text}” is not one of {}", words.join(", ")))) }
}

fn word<'de, D: Deserializer<'de>>(deserializer: D, words: &[&str]) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.as_deref().map_or(Ok(()), |text| one_of(text, words))?;
    Ok(text)
}

fn lang<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let words: Vec<&str> = ["default"].into_iter().chain(Language::WORDS.iter().map(|(word, _)| *word)).collect();
    word(deserializer, &words)
}

fn test_source<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    word(deserializer, &TEST_SOURCES)
}

fn webcam_recording<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    word(deserializer, &WEBCAM_RECORDINGS)
}

fn screen_recording<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    word(deserializer, &SCREEN_RECORDINGS)
}

fn roles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let roles = Vec::<String>::deserialize(deserializer)?;
    roles.iter().try_for_each(|role| one_of(role, &ROLES))?;
    Ok(roles)
}

fn attempt_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = i64::deserialize(deserializer)?;
    if number >= -1 { Ok(number) } else { Err(D::Error::custom("a number from 0 on is expected, or -1 for any number of attempts")) }
}

fn tasks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Task>, D::Error> {
    let tasks = Vec::<Task>::deserialize(deserializer)?;
    distinct(tasks.iter().map(|task| task.task_id.as_str()), "task_id")?;
    for task in &tasks {
        for step in &task.steps {
            for program in &step.programs {
                if !task.programs.iter().any(|known| known.uuid == *program) {
                    let (task, step) = (&task.task_id, &step.id);
                    return Err(D::Error::custom(format!(
                        "step “{step}” of task “{task}” names the program “{program}”, which the task has not"
                    )));
                }
            }
        }
    }
    Ok(tasks)
}

fn steps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Step>, D::Error> {
    let steps = Vec::<Step>::deserialize(deserializer)?;
    distinct(steps.iter().map(|step| step.id.as_str()), "id")?;
    Ok(steps)
}

fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Named>, D::Error> {
    let all = Vec::<Named>::deserialize(deserializer)?;
    distinct(all.iter().map(|named| named.uuid.as_str()), "uuid")?;
    Ok(all)
}

fn users<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<User>, D::Error> {
    let users = Vec::<User>::deserialize(deserializer)?;
    distinct(users.iter().map(|user| user.user_id.as_str()), "user_id")?;
    distinct(users.iter().map(|user| user.username.as_str()), "username")?;
    Ok(users)
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Time::read(&text).map_err(D::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use super::Fixtures;

    fn refused(json: &str) -> String {
        serde_json::from_str::<Fixtures>(json).unwrap_err().to_string()
    }

    fn refused_step(member: &str) -> String {
        refused(&format!(r#"{{"tasks":[{{"task_id":"t","steps":[{{"id":"s",{member}}}]}}]}}"#))
    }

    #[test]
    fn what_cannot_be_declared_is_named() {
        assert!(refused(r#"{"tasks":[{"task_id":""}]}"#).contains("must not be empty"));
        assert!(refused(r#"{"tasks":[{"task_id":"t"},{"task_id":"t"}]}"#).contains("task_id t stands twice"));
        assert!(refused(r#"{"tasks":[{"task_id":"t","steps":[{"id":"s"},{"id":"s"}]}]}"#).contains("id s stands twice"));
        assert!(refused(r#"{"tasks":[{"task_id":"t","lang":"xx"}]}"#).contains("“xx” is not one of default, tr"));
        assert!(refused_step(r#""programs":["p"]"#).contains("step “s” of task “t” names the program “p”"));
        assert!(refused_step(r#""attempt_limit":-2"#).contains("-1 for any number"));
        assert!(refused_step(r#""webcam_recording":"HD""#).contains("NONE, PHOTO, VIDEO"));
        assert!(refused_step(r#""screen_recording":"HD""#).contains("SCREENCAPTURE"));
        assert!(refused_step(r#""test_source":"book""#).contains("own-test"));
        assert!(refused(r#"{"users":[{"user_id":"u","username":"a","roles":["BOSS"]}]}"#).contains("“BOSS” is not one of MANAGER"));
        assert!(refused(r#"{"users":[{"user_id":"u","username":"a"},{"user_id":"u","username":"b"}]}"#).contains("user_id u stands twice"));
        assert!(
            refused(r#"{"users":[{"user_id":"u","username":"a"},{"user_id":"v","username":"a"}]}"#).contains("username a stands twice")
        );
        let time = refused(r#"{"tasks":[{"task_id":"t","active_after":"soon"}]}"#);
        assert!(time.starts_with("not a time"), "{time}");
    }

    #[test]
    fn what_is_shown_can_be_declared_again() {
        let text =
            r#"{"tasks":[{"task_id":"t","programs":[{"uuid":"p","name":"P"}],"steps":[{"id":"s","programs":["p"],"attempt_limit":-1}]}]}"#;
        let fixtures: Fixtures = serde_json::from_str(text).unwrap();
        let shown = serde_json::to_string(&fixtures).unwrap();
        assert_eq!(serde_json::from_str::<Fixtures>(&shown).unwrap(), fixtures);
    }
}
