//! What can be declared of Think Exam.

use serde::{Deserialize, Serialize};

/// Think Exam's part of the fixtures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// The tests; every id exists as long as there are none.
    pub tests: Vec<Test>,
}

/// A test.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its id.
    pub test_id: String,
}
