//! The state table of `docs/platforms/imocha.md`, section 21.

use crate::Platform;
use crate::lifecycle::Basis::{Documented, OurChoice, Published};
use crate::lifecycle::Effect::{Created, Moved, NewAttempt, Refreshed, Reopened, Unchanged};
use crate::lifecycle::Rule::{Allowed, Refused};
use crate::lifecycle::Status::{Cancelled, Complete, Expired, InProgress, Pending, Terminated, TestLeft};
use crate::lifecycle::{Rule, Rules};

/// What the candidate reads who opens a finished default-link invitation (section 7, documented).
pub const ALREADY_ATTEMPTED: &str = "You have already attempted this test.";

/// What the candidate reads who opens a finished invitation of another link (section 8, published).
pub const ALREADY_APPEARED: &str = "You have already appeared for the test. Please contact test administrator for further assistance.";

const NO_INVITATION: Rule = Refused(OurChoice, "there is no such invitation");
const NOT_STARTED: Rule = Refused(OurChoice, "the test has not been started");
const CANCELLED: Rule = Refused(OurChoice, "the invitation was cancelled");
const EXPIRED: Rule = Refused(OurChoice, "the window has ended");
const OVER: Rule = Refused(OurChoice, "the attempt is over");
const ONLY_PENDING: Rule = Refused(Published, "only a pending invitation can be cancelled");
const ATTEMPTED: Rule = Refused(Documented, ALREADY_ATTEMPTED);
const SAME_ID: &str = "the same invitation comes back; nothing says whether it is new";

/// iMocha's rules.
pub static RULES: Rules = Rules {
    platform: Platform::Imocha,
    table: [
        // none
        [
            Allowed(Created, Pending, Documented, ""),
            NO_INVITATION,
            NO_INVITATION,
            NO_INVITATION,
            NO_INVITATION,
            NO_INVITATION,
            NO_INVITATION,
            NO_INVITATION,
        ],
        // pending
        [
            Allowed(Refreshed, Pending, Documented, SAME_ID),
            Allowed(Moved, Cancelled, Published, ""),
            Allowed(Refreshed, Pending, Published, SAME_ID),
            Allowed(Moved, InProgress, Published, ""),
            NOT_STARTED,
            NOT_STARTED,
            NOT_STARTED,
            Allowed(Moved, Expired, Published, ""),
        ],
        // in-progress
        [
            Allowed(Unchanged, InProgress, Documented, "the running invitation comes back; stakeholder e-mails are set"),
            ONLY_PENDING,
            Refused(Published, "a reattempt is not allowed while the attempt is in progress"),
            Allowed(Unchanged, InProgress, OurChoice, "the candidate continues"),
            Allowed(Moved, Complete, Published, ""),
            Allowed(Moved, TestLeft, Published, ""),
            Allowed(Moved, Terminated, Published, ""),
            Allowed(Unchanged, InProgress, OurChoice, "runs on past the window until the test's duration is over"),
        ],
        // complete
        [
            Allowed(Unchanged, Complete, Documented, "use reattempt for a retake"),
            ONLY_PENDING,
            Allowed(NewAttempt, Pending, Published, ""),
            ATTEMPTED,
            OVER,
            OVER,
            OVER,
            Allowed(Unchanged, Complete, OurChoice, ""),
        ],
        // test-left
        [
            Allowed(Unchanged, TestLeft, Documented, "use reattempt for a retake"),
            ONLY_PENDING,
            Allowed(NewAttempt, Pending, Published, ""),
            ATTEMPTED,
            OVER,
            OVER,
            OVER,
            Allowed(Unchanged, TestLeft, OurChoice, ""),
        ],
        // terminated
        [
            Allowed(Unchanged, Terminated, OurChoice, "use reattempt for a retake"),
            ONLY_PENDING,
            Allowed(NewAttempt, Pending, OurChoice, ""),
            Refused(OurChoice, ALREADY_ATTEMPTED),
            OVER,
            OVER,
            OVER,
            Allowed(Unchanged, Terminated, OurChoice, ""),
        ],
        // cancelled
        [
            Allowed(Reopened, Pending, Documented, SAME_ID),
            ONLY_PENDING,
            Allowed(Reopened, Pending, Published, SAME_ID),
            CANCELLED,
            CANCELLED,
            CANCELLED,
            CANCELLED,
            Allowed(Unchanged, Cancelled, OurChoice, ""),
        ],
        // expired
        [
            Allowed(Reopened, Pending, Documented, SAME_ID),
            ONLY_PENDING,
            Allowed(Reopened, Pending, Published, SAME_ID),
            EXPIRED,
            EXPIRED,
            EXPIRED,
            EXPIRED,
            Allowed(Unchanged, Expired, OurChoice, ""),
        ],
    ],
};
