//! What can be declared of TestInvite.

use serde::{Deserialize, Serialize};

/// TestInvite's part of the fixtures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// The tasks; every id exists as long as there are none.
    pub tasks: Vec<Task>,
}

/// A task.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its id.
    pub task_id: String,
}
