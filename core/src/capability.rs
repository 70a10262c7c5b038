//! What each platform can do with an option or an operation, and the report of what would be lost.

use serde::Serialize;

use crate::Platform;

/// Whether a platform can do what is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Support {
    /// As asked.
    Honoured,
    /// Nearly: the text says in what it differs.
    Approximated(&'static str),
    /// Not at all: the text says why, and what to do instead.
    NotPossible(&'static str),
}

impl Support {
    /// `honoured`, `approximated` or `not possible`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Honoured => "honoured",
            Approximated(_) => "approximated",
            NotPossible(_) => "not possible",
        }
    }

    /// What to know; empty for honoured.
    #[must_use]
    pub fn note(self) -> &'static str {
        match self {
            Honoured => "",
            Approximated(note) | NotPossible(note) => note,
        }
    }
}

/// One option or operation, and what each platform makes of it.
#[derive(Clone, Copy, Debug)]
pub struct Capability {
    /// The option of the command without dashes, or the operation.
    pub name: &'static str,
    /// iMocha, Think Exam, TestInvite.
    support: [Support; 3],
}

impl Capability {
    /// What a platform makes of it.
    #[must_use]
    pub fn on(&self, platform: Platform) -> Support {
        match platform {
            Platform::Imocha => self.support[0],
            Platform::ThinkExam => self.support[1],
            Platform::TestInvite => self.support[2],
        }
    }
}

use Support::{Approximated, Honoured, NotPossible};

const fn capability(name: &'static str, imocha: Support, think_exam: Support, testinvite: Support) -> Capability {
    Capability { name, support: [imocha, think_exam, testinvite] }
}

const ONLY_IMOCHA: Support = NotPossible("only iMocha has it");
const ONLY_THINK_EXAM: Support = NotPossible("only Think Exam has it");
const ONLY_TESTINVITE: Support = NotPossible("only TestInvite has it");
const NO_WINDOW: Support = NotPossible("Think Exam has no access window; it is set with the test in the admin panel");
const PANEL_WEBHOOK: Support = NotPossible("Think Exam's webhook is set once in the admin panel");

/// What somebody may want done (sections: iMocha 7, 9, 10, 12; Think Exam 1, 8; TestInvite 3.4, 4).
pub static OPERATIONS: [Capability; 5] = [
    capability("invite", Honoured, Approximated("registers the candidate, then assigns the test; the answer has no link"), Honoured),
    capability(
        "register",
        NotPossible("iMocha registers with the invitation"),
        Honoured,
        NotPossible("TestInvite registers with the invitation"),
    ),
    capability("cancel", Honoured, Approximated("de-assigns the test"), Approximated("deletes the candidate, who must not have logged in")),
    capability(
        "reattempt",
        Honoured,
        NotPossible("Think Exam has no call for it"),
        NotPossible("TestInvite has no call for it; raise steps.limit by updating the candidate"),
    ),
    capability(
        "look-up",
        Approximated("completed, cancelled and expired invitations can be listed; pending ones cannot"),
        NotPossible("an assignment cannot be read back"),
        Honoured,
    ),
];

/// The options of an invitation, in the order of `--help`.
pub static OPTIONS: [Capability; 23] = [
    capability("send-email", Honoured, Honoured, Approximated("needs --email-template: TestInvite mails a saved template of the task")),
    capability("email-template", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("send-at", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("stakeholder-emails", Honoured, ONLY_IMOCHA, ONLY_IMOCHA),
    capability("start", Honoured, NO_WINDOW, Honoured),
    capability("end", Honoured, NO_WINDOW, Honoured),
    capability("time-zone-id", Honoured, ONLY_IMOCHA, ONLY_IMOCHA),
    capability("callback-url", Honoured, PANEL_WEBHOOK, Honoured),
    capability("callback-resource", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("redirect-url", Honoured, ONLY_IMOCHA, ONLY_IMOCHA),
    capability("proctoring", Honoured, ONLY_IMOCHA, NotPossible("TestInvite sets it with the steps of the task")),
    capability("hide-instruction", Honoured, ONLY_IMOCHA, ONLY_IMOCHA),
    capability("skip-password", ONLY_THINK_EXAM, Honoured, ONLY_THINK_EXAM),
    capability("course", ONLY_THINK_EXAM, Honoured, ONLY_THINK_EXAM),
    capability("batch-size", ONLY_THINK_EXAM, Honoured, ONLY_THINK_EXAM),
    capability("group", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("label", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("tag", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("language", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("program", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("unique-within", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("no-tracking", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
    capability("price", ONLY_TESTINVITE, ONLY_TESTINVITE, Honoured),
];

/// One option that a platform does not take as asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Loss {
    /// The option of the command without dashes.
    pub option: &'static str,
    /// `approximated` or `not possible`.
    pub support: &'static str,
    /// In what it differs, or why not.
    pub note: &'static str,
}

/// What a platform would lose of the options that are set.
///
/// ```
/// use bidden::{Platform, capability::losses};
/// let losses = losses(Platform::ThinkExam, ["send-email", "end"]);
/// assert_eq!((losses.len(), losses[0].option), (1, "end"));
/// ```
pub fn losses<'a>(platform: Platform, options: impl IntoIterator<Item = &'a str>) -> Vec<Loss> {
    options
        .into_iter()
        .filter_map(|option| OPTIONS.iter().find(|capability| capability.name == option))
        .filter_map(|capability| match capability.on(platform) {
            Honoured => None,
            support => Some(Loss { option: capability.name, support: support.word(), note: support.note() }),
        })
        .collect()
}
