//! Think Exam's signatures: recipes, signing, verifying, explaining.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use bidden::sign::{self, Encoding, Recipe, Triple};
use bidden::{Error, Kind, Secret};

use crate::boundary::{Or, boundary};
use crate::error::bidden_error;
use crate::memory::{self, Output, present};
use crate::request::bidden_request;
use crate::string::{bidden_bytes, bidden_string};
use crate::time;

/// Lower-case hexadecimal.
pub const BIDDEN_ENCODING_HEX: i32 = 1;
/// Base64 in the standard alphabet, padded.
pub const BIDDEN_ENCODING_BASE64: i32 = 2;

/// How a signature is made, as data. *Shared*.
pub struct bidden_recipe(Recipe);

/// The three values `ak`, `sgn` and `ts`, or not yet. *One thread at a time.*
#[derive(Default)]
pub struct bidden_signature(Option<Triple>);

impl bidden_signature {
    /// The values, once set.
    pub fn triple(&self) -> Option<&Triple> {
        self.0.as_ref()
    }
}

/// A recipe of C: a preset's name, or JSON.
pub fn read_recipe(text: &str) -> Result<Recipe, Error> {
    if text.trim_start().starts_with(['{', '"']) { Recipe::from_json(text) } else { Recipe::preset(text) }
}

fn secret(bytes: bidden_bytes) -> Result<Secret, Error> {
    memory::utf8(bytes.bytes, bytes.length, "secret").map(Secret::new)
}

/// Reads a recipe: the name of a preset (`default`, `body-bound`, `startexam-like`, `proctorexam-like`, `mettl-like`), or a
/// JSON object. How the vendor signs is not published; none of these is claimed to be it. Free it with `bidden_recipe_free`.
///
/// `configuration`: an unknown preset or word.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_recipe_new(
    name_or_json: *const c_char,
    recipe: Option<&mut MaybeUninit<Option<Box<bidden_recipe>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let recipe = Output::new(recipe, "recipe")?;
        recipe.put(Some(Box::new(bidden_recipe(read_recipe(memory::text(name_or_json, "name_or_json")?)?))));
        Ok(())
    })
}

/// Frees a recipe. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_recipe_free(recipe: Option<Box<bidden_recipe>>) {
    boundary(Or(()), || drop(recipe))
}

/// The recipe's name. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_recipe_name(recipe: Option<&bidden_recipe>) -> bidden_string {
    boundary(Or(bidden_string::default()), || recipe.map(|recipe| recipe.0.name()).into())
}

/// The bytes that the recipe signs for a request, given `ak` and `ts`; a body among them need not be UTF-8. Free them with
/// `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_recipe_message(
    recipe: Option<&bidden_recipe>,
    ak: *const c_char,
    ts: *const c_char,
    request: Option<&bidden_request>,
    message: Option<&mut MaybeUninit<bidden_string>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let message = Output::new(message, "message")?;
        let (ak, ts) = (memory::text(ak, "ak")?, memory::text(ts, "ts")?);
        let found = present(recipe, "recipe")?.0.message(ak, ts, present(request, "request")?.inner());
        message.put(memory::new_string(&found));
        Ok(())
    })
}

/// Signs a request. `now_seconds` may be `BIDDEN_TIME_ABSENT`: the clock is read. Free the signature with
/// `bidden_signature_free`.
///
/// `configuration`: a secret that is not what the recipe's `key` says.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_recipe_sign(
    recipe: Option<&bidden_recipe>,
    ak: *const c_char,
    secret: bidden_bytes,
    request: Option<&bidden_request>,
    now_seconds: i64,
    signature: Option<&mut MaybeUninit<Option<Box<bidden_signature>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let signature = Output::new(signature, "signature")?;
        let recipe = &present(recipe, "recipe")?.0;
        let request = present(request, "request")?.inner();
        let triple = recipe.sign(memory::text(ak, "ak")?, &self::secret(secret)?, request, time::now(now_seconds)?)?;
        signature.put(Some(Box::new(bidden_signature(Some(triple)))));
        Ok(())
    })
}

/// Verifies the headers `ak`, `sgn` and `ts` of a request, in constant time where `sgn` is compared. `window_seconds` is how
/// far `ts` may lie from `now_seconds` on either side (900 in the sandbox).
///
/// `unauthorized`: the signature is not good; the message says which check failed. `bidden_recipe_explain` says more.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_recipe_verify(
    recipe: Option<&bidden_recipe>,
    ak: *const c_char,
    secret: bidden_bytes,
    request: Option<&bidden_request>,
    now_seconds: i64,
    window_seconds: u32,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let recipe = &present(recipe, "recipe")?.0;
        let request = present(request, "request")?.inner();
        let now = time::now(now_seconds)?;
        sign::verify(recipe, memory::text(ak, "ak")?, &self::secret(secret)?, request, now, window_seconds)
            .map_err(|explanation| Error::new(Kind::Unauthorized, format!("the signature does not verify: {}", explanation.check.text())))
    })
}

/// Explains why a signature verifies or not, for people who debug their own signing: JSON
/// `{"check","message","ts_offset_s","hints"}`, without the secret and without the expected signature. Arguments as for
/// `bidden_recipe_verify`. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_recipe_explain(
    recipe: Option<&bidden_recipe>,
    ak: *const c_char,
    secret: bidden_bytes,
    request: Option<&bidden_request>,
    now_seconds: i64,
    window_seconds: u32,
    explanation: Option<&mut MaybeUninit<bidden_string>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let output = Output::new(explanation, "explanation")?;
        let recipe = &present(recipe, "recipe")?.0;
        let request = present(request, "request")?.inner();
        let now = time::now(now_seconds)?;
        let found = sign::explain(recipe, memory::text(ak, "ak")?, &self::secret(secret)?, request, now, window_seconds);
        let text = serde_json::json!({
            "check": found.check.text(),
            "message": found.message,
            "ts_offset_s": found.ts_offset_s,
            "hints": found.hints,
        });
        output.put(text.to_string().as_str().into());
        Ok(())
    })
}

/// Makes a signature that somebody else computed, or an empty one when `ak`, `sgn` and `ts` are all NULL. Free it with
/// `bidden_signature_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_signature_new(
    ak: *const c_char,
    sgn: *const c_char,
    ts: *const c_char,
    signature: Option<&mut MaybeUninit<Option<Box<bidden_signature>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let signature = Output::new(signature, "signature")?;
        let is_empty = ak.is_null() && sgn.is_null() && ts.is_null();
        let triple = if is_empty { None } else { Some(triple(ak, sgn, ts)?) };
        signature.put(Some(Box::new(bidden_signature(triple))));
        Ok(())
    })
}

/// Sets the three values, which are sent as they are: what a `bidden_signer` does.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_signature_set(
    signature: Option<&mut bidden_signature>,
    ak: *const c_char,
    sgn: *const c_char,
    ts: *const c_char,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        present(signature, "signature")?.0 = Some(triple(ak, sgn, ts)?);
        Ok(())
    })
}

fn triple(ak: *const c_char, sgn: *const c_char, ts: *const c_char) -> Result<Triple, Error> {
    let text = |pointer, argument| memory::text(pointer, argument).map(str::to_owned);
    Ok(Triple { ak: text(ak, "ak")?, sgn: Secret::new(text(sgn, "sgn")?), ts: text(ts, "ts")? })
}

/// Frees a signature. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_signature_free(signature: Option<Box<bidden_signature>>) {
    boundary(Or(()), || drop(signature))
}

/// The API key; absent when not set. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_signature_ak(signature: Option<&bidden_signature>) -> bidden_string {
    boundary(Or(bidden_string::default()), || signature.and_then(|signature| Some(signature.0.as_ref()?.ak.as_str())).into())
}

/// The signature itself, a credential; absent when not set. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_signature_sgn(signature: Option<&bidden_signature>) -> bidden_string {
    boundary(Or(bidden_string::default()), || signature.and_then(|signature| Some(signature.0.as_ref()?.sgn.expose())).into())
}

/// The time as it was signed; absent when not set. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_signature_ts(signature: Option<&bidden_signature>) -> bidden_string {
    boundary(Or(bidden_string::default()), || signature.and_then(|signature| Some(signature.0.as_ref()?.ts.as_str())).into())
}

/// Puts a signature into the headers `ak`, `sgn` and `ts` of a request.
///
/// `configuration`: a value that no header can have, or a signature that was never set.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_authorize(
    request: Option<&mut bidden_request>,
    signature: Option<&bidden_signature>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let request = present(request, "request")?;
        match present(signature, "signature")?.triple() {
            Some(triple) => sign::authorize(request.inner_mut(), triple),
            None => Err(Error::new(Kind::Configuration, "the signature was never set")),
        }
    })
}

/// HMAC-SHA256 of a text, the key being the secret's bytes, written as `BIDDEN_ENCODING_…`. Free it with
/// `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_hmac(
    secret: bidden_bytes,
    message: *const c_char,
    encoding: i32,
    sgn: Option<&mut MaybeUninit<bidden_string>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let sgn = Output::new(sgn, "sgn")?;
        let encoding = match encoding {
            BIDDEN_ENCODING_HEX => Encoding::Hex,
            BIDDEN_ENCODING_BASE64 => Encoding::Base64,
            _ => return Err(memory::fault("encoding", "is not one of BIDDEN_ENCODING_HEX, BIDDEN_ENCODING_BASE64")),
        };
        sgn.put(sign::hmac_text(&self::secret(secret)?, memory::text(message, "message")?, encoding)?.as_str().into());
        Ok(())
    })
}
