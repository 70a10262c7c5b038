//! `ffi-c/abi.txt` keeps what programs that were built against the last release rely on: names, prototypes, numbers, and the layout of
//! structs on 64-bit systems. `include/bidden.h` may add to it; what breaks it has to raise `BIDDEN_ABI_VERSION`, and with it the soname.
//! A release writes the file again with `make abi`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const HEADER: &str = include_str!("../../include/bidden.h");

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("abi.txt")
}

/// One member of a struct: offset, declaration without its name, name.
type Member = (usize, String, String);

/// What a header promises.
#[derive(Clone, Default, PartialEq, Debug)]
struct Abi {
    version: u32,
    numbers: BTreeMap<String, String>,
    /// By name: functions with their prototypes, opaque handles, types of functions.
    names: BTreeMap<String, String>,
    structs: BTreeMap<String, (usize, Vec<Member>)>,
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace(" )", ")")
}

/// The name at the end of a declaration such as `const char *name`.
fn split_name(declaration: &str) -> (String, String) {
    let at = declaration.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap() + 1;
    (declaration[..at].trim_end().to_owned(), declaration[at..].to_owned())
}

/// A parameter may be called something else tomorrow.
fn without_parameter_names(prototype: &str) -> String {
    let Some((head, parameters)) = prototype.strip_suffix(')').and_then(|text| text.rsplit_once('(')) else { return prototype.to_owned() };
    let types: Vec<String> = parameters.split(", ").map(|one| if one == "void" { one.to_owned() } else { split_name(one).0 }).collect();
    format!("{head}({})", types.join(", "))
}

impl Abi {
    fn of(header: &str) -> Self {
        let mut abi = Abi::default();
        let mut text = String::new();
        let mut is_comment = false;
        for line in header.lines() {
            let line = line.split("//").next().unwrap_or_default().trim();
            is_comment |= line.starts_with("/*");
            let is_code = !is_comment && !line.starts_with('#');
            is_comment &= !line.ends_with("*/");
            if let Some((name, value)) = line.strip_prefix("#define BIDDEN_").and_then(|rest| rest.split_once(' ')) {
                match name {
                    "ABI_VERSION" => abi.version = value.parse().unwrap(),
                    // What the header is, not what it promises.
                    _ if name.starts_with("VERSION_") || ["H", "CLIENT", "LEDGER"].contains(&name) => {}
                    _ => drop(abi.numbers.insert(format!("BIDDEN_{name}"), value.trim().to_owned())),
                }
            } else if is_code && !line.starts_with("extern \"C\"") && line != "}  // extern \"C\"" {
                text.push_str(line);
                text.push('\n');
            }
        }
        let mut rest = text.as_str();
        while let Some(end) = rest.find(';') {
            let mut statement = &rest[..end];
            if let Some(start) = statement.find('{').filter(|_| statement.contains("typedef struct {")) {
                let close = rest.find('}').unwrap();
                let end = close + rest[close..].find(';').unwrap();
                abi.add_struct(rest[close + 1..end].trim(), &rest[start + 1..close]);
                rest = &rest[end + 1..];
                continue;
            }
            rest = &rest[end + 1..];
            statement = statement.trim_start_matches(['}', '\n']);
            let statement = folded(statement);
            let before = statement.split('(').next().unwrap();
            let name = match statement.split_once("(*") {
                Some((_, named)) => named.split(')').next().unwrap().to_owned(),
                None => split_name(before).1,
            };
            if name.starts_with("bidden_") {
                abi.names.insert(name, without_parameter_names(&statement));
            }
        }
        abi
    }

    fn add_struct(&mut self, name: &str, body: &str) {
        let (mut end, mut widest, mut members) = (0_usize, 1, Vec::new());
        for declaration in body.split(';').map(folded).filter(|declaration| !declaration.is_empty()) {
            let (kind, member) = split_name(&declaration);
            let (size, alignment) = self.layout(&kind);
            let offset = end.next_multiple_of(alignment);
            members.push((offset, kind, member));
            (end, widest) = (offset + size, widest.max(alignment));
        }
        self.structs.insert(name.to_owned(), (end.next_multiple_of(widest), members));
    }

    /// Size and alignment of a type on a 64-bit system.
    fn layout(&self, kind: &str) -> (usize, usize) {
        match kind {
            "bool" | "uint8_t" => (1, 1),
            "int32_t" | "uint32_t" => (4, 4),
            "size_t" | "int64_t" | "uint64_t" | "double" => (8, 8),
            kind if kind.ends_with('*') || self.names.get(kind).is_some_and(|declared| declared.contains("(*")) => (8, 8),
            kind => {
                let (size, members) = self.structs.get(kind).unwrap_or_else(|| panic!("{kind} is a type that this test does not know"));
                (*size, members.iter().map(|(_, kind, _)| self.layout(kind).1).max().unwrap_or(1))
            }
        }
    }

    fn write(&self) -> String {
        let mut text = format!("version {}\n", self.version);
        for (name, value) in &self.numbers {
            writeln!(text, "number {name} {value}").unwrap();
        }
        for (name, declaration) in &self.names {
            writeln!(text, "name {name} {declaration}").unwrap();
        }
        for (name, (size, members)) in &self.structs {
            writeln!(text, "struct {name} {size}").unwrap();
            for (offset, kind, member) in members {
                writeln!(text, "member {name} {offset} {member} {kind}").unwrap();
            }
        }
        text
    }

    fn read(text: &str) -> Self {
        let mut abi = Abi::default();
        for line in text.lines() {
            let mut words = line.splitn(3, ' ');
            match (words.next().unwrap(), words.next().unwrap(), words.next()) {
                ("version", version, None) => abi.version = version.parse().unwrap(),
                ("number", name, Some(value)) => drop(abi.numbers.insert(name.to_owned(), value.to_owned())),
                ("name", name, Some(declaration)) => drop(abi.names.insert(name.to_owned(), declaration.to_owned())),
                ("struct", name, Some(size)) => drop(abi.structs.insert(name.to_owned(), (size.parse().unwrap(), Vec::new()))),
                ("member", name, Some(member)) => {
                    let mut words = member.splitn(3, ' ');
                    let (offset, member, kind) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
                    abi.structs.get_mut(name).unwrap().1.push((offset.parse().unwrap(), kind.to_owned(), member.to_owned()));
                }
                _ => panic!("abi.txt: {line}"),
            }
        }
        abi
    }

    /// What a program that was built against `self` would miss in `new`.
    fn breaks(&self, new: &Abi) -> Vec<String> {
        let mut breaks = Vec::new();
        for (what, old, new) in [("the number", &self.numbers, &new.numbers), ("", &self.names, &new.names)] {
            for (name, value) in old {
                match new.get(name) {
                    Some(found) if found == value => {}
                    Some(found) => breaks.push(format!("{what} {name} was “{value}” and is “{found}”").trim().to_owned()),
                    None => breaks.push(format!("{what} {name} is gone").trim().to_owned()),
                }
            }
        }
        for (name, (size, members)) in &self.structs {
            let Some((new_size, new_members)) = new.structs.get(name) else {
                breaks.push(format!("the struct {name} is gone"));
                continue;
            };
            let may_grow = members.first().is_some_and(|(_, _, member)| member == "size");
            if !new_members.starts_with(members) {
                breaks.push(format!("members of {name} have moved or changed"));
            } else if new_size != size && !may_grow {
                breaks.push(format!("{name} was {size} bytes and is {new_size}, and it does not carry its size"));
            }
        }
        breaks
    }
}

/// The header keeps what the last release promised, or says that it does not.
fn faults(kept: &Abi, new: &Abi) -> Vec<String> {
    if new.version == kept.version {
        return kept.breaks(new);
    }
    vec![format!("BIDDEN_ABI_VERSION was {} and is {}: `make abi` writes abi.txt for the new soname", kept.version, new.version)]
}

#[test]
fn the_abi_of_the_last_release_is_kept() {
    let new = Abi::of(HEADER);
    if std::env::var_os("BIDDEN_WRITE_ABI").is_some() {
        std::fs::write(kept(), new.write()).unwrap();
    }
    let kept = Abi::read(&std::fs::read_to_string(kept()).unwrap());
    assert!(kept.names.len() > 100 && kept.structs.len() > 10 && kept.numbers.len() > 50, "abi.txt is not whole");
    let faults = faults(&kept, &new);
    assert!(faults.is_empty(), "programs that were built against the last release would break:\n  {}", faults.join("\n  "));
}

#[test]
fn a_change_that_breaks_programs_is_seen() {
    let old = Abi::of(HEADER);
    assert_eq!(Abi::read(&old.write()), old);
    let changed = |from: &str, to: &str| {
        assert!(HEADER.contains(from), "{from}");
        faults(&old, &Abi::of(&HEADER.replacen(from, to, 1)))
    };
    let free = "void bidden_call_free(bidden_call *call);";
    for (from, to, expected) in [
        (free, "", "bidden_call_free is gone"),
        (free, "void bidden_call_free(bidden_call *call, int32_t how);", "bidden_call_free was"),
        ("#define BIDDEN_STATUS_PENDING 1", "#define BIDDEN_STATUS_PENDING 9", "the number BIDDEN_STATUS_PENDING was"),
        ("    int64_t start_seconds;\n", "    int32_t start_seconds;\n", "have moved"),
        ("    const char *base_url;\n", "    const char *before;\n    const char *base_url;\n", "members of bidden_options have moved"),
        (
            "    const char *value;\n} bidden_header",
            "    const char *value;\n    size_t length;\n} bidden_header",
            "bidden_header was 16 bytes",
        ),
        ("} bidden_decision;", "} bidden_finding;", "the struct bidden_decision is gone"),
        ("#define BIDDEN_ABI_VERSION 1", "#define BIDDEN_ABI_VERSION 2", "`make abi`"),
    ] {
        let faults = changed(from, to);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{from} → {to}: {faults:?}");
    }
    let grows = "    uint32_t calls_per_second;\n";
    assert_eq!(changed(grows, "    uint32_t calls_per_second;\n    int64_t later;\n"), Vec::<String>::new());
    assert_eq!(changed(free, "void bidden_call_free(bidden_call *other);"), Vec::<String>::new());
    assert_eq!(changed(free, &format!("{free}\nint32_t bidden_call_later(void);")), Vec::<String>::new());
}

/// The compiler's layout is the one that is kept.
#[test]
fn a_c_compiler_lays_the_structs_out_as_they_are_kept() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut source = String::from("#include \"bidden.h\"\n_Static_assert(sizeof(void *) == 8, \"64 bits\");\n");
    for (name, (size, members)) in &Abi::of(HEADER).structs {
        writeln!(source, "_Static_assert(sizeof({name}) == {size}, \"{name}\");").unwrap();
        for (offset, _, member) in members {
            writeln!(source, "_Static_assert(offsetof({name}, {member}) == {offset}, \"{name}.{member}\");").unwrap();
        }
    }
    let path = folder.join("layout.c");
    std::fs::write(&path, source).unwrap();
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    match Command::new("cc").args(["-std=c11", "-fsyntax-only", "-I"]).arg(include).arg(path).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            assert!(std::env::var_os("BIDDEN_TEST_STRICT").is_none_or(|value| value != "1"), "cc is missing");
            eprintln!("SKIPPED: cc is missing, so the layout of the structs was not compared with a compiler's");
        }
    }
}
