//! The state table of `docs/platforms/think-exam.md`, section 8. All of it is our choice: the platform prints no states.

use crate::Platform;
use crate::lifecycle::Basis::OurChoice;
use crate::lifecycle::Effect::{Created, Moved, Reopened, Unchanged};
use crate::lifecycle::Rule::{Allowed, Refused};
use crate::lifecycle::Status::{Cancelled, Complete, InProgress, Pending, Terminated, TestLeft};
use crate::lifecycle::{Rule, Rules};

const NOT_ASSIGNED: Rule = Refused(OurChoice, "the test is not assigned to the candidate");
const NO_REATTEMPT: Rule = Refused(OurChoice, "Think Exam has no call for a reattempt");
const NO_WINDOW: Rule = Refused(OurChoice, "Think Exam has no access window, so nothing expires");
const NOT_STARTED: Rule = Refused(OurChoice, "the test has not been started");
const STARTED: Rule = Refused(OurChoice, "the attempt has begun; its result is kept");
const OVER: Rule = Refused(OurChoice, "the attempt is over");
const SILENT: &str = "the answer reads as a success; nothing changes and no mail goes out";

/// Think Exam's rules; invite is *assign*, cancel is *de-assign*.
pub static RULES: Rules = Rules {
    platform: Platform::ThinkExam,
    table: [
        // none
        [
            Allowed(Created, Pending, OurChoice, ""),
            NOT_ASSIGNED,
            NO_REATTEMPT,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NO_WINDOW,
        ],
        // pending
        [
            Allowed(Unchanged, Pending, OurChoice, "a mail asked for goes out again"),
            Allowed(Moved, Cancelled, OurChoice, ""),
            NO_REATTEMPT,
            Allowed(Moved, InProgress, OurChoice, ""),
            NOT_STARTED,
            NOT_STARTED,
            NOT_STARTED,
            NO_WINDOW,
        ],
        // in-progress
        [
            Allowed(Unchanged, InProgress, OurChoice, SILENT),
            STARTED,
            NO_REATTEMPT,
            Refused(OurChoice, "the attempt is already in progress"),
            Allowed(Moved, Complete, OurChoice, ""),
            Allowed(Moved, TestLeft, OurChoice, ""),
            Allowed(Moved, Terminated, OurChoice, ""),
            NO_WINDOW,
        ],
        // complete
        [Allowed(Unchanged, Complete, OurChoice, SILENT), STARTED, NO_REATTEMPT, OVER, OVER, OVER, OVER, NO_WINDOW],
        // test-left
        [Allowed(Unchanged, TestLeft, OurChoice, SILENT), STARTED, NO_REATTEMPT, OVER, OVER, OVER, OVER, NO_WINDOW],
        // terminated
        [Allowed(Unchanged, Terminated, OurChoice, SILENT), STARTED, NO_REATTEMPT, OVER, OVER, OVER, OVER, NO_WINDOW],
        // cancelled
        [
            Allowed(Reopened, Pending, OurChoice, ""),
            NOT_ASSIGNED,
            NO_REATTEMPT,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NO_WINDOW,
        ],
        // expired: a state that Think Exam does not have
        [
            Refused(OurChoice, "Think Exam has no expired state"),
            NOT_ASSIGNED,
            NO_REATTEMPT,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NOT_ASSIGNED,
            NO_WINDOW,
        ],
    ],
};
