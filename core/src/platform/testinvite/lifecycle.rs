//! The state table of `docs/platforms/testinvite.md`, section 3.4. The states are ours: the platform prints none.

use crate::Platform;
use crate::lifecycle::Basis::{Documented, OurChoice, Published};
use crate::lifecycle::Effect::{Created, Moved, Unchanged};
use crate::lifecycle::Rule::{Allowed, Refused};
use crate::lifecycle::Status::{Cancelled, Complete, Expired, InProgress, Pending};
use crate::lifecycle::{Rule, Rules};

const CREATE: Rule = Allowed(Created, Pending, Documented, "a new candidate, unless the uniqueness of section 3 refuses it as a duplicate");
const NO_CANDIDATE: Rule = Refused(OurChoice, "there is no such candidate");
const TOOK_PART: Rule = Refused(Published, "a candidate who logged in or took part cannot be deleted");
const NO_REATTEMPT: Rule = Refused(OurChoice, "TestInvite has no call for a reattempt; raise steps.limit by updating the candidate");
const NO_SUCH_WORD: Rule = Refused(OurChoice, "TestInvite has no word for that");
const NOT_STARTED: Rule = Refused(OurChoice, "the test has not been started");
const OVER: Rule = Refused(OurChoice, "the attempt is over");
const GONE: Rule = Refused(OurChoice, "the candidate was deleted or is inactive");
const CLOSED: Rule = Refused(OurChoice, "the window closed at");
const NO_TIME: Rule = Refused(OurChoice, "time changes nothing in this state");

/// TestInvite's rules; invite is *create candidate*, cancel is *delete candidate*.
pub static RULES: Rules = Rules {
    platform: Platform::TestInvite,
    table: [
        // none
        [CREATE, NO_CANDIDATE, NO_REATTEMPT, NO_CANDIDATE, NO_CANDIDATE, NO_CANDIDATE, NO_CANDIDATE, NO_TIME],
        // pending
        [
            CREATE,
            Allowed(Moved, Cancelled, Published, "the candidate is gone"),
            NO_REATTEMPT,
            Allowed(Moved, InProgress, OurChoice, ""),
            NOT_STARTED,
            NO_SUCH_WORD,
            NO_SUCH_WORD,
            Allowed(Moved, Expired, OurChoice, ""),
        ],
        // in-progress
        [
            CREATE,
            TOOK_PART,
            NO_REATTEMPT,
            Allowed(Unchanged, InProgress, OurChoice, "the candidate continues"),
            Allowed(Moved, Complete, OurChoice, "when the last accessible step is done"),
            NO_SUCH_WORD,
            NO_SUCH_WORD,
            Allowed(Unchanged, InProgress, OurChoice, "keeps running"),
        ],
        // complete
        [CREATE, TOOK_PART, NO_REATTEMPT, OVER, OVER, NO_SUCH_WORD, NO_SUCH_WORD, NO_TIME],
        // test-left and terminated: states that TestInvite does not have
        [CREATE, TOOK_PART, NO_REATTEMPT, OVER, OVER, NO_SUCH_WORD, NO_SUCH_WORD, NO_TIME],
        [CREATE, TOOK_PART, NO_REATTEMPT, OVER, OVER, NO_SUCH_WORD, NO_SUCH_WORD, NO_TIME],
        // cancelled
        [CREATE, GONE, NO_REATTEMPT, GONE, GONE, NO_SUCH_WORD, NO_SUCH_WORD, NO_TIME],
        // expired
        [
            CREATE,
            Allowed(Moved, Cancelled, Published, "the candidate is gone"),
            NO_REATTEMPT,
            CLOSED,
            CLOSED,
            NO_SUCH_WORD,
            NO_SUCH_WORD,
            NO_TIME,
        ],
    ],
};
