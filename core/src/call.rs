//! The one door: every call by its name and a neutral JSON form, in one table.
//!
//! A [`Call`] knows both sides of the wire: the client's (`to_request`, `read_reply`) and, with the feature `engine`,
//! the sandbox's (`from_request`, `write_reply`). [`AnyCall`] is any of them, [`CALLS`] the table.

use serde::Serialize;

#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, Given};
use crate::http::{BaseUrl, Request, Response};
use crate::platform::{imocha, testinvite, think_exam};
use crate::{Error, FieldError, Kind, Platform};

/// Whether a call may be sent again when nobody knows what became of it. Written once, in the call's file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Repeat {
    /// The same request again does no harm.
    Freely,
    /// Only in the form that asks for no mail ([`Call::without_mail`]).
    WithoutMail,
    /// The platform itself refuses a second one, so the same request may go again.
    Guarded,
    /// Never: nobody could tell a repeat from a second request.
    Never,
}

/// One endpoint of one platform, as a value.
pub trait Call: Sized + Clone + Serialize + Into<AnyCall> {
    /// What the platform answers.
    type Reply: Serialize + Into<AnyReply>;

    /// The name in every language, e.g. `imocha.invite`.
    const NAME: &'static str;
    /// Whose call it is.
    const PLATFORM: Platform;
    /// The HTTP method.
    const METHOD: &'static str;
    /// The path, with its parameters in braces.
    const PATH: &'static str;
    /// Whether the request carries the platform's credential.
    const IS_SIGNED: bool = true;
    /// The sandbox's side: what the call looks like on the wire, and where that is stated.
    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described;

    /// The sandbox's side: whether a request of this method is the call. [`Call::METHOD`] alone, unless the reference doubts it.
    #[must_use]
    fn takes_method(method: &str) -> bool {
        method == Self::METHOD
    }

    /// Reads the neutral form; faults are left in `fields`.
    #[doc(hidden)]
    fn read(fields: &mut Fields) -> Self;

    /// What is refused before anything is sent: fields that are missing or cannot be right.
    fn faults(&self) -> Vec<FieldError>;

    /// Whether the call may be sent again after a lost answer.
    fn repeat(&self) -> Repeat;

    /// Whether the call may change something on the platform; a read does not, so a lost answer leaves nothing uncertain.
    fn is_change(&self) -> bool {
        Self::METHOD != "GET"
    }

    /// The answer that the refusal of a repeat stands for: it may prove that an earlier request, whose answer was lost, took
    /// effect. `None` when it proves nothing.
    fn settled_by(&self, _refusal: &Error) -> Option<Self::Reply> {
        None
    }

    /// Whether the call asks the platform to mail the candidate.
    fn asks_for_mail(&self) -> bool {
        false
    }

    /// The e-mail addresses of the candidates it names.
    fn addresses(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The same call asking for no mail.
    #[must_use]
    fn without_mail(&self) -> Self {
        self.clone()
    }

    /// The request, without credentials.
    ///
    /// # Errors
    /// `invalid-input` with every fault of [`Call::faults`].
    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error>;

    /// Reads the answer.
    ///
    /// # Errors
    /// The kind that the platform's refusal means; `malformed-reply` for what cannot be read.
    fn read_reply(&self, response: &Response) -> Result<Self::Reply, Error>;

    /// The sandbox's side: whether the call is served at a path.
    #[cfg(feature = "engine")]
    fn is_at(path: &str, _dialect: &Dialect) -> bool {
        crate::http::path_parameters(Self::PATH, path).is_some()
    }

    /// The sandbox's side: reads a request as the platform's switches stand.
    ///
    /// # Errors
    /// The platform's own refusal, with all its messages.
    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response>;

    /// The sandbox's side: writes an answer.
    #[cfg(feature = "engine")]
    fn write_reply(reply: &Self::Reply, dialect: &Dialect) -> Response;
}

/// One row of the table of calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallRow {
    /// The name in every language.
    pub name: &'static str,
    /// Whose call it is.
    pub platform: Platform,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Whether the request carries the platform's credential.
    pub is_signed: bool,
}

macro_rules! calls {
    ($($variant:ident => $call:ty, $reply:ty;)*) => {
        /// Any call of any platform.
        #[derive(Debug, Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum AnyCall {
            $(#[doc = concat!("`", stringify!($call), "`")] $variant($call),)*
        }

        /// The answer to any call.
        #[derive(Debug, Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum AnyReply {
            $(#[doc = concat!("The answer to `", stringify!($call), "`")] $variant($reply),)*
        }

        // Derived ones would be compiled into every crate that clones: 10 KiB of libbidden each.

        impl Clone for AnyCall {
            #[inline(never)]
            fn clone(&self) -> Self {
                match self {
                    $(AnyCall::$variant(call) => AnyCall::$variant(call.clone()),)*
                }
            }
        }

        impl Clone for AnyReply {
            #[inline(never)]
            fn clone(&self) -> Self {
                match self {
                    $(AnyReply::$variant(reply) => AnyReply::$variant(reply.clone()),)*
                }
            }
        }

        $(
            impl From<$call> for AnyCall {
                fn from(call: $call) -> Self {
                    AnyCall::$variant(call)
                }
            }
            impl From<$reply> for AnyReply {
                fn from(reply: $reply) -> Self {
                    AnyReply::$variant(reply)
                }
            }
        )*

        /// The table of calls.
        pub static CALLS: &[CallRow] = &[
            $(CallRow {
                name: <$call>::NAME,
                platform: <$call>::PLATFORM,
                method: <$call>::METHOD,
                path: <$call>::PATH,
                is_signed: <$call>::IS_SIGNED,
            },)*
        ];

        /// What each call of [`CALLS`] looks like on the wire, in the same order.
        #[cfg(feature = "engine")]
        pub static DESCRIBED: &[crate::engine::Described] = &[$(<$call>::DESCRIBED,)*];

        impl AnyCall {
            /// Reads a call from its name and the neutral JSON of its arguments.
            ///
            /// # Errors
            /// `invalid-input` for an unknown name, and with every field that cannot be read or sent.
            pub fn from_json(name: &str, arguments: &str) -> Result<Self, Error> {
                let row = row_of(name)?;
                let fields = Fields::parse(arguments).map_err(|error| error.in_operation(row.platform, row.name))?;
                AnyCall::read(row, fields)
            }

            /// As [`AnyCall::from_json`], from fields that are at hand one by one: what a binding gets from its language.
            ///
            /// ```
            /// use bidden::{AnyCall, Given};
            /// let fields = [("test_id", Given::Integer(292930)), ("email", Given::Text("ada@example.com")), ("name", Given::Text("Ada"))];
            /// assert_eq!(AnyCall::from_members("imocha.invite", &fields)?.name(), "imocha.invite");
            /// # Ok::<(), bidden::Error>(())
            /// ```
            ///
            /// # Errors
            /// As [`AnyCall::from_json`].
            pub fn from_members(name: &str, fields: &[(&str, Given<'_>)]) -> Result<Self, Error> {
                AnyCall::read(row_of(name)?, Fields::of_members(fields))
            }

            fn read(row: &CallRow, mut fields: Fields<'_>) -> Result<Self, Error> {
                let call: AnyCall = match row.name {
                    $(<$call>::NAME => <$call>::read(&mut fields).into(),)*
                    name => return Err(unknown_call(name)),
                };
                let faults = fields.finish(call.faults());
                if faults.is_empty() { Ok(call) } else { Err(Error::invalid_input(faults).in_operation(row.platform, row.name)) }
            }

            /// The call's row of the table.
            #[must_use]
            pub fn row(&self) -> CallRow {
                match self {
                    $(AnyCall::$variant(_) => CallRow {
                        name: <$call>::NAME,
                        platform: <$call>::PLATFORM,
                        method: <$call>::METHOD,
                        path: <$call>::PATH,
                        is_signed: <$call>::IS_SIGNED,
                    },)*
                }
            }

            /// As [`Call::faults`].
            #[must_use]
            pub fn faults(&self) -> Vec<FieldError> {
                match self {
                    $(AnyCall::$variant(call) => call.faults(),)*
                }
            }

            /// As [`Call::addresses`].
            #[must_use]
            pub fn addresses(&self) -> Vec<&str> {
                match self {
                    $(AnyCall::$variant(call) => call.addresses(),)*
                }
            }

            /// As [`Call::repeat`].
            #[must_use]
            pub fn repeat(&self) -> Repeat {
                match self {
                    $(AnyCall::$variant(call) => call.repeat(),)*
                }
            }

            /// As [`Call::is_change`].
            #[must_use]
            pub fn is_change(&self) -> bool {
                match self {
                    $(AnyCall::$variant(call) => call.is_change(),)*
                }
            }

            /// As [`Call::settled_by`].
            #[must_use]
            pub fn settled_by(&self, refusal: &Error) -> Option<AnyReply> {
                match self {
                    $(AnyCall::$variant(call) => call.settled_by(refusal).map(AnyReply::from),)*
                }
            }

            /// As [`Call::asks_for_mail`].
            #[must_use]
            pub fn asks_for_mail(&self) -> bool {
                match self {
                    $(AnyCall::$variant(call) => call.asks_for_mail(),)*
                }
            }

            /// As [`Call::without_mail`]; `None` when the call asks for none as it is.
            #[must_use]
            pub fn leaving_out_mail(&self) -> Option<Self> {
                match self {
                    // A call that never asks for mail has no arm of its own left.
                    $(AnyCall::$variant(call) if call.asks_for_mail() => Some(call.without_mail().into()),)*
                    _ => None,
                }
            }

            /// As [`Call::to_request`].
            ///
            /// # Errors
            /// `invalid-input` with every fault.
            pub fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
                match self {
                    $(AnyCall::$variant(call) => call.to_request(base),)*
                }
                .map_err(|error| self.named(error))
            }

            /// As [`Call::read_reply`].
            ///
            /// # Errors
            /// The kind that the platform's refusal means; `malformed-reply` for what cannot be read.
            pub fn read_reply(&self, response: &Response) -> Result<AnyReply, Error> {
                match self {
                    $(AnyCall::$variant(call) => call.read_reply(response).map(AnyReply::from),)*
                }
                .map_err(|error| self.named(error).hide_personal(self.personal_words()))
            }

            /// The sandbox's side: the call that a request is, or the platform's refusal of it. `None` when no call has
            /// this method and path.
            #[cfg(feature = "engine")]
            #[must_use]
            pub fn from_request(request: &Request, dialect: &Dialect) -> Option<Result<Self, Response>> {
                $(
                    if <$call>::takes_method(request.method().as_str()) && <$call>::is_at(request.uri().path(), dialect) {
                        return Some(<$call>::from_request(request, dialect).map(AnyCall::from));
                    }
                )*
                None
            }
        }

        #[cfg(feature = "engine")]
        impl AnyReply {
            /// The sandbox's side: the response that carries this answer.
            #[must_use]
            pub fn to_response(&self, dialect: &Dialect) -> Response {
                match self {
                    $(AnyReply::$variant(reply) => <$call>::write_reply(reply, dialect),)*
                }
            }
        }
    };
}

calls! {
    ImochaInvite => imocha::Invite, imocha::Invited;
    ImochaCancel => imocha::Cancel, imocha::Cancelled;
    ImochaReattempt => imocha::Reattempt, imocha::Reattempted;
    ImochaRetrieveInvites => imocha::RetrieveInvites, imocha::RetrievedInvites;
    ImochaReport => imocha::Report, imocha::CandidateReport;
    ImochaRetrieveTest => imocha::RetrieveTest, imocha::RetrievedTest;
    ImochaInviteByTestLink => imocha::InviteByTestLink, imocha::InvitedByTestLink;
    ImochaProcessCallbacks => imocha::ProcessCallbacks, imocha::ProcessedCallbacks;
    ImochaListTestLinks => imocha::ListTestLinks, imocha::TestLinks;
    ImochaFetchTestLink => imocha::FetchTestLink, imocha::FetchedTestLink;
    ImochaCreateTestLink => imocha::CreateTestLink, imocha::CreatedTestLink;
    ImochaReportPdf => imocha::ReportPdf, imocha::PdfReport;
    ImochaListTests => imocha::ListTests, imocha::TestPage;
    ImochaMaskPersonalData => imocha::MaskPersonalData, imocha::MaskingAccepted;
    ThinkExamAssignTest => think_exam::AssignTest, think_exam::Assigned;
    ThinkExamDeassignTest => think_exam::DeassignTest, think_exam::Deassigned;
    ThinkExamBulkCandidateRegister => think_exam::BulkCandidateRegister, think_exam::Registered;
    ThinkExamUnifiedAuth => think_exam::UnifiedAuth, think_exam::RegisteredCandidate;
    ThinkExamAssignTestMultiCandidates => think_exam::AssignTestMultiCandidates, think_exam::AssignedMany;
    ThinkExamChangeStudentPassword => think_exam::ChangeStudentPassword, think_exam::PasswordChanged;
    ThinkExamCheckLogin => think_exam::CheckLogin, think_exam::LoggedIn;
    TestInviteCreateCandidate => testinvite::CreateCandidate, testinvite::Created;
    TestInviteListCandidates => testinvite::ListCandidates, testinvite::CandidatePage;
    TestInviteFetchCandidate => testinvite::FetchCandidate, testinvite::TaskCandidate;
    TestInviteDeleteCandidate => testinvite::DeleteCandidate, testinvite::Deleted;
    TestInviteUpdateCandidate => testinvite::UpdateCandidate, testinvite::UpdatedCandidate;
    TestInviteListTasks => testinvite::ListTasks, testinvite::TaskPage;
    TestInviteFetchTask => testinvite::FetchTask, testinvite::Task;
    TestInviteListUsers => testinvite::ListUsers, testinvite::UserPage;
    TestInviteFetchUser => testinvite::FetchUser, testinvite::User;
    TestInviteSearchUsers => testinvite::SearchUsers, testinvite::FoundUsers;
    TestInviteListTestSessions => testinvite::ListTestSessions, testinvite::TestSessionPage;
    TestInviteFetchTestSession => testinvite::FetchTestSession, testinvite::TestSession;
    TestInviteSearchTestSessions => testinvite::SearchTestSessions, testinvite::TestSessionSet;
    TestInviteExpandTestSession => testinvite::ExpandTestSession, testinvite::ExpandedTestSession;
    TestInviteListAnswers => testinvite::ListAnswers, testinvite::Answers;
}

impl AnyCall {
    /// The neutral JSON of the arguments.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As [`Call::without_mail`].
    #[must_use]
    pub fn without_mail(&self) -> Self {
        self.leaving_out_mail().unwrap_or_else(|| self.clone())
    }

    /// The name, e.g. `imocha.invite`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.row().name
    }

    /// What the call says of its candidates, word by word: a platform that repeats it must not put it into an error.
    fn personal_words(&self) -> Vec<String> {
        const FIELDS: [&str; 21] = [
            "email",
            "candidate_email",
            "name",
            "fullname",
            "username",
            "display_name",
            "password",
            "old_password",
            "new_password",
            "credential1",
            "credential2",
            "mobile",
            "dob",
            "enrollment_number",
            "uniq_id",
            "external_id",
            "extra_emails",
            "code",
            "extra1",
            "extra2",
            "extra3",
        ];
        fn collect(value: &serde_json::Value, is_personal: bool, words: &mut Vec<String>) {
            match value {
                serde_json::Value::String(text) if is_personal => {
                    words.push(text.clone());
                    words.extend(text.split_whitespace().map(str::to_owned));
                }
                serde_json::Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, is_personal, words)),
                serde_json::Value::Object(members) => {
                    members.iter().for_each(|(name, value)| collect(value, FIELDS.contains(&name.as_str()), words));
                }
                _ => {}
            }
        }
        let mut words = Vec::new();
        // Read back from its text: writing every call into a second form would be a tenth of libbidden's code.
        collect(&serde_json::from_str(&self.to_json()).unwrap_or_default(), false, &mut words);
        // What was sent in base64 is repeated in base64.
        let passwords: &[&crate::Secret] = match self {
            AnyCall::ThinkExamCheckLogin(call) => &[&call.password],
            AnyCall::ThinkExamChangeStudentPassword(call) => &[&call.old_password, &call.new_password],
            _ => &[],
        };
        words
            .extend(passwords.iter().map(|password| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, password.expose())));
        // A platform that repeats the address of a request repeats what stands in its query as it was encoded.
        let encoded: Vec<String> = words.iter().map(|word| crate::http::segment(word)).collect();
        words.extend(encoded);
        // The longest first, so that a name goes as a whole.
        crate::fields::in_order(words, |a, b| a.len() > b.len())
    }

    fn named(&self, error: Error) -> Error {
        let row = self.row();
        error.in_operation(row.platform, row.name)
    }
}

impl AnyReply {
    /// The neutral JSON of the answer.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Refuses a call that has faults.
pub(crate) fn refuse(faults: Vec<FieldError>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid_input(faults)) }
}

fn row_of(name: &str) -> Result<&'static CallRow, Error> {
    CALLS.iter().find(|row| row.name == name).ok_or_else(|| unknown_call(name))
}

fn unknown_call(name: &str) -> Error {
    let names: Vec<&str> = CALLS.iter().map(|row| row.name).collect();
    Error::new(Kind::InvalidInput, format!("there is no call “{name}”; there are {}", names.join(", ")))
}
