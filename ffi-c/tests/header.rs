//! `include/bidden.h` is what the sources say. `make header` writes it again; without that, these tests compare.
#![allow(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bidden::error::KINDS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands between the conventions and the declarations: versions from Cargo, kinds from core's table.
fn prelude() -> String {
    let mut text = String::from(
        "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n\
         #if !defined(BIDDEN_NO_CLIENT)\n/* The functions of the client are declared. */\n#define BIDDEN_CLIENT 1\n#endif\n\n\
         #if defined(BIDDEN_CLIENT) && !defined(BIDDEN_NO_LEDGER)\n/* The functions of the ledger are declared. */\n\
         #define BIDDEN_LEDGER 1\n#endif\n\n",
    );
    let (major, minor, patch) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH"));
    let number = [major, minor, patch].iter().fold(0_u32, |number, part| number * 1000 + part.parse::<u32>().unwrap());
    for (name, value, meaning) in [
        ("MAJOR", major.to_owned(), "The first part of this header's version."),
        ("MINOR", minor.to_owned(), "The second part."),
        ("PATCH", patch.to_owned(), "The third part."),
        ("NUMBER", number.to_string(), "major * 1,000,000 + minor * 1,000 + patch, as bidden_version_number()."),
        ("STRING", format!("\"{}\"", env!("CARGO_PKG_VERSION")), "As bidden_version()."),
    ] {
        writeln!(text, "/** {meaning} */\n#define BIDDEN_VERSION_{name} {value}\n").unwrap();
    }
    text.push_str(
        "/*\n * The kinds of error. The numbers are grouped by who has to act: 10 the caller, 20 the rules, 30 patience, 40 the\n \
         * network, 50 the machine and the library. None is ever used for something else.\n */\n\n",
    );
    for row in &KINDS {
        let name = row.slug.replace('-', "_").to_uppercase();
        writeln!(text, "/** {}: {}. */\n#define BIDDEN_ERROR_{name} {}\n", row.slug, row.meaning, row.number).unwrap();
    }
    text.push_str(
        "/** The bit of an event in `bidden_decision.allowed_events`. */\n#define BIDDEN_EVENT_BIT(event) (UINT32_C(1) << (event))\n",
    );
    text
}

fn generate() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut configuration = cbindgen::Config::from_file(here.join("cbindgen.toml")).unwrap();
    configuration.header = Some(std::fs::read_to_string(here.join("src/conventions.h")).unwrap().trim_end().to_owned());
    configuration.after_includes = Some(prelude());
    let bindings = cbindgen::generate_with_config(here, configuration).unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let path = root().join("include/bidden.h");
    let text = generate();
    if std::env::var_os("BIDDEN_WRITE_HEADER").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let different = text.lines().zip(committed.lines()).position(|(made, found)| made != found);
    assert!(text == committed, "include/bidden.h differs from line {:?} on; run `make header`", different.map(|line| line + 1));
}

#[test]
fn the_header_says_never_to_ship_a_key() {
    let text = std::fs::read_to_string(root().join("include/bidden.h")).unwrap();
    let first_page: String = text.lines().take(12).collect();
    assert!(first_page.to_lowercase().contains("never ship a platform's key in a program that runs on a candidate's machine"));
}
