//! What a platform asks of a caller to believe him, and the guards that stand before it leaves.

use std::sync::Arc;

use http::HeaderName;

use crate::call::AnyCall;
use crate::http::Request;
use crate::sign::Signer;
use crate::{BaseUrl, Error, Kind, Platform, Secret, Time};

/// What a platform asks of a caller to believe him.
#[derive(Clone, Debug)]
pub enum Credential {
    /// iMocha: the header `X-API-KEY`.
    ImochaKey(Secret),
    /// TestInvite: `Authorization: Bearer …`.
    TestInviteToken(Secret),
    /// Think Exam: `ak`, `sgn`, `ts` computed or supplied.
    ThinkExamSigner(Arc<Signer>),
    /// Think Exam: `ak`, `sgn`, `ts` fetched from a signature service.
    #[cfg(feature = "client")]
    ThinkExamFetched(Arc<crate::client::FetchedSigner>),
}

impl Credential {
    /// Whose credential it is.
    #[must_use]
    pub fn platform(&self) -> Platform {
        match self {
            Credential::ImochaKey(_) => Platform::Imocha,
            Credential::TestInviteToken(_) => Platform::TestInvite,
            Credential::ThinkExamSigner(_) => Platform::ThinkExam,
            #[cfg(feature = "client")]
            Credential::ThinkExamFetched(_) => Platform::ThinkExam,
        }
    }

    fn is_sandbox(&self) -> bool {
        match self {
            Credential::ImochaKey(secret) | Credential::TestInviteToken(secret) => secret.is_sandbox(),
            Credential::ThinkExamSigner(signer) => match &**signer {
                Signer::Recipe { api_key, secret, .. } => api_key.is_sandbox() || secret.is_sandbox(),
                Signer::Supplied(triple) => triple.ak.starts_with("sandbox-"),
                Signer::Callback(_) => false,
            },
            #[cfg(feature = "client")]
            Credential::ThinkExamFetched(_) => false,
        }
    }

    /// Refuses a credential that no header can carry, and an address to which it must not go.
    ///
    /// # Errors
    /// `configuration`; also when a credential of the sandbox would leave this machine.
    pub fn check_host(&self, base: &BaseUrl) -> Result<(), Error> {
        if let Some((_, value)) = self.header() {
            value?;
        }
        self.check_sandbox(base)
    }

    fn check_sandbox(&self, base: &BaseUrl) -> Result<(), Error> {
        if self.is_sandbox() && !base.is_loopback() {
            return Err(Error::new(
                Kind::Configuration,
                format!("a credential of the sandbox (sandbox-…) is never sent to {}; set the real one", base.host()),
            ));
        }
        Ok(())
    }

    /// Puts the credential on a request.
    ///
    /// # Errors
    /// `configuration` when a key does not fit into a header; what the signer says.
    pub fn authorize(&self, request: &mut Request, now: Time) -> Result<(), Error> {
        if let Some((name, value)) = self.header() {
            request.headers_mut().insert(name.clone(), value?);
            return Ok(());
        }
        match self {
            Credential::ThinkExamSigner(signer) => crate::sign::authorize(request, &signer.sign(request, now)?),
            #[cfg(feature = "client")]
            Credential::ThinkExamFetched(fetched) => crate::sign::authorize(request, &fetched.triple(now)?),
            Credential::ImochaKey(_) | Credential::TestInviteToken(_) => Ok(()),
        }
    }

    /// The one header of a credential that is the same for every request.
    fn header(&self) -> Option<(&'static HeaderName, Result<http::HeaderValue, Error>)> {
        static KEY: HeaderName = HeaderName::from_static(crate::imocha::KEY_HEADER);
        static TOKEN: HeaderName = HeaderName::from_static(crate::testinvite::TOKEN_HEADER);
        let (name, value) = match self {
            Credential::ImochaKey(key) => (&KEY, key.expose().parse()),
            Credential::TestInviteToken(token) => (&TOKEN, format!("{} {}", crate::testinvite::TOKEN_PREFIX, token.expose()).parse()),
            _ => return None,
        };
        let value = value
            .map(|mut value: http::HeaderValue| {
                value.set_sensitive(true);
                value
            })
            .map_err(|_| Error::new(Kind::Configuration, "the credential holds characters that no header can carry"));
        Some((name, value))
    }

    /// The request of a call as it is sent, credential included: the same for our client and for a program that sends it
    /// with its own HTTP stack.
    ///
    /// # Errors
    /// `invalid-input` with every fault, for a call of another platform, and for an example address on a live host;
    /// `configuration` from the credential.
    pub fn request(&self, call: &AnyCall, base: &BaseUrl, now: Time) -> Result<Request, Error> {
        self.check_sandbox(base)?;
        let mut request = call.to_request(base)?;
        if !base.is_loopback() {
            refuse_example_addresses(call)?;
        }
        if call.row().platform != self.platform() {
            return Err(Error::new(Kind::InvalidInput, format!("{} is not a call of {}", call.name(), self.platform())));
        }
        if call.row().is_signed {
            self.authorize(&mut request, now)?;
        }
        Ok(request)
    }
}

/// On a live host nobody at an example address exists (RFC 2606, RFC 6761).
fn refuse_example_addresses(call: &AnyCall) -> Result<(), Error> {
    if call.addresses().iter().any(|address| crate::candidate::is_example_address(address)) {
        return Err(Error::invalid_field("email", "is an example address; on a live host nobody can be reached there"));
    }
    Ok(())
}
