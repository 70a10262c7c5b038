//! Think Exam's `ak`, `sgn` and `ts`: recipes as data, signing, verifying, explaining. Reference:
//! `docs/platforms/think-exam.md`, section 7.
//!
//! How the vendor makes a signature is **not published**. No recipe here is claimed to be the vendor's; the safe source
//! against the live service is [`Signer::Supplied`] or [`Signer::Callback`].
//!
//! ```
//! use bidden::sign::{Recipe, Signer, authorize};
//! use bidden::{BaseUrl, Call, Secret, Time, think_exam};
//! let mut request = think_exam::AssignTest::new("ada@example.com", "41").to_request(&BaseUrl::parse("http://127.0.0.1:8787")?)?;
//! let signer = Signer::recipe(Secret::new("sandbox-ak"), Secret::new("sandbox-secret"), Recipe::default());
//! let triple = signer.sign(&request, Time::from_seconds(1_700_000_000))?;
//! assert_eq!(triple.sgn.expose(), "ba6efd3abda2a6ea1051585cfb3effaddf2f8188664f5c4ddd1503df80f84962");
//! authorize(&mut request, &triple)?;
//! assert_eq!(request.headers()["ts"], "1700000000");
//! # Ok::<(), bidden::Error>(())
//! ```

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::fields::in_order;
use crate::http::Request;
use crate::{Error, Kind, Secret, Time};

/// Something that a recipe signs (section 7.2).
#[derive(Clone, PartialEq, Eq, Debug)]
enum Word {
    Ak,
    Ts,
    Method,
    Url,
    Path,
    PathLower,
    ContentLength,
    Body,
    BodySha256,
    Literal(String),
}

/// The words of section 7.2 beside `params` and `literal:`.
static WORDS: [(&str, Word); 9] = [
    ("ak", Word::Ak),
    ("ts", Word::Ts),
    ("method", Word::Method),
    ("url", Word::Url),
    ("path", Word::Path),
    ("path-lower", Word::PathLower),
    ("content-length", Word::ContentLength),
    ("body", Word::Body),
    ("body-sha256", Word::BodySha256),
];

const LITERAL: &str = "literal:";

impl Word {
    fn read(text: &str) -> Option<Self> {
        match text.strip_prefix(LITERAL) {
            Some(literal) => Some(Word::Literal(literal.to_owned())),
            None => WORDS.iter().find(|(word, _)| *word == text).map(|(_, word)| word.clone()),
        }
    }

    fn text(&self) -> String {
        match self {
            Word::Literal(literal) => format!("{LITERAL}{literal}"),
            _ => WORDS.iter().find(|(_, word)| word == self).map(|(text, _)| (*text).to_owned()).unwrap_or_default(),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// One word, or several with nothing between.
    Words(Vec<Word>),
    /// Every query parameter, `ak` and `ts`, sorted by name.
    Params,
}

impl Part {
    fn read(text: &str, style: Style) -> Result<Self, Error> {
        if text == "params" {
            return Ok(Part::Params);
        }
        let mut words = Vec::new();
        let mut rest = Some(text);
        while let Some(joined) = rest {
            // A literal is the rest of its part: its text may hold a plus.
            let (word, after) = match joined.split_once('+') {
                Some((word, after)) if !joined.starts_with(LITERAL) => (word, Some(after)),
                _ => (joined, None),
            };
            words.push(Word::read(word).ok_or_else(|| {
                let known: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
                wrong(format!("part “{text}” holds the unknown word “{word}”; known are {}, params and literal:<text>", known.join(", ")))
            })?);
            rest = after;
        }
        if words.len() > 1 && style == Style::NameValue {
            return Err(wrong(format!("part “{text}” joins words, which only style “value” can")));
        }
        Ok(Part::Words(words))
    }

    fn text(&self) -> String {
        match self {
            Part::Params => "params".to_owned(),
            Part::Words(words) => words.iter().map(Word::text).collect::<Vec<_>>().join("+"),
        }
    }
}

/// Whether a part is signed with its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    NameValue,
    Value,
}

const STYLES: [(&str, Style); 2] = [("name-value", Style::NameValue), ("value", Style::Value)];

/// How the HMAC is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Base64 in the standard alphabet, padded.
    Base64,
}

impl Encoding {
    /// The words of a recipe.
    pub const WORDS: [(&str, Encoding); 2] = [("hex", Encoding::Hex), ("base64", Encoding::Base64)];

    fn write(self, bytes: &[u8]) -> String {
        match self {
            Encoding::Hex => hex(bytes),
            Encoding::Base64 => STANDARD.encode(bytes),
        }
    }

    /// Hexadecimal is read in either letter case.
    fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Encoding::Base64 => STANDARD.decode(text).ok(),
            Encoding::Hex => {
                let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
                let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
                Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
            }
        }
    }
}

/// How the secret's text becomes the key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Key {
    Utf8,
    Hex,
    Base64,
}

const KEYS: [(&str, Key); 3] = [("utf8", Key::Utf8), ("hex", Key::Hex), ("base64", Key::Base64)];

/// How `ts` is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TsUnit {
    Seconds,
    Milliseconds,
    HttpDate,
}

const TS_UNITS: [(&str, TsUnit); 3] =
    [("seconds", TsUnit::Seconds), ("milliseconds", TsUnit::Milliseconds), ("http-date", TsUnit::HttpDate)];

impl TsUnit {
    fn write(self, now: Time) -> String {
        match self {
            TsUnit::Seconds => now.seconds().to_string(),
            TsUnit::Milliseconds => now.milliseconds().to_string(),
            TsUnit::HttpDate => now.to_http_date(),
        }
    }

    /// Seconds since 1970; `None` when it cannot be read.
    fn read(self, text: &str) -> Option<i64> {
        let number = || text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok())?;
        match self {
            TsUnit::Seconds => number(),
            TsUnit::Milliseconds => number().map(|milliseconds| milliseconds.div_euclid(1000)),
            TsUnit::HttpDate => Time::from_http_date(text).map(Time::seconds),
        }
    }

    /// The unit that is mixed up with this one.
    fn other(self) -> Option<Self> {
        match self {
            TsUnit::Seconds => Some(TsUnit::Milliseconds),
            TsUnit::Milliseconds => Some(TsUnit::Seconds),
            TsUnit::HttpDate => None,
        }
    }
}

fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}

fn read_word<T: Copy>(setting: &str, text: &str, words: &[(&str, T)]) -> Result<T, Error> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        wrong(format!("{setting} “{text}” is not known; one of {} is expected", known.join(", ")))
    })
}

fn wrong(message: String) -> Error {
    Error::new(Kind::Configuration, format!("the recipe cannot be used: {message}"))
}

/// How a signature is made, as data (section 7.2). HMAC-SHA256 over the joined parts.
///
/// Written as a JSON object, each absent member as in the default recipe, or as the name of a preset. A word that is not
/// known is `configuration`, naming the word.
///
/// ```
/// use bidden::sign::Recipe;
/// let recipe = Recipe::from_json(r#"{"name":"own","parts":["ts","ak"],"ts-unit":"milliseconds"}"#)?;
/// assert_eq!(recipe.name(), "own");
/// assert_eq!(Recipe::from_json(r#""default""#)?, Recipe::default());
/// assert!(Recipe::from_json(r#"{"hash":"md5"}"#).unwrap_err().to_string().contains("md5"));
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value", into = "Written")]
pub struct Recipe {
    name: String,
    parts: Vec<Part>,
    style: Style,
    separator: String,
    encoding: Encoding,
    key: Key,
    ts_unit: TsUnit,
}

/// The written form of a recipe.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
struct Written {
    name: String,
    parts: Vec<String>,
    style: String,
    separator: String,
    hash: String,
    encoding: String,
    key: String,
    #[serde(alias = "ts_unit")]
    ts_unit: String,
}

impl Default for Written {
    fn default() -> Self {
        Written { name: "own".to_owned(), ..Recipe::default().into() }
    }
}

impl From<Recipe> for Written {
    fn from(recipe: Recipe) -> Self {
        Written {
            parts: recipe.parts.iter().map(Part::text).collect(),
            style: word_of(&STYLES, &recipe.style).to_owned(),
            separator: recipe.separator,
            hash: "sha256".to_owned(),
            encoding: word_of(&Encoding::WORDS, &recipe.encoding).to_owned(),
            key: word_of(&KEYS, &recipe.key).to_owned(),
            ts_unit: word_of(&TS_UNITS, &recipe.ts_unit).to_owned(),
            name: recipe.name,
        }
    }
}

impl TryFrom<Written> for Recipe {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self, Error> {
        read_word("hash", &written.hash, &[("sha256", ())])?;
        let style = read_word("style", &written.style, &STYLES)?;
        if written.parts.is_empty() {
            return Err(wrong("it has no parts".to_owned()));
        }
        Ok(Recipe {
            parts: written.parts.iter().map(|part| Part::read(part, style)).collect::<Result<_, _>>()?,
            style,
            encoding: read_word("encoding", &written.encoding, &Encoding::WORDS)?,
            key: read_word("key", &written.key, &KEYS)?,
            ts_unit: read_word("ts-unit", &written.ts_unit, &TS_UNITS)?,
            separator: written.separator,
            name: written.name,
        })
    }
}

impl TryFrom<serde_json::Value> for Recipe {
    type Error = Error;

    fn try_from(value: serde_json::Value) -> Result<Self, Error> {
        match value {
            serde_json::Value::String(name) => Recipe::preset(&name),
            serde_json::Value::Object(_) => {
                let written: Written = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
                written.try_into()
            }
            _ => Err(wrong("a JSON object, or the name of a preset, is expected".to_owned())),
        }
    }
}

/// One row of [`PRESETS`].
#[derive(Clone, Copy, Debug)]
pub struct PresetRow {
    /// The preset's name.
    pub name: &'static str,
    /// What is signed, in this order.
    pub parts: &'static [&'static str],
    /// `name-value` or `value`.
    pub style: &'static str,
    /// What stands between parts.
    pub separator: &'static str,
    /// `hex` or `base64`.
    pub encoding: &'static str,
    /// `seconds`, `milliseconds` or `http-date`.
    pub ts_unit: &'static str,
}

/// The recipes with a name (sections 7.2 and 7.4, our choice). None is claimed to be Think Exam's; three borrow a
/// neighbour's way of signing.
pub static PRESETS: [PresetRow; 5] = [
    PresetRow { name: "default", parts: &["ak", "ts"], style: "name-value", separator: "&", encoding: "hex", ts_unit: "seconds" },
    PresetRow {
        name: "body-bound",
        parts: &["method", "path", "ak", "ts", "body-sha256"],
        style: "value",
        separator: "\n",
        encoding: "hex",
        ts_unit: "seconds",
    },
    PresetRow {
        name: "startexam-like",
        parts: &["method", "path-lower", "ts", "content-length"],
        style: "value",
        separator: " ",
        encoding: "base64",
        ts_unit: "http-date",
    },
    PresetRow {
        name: "proctorexam-like",
        parts: &["params"],
        style: "name-value",
        separator: "?",
        encoding: "hex",
        ts_unit: "milliseconds",
    },
    PresetRow {
        name: "mettl-like",
        parts: &["method+url", "params"],
        style: "value",
        separator: "\n",
        encoding: "base64",
        ts_unit: "seconds",
    },
];

impl Default for Recipe {
    /// `ak=<ak>&ts=<ts>` in hexadecimal, `ts` in seconds; the body is not signed (section 7.2, our choice).
    fn default() -> Self {
        Recipe {
            name: "default".to_owned(),
            parts: vec![Part::Words(vec![Word::Ak]), Part::Words(vec![Word::Ts])],
            style: Style::NameValue,
            separator: "&".to_owned(),
            encoding: Encoding::Hex,
            key: Key::Utf8,
            ts_unit: TsUnit::Seconds,
        }
    }
}

/// One part with its value filled in, joined to the next by the separator.
struct Filled {
    bytes: Vec<u8>,
    /// For people: a body as its length and SHA-256.
    shown: String,
}

impl Recipe {
    /// The recipe of a preset's name.
    ///
    /// # Errors
    /// `configuration` for a name that is not in [`PRESETS`].
    pub fn preset(name: &str) -> Result<Self, Error> {
        let Some(row) = PRESETS.iter().find(|row| row.name == name) else {
            let known: Vec<&str> = PRESETS.iter().map(|row| row.name).collect();
            return Err(wrong(format!("there is no preset “{name}”; there are {}", known.join(", "))));
        };
        Recipe::try_from(Written {
            name: row.name.to_owned(),
            parts: row.parts.iter().map(|part| (*part).to_owned()).collect(),
            style: row.style.to_owned(),
            separator: row.separator.to_owned(),
            hash: "sha256".to_owned(),
            encoding: row.encoding.to_owned(),
            key: "utf8".to_owned(),
            ts_unit: row.ts_unit.to_owned(),
        })
    }

    /// Reads a JSON object, or a JSON text with the name of a preset.
    ///
    /// # Errors
    /// `configuration` for what cannot be read, naming the word that is not known.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let value: serde_json::Value = serde_json::from_str(json).map_err(|error| wrong(error.to_string()))?;
        value.try_into()
    }

    /// The recipe's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether another body can make another signature.
    #[must_use]
    pub fn signs_body(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Params => false,
            Part::Words(words) => words.iter().any(|word| matches!(word, Word::Body | Word::BodySha256 | Word::ContentLength)),
        })
    }

    /// The string that is signed; bytes, because a body need not be text.
    #[must_use]
    pub fn message(&self, ak: &str, ts: &str, request: &Request) -> Vec<u8> {
        let filled = self.fill(ak, ts, request, false);
        join(&filled.iter().collect::<Vec<_>>(), &self.separator)
    }

    /// The string that is signed, for people: `⏎` for a line feed, a body as its length and SHA-256.
    #[must_use]
    pub fn shown_message(&self, ak: &str, ts: &str, request: &Request) -> String {
        let shown: Vec<String> = self.fill(ak, ts, request, true).into_iter().map(|part| part.shown).collect();
        shown.join(&self.separator).replace('\n', "⏎")
    }

    /// Signs a request.
    ///
    /// # Errors
    /// `configuration` when the secret's text is not what the recipe's `key` says.
    ///
    /// ```
    /// use bidden::{Secret, Time, http::Request, sign::Recipe};
    /// let triple = Recipe::default().sign("TEST_API_KEY", &Secret::new("TEST_API_SECRET"), &Request::default(), Time::from_seconds(1_700_000_000))?;
    /// assert_eq!(triple.sgn.expose(), "c5a77094300ca0628e8412be85316b2b0c7039fcc05d73cd8be4ee6b8f83d93c");
    /// # Ok::<(), bidden::Error>(())
    /// ```
    pub fn sign(&self, ak: &str, secret: &Secret, request: &Request, now: Time) -> Result<Triple, Error> {
        let ts = self.ts_unit.write(now);
        let mac = mac(&self.key(secret)?, &self.message(ak, &ts, request))?;
        Ok(Triple { ak: ak.to_owned(), sgn: Secret::new(self.encoding.write(&mac)), ts })
    }

    fn key(&self, secret: &Secret) -> Result<Zeroizing<Vec<u8>>, Error> {
        let bytes = match self.key {
            Key::Utf8 => Some(secret.expose().as_bytes().to_vec()),
            Key::Hex => Encoding::Hex.read(secret.expose()),
            Key::Base64 => Encoding::Base64.read(secret.expose()),
        };
        let wrong_key = || wrong(format!("the secret is not {}, as its key says", word_of(&KEYS, &self.key)));
        bytes.map(Zeroizing::new).ok_or_else(wrong_key)
    }

    /// Only what is shown takes the SHA-256 of a body, which takes as long as signing.
    fn fill(&self, ak: &str, ts: &str, request: &Request, is_shown: bool) -> Vec<Filled> {
        let mut filled = Vec::new();
        for part in &self.parts {
            match part {
                Part::Words(words) => filled.push(self.fill_words(words, ak, ts, request, is_shown)),
                Part::Params => {
                    for (name, value) in parameters(ak, ts, request) {
                        let shown = if self.style == Style::NameValue { format!("{name}={value}") } else { value };
                        filled.push(Filled { bytes: shown.clone().into_bytes(), shown });
                    }
                }
            }
        }
        filled
    }

    fn fill_words(&self, words: &[Word], ak: &str, ts: &str, request: &Request, is_shown: bool) -> Filled {
        let mut filled = Filled { bytes: Vec::new(), shown: String::new() };
        for word in words {
            if self.style == Style::NameValue && !matches!(word, Word::Literal(_)) {
                let name = word.text();
                filled.bytes.extend_from_slice(name.as_bytes());
                filled.bytes.push(b'=');
                filled.shown.push_str(&name);
                filled.shown.push('=');
            }
            let text = match word {
                Word::Ak => ak.to_owned(),
                Word::Ts => ts.to_owned(),
                Word::Method => request.method().as_str().to_ascii_uppercase(),
                Word::Url => url(request),
                Word::Path => request.uri().path().to_owned(),
                Word::PathLower => request.uri().path().to_lowercase(),
                Word::ContentLength => request.body().len().to_string(),
                Word::BodySha256 => sha256(request.body()),
                Word::Literal(literal) => literal.clone(),
                Word::Body => {
                    filled.bytes.extend_from_slice(request.body());
                    if is_shown {
                        let shown = format!("<body: {} bytes, SHA-256 {}>", request.body().len(), sha256(request.body()));
                        filled.shown.push_str(&shown);
                    }
                    continue;
                }
            };
            filled.bytes.extend_from_slice(text.as_bytes());
            filled.shown.push_str(&text);
        }
        filled
    }
}

/// Scheme, host and path. A request as a server reads it has no scheme and its host in a header.
fn url(request: &Request) -> String {
    let uri = request.uri();
    let host = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => request.headers().get(http::header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default(),
    };
    format!("{}://{host}{}", uri.scheme_str().unwrap_or("http"), uri.path())
}

/// Query parameters, `ak` and `ts`, sorted by name in byte order, not percent-encoded.
fn parameters(ak: &str, ts: &str, request: &Request) -> Vec<(String, String)> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut parameters = vec![("ak".to_owned(), ak.to_owned()), ("ts".to_owned(), ts.to_owned())];
    let pairs = request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    parameters.extend(pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    }));
    in_order(parameters, |a, b| a.0 < b.0)
}

fn join(parts: &[&Filled], separator: &str) -> Vec<u8> {
    let mut message = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            message.extend_from_slice(separator.as_bytes());
        }
        message.extend_from_slice(&part.bytes);
    }
    message
}

fn sha256(bytes: &[u8]) -> String {
    Encoding::Hex.write(&Sha256::digest(bytes))
}

/// A request is signed with one: text by text it would take as long as the whole signature.
fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

fn mac(key: &[u8], message: &[u8]) -> Result<[u8; 32], Error> {
    let hmac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|error| Error::new(Kind::Internal, "the key does not fit the HMAC").with_source(error))?;
    Ok(hmac.chain_update(message).finalize().into_bytes().into())
}

/// HMAC-SHA256 of any text, the key being the secret's UTF-8 bytes.
///
/// # Errors
/// None that is known; `internal` if the HMAC refused a key.
///
/// ```
/// use bidden::{Secret, sign::{Encoding, hmac_text}};
/// let text = "id=1?nonce=1527500365?timestamp=1527500365052"; // ProctorExam's own string
/// let sgn = hmac_text(&Secret::new("TEST_API_SECRET"), text, Encoding::Hex)?;
/// assert_eq!(sgn, "7cc81c9070255738d1c668fe79a3ee4f8044c08fc654cd59c08d9090639984eb");
/// # Ok::<(), bidden::Error>(())
/// ```
pub fn hmac_text(secret: &Secret, message: &str, encoding: Encoding) -> Result<String, Error> {
    Ok(encoding.write(&mac(secret.expose().as_bytes(), message.as_bytes())?))
}

/// The three headers of a signed request. Opaque; `sgn` is a credential and not in `Debug`.
///
/// ```
/// use bidden::{Secret, sign::Triple};
/// let triple = Triple { ak: "key".into(), sgn: Secret::new("signature"), ts: "1700000000".into() };
/// assert!(!format!("{triple:?}").contains("signature"));
/// assert_eq!(serde_json::to_string(&triple)?, r#"{"ak":"key","sgn":"signature","ts":"1700000000"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Triple {
    /// The API key.
    pub ak: String,
    /// The signature.
    #[serde(serialize_with = "expose")]
    pub sgn: Secret,
    /// The time, as it was signed.
    pub ts: String,
}

fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// What a [`Signer::Callback`] is: it may read all of the request, and `now`.
pub type Callback = dyn Fn(&Request, Time) -> Result<Triple, Error> + Send + Sync;

/// Where `ak`, `sgn` and `ts` come from (section 7.1): the sources that need no I/O of ours. A source that fetches is a
/// [`Signer::Callback`].
#[derive(Clone)]
#[non_exhaustive]
pub enum Signer {
    /// Computed here.
    Recipe {
        /// The API key.
        api_key: Secret,
        /// The secret.
        secret: Secret,
        /// How.
        recipe: Recipe,
    },
    /// A triple that somebody else made, sent as it is.
    Supplied(Triple),
    /// Somebody else makes one for each request.
    Callback(Arc<Callback>),
}

impl Signer {
    /// Signs by a recipe.
    #[must_use]
    pub fn recipe(api_key: Secret, secret: Secret, recipe: Recipe) -> Self {
        Signer::Recipe { api_key, secret, recipe }
    }

    /// Asks a function for each request.
    ///
    /// ```
    /// use bidden::{Secret, Time, sign::{Signer, Triple}};
    /// let signer = Signer::callback(|request, now| {
    ///     Ok(Triple { ak: "key".into(), sgn: Secret::new(request.uri().path()), ts: now.seconds().to_string() })
    /// });
    /// let triple = signer.sign(&bidden::http::Request::default(), Time::from_seconds(5))?;
    /// assert_eq!(triple.ts, "5");
    /// # Ok::<(), bidden::Error>(())
    /// ```
    #[must_use]
    pub fn callback(callback: impl Fn(&Request, Time) -> Result<Triple, Error> + Send + Sync + 'static) -> Self {
        Signer::Callback(Arc::new(callback))
    }

    /// The triple for a request. A new one for each request (choice 4).
    ///
    /// # Errors
    /// `configuration` when the secret does not fit the recipe; whatever a callback says.
    pub fn sign(&self, request: &Request, now: Time) -> Result<Triple, Error> {
        match self {
            Signer::Recipe { api_key, secret, recipe } => recipe.sign(api_key.expose(), secret, request, now),
            Signer::Supplied(triple) => Ok(triple.clone()),
            Signer::Callback(callback) => callback(request, now),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Signer::Recipe { .. } => "Signer::Recipe(…)",
            Signer::Supplied(_) => "Signer::Supplied(…)",
            Signer::Callback(_) => "Signer::Callback(…)",
        })
    }
}

/// Puts a triple into the headers `ak`, `sgn` and `ts`, in lower case as printed (section 2, item 2).
///
/// # Errors
/// `configuration` when a value cannot stand in a header as it is: a control character, a blank at its beginning or end.
pub fn authorize(request: &mut Request, triple: &Triple) -> Result<(), Error> {
    for (name, value) in [("ak", triple.ak.as_str()), ("sgn", triple.sgn.expose()), ("ts", triple.ts.as_str())] {
        // Blanks around it do not arrive, so it would be signed as something that nobody receives.
        let whole = (value == value.trim_matches([' ', '\t'])).then(|| HeaderValue::from_bytes(value.as_bytes()).ok()).flatten();
        let mut value =
            whole.ok_or_else(|| Error::new(Kind::Configuration, format!("the {name} of the signature cannot stand in a header")))?;
        value.set_sensitive(name == "sgn");
        request.headers_mut().insert(http::HeaderName::from_static(name), value);
    }
    Ok(())
}

/// What a verification found, in the order of section 7.5.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// The signature is good.
    Passed,
    /// A header is absent or empty; which.
    HeaderMissing(&'static str),
    /// Another `ak` than the one that is known.
    UnknownAk,
    /// `ts` is not written in the recipe's unit.
    TsUnreadable,
    /// `ts` is too far from the machine's time.
    TsOutsideWindow,
    /// `sgn` is another.
    SgnDiffers,
}

impl Check {
    /// The check in words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Check::Passed => "passed",
            Check::HeaderMissing("ak") => "header ak missing",
            Check::HeaderMissing("sgn") => "header sgn missing",
            Check::HeaderMissing(_) => "header ts missing",
            Check::UnknownAk => "ak unknown",
            Check::TsUnreadable => "ts unreadable",
            Check::TsOutsideWindow => "ts outside the window",
            Check::SgnDiffers => "sgn differs",
        }
    }
}

/// What may be the cause of a signature that does not verify (section 7.5). A pair names the two that were mixed up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// The unit of `ts`: milliseconds and seconds mixed up.
    MillisecondsNotSeconds,
    /// The encoding of `sgn`: base64 and hexadecimal mixed up.
    Base64NotHex,
    /// The same parts in another order.
    OtherOrder,
    /// The same parts with something else between them.
    OtherSeparator,
    /// Perhaps another body was signed than was sent.
    BodyDiffers,
    /// The key is not known.
    WrongAk,
    /// Perhaps another secret was used.
    WrongSecret,
}

/// Why a signature does not verify: for people who debug their own signing. It never holds the secret or the expected `sgn`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Explanation {
    /// Which check.
    #[serde(skip)]
    pub check: Check,
    /// The string that was signed here, with `⏎` for a line feed and a body as its length and SHA-256. What a header lacks
    /// stands as `<ak>` or `<ts>`.
    pub message: String,
    /// Seconds by which `ts` is ahead of the machine's time, negative when behind; `None` when it cannot be read.
    pub ts_offset_s: Option<i64>,
    /// What may help.
    pub hints: Vec<Hint>,
}

/// Checks the signature of a request, in constant time where `sgn` is compared. `window_seconds` is how far `ts` may lie from
/// the machine's time on either side (900 in the sandbox).
///
/// # Errors
/// The [`Explanation`] of the first check that fails.
///
/// ```
/// use bidden::sign::{Check, Hint, Recipe, authorize, verify};
/// use bidden::{Secret, Time, http::Request};
/// let (recipe, secret, now) = (Recipe::default(), Secret::new("sandbox-secret"), Time::from_seconds(1_700_000_000));
/// let mut request = Request::default();
/// let triple = recipe.sign("sandbox-ak", &secret, &request, now)?;
/// authorize(&mut request, &triple)?;
/// assert!(verify(&recipe, "sandbox-ak", &secret, &request, now, 900).is_ok());
/// let explanation = verify(&recipe, "sandbox-ak", &Secret::new("another"), &request, now, 900).unwrap_err();
/// assert_eq!((explanation.check, explanation.hints), (Check::SgnDiffers, vec![Hint::WrongSecret]));
/// # Ok::<(), bidden::Error>(())
/// ```
pub fn verify(
    recipe: &Recipe,
    ak: &str,
    secret: &Secret,
    request: &Request,
    machine_now: Time,
    window_seconds: u32,
) -> Result<(), Explanation> {
    let explanation = Verification { recipe, ak, secret, request, machine_now, window_seconds }.explain();
    if explanation.check == Check::Passed { Ok(()) } else { Err(explanation) }
}

/// As [`verify`], with the message and the offset for a good signature too.
#[must_use]
pub fn explain(recipe: &Recipe, ak: &str, secret: &Secret, request: &Request, machine_now: Time, window_seconds: u32) -> Explanation {
    Verification { recipe, ak, secret, request, machine_now, window_seconds }.explain()
}

struct Verification<'a> {
    recipe: &'a Recipe,
    ak: &'a str,
    secret: &'a Secret,
    request: &'a Request,
    machine_now: Time,
    window_seconds: u32,
}

/// Separators that people take for the right one.
const SEPARATORS: [&str; 14] = ["", "&", "\n", " ", "?", ":", ",", ";", "|", ".", "-", "_", "/", "\r\n"];

/// Above this many bytes the variants are not tried: a large body would be hashed a thousand times.
const LONGEST_TRIED: usize = 16 * 1024;

impl Verification<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let value = std::str::from_utf8(self.request.headers().get(name)?.as_bytes()).ok()?.trim();
        Some(value).filter(|value| !value.is_empty())
    }

    fn explain(&self) -> Explanation {
        let (ak, sgn, ts) = (self.header("ak"), self.header("sgn"), self.header("ts"));
        let ts_offset_s = ts.and_then(|ts| self.offset(self.recipe.ts_unit, ts));
        let (check, hints) = match (ak, sgn, ts) {
            (None, ..) => (Check::HeaderMissing("ak"), Vec::new()),
            (_, None, _) => (Check::HeaderMissing("sgn"), Vec::new()),
            (_, _, None) => (Check::HeaderMissing("ts"), Vec::new()),
            (Some(ak), ..) if ak != self.ak => (Check::UnknownAk, vec![Hint::WrongAk]),
            (_, Some(sgn), Some(ts)) => match ts_offset_s {
                None => (Check::TsUnreadable, self.unit_hint(ts)),
                Some(offset) if !self.is_inside(offset) => (Check::TsOutsideWindow, self.unit_hint(ts)),
                Some(_) if self.matches(sgn, ts) => (Check::Passed, Vec::new()),
                Some(_) => (Check::SgnDiffers, self.signature_hints(sgn, ts)),
            },
        };
        let message = self.recipe.shown_message(ak.unwrap_or("<ak>"), ts.unwrap_or("<ts>"), self.request);
        Explanation { check, message, ts_offset_s, hints }
    }

    fn offset(&self, unit: TsUnit, ts: &str) -> Option<i64> {
        Some(unit.read(ts)?.saturating_sub(self.machine_now.seconds()))
    }

    fn is_inside(&self, offset: i64) -> bool {
        offset.unsigned_abs() <= u64::from(self.window_seconds)
    }

    fn matches(&self, sgn: &str, ts: &str) -> bool {
        let expected =
            self.recipe.key(self.secret).and_then(|key| mac(&key, &self.recipe.message(self.ak, ts, self.request))).map(Zeroizing::new);
        match (expected, self.recipe.encoding.read(sgn)) {
            (Ok(expected), Some(given)) => expected.as_slice().ct_eq(&given).into(),
            _ => false,
        }
    }

    fn unit_hint(&self, ts: &str) -> Vec<Hint> {
        let other = self.recipe.ts_unit.other().and_then(|unit| self.offset(unit, ts));
        if other.is_some_and(|offset| self.is_inside(offset)) { vec![Hint::MillisecondsNotSeconds] } else { Vec::new() }
    }

    /// Signs in the ways that people mix up, and says which of them gives this `sgn`: the one with the fewest differences.
    fn signature_hints(&self, sgn: &str, ts: &str) -> Vec<Hint> {
        let Ok(key) = self.recipe.key(self.secret) else { return vec![Hint::WrongSecret] };
        let given: Vec<(Vec<u8>, bool)> =
            Encoding::WORDS.iter().filter_map(|(_, encoding)| Some((encoding.read(sgn)?, *encoding != self.recipe.encoding))).collect();
        let mut found: Option<Vec<Hint>> = None;
        let mut attempt = |message: &[u8], hints: &[Hint]| {
            let Ok(expected) = mac(&key, message) else { return };
            for (bytes, is_other_encoding) in &given {
                if bool::from(expected.as_slice().ct_eq(bytes)) {
                    let mut hints = hints.to_vec();
                    hints.extend(is_other_encoding.then_some(Hint::Base64NotHex));
                    if found.as_ref().is_none_or(|known| known.len() > hints.len()) {
                        found = Some(hints);
                    }
                }
            }
        };
        for (ts, unit_hint) in self.ts_variants(ts) {
            let filled = self.recipe.fill(self.ak, &ts, self.request, false);
            for (separator, separator_hint) in self.separators(&filled) {
                for (order, order_hint) in orders(&filled) {
                    let hints: Vec<Hint> = [unit_hint, order_hint, separator_hint].into_iter().flatten().collect();
                    attempt(&join(&order, separator), &hints);
                }
            }
        }
        if self.recipe.signs_body() {
            for body in other_bodies(self.request.body()) {
                let mut request = self.request.clone();
                *request.body_mut() = body;
                attempt(&self.recipe.message(self.ak, ts, &request), &[Hint::BodyDiffers]);
            }
        }
        // Another body and another secret look the same from here.
        found.unwrap_or_else(|| if self.recipe.signs_body() { vec![Hint::BodyDiffers, Hint::WrongSecret] } else { vec![Hint::WrongSecret] })
    }

    /// `ts` as it came, and in the unit that it is mixed up with: sent in one, signed in the other.
    fn ts_variants(&self, ts: &str) -> Vec<(String, Option<Hint>)> {
        let mut variants = vec![(ts.to_owned(), None)];
        if let Some((unit, seconds)) = self.recipe.ts_unit.other().zip(self.recipe.ts_unit.read(ts)) {
            variants.push((unit.write(Time::from_seconds(seconds)), Some(Hint::MillisecondsNotSeconds)));
        }
        variants
    }

    fn separators(&self, filled: &[Filled]) -> Vec<(&str, Option<Hint>)> {
        let mut separators = vec![(self.recipe.separator.as_str(), None)];
        if is_small(filled) {
            let others = SEPARATORS.into_iter().filter(|separator| *separator != self.recipe.separator);
            separators.extend(others.map(|separator| (separator, Some(Hint::OtherSeparator))));
        }
        separators
    }
}

fn is_small(filled: &[Filled]) -> bool {
    filled.iter().map(|part| part.bytes.len()).sum::<usize>() <= LONGEST_TRIED
}

/// The order as it is, then all others; of many parts only the reverse.
fn orders(filled: &[Filled]) -> Vec<(Vec<&Filled>, Option<Hint>)> {
    let own: Vec<&Filled> = filled.iter().collect();
    let mut others = Vec::new();
    if is_small(filled) {
        if own.len() <= 5 {
            permute(&mut own.clone(), 0, &mut others);
        } else {
            others.push(own.iter().rev().copied().collect());
        }
    }
    let mut orders = vec![(own, None)];
    orders.extend(others.into_iter().map(|order| (order, Some(Hint::OtherOrder))));
    orders
}

fn permute<'a>(parts: &mut [&'a Filled], fixed: usize, orders: &mut Vec<Vec<&'a Filled>>) {
    if fixed == parts.len() {
        orders.push(parts.to_vec());
        return;
    }
    for other in fixed..parts.len() {
        parts.swap(fixed, other);
        permute(parts, fixed + 1, orders);
        parts.swap(fixed, other);
    }
}

/// Bodies that are signed instead of the one that is sent: none, without blanks around it, rewritten by a JSON library.
fn other_bodies(body: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = vec![Vec::new(), body.trim_ascii().to_vec(), [body, b"\n"].concat()];
    if let Some(value) = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()) {
        bodies.extend(serde_json::to_vec(&value).ok());
        bodies.extend(serde_json::to_vec_pretty(&value).ok());
    }
    bodies
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str = r#"{"email":"ada@example.com","testId":"41","isMailEnable":"0","isPasswordSkip":"0"}"#;
    const NOW: i64 = 1_700_000_000;

    fn request() -> Request {
        let mut request = Request::new(BODY.into());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = http::Uri::from_static("https://think-exam.example/api/v1/assignTest");
        request
    }

    fn own(json: &str) -> Recipe {
        Recipe::from_json(json).unwrap()
    }

    fn secret() -> Secret {
        Secret::new("TEST_API_SECRET")
    }

    fn now() -> Time {
        Time::from_seconds(NOW)
    }

    /// A request signed by one recipe and secret, and what the default verification makes of it.
    fn judged(recipe: &Recipe, secret: &Secret, shift: i64) -> Explanation {
        let mut request = request();
        let triple = recipe.sign("TEST_API_KEY", secret, &request, Time::from_seconds(NOW + shift)).unwrap();
        authorize(&mut request, &triple).unwrap();
        explain(&Recipe::default(), "TEST_API_KEY", &self::secret(), &request, now(), 900)
    }

    #[test]
    fn a_value_that_would_not_arrive_as_it_was_signed_is_refused() {
        let mut request = http::Request::post("http://127.0.0.1:8787/x").body(Vec::new()).unwrap();
        for (ak, is_whole) in [("key", true), ("k y", true), ("key ", false), ("\tkey", false), ("k\ny", false)] {
            let triple = Triple { ak: ak.into(), sgn: Secret::new("s"), ts: "1".into() };
            assert_eq!(authorize(&mut request, &triple).is_ok(), is_whole, "{ak:?}");
        }
    }

    #[test]
    fn each_recipe_signs_as_the_reference_prints() {
        let default = Recipe::default();
        for (recipe, ak, secret, message, sgn) in [
            (
                default.clone(),
                "TEST_API_KEY",
                "TEST_API_SECRET",
                "ak=TEST_API_KEY&ts=1700000000",
                "c5a77094300ca0628e8412be85316b2b0c7039fcc05d73cd8be4ee6b8f83d93c",
            ),
            (
                default,
                "sandbox-ak",
                "sandbox-secret",
                "ak=sandbox-ak&ts=1700000000",
                "ba6efd3abda2a6ea1051585cfb3effaddf2f8188664f5c4ddd1503df80f84962",
            ),
            (
                own(r#"{"encoding":"base64"}"#),
                "TEST_API_KEY",
                "TEST_API_SECRET",
                "ak=TEST_API_KEY&ts=1700000000",
                "xadwlDAMoGKOhBK+hTFrKwxwOfzAXXPNi+Tua4+D2Tw=",
            ),
            (
                own(r#"{"ts-unit":"milliseconds"}"#),
                "TEST_API_KEY",
                "TEST_API_SECRET",
                "ak=TEST_API_KEY&ts=1700000000000",
                "07a90f6f65f9432d54a88463526ef20ca397b68e35223bc9563508940cbbdf16",
            ),
            (
                own(r#""body-bound""#),
                "TEST_API_KEY",
                "TEST_API_SECRET",
                "POST\n/api/v1/assignTest\nTEST_API_KEY\n1700000000\n171d524a2eb3a59428ad0e633e18706af5aebccb9d217ff0d53dbdf0f5c8a31e",
                "7ec046416b7239c1f1b45203ffa9db7a7ac89cdb8446bfd57b5d53074437c22a",
            ),
            (
                own(r#""startexam-like""#),
                "TEST_API_KEY",
                "TEST_API_SECRET",
                "POST /api/v1/assigntest Tue, 14 Nov 2023 22:13:20 GMT 81",
                "1UEWnI73OY/MdVTVj0JMAmZGdyoq/OKiUtgBmr8pTPI=",
            ),
            (
                own(r#""proctorexam-like""#),
                "TEST_API_KEY",
                "TEST_API_SECRET",
                "ak=TEST_API_KEY?ts=1700000000000",
                "a1f857d425deced8bb6f2a87626dd6121914317b7fd93ca0c2c28f5b67e650d4",
            ),
            (
                own(r#""mettl-like""#),
                "TEST_API_KEY",
                "TEST_API_SECRET",
                "POSThttps://think-exam.example/api/v1/assignTest\nTEST_API_KEY\n1700000000",
                "S9LRQ9x1ShE9JLt0MBEZc9wQFoBjnsZL/tjPr6AAGIk=",
            ),
        ] {
            let triple = recipe.sign(ak, &Secret::new(secret), &request(), now()).unwrap();
            let signed = String::from_utf8(recipe.message(ak, &triple.ts, &request())).unwrap();
            assert_eq!((signed.as_str(), triple.sgn.expose()), (message, sgn), "{}", recipe.name());
        }
    }

    #[test]
    fn the_neighbours_own_strings_are_reproduced() {
        for (message, encoding, sgn) in [
            ("POST /v1/participants Sun, 19 Jan 2014 09:55:37 GMT 1045", Encoding::Base64, "pZkZPbTixWJLSr0u+ftHvHHf+YDLxERPR9HvP22XoUk="),
            (
                "id=1?nonce=1527500365?timestamp=1527500365052",
                Encoding::Hex,
                "7cc81c9070255738d1c668fe79a3ee4f8044c08fc654cd59c08d9090639984eb",
            ),
            (
                "GEThttps://api.mettl.com/v2/account\nTEST_API_KEY\n1700000000",
                Encoding::Base64,
                "/ho91/z0Z8K5+Db9f0PbeZuUe5APA7E0G2p6Gk2K9wc=",
            ),
        ] {
            assert_eq!(hmac_text(&secret(), message, encoding).unwrap(), sgn, "{message}");
        }
    }

    #[test]
    fn every_preset_is_a_recipe_and_survives_its_written_form() {
        assert_eq!(Recipe::preset("default").unwrap(), Recipe::default());
        for row in &PRESETS {
            let recipe = Recipe::preset(row.name).unwrap();
            assert_eq!(own(&serde_json::to_string(&recipe).unwrap()), recipe);
        }
    }

    #[test]
    fn an_unknown_word_is_configuration_and_named() {
        for (json, word) in [
            (r#""mettle-like""#, "mettle-like"),
            (r#"{"parts":["ak","nonce"]}"#, "nonce"),
            (r#"{"parts":["method+verb"],"style":"value"}"#, "verb"),
            (r#"{"parts":["method+params"],"style":"value"}"#, "params"),
            (r#"{"parts":["method+path"]}"#, "method+path"),
            (r#"{"parts":[]}"#, "parts"),
            (r#"{"style":"names"}"#, "names"),
            (r#"{"hash":"sha1"}"#, "sha1"),
            (r#"{"encoding":"base58"}"#, "base58"),
            (r#"{"key":"utf16"}"#, "utf16"),
            (r#"{"ts-unit":"minutes"}"#, "minutes"),
            (r#"{"salt":"x"}"#, "salt"),
            ("[]", "cannot"),
            ("{", "cannot"),
        ] {
            let error = Recipe::from_json(json).unwrap_err();
            assert_eq!(error.kind(), Kind::Configuration, "{json}");
            assert!(error.to_string().contains(word), "{json}: {error}");
        }
        let error = own(r#"{"key":"hex"}"#).sign("ak", &Secret::new("no hex"), &request(), now()).unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
        assert!(!error.to_string().contains("no hex"), "{error}");
    }

    #[test]
    fn a_literal_may_hold_a_plus_and_stands_bare_in_either_style() {
        let message = |json: &str| String::from_utf8(own(json).message("A", "1", &request())).unwrap();
        assert_eq!(message(r#"{"parts":["literal:a+b","ak"]}"#), "a+b&ak=A");
        assert_eq!(message(r#"{"parts":["method+literal:+x","ts"],"style":"value"}"#), "POST+x&1");
    }

    #[test]
    fn checks_run_in_their_order() {
        let triple = Recipe::default().sign("TEST_API_KEY", &secret(), &request(), now()).unwrap();
        let check = |change: &dyn Fn(&mut Request)| {
            let mut request = request();
            authorize(&mut request, &triple).unwrap();
            change(&mut request);
            explain(&Recipe::default(), "TEST_API_KEY", &secret(), &request, now(), 900)
        };
        let set = |name: &'static str, value: &'static str| {
            move |request: &mut Request| {
                request.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        };
        assert_eq!(check(&|_| ()).check, Check::Passed);
        let missing = check(&|request| {
            request.headers_mut().clear();
        });
        assert_eq!((missing.check, missing.message.as_str(), missing.ts_offset_s), (Check::HeaderMissing("ak"), "ak=<ak>&ts=<ts>", None));
        assert_eq!(check(&set("sgn", "")).check, Check::HeaderMissing("sgn"));
        let unknown = check(&|request| {
            set("ak", "other")(request);
            set("ts", "soon")(request);
        });
        assert_eq!((unknown.check, unknown.hints), (Check::UnknownAk, vec![Hint::WrongAk]));
        let unreadable = check(&|request| {
            set("ts", "soon")(request);
            set("sgn", "00")(request);
        });
        assert_eq!((unreadable.check, unreadable.ts_offset_s), (Check::TsUnreadable, None));
        let late = check(&set("ts", "1699996400"));
        assert_eq!((late.check, late.ts_offset_s), (Check::TsOutsideWindow, Some(-3600)));
        let differs = check(&set("sgn", "00"));
        assert_eq!((differs.check, differs.ts_offset_s), (Check::SgnDiffers, Some(0)));
        assert_eq!(check(&set("ts", "99999999999999999999")).check, Check::TsUnreadable);
    }

    #[test]
    fn the_window_reaches_to_its_edge_on_both_sides() {
        for (shift, check) in [(900, Check::Passed), (-900, Check::Passed), (901, Check::TsOutsideWindow), (-901, Check::TsOutsideWindow)] {
            let explanation = judged(&Recipe::default(), &secret(), shift);
            assert_eq!((explanation.check, explanation.ts_offset_s), (check, Some(shift)));
        }
    }

    #[test]
    fn hexadecimal_is_taken_in_either_letter_case() {
        let mut request = request();
        let mut triple = Recipe::default().sign("TEST_API_KEY", &secret(), &request, now()).unwrap();
        triple.sgn = Secret::new(triple.sgn.expose().to_ascii_uppercase());
        authorize(&mut request, &triple).unwrap();
        assert_eq!(verify(&Recipe::default(), "TEST_API_KEY", &secret(), &request, now(), 900), Ok(()));
    }

    #[test]
    fn each_mistake_gets_its_hint() {
        for (json, hints) in [
            (r#"{"encoding":"base64"}"#, vec![Hint::Base64NotHex]),
            (r#"{"ts-unit":"milliseconds"}"#, vec![Hint::MillisecondsNotSeconds]),
            (r#"{"parts":["ts","ak"]}"#, vec![Hint::OtherOrder]),
            (r#"{"separator":"\n"}"#, vec![Hint::OtherSeparator]),
            (r#"{"separator":"","encoding":"base64"}"#, vec![Hint::OtherSeparator, Hint::Base64NotHex]),
            (r#"{"parts":["ak"]}"#, vec![Hint::WrongSecret]),
        ] {
            assert_eq!(judged(&own(json), &secret(), 0).hints, hints, "{json}");
        }
        assert_eq!(judged(&Recipe::default(), &Secret::new("another"), 0).hints, vec![Hint::WrongSecret]);
    }

    #[test]
    fn a_time_signed_in_the_other_unit_than_sent_is_told() {
        let mut request = request();
        let milliseconds = own(r#"{"ts-unit":"milliseconds"}"#).sign("TEST_API_KEY", &secret(), &request, now()).unwrap();
        authorize(&mut request, &Triple { ts: NOW.to_string(), ..milliseconds }).unwrap();
        let explanation = explain(&Recipe::default(), "TEST_API_KEY", &secret(), &request, now(), 900);
        assert_eq!((explanation.check, explanation.hints), (Check::SgnDiffers, vec![Hint::MillisecondsNotSeconds]));
    }

    #[test]
    fn a_body_that_differs_is_told_where_it_is_signed() {
        let recipe = own(r#""body-bound""#);
        for (sent, hints) in
            [(format!("{BODY}\n"), vec![Hint::BodyDiffers]), (BODY.replace("41", "42"), vec![Hint::BodyDiffers, Hint::WrongSecret])]
        {
            let mut request = request();
            let triple = recipe.sign("TEST_API_KEY", &secret(), &request, now()).unwrap();
            *request.body_mut() = sent.into();
            authorize(&mut request, &triple).unwrap();
            assert_eq!(explain(&recipe, "TEST_API_KEY", &secret(), &request, now(), 900).hints, hints);
        }
    }

    #[test]
    fn the_shown_message_holds_no_body_and_no_line_feed() {
        let recipe = own(r#"{"parts":["ts","body"],"style":"value","separator":"\n"}"#);
        let shown = recipe.shown_message("A", "1", &request());
        assert_eq!(shown, "1⏎<body: 81 bytes, SHA-256 171d524a2eb3a59428ad0e633e18706af5aebccb9d217ff0d53dbdf0f5c8a31e>");
    }

    #[test]
    fn a_relative_address_is_completed_by_its_host_header() {
        let recipe = own(r#"{"parts":["url"],"style":"value"}"#);
        let mut request = request();
        *request.uri_mut() = http::Uri::from_static("/api/v1/assignTest?x=1");
        request.headers_mut().insert("host", HeaderValue::from_static("127.0.0.1:8787"));
        assert_eq!(recipe.message("", "", &request), b"http://127.0.0.1:8787/api/v1/assignTest");
    }

    #[test]
    fn an_explanation_holds_neither_secret_nor_expected_signature() {
        let expected = Recipe::default().sign("TEST_API_KEY", &secret(), &request(), now()).unwrap();
        let explanation = judged(&Recipe::default(), &Secret::new("another"), 0);
        let written = format!("{explanation:?}{}", serde_json::to_string(&explanation).unwrap());
        assert!(!written.contains("TEST_API_SECRET") && !written.contains(expected.sgn.expose()), "{written}");
        let signer = Signer::recipe(Secret::new("TEST_API_KEY"), secret(), Recipe::default());
        assert!(!format!("{signer:?}{expected:?}").contains(expected.sgn.expose()));
    }

    #[test]
    fn a_value_that_cannot_stand_in_a_header_is_configuration() {
        let triple = Triple { ak: "a\nb".into(), sgn: Secret::new("x"), ts: "1".into() };
        assert_eq!(authorize(&mut request(), &triple).unwrap_err().kind(), Kind::Configuration);
    }

    /// A written recipe of any kind, with the style's own limits kept.
    fn recipes() -> impl Strategy<Value = Recipe> {
        let word = prop_oneof![
            proptest::sample::select(WORDS.iter().map(|(word, _)| (*word).to_owned()).collect::<Vec<_>>()),
            "literal:[ -~]{0,8}".prop_map(|text| text),
        ];
        let part = prop_oneof![
            4 => proptest::collection::vec(word, 1..3),
            1 => Just(vec!["params".to_owned()]),
        ];
        let parts = proptest::collection::vec(part, 1..6);
        let separator = proptest::sample::select(vec!["", "&", "\n", " ", "::"]);
        (parts, any::<bool>(), separator, 0..2_usize, 0..3_usize, 0..3_usize).prop_map(
            |(parts, is_value, separator, encoding, key, ts_unit)| {
                let parts = parts
                    .into_iter()
                    .map(|mut words| {
                        if !is_value {
                            words.truncate(1);
                        }
                        words.join("+")
                    })
                    .collect();
                Recipe::try_from(Written {
                    name: "any".into(),
                    parts,
                    style: if is_value { "value" } else { "name-value" }.into(),
                    separator: separator.into(),
                    hash: "sha256".into(),
                    encoding: Encoding::WORDS[encoding].0.into(),
                    key: KEYS[key].0.into(),
                    ts_unit: TS_UNITS[ts_unit].0.into(),
                })
                .unwrap()
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_and_what_is_changed_does_not(
            recipe in recipes(),
            key in proptest::collection::vec(any::<u8>(), 0..100),
            text_key in "\\PC{0,40}",
            ak in "[!-~]{1,20}",
            body in proptest::collection::vec(any::<u8>(), 0..200),
            seconds in 1_000_000_000_i64..4_000_000_000,
        ) {
            let secret = Secret::new(match recipe.key {
                Key::Utf8 => text_key,
                Key::Hex => Encoding::Hex.write(&key),
                Key::Base64 => Encoding::Base64.write(&key),
            });
            let now = Time::from_seconds(seconds);
            let mut request = request();
            *request.body_mut() = body;
            let triple = recipe.sign(&ak, &secret, &request, now).unwrap();
            authorize(&mut request, &triple).unwrap();
            prop_assert_eq!(verify(&recipe, &ak, &secret, &request, now, 900), Ok(()));

            // The written form signs the same.
            let again = own(&serde_json::to_string(&recipe).unwrap()).sign(&ak, &secret, &request, now).unwrap();
            prop_assert_eq!(&again, &triple);

            // Another key is unknown, whatever is signed.
            let other_ak = verify(&recipe, &format!("{ak}x"), &secret, &request, now, 900).unwrap_err();
            prop_assert_eq!(other_ak.check, Check::UnknownAk);

            // Another time inside the window fails wherever the time is signed.
            let mut changed = request.clone();
            authorize(&mut changed, &Triple { ts: recipe.ts_unit.write(Time::from_seconds(seconds + 1)), ..triple }).unwrap();
            let is_ts_signed = recipe.message("", "T", &request) != recipe.message("", "U", &request);
            prop_assert_eq!(verify(&recipe, &ak, &secret, &changed, now, 900).is_err(), is_ts_signed);

            // Another body fails wherever the body is signed.
            let mut changed = request;
            changed.body_mut().push(b'x');
            prop_assert_eq!(verify(&recipe, &ak, &secret, &changed, now, 900).is_err(), recipe.signs_body());
        }

        #[test]
        fn arbitrary_headers_never_panic(ak in "\\PC{0,20}", sgn in "\\PC{0,80}", ts in "\\PC{0,30}|[0-9]{0,25}") {
            let mut request = request();
            if authorize(&mut request, &Triple { ak, sgn: Secret::new(sgn), ts }).is_ok() {
                for row in &PRESETS {
                    let recipe = Recipe::preset(row.name).unwrap();
                    let explanation = explain(&recipe, "TEST_API_KEY", &secret(), &request, now(), 900);
                    prop_assert_ne!(explanation.check, Check::Passed);
                }
            }
        }

        #[test]
        fn arbitrary_recipes_are_read_or_refused(json in "\\PC{0,60}") {
            if let Err(error) = Recipe::from_json(&json) {
                prop_assert_eq!(error.kind(), Kind::Configuration);
            }
        }
    }
}
