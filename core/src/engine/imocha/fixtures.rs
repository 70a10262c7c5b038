//! What can be declared of iMocha.

use serde::{Deserialize, Serialize};

/// iMocha's part of the fixtures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// The tests; every positive id exists as long as there are none.
    pub tests: Vec<Test>,
}

/// A test.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its id, a positive number.
    pub test_id: i64,
}
