//! Rules of the C ABI that nobody has to remember: these tests parse the sources.
#![allow(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use std::path::{Path, PathBuf};

use syn::visit::Visit;
use syn::{Expr, ItemFn, Stmt};

fn sources() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let paths =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let sources: Vec<_> = paths.map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect();
    assert!(sources.len() > 10);
    sources
}

fn is_no_mangle(function: &ItemFn) -> bool {
    function.attrs.iter().any(|attribute| {
        attribute.path().is_ident("no_mangle")
            || (attribute.path().is_ident("unsafe")
                && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("no_mangle") || path.is_ident("export_name")))
    })
}

/// What is wrong with an export, if anything.
fn fault(function: &ItemFn) -> Option<&'static str> {
    let abi = function.sig.abi.as_ref().and_then(|abi| abi.name.as_ref()).map(syn::LitStr::value);
    if abi.as_deref() != Some("C") {
        return Some("is not extern \"C\"");
    }
    if !matches!(function.vis, syn::Visibility::Public(_)) || function.sig.unsafety.is_some() {
        return Some("is not a plain public function");
    }
    if !function.sig.ident.to_string().starts_with("bidden_") {
        return Some("does not begin with bidden_");
    }
    let [Stmt::Expr(Expr::Call(call), None)] = function.block.stmts.as_slice() else {
        return Some("has a body that is not one call");
    };
    let Expr::Path(called) = &*call.func else { return Some("has a body that calls something odd") };
    if !called.path.is_ident("boundary") {
        return Some("has a body that is not a call of boundary(…)");
    }
    // The exit is a parameter or a value, the work a closure: nothing runs before the boundary is entered.
    match (call.args.first(), call.args.last()) {
        (Some(Expr::Path(_)), Some(Expr::Closure(_))) if call.args.len() == 2 => None,
        (Some(Expr::Call(or)), Some(Expr::Closure(_))) if call.args.len() == 2 && is_or(&or.func) => None,
        _ => Some("does not give boundary(…) an exit and a closure"),
    }
}

fn is_or(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.is_ident("Or"))
}

#[derive(Default)]
struct Exports(Vec<(String, Option<&'static str>)>);

impl<'ast> Visit<'ast> for Exports {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if is_no_mangle(function) {
            self.0.push((function.sig.ident.to_string(), fault(function)));
        }
        syn::visit::visit_item_fn(self, function);
    }

    // What a macro writes, neither this test nor cbindgen sees.
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        if item.tokens.to_string().contains("no_mangle") {
            self.0.push(("a macro".to_owned(), Some("writes an export")));
        }
    }
}

fn exports(text: &str) -> Vec<(String, Option<&'static str>)> {
    let mut exports = Exports::default();
    exports.visit_file(&syn::parse_file(text).unwrap());
    exports.0
}

#[test]
fn every_export_goes_through_the_boundary() {
    let all: Vec<_> = sources().iter().flat_map(|(_, text)| exports(text)).collect();
    assert!(all.len() > 80, "only {} exports were found", all.len());
    let faults: Vec<_> = all.iter().filter_map(|(name, fault)| Some(format!("{name} {}", (*fault)?))).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_test_sees_an_export_that_goes_around() {
    for (text, expected) in [
        ("#[unsafe(no_mangle)] pub extern \"C\" fn bidden_x() -> i32 { 1 }", "is not one call"),
        ("#[no_mangle] pub extern \"C\" fn bidden_x() { boundary(error, work) }", "an exit and a closure"),
        ("#[unsafe(no_mangle)] pub extern \"C\" fn bidden_x() { work(); boundary(error, || 1) }", "is not one call"),
        ("#[unsafe(no_mangle)] pub extern \"C\" fn bidden_x() { boundary(prepare(), || 1) }", "an exit and a closure"),
        ("#[unsafe(no_mangle)] pub fn bidden_x() { boundary(error, || 1) }", "extern"),
        ("#[unsafe(no_mangle)] pub extern \"C\" fn x() { boundary(error, || 1) }", "begin with"),
        ("#[unsafe(no_mangle)] pub unsafe extern \"C\" fn bidden_x() { boundary(error, || 1) }", "plain"),
        ("make! { #[unsafe(no_mangle)] pub extern \"C\" fn bidden_x() {} }", "writes an export"),
    ] {
        let found = exports(text);
        assert!(found[0].1.is_some_and(|fault| fault.contains(expected)), "{text}: {found:?}");
    }
    assert_eq!(exports("#[unsafe(no_mangle)] pub extern \"C\" fn bidden_x() -> i32 { boundary(Or(1), || 2) }")[0].1, None);
}

#[test]
fn unsafe_code_lives_in_one_module() {
    let mut seen = 0;
    for (path, text) in sources() {
        // Tests at the end of a file read what the boundary wrote.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap().replace("#[unsafe(no_mangle)]", "");
            if line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe") {
                seen += 1;
                assert!(path.ends_with("memory.rs"), "{}:{}: {line}", path.display(), number + 1);
            }
        }
    }
    assert!(seen > 5, "the test sees no unsafe code at all");
}

#[test]
fn every_profile_unwinds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for manifest in [root.join("Cargo.toml"), root.join("ffi-c/Cargo.toml")] {
        let text = std::fs::read_to_string(&manifest).unwrap();
        for line in text.lines().map(|line| line.split('#').next().unwrap()) {
            assert!(!(line.trim_start().starts_with("panic") && line.contains("abort")), "{}: {line}", manifest.display());
        }
    }
}
