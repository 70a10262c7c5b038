//! Where a platform is, what it asks of a caller, and how a client behaves: one struct for own and for our HTTP.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use bidden::sign::{Recipe, Signer, Triple};
use bidden::{BaseUrl, Credential, Error, Kind, Platform, Secret};

use crate::error::of_number;
use crate::memory::{self, Context};
use crate::request::bidden_request;
use crate::sign::{bidden_signature, read_recipe};
use crate::string::bidden_bytes;

/// Signs a request of Think Exam: sets `ak`, `sgn` and `ts` with `bidden_signature_set` and returns `BIDDEN_OK`, or the number
/// of a kind when it cannot (a number that is no kind counts as `configuration`). `request` and `signature` are valid until it
/// returns. It runs on the thread that makes the call, on several at once when several make calls, and must not throw.
pub type bidden_signer = Option<
    extern "C" fn(
        context: *mut c_void,
        request: Option<&bidden_request>,
        now_seconds: i64,
        signature: Option<&mut bidden_signature>,
    ) -> i32,
>;

/// Where a platform is, and who calls. Zero it, set `size` to `sizeof (bidden_options)`, then what is needed; everything is
/// copied. What is zero has its default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_options {
    /// `sizeof (bidden_options)`.
    pub size: usize,
    /// Scheme, host, port and path, e.g. `http://127.0.0.1:8787`. NULL is the live service of iMocha and of TestInvite; Think
    /// Exam has no common host.
    pub base_url: *const c_char,
    /// iMocha: the key. Think Exam: `ak`, for a recipe.
    pub api_key: bidden_bytes,
    /// TestInvite: the token.
    pub token: bidden_bytes,
    /// Think Exam: the secret, for a recipe.
    pub secret: bidden_bytes,
    /// Think Exam: the recipe, a preset's name or a JSON object, with `api_key` and `secret`. On loopback NULL is `default`; anywhere
    /// else it is `configuration`, because how the vendor signs is not published.
    pub recipe: *const c_char,
    /// Think Exam: asks the caller for each signature, instead of a recipe.
    pub signer: bidden_signer,
    /// Handed to `signer`. It must live as long as the client.
    pub signer_context: *mut c_void,
    /// How long one try may take in all, in milliseconds; 0 is 30,000. A request in flight is never cut short otherwise.
    pub timeout_milliseconds: u32,
    /// How often a call is tried at most, the first included; 0 is 5.
    pub tries: u32,
    /// How many threads share the client: that many idle connections are kept; 0 is 16.
    pub callers: u32,
    /// Calls per second over all threads; 0 is no limit.
    pub calls_per_second: u32,
}

/// Keeps the caller's function and its context together.
struct Callback {
    sign: extern "C" fn(*mut c_void, Option<&bidden_request>, i64, Option<&mut bidden_signature>) -> i32,
    context: Context,
}

fn secret(bytes: bidden_bytes, argument: &str) -> Result<Option<Secret>, Error> {
    let text = memory::utf8(bytes.bytes, bytes.length, argument)?;
    Ok(if text.is_empty() { None } else { Some(Secret::new(text)) })
}

impl bidden_options {
    /// The platform's address.
    pub fn base_url(&self, platform: Platform) -> Result<BaseUrl, Error> {
        match (memory::optional_text(self.base_url, "options.base_url")?, platform) {
            (Some(text), _) => BaseUrl::parse(text),
            (None, Platform::Imocha) => BaseUrl::parse(bidden::imocha::BASE_URL),
            (None, Platform::TestInvite) => BaseUrl::parse(bidden::testinvite::BASE_URL),
            (None, Platform::ThinkExam) => Err(Error::new(Kind::Configuration, "Think Exam has no common host; set options.base_url")),
        }
    }

    /// The platform's credential, `None` when none is set.
    pub fn credential(&self, platform: Platform, base: &BaseUrl) -> Result<Option<Credential>, Error> {
        match platform {
            Platform::Imocha => Ok(secret(self.api_key, "options.api_key")?.map(Credential::ImochaKey)),
            Platform::TestInvite => Ok(secret(self.token, "options.token")?.map(Credential::TestInviteToken)),
            Platform::ThinkExam => Ok(self.signer(base)?.map(|signer| Credential::ThinkExamSigner(Arc::new(signer)))),
        }
    }

    fn signer(&self, base: &BaseUrl) -> Result<Option<Signer>, Error> {
        if let Some(sign) = self.signer {
            let callback = Callback { sign, context: Context::new(self.signer_context) };
            return Ok(Some(Signer::callback(move |request, now| callback.triple(request, now))));
        }
        let (api_key, secret) = (secret(self.api_key, "options.api_key")?, secret(self.secret, "options.secret")?);
        let recipe = memory::optional_text(self.recipe, "options.recipe")?;
        match (api_key, secret) {
            (None, None) => Ok(None),
            (Some(api_key), Some(secret)) => {
                let recipe = match recipe {
                    Some(text) => read_recipe(text)?,
                    None if base.is_loopback() => Recipe::default(),
                    None => {
                        let message = "how Think Exam signs is not published; set options.recipe or options.signer";
                        return Err(Error::new(Kind::Configuration, message));
                    }
                };
                Ok(Some(Signer::recipe(api_key, secret, recipe)))
            }
            _ => Err(Error::new(Kind::Configuration, "Think Exam needs options.api_key and options.secret, or options.signer")),
        }
    }
}

impl Callback {
    fn triple(&self, request: &bidden::http::Request, now: bidden::Time) -> Result<Triple, Error> {
        let request = bidden_request::new(request.clone());
        let mut signature = bidden_signature::default();
        let number = (self.sign)(self.context.pointer(), Some(&request), now.seconds(), Some(&mut signature));
        if number != 0 {
            return Err(of_number(number, Kind::Configuration, "the program's signer did not sign"));
        }
        signature.triple().cloned().ok_or_else(|| Error::new(Kind::Configuration, "the program's signer set no signature"))
    }
}

/// The options of C; a NULL has only defaults and no credential.
pub fn read(options: *const bidden_options) -> Result<bidden_options, Error> {
    if options.is_null() { Ok(memory::absent()) } else { memory::read_growing(options) }
}
