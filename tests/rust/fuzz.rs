//! The fuzz targets of `tests/fuzz`, one per family of functions that takes bytes or texts from outside, through the C ABI. In short they
//! run in every test: each seed and mutations of them, under AddressSanitizer and UBSan. `make fuzz` runs them in the long form: libFuzzer
//! (of clang), guided by what is covered inside the library, ten minutes each; `BIDDEN_FUZZ_SECONDS` and `BIDDEN_FUZZ_ONLY` say otherwise.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use bidden_tests::{all, root};
use serde_json::Value;

use super::{Library, SANITIZERS, cargo, compile, folder, have, library, missing, run, text, word};

/// The targets: `tests/fuzz/NAME.c` each.
const TARGETS: [&str; 12] =
    ["callback", "call", "candidate", "capability", "decide", "error", "ledger", "plan", "reply", "sign", "time", "typed"];

/// A seed: texts that are cut at NUL, as `tests/fuzz/input.h` cuts them.
fn seed(target: &str, texts: &[&str]) -> (String, Vec<u8>) {
    (target.to_owned(), texts.join("\0").into_bytes())
}

/// What the vectors say, in the form that each target reads.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let number = |slug: &str| match slug {
        "imocha" => "1",
        "think-exam" => "2",
        _ => "3",
    };
    for kind in ["request", "reply", "invalid"] {
        for (_, vector) in all(kind) {
            let (call, arguments) = (vector.text("call").unwrap(), vector.json("arguments"));
            let base = "http://127.0.0.1:8787";
            seeds.push(seed(
                "call",
                &[call, &arguments, base, "sandbox-key", "sandbox-token", "sandbox-secret", "", "1700000000", "0", "a", "b", "1"],
            ));
            let response = vector.value("response");
            if kind == "reply" {
                let status = word(&response["status"]);
                let body = response["body"].as_str().unwrap_or("");
                seeds.push(seed("reply", &[call, &arguments, &status, "retry-after", "5", "date", "Wed, 21 Oct 2015 07:28:00 GMT", body]));
                seeds.push(seed("error", &[call, &arguments, "Wed, 21 Oct 2015 07:28:00 GMT", &status, body]));
            }
        }
    }
    for (platform, vector) in all("callback") {
        let mut header = ["", "", "", ""].map(str::to_owned);
        for (place, (name, value)) in vector.value("headers").as_object().into_iter().flatten().take(2).enumerate() {
            header[2 * place].clone_from(name);
            header[2 * place + 1] = word(value);
        }
        let [name, value, other, its] = header.each_ref().map(String::as_str);
        seeds.push(seed(
            "callback",
            &[number(platform), vector.text("key").unwrap_or(""), name, value, other, its, vector.text("body").unwrap()],
        ));
    }
    for (platform, vector) in all("decision") {
        let seconds =
            |name: &str| vector.text(name).map_or_else(|| "0".to_owned(), |text| bidden::Time::parse(text).unwrap().seconds().to_string());
        let place =
            |words: &[&str], word: Option<&str>| words.iter().position(|known| Some(*known) == word).map_or(0, |at| at + 1).to_string();
        let status = place(&bidden::Status::ALL.map(bidden::Status::slug), vector.text("status"));
        let event = place(&bidden::Event::ALL.map(bidden::Event::slug), vector.text("event"));
        let (start, end, now) = (seconds("start"), seconds("end"), seconds("now"));
        seeds.push(seed("decide", &[number(platform), &status, &event, &start, &end, &now, "48", "invalid-input"]));
    }
    for (_, vector) in all("signature") {
        let now = vector.text("now").map_or(0, |text| bidden::Time::parse(text).unwrap().seconds()).to_string();
        let values = ["ak", "secret", "method", "url"].map(|name| vector.text(name).unwrap_or(""));
        let [ak, secret, method, url] = values;
        let recipe = word(vector.value("recipe"));
        let body = vector.text("body").unwrap_or("");
        seeds.push(seed("sign", &[&recipe, ak, secret, method, url, "x-key", "value", "sgn", "1700000000", &now, "900", body]));
    }
    for (moment, zone) in [
        ("2026-01-31T09:00:00+01:00", ""),
        ("2026-01-31T09:00", "Europe/Berlin"),
        ("2026-03-29 02:30", "Europe/Berlin"),
        ("1700000000", ""),
        ("1990-12-31T23:59:60Z", "UTC"),
        ("0000-01-01T00:00:00.123456789-23:59", "America/St_Johns"),
    ] {
        seeds.push(seed("time", &[moment, zone, "1600000000", "1800000000", "1700000000"]));
    }
    let fields = ["email", "ada@example.com", "name", "Ada Lovelace", "mobile", "+4915112345678", "gender", "f", "dob", "1990-02-28"];
    let lists = [
        "labels",
        "a;b",
        "tags",
        "dept=R&D",
        "extra_emails",
        "a@example.org;b@example.org",
        "external_id",
        "7",
        "email",
        "ä@bücher.example",
    ];
    for platform in ["0", "1", "2", "3"] {
        for fields in [fields, lists] {
            seeds.push(seed("candidate", &[&[platform, "1700000000"], &fields[..]].concat()));
        }
        for name in ["invite", "send-email", "reattempt", "end", "proctoring"] {
            let rest = ["1", "http://127.0.0.1:8787", "sandbox-key", "sandbox-token", "sandbox-secret", "default", "1000", "2", "4", "5"];
            seeds.push(seed("capability", &[&[platform, name], &rest[..]].concat()));
        }
    }
    for which in 0..7_u8 {
        let mut bytes = vec![which, 0, 1, 2, 1];
        let times = ["7", "1700000000", "1800000000", "1720"];
        let texts =
            ["ada@example.com", "Ada", "http://127.0.0.1/c", "task", "disable", "video", "{\"extra\":{}}", "a", "b", "c", "d", "e", "f"];
        bytes.extend([&times[..], &texts[..]].concat().join("\0").into_bytes());
        seeds.push(("typed".to_owned(), bytes));
    }
    for platform in 0..3_u8 {
        let mut bytes = vec![platform, 1, 0, 0, 0, 0];
        let texts = [
            "292930",
            "ada@example.com",
            "Ada",
            "x-1",
            "0",
            "1900000000",
            "1720",
            "0",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "p",
            "q",
            "other",
        ];
        bytes.extend(texts.join("\0").into_bytes());
        seeds.push(("ledger".to_owned(), bytes));
    }
    seeds.extend(super::plan_seeds().into_iter().map(|bytes| ("plan".to_owned(), bytes)));
    seeds
}

/// Writes the seeds of every target into a folder of its own, and says where they are.
fn corpus(name: &str) -> PathBuf {
    let place = folder("fuzz").join(name);
    fs::remove_dir_all(&place).ok();
    let (mut count, mut before) = (0, String::new());
    for (target, bytes) in seeds() {
        count = if target == before { count + 1 } else { count };
        before.clone_from(&target);
        fs::create_dir_all(place.join(&target)).unwrap();
        fs::write(place.join(&target).join(format!("{count:04}")), bytes).unwrap();
        count += 1;
    }
    place
}

/// The words of the calls, for libFuzzer to put in.
fn dictionary() -> PathBuf {
    let mut words = std::collections::BTreeSet::new();
    for (_, vector) in ["request", "reply"].into_iter().flat_map(all) {
        words.insert(vector.text("call").unwrap().to_owned());
        words.extend(vector.value("arguments").as_object().into_iter().flatten().map(|(name, _)| format!("\"{name}\":")));
    }
    let quoted = |word: &String| format!("{}\n", Value::from(word.as_str()));
    let path = folder("fuzz").join("words.dict");
    fs::write(&path, words.iter().map(quoted).collect::<String>()).unwrap();
    path
}

#[test]
fn the_fuzz_targets_find_nothing_near_their_seeds() {
    if !have("gcc") {
        return;
    }
    let library = library(Library::Testing);
    let seeds = corpus("seeds");
    for target in TARGETS {
        let sources = ["tests/fuzz/driver.c".to_owned(), format!("tests/fuzz/{target}.c")];
        let sources = sources.each_ref().map(String::as_str);
        let program = compile("gcc", &format!("fuzz-{target}"), &sources, library, &SANITIZERS);
        let said = text(&run(Command::new(program).arg(seeds.join(target)).arg("1.5")).stdout);
        println!("fuzz {target}: {}", said.trim());
        assert!(said.contains("no finding"), "{said}");
    }
    // The driver is on: it stops at what a target calls a finding.
    let sources = ["tests/fuzz/driver.c", "tests/fuzz/planted.c"];
    let planted = compile("gcc", "fuzz-planted", &sources, library, &SANITIZERS);
    let output = Command::new(planted).arg(seeds.join("time")).arg("20").output().unwrap();
    assert!(!output.status.success() && text(&output.stderr).contains("finding: planted"), "{}", text(&output.stderr));
}

/// libbidden as a static library that tells libFuzzer where it goes, panics at the first fault instead of catching it, and checks its
/// arithmetic.
fn instrumented() -> PathBuf {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=4";
    // Beside the others: these flags would build all of them again.
    let built = folder("fuzz").ancestors().nth(2).unwrap().join("fuzz");
    run(cargo()
        .args(["build", "--quiet", "--release", "-p", "bidden-ffi-c", "--target", TARGET])
        .env("CARGO_TARGET_DIR", &built)
        .env("RUSTFLAGS", COVERAGE)
        .envs(
            ["LTO", "PANIC", "DEBUG_ASSERTIONS", "STRIP", "DEBUG"].map(|name| format!("CARGO_PROFILE_RELEASE_{name}")).into_iter().zip([
                "off",
                "abort",
                "true",
                "none",
                "line-tables-only",
            ]),
        ));
    built.join(TARGET).join("release/libbidden.a")
}

/// Runs a target and says how often; what it finds stands in a file beside its corpus.
fn fuzz(target: &str, program: &Path, seeds: &Path, words: &Path, seconds: u64) -> Result<String, String> {
    let grown = folder("fuzz").join("grown").join(target);
    fs::create_dir_all(&grown).unwrap();
    let artifacts = folder("fuzz").join("findings");
    fs::create_dir_all(&artifacts).unwrap();
    let began = Instant::now();
    let output = Command::new("nice")
        .arg(program)
        .arg(format!("-max_total_time={seconds}"))
        .args(["-print_final_stats=1", "-timeout=20", "-rss_limit_mb=4096", "-max_len=16384", "-verbosity=0", "-use_value_profile=1"])
        .arg(format!("-dict={}", words.display()))
        .arg(format!("-artifact_prefix={}/{target}-", artifacts.display()))
        .arg(&grown)
        .arg(seeds.join(target))
        .output()
        .map_err(|error| error.to_string())?;
    let said = text(&output.stderr);
    let executions = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")).unwrap_or("?").trim().to_owned();
    match output.status.success() {
        true => Ok(format!("fuzz {target}: {executions} executions in {} s, no finding", began.elapsed().as_secs())),
        false => Err(format!("fuzz {target}: a finding, kept in {}:\n{said}", artifacts.display())),
    }
}

/// The long form: for as long as `BIDDEN_FUZZ_SECONDS` says, two at a time.
#[test]
fn the_fuzz_targets_find_nothing_as_long_as_they_run() {
    let Some(seconds) = std::env::var("BIDDEN_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()) else { return };
    let only = std::env::var("BIDDEN_FUZZ_ONLY").unwrap_or_default();
    let fuzzer = folder("fuzz").join("probe");
    let can = Command::new("clang")
        .current_dir(root())
        .args(["-Iinclude", "-fsanitize=fuzzer,address,undefined", "-c", "tests/fuzz/time.c", "-o"])
        .arg(fuzzer.with_extension("o"))
        .status()
        .is_ok_and(|status| status.success());
    if !can {
        return missing("libFuzzer (Debian: clang and libclang-rt-dev)");
    }
    let (library, seeds, words) = (instrumented(), corpus("long"), dictionary());
    let program = |target: &str| {
        let program = folder("programs").join(format!("libfuzzer-{target}"));
        run(Command::new("clang")
            .current_dir(root())
            .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-Iinclude"])
            .args(["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"])
            .arg(format!("tests/fuzz/{target}.c"))
            .arg(&library)
            .args(["-lpthread", "-ldl", "-lm", "-lgcc_s", "-o"])
            .arg(&program));
        program
    };
    let wanted = |target: &&str| only.is_empty() || only.split_whitespace().any(|name| name == *target);
    let programs: Vec<(&str, PathBuf)> = TARGETS.into_iter().filter(wanted).map(|target| (target, program(target))).collect();
    let (queue, findings) = (Mutex::new(programs.into_iter()), Mutex::new(Vec::new()));
    let work = || {
        while let Some((target, program)) = { queue.lock().unwrap().next() } {
            match fuzz(target, &program, &seeds, &words, seconds) {
                Ok(said) => println!("{said}"),
                Err(said) => findings.lock().unwrap().push(said),
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let findings = findings.into_inner().unwrap();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
