//! The typed clients of the three platforms: `imocha::Client`, `think_exam::Client`, `testinvite::Client`.

use std::sync::Arc;

use super::{Client, ClientOptions, Credential, FetchedSigner};
use crate::call::AnyReply;
use crate::platform::{imocha, testinvite, think_exam};
use crate::sign::Signer;
use crate::{BaseUrl, Error, Kind, Secret};

fn answered<R>(result: Result<AnyReply, Error>, pick: impl FnOnce(AnyReply) -> Option<R>) -> Result<R, Error> {
    pick(result?).ok_or_else(|| Error::new(Kind::Internal, "the answer belongs to another call"))
}

macro_rules! typed {
    ($client:ident, $documentation:literal, { $($(#[$meta:meta])* $function:ident($call:ty) -> $reply:ty, $variant:ident;)* }) => {
        #[doc = $documentation]
        #[derive(Clone, Debug)]
        pub struct $client(Client);

        impl $client {
            $(
                $(#[$meta])*
                ///
                /// # Errors
                /// Any kind; see [`Client::call`].
                pub fn $function(&self, call: &$call) -> Result<$reply, Error> {
                    let result = self.0.call(&call.clone().into());
                    answered(result, |reply| if let AnyReply::$variant(reply) = reply { Some(reply) } else { None })
                }
            )*

            /// The same client at another address.
            ///
            /// # Errors
            /// `configuration` when the address cannot be read, or the credential must not be sent there.
            pub fn with_base_url(self, base_url: &str) -> Result<Self, Error> {
                let inner = &self.0.inner;
                Client::new(BaseUrl::parse(base_url)?, inner.credential.clone(), inner.options.clone()).map($client)
            }

            /// The same client with other options.
            ///
            /// # Errors
            /// None in practice; the credential was accepted before.
            pub fn with_options(self, options: ClientOptions) -> Result<Self, Error> {
                let inner = &self.0.inner;
                Client::new(inner.base.clone(), inner.credential.clone(), options).map($client)
            }
        }

        impl std::ops::Deref for $client {
            type Target = Client;

            fn deref(&self) -> &Client {
                &self.0
            }
        }
    };
}

typed!(ImochaClient, "A client of iMocha.", {
    /// Invites a candidate through the test's default link (iMocha reference, section 7).
    invite(imocha::Invite) -> imocha::Invited, ImochaInvite;
    /// Cancels a pending invitation (iMocha reference, section 10).
    cancel(imocha::Cancel) -> imocha::Cancelled, ImochaCancel;
    /// Allows a candidate another attempt (iMocha reference, section 9).
    reattempt(imocha::Reattempt) -> imocha::Reattempted, ImochaReattempt;
    /// Lists the invitations that were completed, cancelled or expired within a window (iMocha reference, section 12).
    retrieve_invites(imocha::RetrieveInvites) -> imocha::RetrievedInvites, ImochaRetrieveInvites;
    /// Reads the report of an attempt (iMocha reference, section 15).
    report(imocha::Report) -> imocha::CandidateReport, ImochaReport;
    /// Reads what a test looks like (iMocha reference, section 16).
    retrieve_test(imocha::RetrieveTest) -> imocha::RetrievedTest, ImochaRetrieveTest;
    /// Invites a candidate through a chosen test link (iMocha reference, section 8).
    invite_by_test_link(imocha::InviteByTestLink) -> imocha::InvitedByTestLink, ImochaInviteByTestLink;
    /// Has callbacks sent again (iMocha reference, section 13).
    process_callbacks(imocha::ProcessCallbacks) -> imocha::ProcessedCallbacks, ImochaProcessCallbacks;
    /// Lists the links of a test (iMocha reference, section 14).
    list_test_links(imocha::ListTestLinks) -> imocha::TestLinks, ImochaListTestLinks;
    /// Fetches a link of a test (iMocha reference, section 14).
    fetch_test_link(imocha::FetchTestLink) -> imocha::FetchedTestLink, ImochaFetchTestLink;
    /// Creates a link of a test (iMocha reference, section 14).
    create_test_link(imocha::CreateTestLink) -> imocha::CreatedTestLink, ImochaCreateTestLink;
    /// Reads the report of an attempt as PDF (iMocha reference, section 15).
    report_pdf(imocha::ReportPdf) -> imocha::PdfReport, ImochaReportPdf;
    /// Lists the account's tests, a page at a time (iMocha reference, section 16).
    list_tests(imocha::ListTests) -> imocha::TestPage, ImochaListTests;
    /// Has a candidate's personal data masked (iMocha reference, section 17).
    mask_personal_data(imocha::MaskPersonalData) -> imocha::MaskingAccepted, ImochaMaskPersonalData;
});

typed!(ThinkExamClient, "A client of Think Exam.", {
    /// Assigns a test to a candidate (Think Exam reference, section 3.1).
    assign_test(think_exam::AssignTest) -> think_exam::Assigned, ThinkExamAssignTest;
    /// De-assigns a test from a candidate (Think Exam reference, section 3.2).
    deassign_test(think_exam::DeassignTest) -> think_exam::Deassigned, ThinkExamDeassignTest;
    /// Registers or logs in candidates (Think Exam reference, section 3.3).
    bulk_candidate_register(think_exam::BulkCandidateRegister) -> think_exam::Registered, ThinkExamBulkCandidateRegister;
    /// Registers or logs in one candidate (Think Exam reference, section 3.4).
    unified_auth(think_exam::UnifiedAuth) -> think_exam::RegisteredCandidate, ThinkExamUnifiedAuth;
    /// Assigns a test to many candidates, without saying what came of each (Think Exam reference, section 3.5).
    assign_test_multi_candidates(think_exam::AssignTestMultiCandidates) -> think_exam::AssignedMany, ThinkExamAssignTestMultiCandidates;
    /// Changes a candidate's password (Think Exam reference, section 3.6).
    change_student_password(think_exam::ChangeStudentPassword) -> think_exam::PasswordChanged, ThinkExamChangeStudentPassword;
    /// Logs a candidate in, and gets its tokens (Think Exam reference, section 4.1).
    check_login(think_exam::CheckLogin) -> think_exam::LoggedIn, ThinkExamCheckLogin;
});

typed!(TestInviteClient, "A client of TestInvite.", {
    /// Creates a candidate under a task (TestInvite reference, section 2).
    create_candidate(testinvite::CreateCandidate) -> testinvite::Created, TestInviteCreateCandidate;
    /// Lists candidates of a task, a page at a time (TestInvite reference, section 4.1).
    list_candidates(testinvite::ListCandidates) -> testinvite::CandidatePage, TestInviteListCandidates;
    /// Fetches a candidate (TestInvite reference, section 4.2).
    fetch_candidate(testinvite::FetchCandidate) -> testinvite::TaskCandidate, TestInviteFetchCandidate;
    /// Deletes a candidate who has not logged in (TestInvite reference, section 4.4).
    delete_candidate(testinvite::DeleteCandidate) -> testinvite::Deleted, TestInviteDeleteCandidate;
    /// Changes a candidate; beta at the platform (TestInvite reference, section 4.3).
    update_candidate(testinvite::UpdateCandidate) -> testinvite::UpdatedCandidate, TestInviteUpdateCandidate;
    /// Lists tasks, a page at a time (TestInvite reference, section 5.1).
    list_tasks(testinvite::ListTasks) -> testinvite::TaskPage, TestInviteListTasks;
    /// Fetches a task (TestInvite reference, section 5.1).
    fetch_task(testinvite::FetchTask) -> testinvite::Task, TestInviteFetchTask;
    /// Lists users of the organization, a page at a time (TestInvite reference, section 5.2).
    list_users(testinvite::ListUsers) -> testinvite::UserPage, TestInviteListUsers;
    /// Fetches a user (TestInvite reference, section 5.2).
    fetch_user(testinvite::FetchUser) -> testinvite::User, TestInviteFetchUser;
    /// Searches users, a page at a time (TestInvite reference, section 5.2).
    search_users(testinvite::SearchUsers) -> testinvite::FoundUsers, TestInviteSearchUsers;
    /// Lists test sessions of a task, a page at a time (TestInvite reference, section 5.3).
    list_test_sessions(testinvite::ListTestSessions) -> testinvite::TestSessionPage, TestInviteListTestSessions;
    /// Fetches a test session (TestInvite reference, section 5.3).
    fetch_test_session(testinvite::FetchTestSession) -> testinvite::TestSession, TestInviteFetchTestSession;
    /// Searches test sessions of a task, a set at a time (TestInvite reference, section 5.3).
    search_test_sessions(testinvite::SearchTestSessions) -> testinvite::TestSessionSet, TestInviteSearchTestSessions;
    /// Fetches a test session with what only this call tells (TestInvite reference, section 5.3).
    expand_test_session(testinvite::ExpandTestSession) -> testinvite::ExpandedTestSession, TestInviteExpandTestSession;
    /// Lists the answers of a test session; beta at the platform (TestInvite reference, section 5.4).
    list_answers(testinvite::ListAnswers) -> testinvite::Answers, TestInviteListAnswers;
});

impl ImochaClient {
    /// A client of the live service.
    ///
    /// # Errors
    /// `configuration` for a key of the sandbox: give the sandbox's address with [`ImochaClient::at`].
    pub fn new(api_key: Secret) -> Result<Self, Error> {
        ImochaClient::at(imocha::BASE_URL, api_key)
    }

    /// A client at an address.
    ///
    /// # Errors
    /// `configuration` when the address cannot be read, or the key must not be sent there.
    pub fn at(base_url: &str, api_key: Secret) -> Result<Self, Error> {
        Client::new(BaseUrl::parse(base_url)?, Credential::ImochaKey(api_key), ClientOptions::default()).map(ImochaClient)
    }
}

impl TestInviteClient {
    /// A client of the live service.
    ///
    /// # Errors
    /// `configuration` for a token of the sandbox: give the sandbox's address with [`TestInviteClient::at`].
    pub fn new(token: Secret) -> Result<Self, Error> {
        TestInviteClient::at(testinvite::BASE_URL, token)
    }

    /// A client at an address.
    ///
    /// # Errors
    /// `configuration` when the address cannot be read, or the token must not be sent there.
    pub fn at(base_url: &str, token: Secret) -> Result<Self, Error> {
        Client::new(BaseUrl::parse(base_url)?, Credential::TestInviteToken(token), ClientOptions::default()).map(TestInviteClient)
    }
}

impl ThinkExamClient {
    /// A client at a tenant's address (the platform publishes no common host) with a signer.
    ///
    /// # Errors
    /// `configuration` when the address cannot be read, or the credential must not be sent there.
    pub fn new(base_url: &str, signer: Signer) -> Result<Self, Error> {
        let credential = Credential::ThinkExamSigner(Arc::new(signer));
        Client::new(BaseUrl::parse(base_url)?, credential, ClientOptions::default()).map(ThinkExamClient)
    }

    /// A client whose signatures come from a signature service.
    ///
    /// # Errors
    /// `configuration` when the address cannot be read.
    pub fn fetching(base_url: &str, signer: FetchedSigner) -> Result<Self, Error> {
        let credential = Credential::ThinkExamFetched(Arc::new(signer));
        Client::new(BaseUrl::parse(base_url)?, credential, ClientOptions::default()).map(ThinkExamClient)
    }
}
