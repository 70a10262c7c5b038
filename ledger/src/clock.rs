//! The machine's clock, in one place.

use std::time::SystemTime;

use bidden::Time;

pub(crate) fn now() -> Time {
    SystemTime::now().into()
}
