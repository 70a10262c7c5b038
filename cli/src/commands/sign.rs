//! `bidden sign`: makes `ak`, `sgn` and `ts` by a recipe, or says why a received triple does not verify. The secret is
//! never printed.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use bidden::http::Request;
use bidden::sign::{Check, PRESETS, Recipe, Triple, authorize, explain};
use bidden::{Secret, Time};
use serde::Serialize;
use toml::{Table, Value};

use crate::configuration::{ProfileOptions, RecipeCredential, recipe};
use crate::failure::{Failure, Result};
use crate::{terminal, values};

/// How far `ts` may lie from now, as in the sandbox (Think Exam reference, section 7.5, our choice).
const WINDOW_SECONDS: u32 = 900;

const AFTER_HELP: &str = "\
How Think Exam makes its signatures is not public. No recipe is known to be the
vendor's: the presets are this project's, or borrow a neighbour's way. Key and
secret come from BIDDEN_THINK_EXAM_API_KEY and BIDDEN_THINK_EXAM_SECRET or a profile.

Example: bidden sign --sandbox --recipe body-bound --body @request.json --explain";

/// The options of `bidden sign`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// default, body-bound, startexam-like, proctorexam-like, mettl-like, or a TOML or JSON file with a recipe
    /// [default: the profile's, else default]
    #[arg(long, value_name = "NAME|FILE")]
    recipe: Option<String>,
    /// The request's method
    #[arg(long, default_value = "POST")]
    method: String,
    /// The request's whole address
    #[arg(long, default_value = "http://127.0.0.1:8787/api/v1/assignTest")]
    url: String,
    /// The request's body: TEXT, @FILE, or - for standard input
    #[arg(long, value_name = "TEXT|@FILE|-", default_value = "", hide_default_value = true)]
    body: String,
    /// The moment that is signed, and that counts as now in an explanation [default: the clock]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Takes the sandbox's key and secret
    #[arg(long, conflicts_with_all = ["config", "profile"])]
    sandbox: bool,
    #[command(flatten)]
    profile: ProfileOptions,
    /// Shows the signed message (⏎ is a line feed); with a received triple, why it does not verify
    #[arg(long)]
    explain: bool,
    /// The received key
    #[arg(long, requires_all = ["explain", "sgn", "ts"])]
    ak: Option<String>,
    /// The received signature
    #[arg(long, requires_all = ["explain", "ak", "ts"])]
    sgn: Option<String>,
    /// The received time
    #[arg(long, requires_all = ["explain", "ak", "sgn"])]
    ts: Option<String>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs `bidden sign`.
pub fn run(options: &Options) -> Result<ExitCode> {
    let credential = if options.sandbox { RecipeCredential::of_sandbox() } else { RecipeCredential::read(&options.profile)? };
    let recipe = match &options.recipe {
        Some(text) => named(text)?,
        None => credential.recipe.clone().unwrap_or_default(),
    };
    let now = match &options.now {
        Some(text) => values::time("now", text)?,
        None => SystemTime::now().into(),
    };
    let request = request(options)?;
    match (&options.ak, &options.sgn, &options.ts) {
        (Some(ak), Some(sgn), Some(ts)) => {
            let triple = Triple { ak: ak.clone(), sgn: Secret::new(sgn.clone()), ts: ts.clone() };
            judge(options, &recipe, &credential, request, &triple, now)
        }
        _ => make(options, &recipe, &credential, &request, now),
    }
}

/// A preset, else a file; a word without dot and slash is meant as a preset.
fn named(text: &str) -> Result<Recipe> {
    let is_file = text.contains(['.', '/', '\\']) || (PRESETS.iter().all(|row| row.name != text) && Path::new(text).exists());
    if !is_file {
        return Ok(Recipe::preset(text)?);
    }
    let content = values::read_text(Path::new(text))?;
    if content.trim_start().starts_with(['{', '"']) {
        return Ok(Recipe::from_json(&content)?);
    }
    let table: Table =
        toml::from_str(&content).map_err(|error| Failure::configuration(format!("{text} is not TOML: {}", error.message())))?;
    // Bare, or under the heading with which the reference prints it (Think Exam reference, section 7.2).
    let inner = table.get("think-exam").and_then(|outer| outer.get("recipe")).or_else(|| table.get("recipe"));
    recipe(&inner.cloned().unwrap_or(Value::Table(table)))
}

fn request(options: &Options) -> Result<Request> {
    let body = match options.body.strip_prefix('@') {
        Some(path) => values::read_all(Path::new(path))?,
        None if options.body == "-" => values::read_all(Path::new("-"))?,
        None => options.body.clone().into_bytes(),
    };
    let mut request = Request::new(body);
    *request.method_mut() = options.method.parse().map_err(|_| Failure::usage("--method is no HTTP method"))?;
    *request.uri_mut() = options.url.parse().map_err(|_| Failure::usage("--url cannot be read"))?;
    if request.uri().authority().is_none() {
        return Err(Failure::usage("--url is expected to be a whole address, like http://127.0.0.1:8787/api/v1/assignTest"));
    }
    Ok(request)
}

fn make(options: &Options, recipe: &Recipe, credential: &RecipeCredential, request: &Request, now: Time) -> Result<ExitCode> {
    #[derive(Serialize)]
    struct Made<'a> {
        #[serde(flatten)]
        triple: &'a Triple,
        message: String,
    }
    let triple = recipe.sign(credential.api_key.expose(), &credential.secret, request, now)?;
    if options.json {
        let message = String::from_utf8_lossy(&recipe.message(&triple.ak, &triple.ts, request)).into_owned();
        terminal::print_json(&Made { triple: &triple, message })?;
        return Ok(ExitCode::SUCCESS);
    }
    terminal::print(&format!("ak: {}\nsgn: {}\nts: {}", triple.ak, triple.sgn.expose(), triple.ts))?;
    if options.explain {
        let message = recipe.shown_message(&triple.ak, &triple.ts, request);
        terminal::print(&format!("recipe: {} (not known to be the vendor's)\nmessage: {message}", recipe.name()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn judge(
    options: &Options,
    recipe: &Recipe,
    credential: &RecipeCredential,
    mut request: Request,
    triple: &Triple,
    now: Time,
) -> Result<ExitCode> {
    authorize(&mut request, triple)?;
    let explanation = explain(recipe, credential.api_key.expose(), &credential.secret, &request, now, WINDOW_SECONDS);
    let verifies = explanation.check == Check::Passed;
    if options.json {
        #[derive(Serialize)]
        struct Judged<'a> {
            verifies: bool,
            check: &'static str,
            #[serde(flatten)]
            explanation: &'a bidden::sign::Explanation,
        }
        terminal::print_json(&Judged { verifies, check: explanation.check.text(), explanation: &explanation })?;
    } else {
        let mut lines = vec![
            if verifies {
                "the signature verifies".to_owned()
            } else {
                format!("the signature does not verify: {}", explanation.check.text())
            },
            format!("recipe: {} (not known to be the vendor's)", recipe.name()),
            format!("message: {}", explanation.message),
        ];
        if let Some(offset) = explanation.ts_offset_s {
            let side = if offset < 0 { "behind" } else { "ahead of" };
            lines.push(format!("ts: {} s {side} now", offset.unsigned_abs()));
        }
        for hint in &explanation.hints {
            // One spelling for people and scripts: the words of the reference.
            let word = serde_json::to_value(hint).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
            lines.push(format!("hint: {word}"));
        }
        terminal::print(&lines.join("\n"))?;
    }
    if verifies { Ok(ExitCode::SUCCESS) } else { Err(Failure::ended(1)) }
}
