//! The file with profiles: where it is, who may read it, and which keys it may hold.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bidden::Platform;
use toml::{Table, Value};

use super::ProfileOptions;
use crate::failure::{Failure, Result};

/// The keys of one platform in one profile.
pub(super) type Section = Table;

/// What may stand behind a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Number,
    Texts,
    TableOfTexts,
    TextOrTable,
}

impl Shape {
    fn fits(self, value: &Value) -> bool {
        match self {
            Shape::Text => value.is_str(),
            Shape::Number => value.is_integer(),
            Shape::Texts => value.as_array().is_some_and(|values| values.iter().all(Value::is_str)),
            Shape::TableOfTexts => value.as_table().is_some_and(|table| table.values().all(Value::is_str)),
            Shape::TextOrTable => value.is_str() || value.is_table(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Shape::Text => "a text in quotes",
            Shape::Number => "a whole number",
            Shape::Texts => "a list of texts",
            Shape::TableOfTexts => "a table of texts",
            Shape::TextOrTable => "a text or a table",
        }
    }
}

fn known_keys(platform: Platform) -> &'static [(&'static str, Shape)] {
    match platform {
        Platform::Imocha => &[("api-key", Shape::Text), ("base-url", Shape::Text), ("account", Shape::Text), ("ledger", Shape::Text)],
        Platform::TestInvite => &[("token", Shape::Text), ("base-url", Shape::Text), ("account", Shape::Text), ("ledger", Shape::Text)],
        Platform::ThinkExam => &[
            ("api-key", Shape::Text),
            ("secret", Shape::Text),
            ("base-url", Shape::Text),
            ("account", Shape::Text),
            ("ledger", Shape::Text),
            ("signer", Shape::Text),
            ("recipe", Shape::TextOrTable),
            ("signature-url", Shape::Text),
            ("signature-method", Shape::Text),
            ("signature-headers", Shape::TableOfTexts),
            ("signature-body", Shape::Text),
            ("signature-pointers", Shape::Texts),
            ("signature-reuse", Shape::Number),
            ("signature-command", Shape::Texts),
        ],
    }
}

/// The list of texts behind a key.
pub(super) fn texts(section: &Section, key: &str) -> Option<Vec<String>> {
    let values = section.get(key)?.as_array()?;
    Some(values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
}

/// The keys of a platform in the chosen profile; none when there is no file and none was asked for.
pub(super) fn section(options: &ProfileOptions, platform: Platform) -> Result<Section> {
    let Some(path) = options.config.clone().or_else(found) else {
        return match &options.profile {
            Some(name) => Err(Failure::configuration(format!("there is no bidden.toml, so there is no profile “{name}”"))
                .hint("it is looked for in the current folder and in the user's configuration folder; or name it with --config")),
            None => Ok(Section::new()),
        };
    };
    let profiles = read(&path)?;
    let profile = match &options.profile {
        Some(name) => profiles.get(name).ok_or_else(|| {
            let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
            Failure::configuration(format!("{} has no profile “{name}”; it has {}", path.display(), known.join(", ")))
        })?,
        None => match profiles.get("default") {
            Some(profile) => profile,
            None => return Ok(Section::new()),
        },
    };
    Ok(profile.get(platform.slug()).and_then(Value::as_table).cloned().unwrap_or_default())
}

/// The first of the default places that holds a file.
fn found() -> Option<PathBuf> {
    let here = PathBuf::from("bidden.toml");
    if here.exists() {
        return Some(here);
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_CONFIG_HOME")
        .or_else(|| if cfg!(windows) { variable("APPDATA") } else { variable("HOME").map(|home| home.join(".config")) })?;
    Some(folder.join("bidden").join("bidden.toml")).filter(|path| path.exists())
}

/// All profiles of a file, every key of every profile checked.
fn read(path: &Path) -> Result<Table> {
    let cannot = |error: std::io::Error| Failure::configuration(format!("{} cannot be read: {error}", path.display()));
    let mut file = File::open(path).map_err(cannot)?;
    refuse_if_others_can_read(&file, path)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(cannot)?;
    // The parser's own report quotes the line, and the line may hold a secret.
    let table: Table = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1));
        Failure::configuration(format!("{} is not TOML: line {line}", path.display()))
    })?;
    check(&table).map_err(|reason| Failure::configuration(format!("{}: {reason}", path.display())))
}

#[cfg(unix)]
fn refuse_if_others_can_read(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|error| Failure::configuration(format!("{} cannot be read: {error}", path.display())))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Failure::configuration(format!("others can read or change {}, so it is not used", path.display()))
            .hint(format!("chmod 600 {}", path.display())));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_others_can_read(_: &File, _: &Path) -> Result<()> {
    Ok(())
}

/// The profiles of the file. A key that is not known is named, with those that are; a value never.
fn check(file: &Table) -> std::result::Result<Table, String> {
    let table = |place: &str, value: &Value| value.as_table().cloned().ok_or_else(|| format!("[{place}] is expected to be a table"));
    if let Some(unknown) = file.keys().find(|key| *key != "profile") {
        return Err(format!("the key “{unknown}” is not known; known is profile, as in [profile.NAME.imocha]"));
    }
    let profiles = match file.get("profile") {
        Some(value) => table("profile", value)?,
        None => Table::new(),
    };
    for (name, profile) in &profiles {
        for (slug, section) in &table(&format!("profile.{name}"), profile)? {
            let place = format!("profile.{name}.{slug}");
            let platform = Platform::from_slug(slug)
                .ok_or_else(|| format!("[{place}]: “{slug}” is not known; known are {}", Platform::ALL.map(Platform::slug).join(", ")))?;
            let known = known_keys(platform);
            for (key, value) in &table(&place, section)? {
                match known.iter().find(|(name, _)| name == key) {
                    None => {
                        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                        return Err(format!("[{place}]: the key “{key}” is not known; known are {}", names.join(", ")));
                    }
                    Some((_, shape)) if !shape.fits(value) => {
                        return Err(format!("[{place}]: {key} is expected to be {}", shape.words()));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    Ok(profiles)
}
