//! Where a command sends, and as whom: options, environment and profile.
//!
//! With `--profile NAME` that profile's keys come first and the environment fills what they leave open; without it the
//! environment comes first and the profile `default` fills the rest. Credentials never come from arguments. On loopback,
//! where nothing is configured, the sandbox's own credentials stand in; `--sandbox` takes these only and reads no profile.

mod command_signer;
mod profile;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bidden::client::{Client, ClientOptions, Credential, FetchedSigner};
use bidden::operation::TestId;
use bidden::sign::{Recipe, Signer};
use bidden::{BaseUrl, Error, Kind, Platform, Secret};
use bidden_ledger::{Digest, Invitations, Ledger, LedgerOptions, Place, Sender};
use toml::Value;

use crate::failure::{Failure, Result};
use crate::sandbox_here::SandboxHere;
use profile::Section;

/// The sandbox's own credentials (DESIGN: *Sandbox defaults*). No secrets: everybody may know them.
const SANDBOX_IMOCHA_KEY: &str = "sandbox-key";
const SANDBOX_TESTINVITE_TOKEN: &str = "sandbox-token";
const SANDBOX_THINK_EXAM_KEY: &str = "sandbox-ak";
const SANDBOX_THINK_EXAM_SECRET: &str = "sandbox-secret";

/// Requests per second on live hosts unless told otherwise.
pub const LIVE_RATE: f64 = 5.0;

/// The record of `--sandbox`, below the current folder.
const SANDBOX_LEDGER: &str = ".bidden/sandbox-ledger.db";

/// The invitations to one test, sent by whatever client was configured.
pub type Desk = Invitations<Box<dyn Sender + Send + Sync>>;

/// Where to send, and as whom: the options of every command that sends.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Where to, and as whom")]
pub struct ConnectionOptions {
    /// Sends to a sandbox on this machine, which is started when none listens; real credentials are ignored
    #[arg(long, conflicts_with = "base_url")]
    pub sandbox: bool,
    /// Sends to this address instead of the platform's own; on loopback the sandbox's credentials stand in for those not set
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Which profile of which file.
    #[command(flatten)]
    pub profile: ProfileOptions,
    /// The name under which the account is kept apart from others [default: the profile's, else default]
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The record of what was sent: a file, or postgres://… [default: BIDDEN_LEDGER, the profile's, else bidden/ledger.db in the
    /// user's data folder; with --sandbox .bidden/sandbox-ledger.db]
    #[arg(long, value_name = "FILE|postgres://…")]
    pub ledger: Option<String>,
}

/// Which profile of which file.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ProfileOptions {
    /// The file with profiles [default: ./bidden.toml, else bidden/bidden.toml in the user's configuration folder]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The profile of that file [default: default]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// Which record is read: the options of every command that only reads it.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Which record")]
pub struct RecordOptions {
    /// The record of what was sent: a file, or postgres://… [default: BIDDEN_LEDGER, the profile's, else bidden/ledger.db in the
    /// user's data folder; with --sandbox .bidden/sandbox-ledger.db]
    #[arg(long, value_name = "FILE|postgres://…")]
    pub ledger: Option<String>,
    /// The record of the sandbox of this folder
    #[arg(long)]
    pub sandbox: bool,
    /// Which profile of which file.
    #[command(flatten)]
    pub profile: ProfileOptions,
}

impl RecordOptions {
    /// The record, to read beside whoever sends, and how it is called for people; an empty one where there is none yet.
    ///
    /// # Errors
    /// `configuration` when the profile names several; `storage` when there is one that cannot be read.
    pub fn read(&self) -> Result<(Ledger, String)> {
        let location = self.location()?;
        let ledger = read_ledger(&location)?;
        let none_yet = if ledger.is_there() { "" } else { " (there is none yet)" };
        Ok((ledger, format!("{}{none_yet}", without_password(&location))))
    }

    /// Where the record is.
    ///
    /// # Errors
    /// `configuration` when the profile names several.
    pub fn location(&self) -> Result<String> {
        let in_environment = std::env::var("BIDDEN_LEDGER").ok().filter(|text| !text.trim().is_empty() && !self.sandbox);
        if let Some(given) = self.ledger.clone().or(in_environment) {
            return Ok(given);
        }
        if self.sandbox {
            return Ok(SANDBOX_LEDGER.to_owned());
        }
        let mut named = Vec::new();
        for platform in Platform::ALL {
            named.extend(Settings::read(platform, &self.profile)?.profile_text("ledger"));
        }
        named.dedup();
        match named.as_slice() {
            [] => default_ledger(),
            [only] => Ok(only.clone()),
            _ => {
                Err(Failure::configuration("the profile names another ledger for each platform")
                    .hint("name the one you mean with --ledger"))
            }
        }
    }
}

/// Opens a record to note in it what callbacks say; `None` where there is none yet.
///
/// # Errors
/// `storage` when there is one that cannot be written.
pub fn open_to_note(location: &str) -> std::result::Result<Option<Ledger>, Error> {
    if !location.contains("://") && !Path::new(location).exists() {
        return Ok(None);
    }
    Ledger::open_with(location, &LedgerOptions { notes_only: true, ..LedgerOptions::default() }).map(Some)
}

/// An empty one where there is none yet.
fn read_ledger(location: &str) -> Result<Ledger> {
    Ok(Ledger::open_with(location, &LedgerOptions { read_only: true, or_empty: true, ..LedgerOptions::default() })?)
}

/// A platform that can be reached, and the credential for it.
#[derive(Debug)]
pub struct Connection {
    /// Which platform.
    pub platform: Platform,
    /// Where it is.
    pub base_url: BaseUrl,
    /// As whom.
    pub credential: Credential,
    /// The name under which the account is kept apart from others.
    pub account: String,
    /// Whether `--sandbox` was given.
    pub is_sandbox: bool,
    /// Where the record is.
    ledger: String,
    ledger_shown: String,
    /// Lives as long as the connection: the sandbox that was started for it.
    _sandbox: Option<SandboxHere>,
}

impl Connection {
    /// Finds address and credential, and starts the sandbox where it is asked for.
    ///
    /// # Errors
    /// `configuration` when something is missing or wrong.
    pub fn open(options: &ConnectionOptions, platform: Platform) -> Result<Self> {
        if options.sandbox {
            let sandbox = SandboxHere::start()?;
            return Ok(Connection {
                platform,
                base_url: BaseUrl::parse(sandbox.url())?,
                credential: sandbox_credential(platform),
                account: options.account.clone().unwrap_or_else(|| "default".to_owned()),
                is_sandbox: true,
                ledger_shown: without_password(options.ledger.as_deref().unwrap_or(SANDBOX_LEDGER)),
                ledger: options.ledger.clone().unwrap_or_else(|| SANDBOX_LEDGER.to_owned()),
                _sandbox: Some(sandbox),
            });
        }
        let settings = Settings::read(platform, &options.profile)?;
        let base_url = base_url(&settings, options.base_url.as_deref())?;
        let ledger = ledger_location(options, &settings)?;
        Ok(Connection {
            platform,
            credential: credential(&settings, &base_url)?,
            base_url,
            account: options.account.clone().or(settings.profile_text("account")).unwrap_or_else(|| "default".to_owned()),
            is_sandbox: false,
            ledger_shown: without_password(&ledger),
            ledger,
            _sandbox: None,
        })
    }

    /// Whether a host other than loopback would be reached: real people.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self.base_url.is_loopback()
    }

    /// Where the record is, without the password of a database.
    #[must_use]
    pub fn ledger_shown(&self) -> &str {
        &self.ledger_shown
    }

    /// What is kept of the credential, to notice that it changed: nothing from which it could be had back.
    fn fingerprint(&self) -> Option<String> {
        let secret = match &self.credential {
            Credential::ImochaKey(secret) | Credential::TestInviteToken(secret) => secret.expose().to_owned(),
            Credential::ThinkExamSigner(signer) => match &**signer {
                Signer::Recipe { api_key, .. } => api_key.expose().to_owned(),
                _ => return None,
            },
            Credential::ThinkExamFetched(_) => return None,
        };
        Some(Digest::of(format!("bidden fingerprint {secret}").as_bytes()).to_string()[..16].to_owned())
    }

    /// The name and the fingerprint under which a live credential is remembered.
    fn known_credential(&self) -> Option<(String, String)> {
        let fingerprint = self.fingerprint().filter(|_| self.is_live())?;
        Some((format!("credential {} {} {}", self.platform, self.base_url, self.account), fingerprint))
    }

    /// Whether the credential is another one than that to which somebody last said yes for this account.
    ///
    /// # Errors
    /// `storage`.
    pub fn credential_changed(&self, ledger: &Ledger) -> Result<bool> {
        let Some((name, fingerprint)) = self.known_credential() else { return Ok(false) };
        let before = ledger.ask(move |storage| storage.note_of(&name))?;
        Ok(before.is_some_and(|before| before != fingerprint))
    }

    /// Remembers the credential, once somebody said yes.
    ///
    /// # Errors
    /// `storage`.
    pub fn remember_credential(&self, ledger: &Ledger) -> Result<()> {
        let Some((name, fingerprint)) = self.known_credential() else { return Ok(()) };
        Ok(ledger.ask(move |storage| match storage.note_of(&name)? {
            Some(before) if before == fingerprint => Ok(()),
            _ => storage.keep_note(&name, &fingerprint),
        })?)
    }

    /// Requests per second, the user's or the default: none on loopback.
    #[must_use]
    pub fn rate(&self, given: Option<f64>) -> Option<f64> {
        given.or_else(|| self.is_live().then_some(LIVE_RATE))
    }

    /// Where the invitations to a test stand.
    #[must_use]
    pub fn place(&self, test: &TestId) -> Place {
        let place = Place::new(self.platform, &self.base_url, &self.account, test);
        if self.is_sandbox { place.in_sandbox() } else { place }
    }

    /// The ledger, to send through.
    ///
    /// # Errors
    /// `storage` when it cannot be opened or written, or another process sends from it.
    pub fn open_ledger(&self) -> Result<Ledger> {
        Ok(Ledger::open(&self.ledger)?.account(&self.account))
    }

    /// The ledger, to read beside whoever sends; an empty one where there is none yet.
    ///
    /// # Errors
    /// `storage` when there is one that cannot be read.
    pub fn read_ledger(&self) -> Result<Ledger> {
        Ok(read_ledger(&self.ledger)?.account(&self.account))
    }

    /// The invitations to a test, as a ledger knows them.
    ///
    /// # Errors
    /// `configuration` when the credential must not be sent there; `storage`.
    pub fn desk(&self, ledger: &Ledger, test: &TestId, rate: Option<f64>, callers: usize) -> Result<Desk> {
        self.desk_at(ledger, &self.place(test), rate, callers)
    }

    /// The invitations of a place, as a ledger knows them.
    ///
    /// # Errors
    /// As [`Connection::desk`].
    pub fn desk_at(&self, ledger: &Ledger, place: &Place, rate: Option<f64>, callers: usize) -> Result<Desk> {
        let client: Box<dyn Sender + Send + Sync> = Box::new(self.client(rate, callers)?);
        Ok(ledger.invitations(client, place)?)
    }

    /// A client for this many callers, with at most `rate` calls a second over all of them.
    ///
    /// # Errors
    /// `configuration` when the credential must not be sent there.
    pub fn client(&self, rate: Option<f64>, callers: usize) -> Result<Client> {
        let options = ClientOptions { rate, callers, ..ClientOptions::default() };
        Ok(Client::new(self.base_url.clone(), self.credential.clone(), options)?)
    }
}

/// The public address of a platform's live service; Think Exam has none: each tenant has its own.
#[must_use]
pub fn public_base_url(platform: Platform) -> Option<&'static str> {
    match platform {
        Platform::Imocha => Some(bidden::imocha::BASE_URL),
        Platform::ThinkExam => None,
        Platform::TestInvite => Some(bidden::testinvite::BASE_URL),
    }
}

/// What signs by a recipe: key, secret, and the profile's recipe if it names one.
pub(crate) struct RecipeCredential {
    pub(crate) api_key: Secret,
    pub(crate) secret: Secret,
    pub(crate) recipe: Option<Recipe>,
}

impl RecipeCredential {
    /// The sandbox's own.
    pub(crate) fn of_sandbox() -> Self {
        RecipeCredential { api_key: Secret::new(SANDBOX_THINK_EXAM_KEY), secret: Secret::new(SANDBOX_THINK_EXAM_SECRET), recipe: None }
    }

    /// From environment and profile.
    pub(crate) fn read(options: &ProfileOptions) -> Result<Self> {
        let settings = Settings::read(Platform::ThinkExam, options)?;
        Ok(RecipeCredential { api_key: settings.secret("api-key")?, secret: settings.secret("secret")?, recipe: settings.recipe()? })
    }
}

/// The settings of one platform, from the environment and a profile.
struct Settings {
    platform: Platform,
    section: Section,
    /// Whether `--profile` was given: then the profile comes before the environment.
    is_profile_first: bool,
}

impl Settings {
    fn read(platform: Platform, options: &ProfileOptions) -> Result<Self> {
        let section = profile::section(options, platform)?;
        Ok(Settings { platform, section, is_profile_first: options.profile.is_some() })
    }

    fn profile_text(&self, key: &str) -> Option<String> {
        self.section.get(key).and_then(Value::as_str).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The environment variable of a key, e.g. `BIDDEN_IMOCHA_API_KEY`.
    fn variable(&self, key: &str) -> String {
        format!("BIDDEN_{}_{key}", self.platform.slug()).to_uppercase().replace('-', "_")
    }

    fn environment_text(&self, key: &str) -> Result<Option<String>> {
        let variable = self.variable(key);
        match std::env::var(&variable) {
            Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(Failure::configuration(format!("{variable} is not text"))),
        }
    }

    /// A text that environment and profile may both hold.
    fn text(&self, key: &str) -> Result<Option<String>> {
        let from_environment = self.environment_text(key)?;
        let from_profile = self.profile_text(key);
        Ok(if self.is_profile_first { from_profile.or(from_environment) } else { from_environment.or(from_profile) })
    }

    fn required(&self, key: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| {
            Failure::configuration(format!("{} is not set", self.variable(key))).hint(format!(
                "set it in the environment, or {key} under [profile.NAME.{}] in bidden.toml; --sandbox needs none",
                self.platform
            ))
        })
    }

    fn secret(&self, key: &str) -> Result<Secret> {
        self.required(key).map(Secret::new)
    }

    /// The credential of a sandbox stands in on loopback, where nobody can take anything amiss.
    fn secret_or(&self, key: &str, base_url: &BaseUrl, of_sandbox: &str) -> Result<Secret> {
        match self.text(key)? {
            Some(text) => Ok(Secret::new(text)),
            None if base_url.is_loopback() => Ok(Secret::new(of_sandbox)),
            None => self.secret(key),
        }
    }

    fn recipe(&self) -> Result<Option<Recipe>> {
        match self.section.get("recipe") {
            Some(value) => Ok(Some(recipe(value)?)),
            None => Ok(None),
        }
    }
}

/// A recipe written in TOML: the name of a preset, or a table.
pub(crate) fn recipe(value: &Value) -> Result<Recipe> {
    let json =
        serde_json::to_string(value).map_err(|error| Error::new(Kind::Configuration, "the recipe cannot be read").with_source(error))?;
    Ok(Recipe::from_json(&json)?)
}

/// The record that a command uses: option, environment, profile, else the user's data folder.
fn ledger_location(options: &ConnectionOptions, settings: &Settings) -> Result<String> {
    let from_environment = || std::env::var("BIDDEN_LEDGER").ok().filter(|text| !text.trim().is_empty());
    if let Some(given) = options.ledger.clone().or_else(from_environment).or_else(|| settings.profile_text("ledger")) {
        return Ok(given);
    }
    default_ledger()
}

/// A location without the password of a database.
#[must_use]
pub fn without_password(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("://") else { return location.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default()),
        None => location.to_owned(),
    }
}

/// `bidden/ledger.db` in the user's data folder.
///
/// # Errors
/// `configuration` when there is no such folder.
pub fn default_ledger() -> Result<String> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_DATA_HOME")
        .or_else(|| if cfg!(windows) { variable("LOCALAPPDATA") } else { variable("HOME").map(|home| home.join(".local").join("share")) });
    match folder {
        Some(folder) => Ok(folder.join("bidden").join("ledger.db").to_string_lossy().into_owned()),
        None => Err(Failure::configuration("there is no place for the ledger: neither XDG_DATA_HOME nor HOME is set")
            .hint("name one with --ledger")),
    }
}

fn base_url(settings: &Settings, option: Option<&str>) -> Result<BaseUrl> {
    if let Some(text) = option {
        return Ok(BaseUrl::parse(text)?);
    }
    match settings.text("base-url")?.as_deref().or(public_base_url(settings.platform)) {
        Some(text) => Ok(BaseUrl::parse(text)?),
        None => Err(Failure::configuration(format!("{} has no common address, each tenant has its own", settings.platform.title()))
            .hint(format!("give --base-url, {} or base-url in a profile; or --sandbox", settings.variable("base-url")))),
    }
}

fn sandbox_credential(platform: Platform) -> Credential {
    match platform {
        Platform::Imocha => Credential::ImochaKey(Secret::new(SANDBOX_IMOCHA_KEY)),
        Platform::TestInvite => Credential::TestInviteToken(Secret::new(SANDBOX_TESTINVITE_TOKEN)),
        Platform::ThinkExam => {
            let RecipeCredential { api_key, secret, .. } = RecipeCredential::of_sandbox();
            Credential::ThinkExamSigner(Arc::new(Signer::recipe(api_key, secret, Recipe::default())))
        }
    }
}

fn credential(settings: &Settings, base_url: &BaseUrl) -> Result<Credential> {
    match settings.platform {
        Platform::Imocha => Ok(Credential::ImochaKey(settings.secret_or("api-key", base_url, SANDBOX_IMOCHA_KEY)?)),
        Platform::TestInvite => Ok(Credential::TestInviteToken(settings.secret_or("token", base_url, SANDBOX_TESTINVITE_TOKEN)?)),
        Platform::ThinkExam => think_exam_credential(settings, base_url),
    }
}

/// How the vendor makes a signature is not public, so off loopback the source has no default (Think Exam reference,
/// section 7).
fn think_exam_credential(settings: &Settings, base_url: &BaseUrl) -> Result<Credential> {
    let signer = match settings.text("signer")? {
        Some(signer) => signer,
        None if base_url.is_loopback() => "recipe".to_owned(),
        None => {
            return Err(Failure::configuration("how Think Exam makes its signatures is not public, so the signer has no default")
                .hint("set BIDDEN_THINK_EXAM_SIGNER, or signer in a profile, to command, fetched or recipe"));
        }
    };
    match signer.as_str() {
        "recipe" => {
            let api_key = settings.secret_or("api-key", base_url, SANDBOX_THINK_EXAM_KEY)?;
            let secret = settings.secret_or("secret", base_url, SANDBOX_THINK_EXAM_SECRET)?;
            let recipe = settings.recipe()?.unwrap_or_default();
            Ok(Credential::ThinkExamSigner(Arc::new(Signer::recipe(api_key, secret, recipe))))
        }
        "fetched" => Ok(Credential::ThinkExamFetched(Arc::new(fetched(settings)?))),
        "command" => {
            let words = profile::texts(&settings.section, "signature-command").filter(|words| !words.is_empty()).ok_or_else(|| {
                Failure::configuration("signature-command is not set")
                    .hint("name program and arguments in the profile: signature-command = [\"./sign\", \"--assign\"]")
            })?;
            Ok(Credential::ThinkExamSigner(Arc::new(command_signer::signer(words))))
        }
        other => Err(Failure::configuration(format!("the signer “{other}” is not known; it is recipe, fetched or command"))),
    }
}

fn fetched(settings: &Settings) -> Result<FetchedSigner> {
    let section = &settings.section;
    let mut signer = FetchedSigner::new(&settings.required("signature-url")?)?;
    if let Some(method) = settings.profile_text("signature-method") {
        signer = signer.method(&method)?;
    }
    if let Some(headers) = section.get("signature-headers").and_then(Value::as_table) {
        for (name, value) in headers {
            signer = signer.header(name, value.as_str().unwrap_or_default())?;
        }
    }
    if let Some(body) = section.get("signature-body").and_then(Value::as_str) {
        signer = signer.body(body);
    }
    if let Some(pointers) = profile::texts(section, "signature-pointers") {
        let pointers = pointers
            .try_into()
            .map_err(|_| Failure::configuration("signature-pointers holds three JSON Pointers, those of ak, sgn and ts"))?;
        signer = signer.pointers(pointers);
    }
    if let Some(seconds) = section.get("signature-reuse").and_then(Value::as_integer) {
        let seconds = u64::try_from(seconds).map_err(|_| Failure::configuration("signature-reuse is a number of seconds, 0 or more"))?;
        signer = signer.reuse(Duration::from_secs(seconds));
    }
    Ok(signer)
}
