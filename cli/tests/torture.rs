//! Files that break readers: each gives the right rows or a clear error with its place, sends nothing when it cannot be
//! read to its end, and takes little memory.

#![allow(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod support;

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::process::{Command, Stdio};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use serde_json::Value;
use support::{Folder, Platform, Ran, each, invited};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The most memory that any of these files may make the command take, in KiB.
const MOST_MEMORY: u32 = 256 * 1024;

/// A command line that ends with an abort when it takes more memory than this, all threads together.
fn limited(folder: &Folder, line: &str, most: u32) -> Command {
    let plain = folder.command(line);
    if !cfg!(target_os = "linux") {
        return plain;
    }
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -d {most} && exec \"$0\" \"$@\"")]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(plain.get_current_dir().unwrap()).env("BIDDEN_LEDGER", folder.path("ledger.db")).stdin(Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn finished(mut command: Command, line: &str) -> Ran {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ran = Ran::finished(child, line);
    assert!(!ran.error.contains("panicked") && ran.status.code().is_some(), "{}", ran.shown);
    ran
}

fn run(folder: &Folder, line: &str) -> Ran {
    finished(limited(folder, line, MOST_MEMORY), line)
}

#[cfg(target_os = "linux")]
#[test]
fn the_limit_of_memory_is_one() {
    let folder = Folder::new();
    let most = 8 * 1024;
    write(&folder, "list.csv", format!("email,name\na@example.com,{}\n", "x".repeat(1 << 20)));
    let status = limited(&folder, "check list.csv", most).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), None, "a command that takes too much memory goes on");
}

fn write(folder: &Folder, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(folder.path(name), bytes).unwrap();
}

/// What the first rows of a file hold, without sending: e-mail, name and external id.
fn rows_of(folder: &Folder, line: &str) -> Vec<String> {
    let ran = run(folder, &format!("invite {line} --on testinvite --test 1 --dry-run --json --sandbox"));
    let planned = &ran.json()[0]["dry_run"];
    let shown = |row: &Value| {
        let text = |member: &str| row["candidate"][member].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", row["line"], text("email"), text("name"), text("external_id"))
    };
    planned["first_rows"].as_array().unwrap().iter().map(shown).collect()
}

/// A file that cannot be read to its end: `check` and `invite` say why, and nothing is sent.
fn refused(name: &str, bytes: impl AsRef<[u8]>, words: &[&str]) {
    let folder = Folder::new();
    write(&folder, name, bytes);
    refused_in(&folder, name, words);
}

fn refused_in(folder: &Folder, line: &str, words: &[&str]) {
    let checked = run(folder, &format!("check {line} --quiet"));
    assert!(matches!(checked.status.code(), Some(1 | 2)), "{}", checked.shown);
    let platform = Platform::answering(|number, _| invited(number));
    let sent = run(folder, &format!("invite {line} --on imocha --test 1 --base-url {}", platform.url)).exits(2);
    for word in words {
        assert!(checked.error.contains(word), "“{word}” is not in\n{}", checked.shown);
        assert!(sent.error.contains(word), "“{word}” is not in\n{}", sent.shown);
    }
    assert!(platform.bodies().is_empty(), "{}", sent.shown);
}

/// A workbook made by hand, for what no library writes.
fn archive(parts: &[(&str, &[u8])], compression: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(compression)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const RELATIONS: &[u8] = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &[u8] = br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const SHEETS: &[u8] = br#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fn by_hand_with(rows: &str, more: &[(&str, &[u8])], compression: CompressionMethod) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let mut parts: Vec<(&str, &[u8])> = vec![("_rels/.rels", RELATIONS), ("xl/workbook.xml", BOOK), ("xl/_rels/workbook.xml.rels", SHEETS)];
    parts.push(("xl/worksheets/sheet1.xml", sheet.as_bytes()));
    parts.extend_from_slice(more);
    archive(&parts, compression)
}

fn by_hand(rows: &str) -> Vec<u8> {
    by_hand_with(rows, &[], CompressionMethod::Stored)
}

fn cell(name: &str, text: &str) -> String {
    format!(r#"<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn header() -> String {
    format!(r#"<row r="1">{}{}</row>"#, cell("A1", "email"), cell("B1", "name"))
}

fn person(row: u32) -> String {
    let (email, name) = (cell(&format!("A{row}"), &format!("person{row}@example.com")), cell(&format!("B{row}"), "Ada"));
    format!(r#"<row r="{row}">{email}{name}</row>"#)
}

/// A workbook as a program writes it.
fn written(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

fn sheet_of(rows: &[&[&str]]) -> Vec<u8> {
    written(|workbook| {
        let sheet = workbook.add_worksheet();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(*cells) {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    })
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn every_encoding_and_form_gives_the_same_rows() {
    let csv = "email,name,External ID\nada@example.com,José,7\n";
    let jsonl = "{\"email\":\"ada@example.com\",\"name\":\"José\",\"External ID\":7}\n";
    let folder = Folder::new();
    for (text, ending, line) in [(csv, "csv", 2), (jsonl, "jsonl", 1)] {
        for (index, bytes) in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [b"\xFF\xFE".to_vec(), utf_16(text, u16::to_le_bytes)].concat(),
            [b"\xFE\xFF".to_vec(), utf_16(text, u16::to_be_bytes)].concat(),
            utf_16(text, u16::to_le_bytes),
            utf_16(text, u16::to_be_bytes),
            // Windows-1252 has the letters of its row in the same places as Unicode.
            text.chars().map(|letter| u8::try_from(letter).unwrap()).collect(),
        ]
        .into_iter()
        .enumerate()
        {
            // Without its ending a file is known by what it begins with.
            for name in [format!("list.{ending}"), "list".to_owned()] {
                write(&folder, &name, &bytes);
                assert_eq!(rows_of(&folder, &name), [format!("{line} ada@example.com José 7")], "{name} {index}");
            }
        }
    }
    write(&folder, "list.xlsx", sheet_of(&[&["email", "name", "External ID"], &["ada@example.com", "José", "7"]]));
    assert_eq!(rows_of(&folder, "list.xlsx"), ["2 ada@example.com José 7"]);
}

#[test]
fn bytes_of_no_encoding_are_named_with_their_line() {
    refused("list.csv", b"email,name\na@example.com,A\x81\n", &["line 2", "0x81"]);
    refused(
        "list.csv",
        "email,name\na@example.com,é\n".bytes().chain(*b"b@example.com,\xE9\n").collect::<Vec<_>>(),
        &["line 3", "CSV UTF-8"],
    );
    refused("list.jsonl", b"{\"email\":\"a@example.com\"}\n{\"email\":\"b\x81\"}\n", &["line 2", "0x81"]);
    refused(
        "list.csv",
        [b"\xFF\xFE".as_slice(), &utf_16("email,name\n", u16::to_le_bytes), b"\x00\xD8x\0\n\0"].concat(),
        &["line 2", "UTF-16"],
    );
}

#[test]
fn quotes_and_line_ends_are_read_as_written_or_refused_with_their_place() {
    refused("list.csv", "email,name\na@example.com,\"A\nb@example.com,B\n", &["line 2, column 2 (name)", "never closed"]);
    let folder = Folder::new();
    write(&folder, "list.csv", "email,name,notes\r\na@example.com,A,\"x\r\ny\"\rb@example.com,B,\nc@example.com,\"C \"\"c\"\"\",z\n");
    assert_eq!(rows_of(&folder, "list.csv"), ["2 a@example.com A -", "4 b@example.com B -", "5 c@example.com C \"c\" -"]);
    write(&folder, "list.csv", "email,name\na@example.com,\"A\"x\nb@example.com,5\" B\n");
    let (found, _) = run(&folder, "check list.csv --json").exits(1).rows();
    assert_eq!((found.len(), &found[0]["line"], &found[0]["errors"][0]["column"]), (1, &2.into(), &"name".into()));
}

#[test]
fn a_cell_of_five_megabytes_is_refused_with_its_place() {
    let long = "x".repeat(5 << 20);
    refused("list.csv", format!("email,name\na@example.com,A\nb@example.com,{long}\n"), &["line 3, column 2 (name)", "1048576 bytes"]);
    refused("list.csv", format!("email,name\na@example.com,\"{long}\"\n"), &["line 2, column 2 (name)", "not closed"]);
    refused("list.jsonl", format!("{{\"email\":\"a@example.com\"}}\n{{\"email\":\"{long}\"}}\n"), &["line 2", "4194304 bytes"]);
    let rows = format!("{}{}<row r=\"3\">{}</row>", header(), person(2), cell("B3", &long));
    refused("list.xlsx", by_hand(&rows), &["cell B3", "1048576 bytes"]);
    let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1 << 20));
    let shared: String = ["A2", "B2", "C2", "D2", "E2"].map(|name| format!("<c r=\"{name}\" t=\"s\"><v>0</v></c>")).concat();
    let rows = format!("{}<row r=\"2\">{shared}</row>", header());
    let bytes = by_hand_with(&rows, &[("xl/sharedStrings.xml", strings.as_bytes())], CompressionMethod::Stored);
    refused("list.xlsx", bytes, &["line 2", "longer than 4194304 bytes"]);
    let rows = format!("{}<row r=\"2\">{}</row>", header(), cell("B2", &long.repeat(4)));
    refused("list.xlsx", by_hand(&rows), &["too large", "16 MiB"]);
}

#[test]
fn nul_bytes_are_refused_in_text_and_faulty_in_json() {
    refused("list.csv", "email,name\na@example.com,A\nb\0@example.com,B\n", &["line 3, column 1 (email)", "NUL"]);
    let folder = Folder::new();
    write(&folder, "list.jsonl", "{\"email\":\"a\\u0000@example.com\",\"name\":\"A\"}\n");
    let (found, _) = run(&folder, "check list.jsonl --json").exits(1).rows();
    assert_eq!(found[0]["errors"][0]["field"], "email");
}

#[test]
fn headers_that_cannot_be_understood_are_refused() {
    refused("list.csv", "", &["the file is empty"]);
    refused("list.jsonl", "\n \n", &["the file is empty"]);
    refused("list.xlsx", sheet_of(&[]), &["the file is empty"]);
    refused("list.csv", "a@example.com,Ada\n", &["first line holds an e-mail address"]);
    refused("list.xlsx", sheet_of(&[&["a@example.com", "Ada"]]), &["first line holds an e-mail address"]);
    refused(
        "list.csv",
        "email,name,email\na@example.com,A,b@example.com\n",
        &["column 1 (email) and column 3 (email) have the same header"],
    );
    refused("list.xlsx", sheet_of(&[&["email", "name", "email"]]), &["column 1 (email) and column 3 (email) have the same header"]);
    refused("list.jsonl", "{\"name\":\"Ada\"}\n", &["no column for e-mail addresses", "\"name\""]);
    let folder = Folder::new();
    for (name, bytes) in
        [("list.csv", b"email,,name\n".to_vec()), ("list.xlsx", sheet_of(&[&["email", "", "name", "", ""], &["", "", "", " ", ""]]))]
    {
        write(&folder, name, bytes);
        let (found, summary) = run(&folder, &format!("check {name} --json")).exits(0).rows();
        assert_eq!((found.len(), &summary["rows"]), (0, &0.into()), "{name}");
        assert_eq!(summary["ignored_columns"], serde_json::json!(["column 2"]), "{name}");
    }
}

#[test]
fn formulas_stay_text_in_csv_and_give_their_value_in_a_workbook() {
    let folder = Folder::new();
    write(&folder, "list.csv", "email,name,extra1\na@example.com,Ada,\"=HYPERLINK(\"\"http://x.example\"\",\"\"y\"\")\"\n");
    let (found, _) = run(&folder, "check list.csv --json").exits(0).rows();
    assert_eq!(found[0]["warnings"][0]["value"], "=HYPERLINK(\"http://x.example\",\"y\")");
    let bytes = written(|workbook| {
        let sheet = workbook.add_worksheet();
        for (column, text) in (0..).zip(["email", "name", "notes"]) {
            sheet.write_string(0, column, text).unwrap();
        }
        for row in 1..3 {
            sheet.write_formula(row, 0, Formula::new("=B2&\"@example.com\"").set_result(format!("p{row}@example.com"))).unwrap();
            sheet.write_string(row, 1, "Ada").unwrap();
        }
        sheet.write_formula(2, 1, Formula::new("=VLOOKUP(1,X,1)").set_result("#N/A")).unwrap();
        sheet.write_formula(1, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    });
    write(&folder, "list.xlsx", bytes);
    assert_eq!(rows_of(&folder, "list.xlsx"), ["2 p1@example.com Ada -"]);
    let (found, _) = run(&folder, "check list.xlsx --json").exits(1).rows();
    let error = &found[0]["errors"][0];
    assert_eq!((found.len(), &found[0]["line"], &error["cell"], &error["column"]), (1, &3.into(), &"B3".into(), &"name".into()));
    assert_eq!(error["reason"], "cell B3 holds a formula that ended in an error");
}

#[test]
fn numbers_dates_and_truth_values_become_the_text_that_people_mean() {
    let folder = Folder::new();
    let (date, moment) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_num_format("dd.mm.yyyy hh:mm"));
    let bytes = written(|workbook| {
        let sheet = workbook.add_worksheet();
        for (column, text) in (0..).zip(["email", "name", "mobile", "dob", "extra1", "extra2", "extra3"]) {
            sheet.write_string(0, column, text).unwrap();
        }
        for row in 1..4 {
            sheet.write_string(row, 0, format!("p{row}@example.com")).unwrap();
            sheet.write_string(row, 1, "Ada").unwrap();
        }
        sheet.write_number(1, 2, 4_917_612_345_678.0).unwrap();
        sheet.write_with_format(1, 3, ExcelDateTime::from_ymd(1999, 12, 31).unwrap(), &date).unwrap();
        sheet.write_boolean(1, 4, true).unwrap();
        sheet.write_number(1, 5, 19.9).unwrap();
        sheet.write_with_format(1, 6, ExcelDateTime::from_ymd(2001, 2, 3).unwrap().and_hms(4, 5, 6).unwrap(), &moment).unwrap();
        sheet.write_number(2, 2, 12_345_678_901_234_567.0).unwrap();
        sheet.write_string(3, 3, "1899-12-31").unwrap();
        sheet.write_number_with_format(3, 3, -5.0, &date).unwrap();
    });
    write(&folder, "list.xlsx", bytes);
    let (found, _) = run(&folder, "check list.xlsx --on think-exam --json").exits(1).rows();
    let errors: Vec<_> = found.iter().map(|row| row["errors"][0]["reason"].as_str().unwrap_or_default().to_owned()).collect();
    assert!(errors[0].starts_with("cell C3 holds a number of more than 15 digits"), "{errors:?}");
    assert!(errors[1].starts_with("cell D4 is formatted as a date"), "{errors:?}");
    let platform = Platform::answering(|_, _| (500, String::new()));
    let line = format!("register list.xlsx --on think-exam --output out.csv --base-url {}", platform.url);
    run(&folder, &format!("{line} --quiet"));
    let output = folder.read("out.csv");
    assert!(output.contains("p1@example.com,Ada,4917612345678,1999-12-31,true,19.9,2001-02-03T04:05:06,"), "{output}");
}

#[test]
fn dates_of_the_1904_system_are_four_years_later() {
    let book = String::from_utf8(BOOK.to_vec()).unwrap().replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    let styles = br#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let rows = format!("{}<row r=\"2\">{}<c r=\"B2\" s=\"1\"><v>35064</v></c></row>", header(), cell("A2", "a@example.com"));
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let parts: [(&str, &[u8]); 5] = [
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", SHEETS),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/styles.xml", styles),
    ];
    let folder = Folder::new();
    write(&folder, "list.xlsx", archive(&parts, CompressionMethod::Deflated));
    assert_eq!(rows_of(&folder, "list.xlsx"), ["2 a@example.com 2000-01-01 -"]);
}

#[test]
fn a_row_of_a_sheet_keeps_its_number_and_what_is_wrong_names_its_cell() {
    let bytes = sheet_of(&[
        &["", ""],
        &["email", "name"],
        &["ada@example.com", "Ada"],
        &["", ""],
        &["no address", "Bob", "a note"],
        &["", "   "],
        &["carol@example.com", "Carol"],
    ]);
    let folder = Folder::new();
    write(&folder, "list.xlsx", bytes);
    let platform = Platform::answering(|number, _| invited(number));
    let line = format!("list.xlsx --on imocha --test 1 --json --output out.csv --base-url {}", platform.url);
    let (rows, _) = run(&folder, &format!("invite {line}")).exits(1).rows();
    assert_eq!(each(&rows, "line"), ["3", "5", "7"]);
    assert_eq!(each(&rows, "row"), ["1", "2", "3"]);
    assert_eq!(rows[1]["error"]["message"], "email: holds a blank (cell A5)");
    let output = folder.read("out.csv");
    assert!(output.starts_with("\u{feff}email,name,disposition,"), "{output}");
    assert!(output.lines().nth(2).unwrap().ends_with(",a note"), "{output}");
    run(&folder, "check list.xlsx").exits(1).prints("      5        2  A5 email ");
}

#[test]
fn the_sheet_is_the_first_visible_one_or_the_one_that_is_named() {
    let bytes = written(|workbook| {
        for (name, email) in [("Secret", "s@example.com"), ("Summer 2026", "a@example.com"), ("Winter", "w@example.com")] {
            let sheet = workbook.add_worksheet().set_name(name).unwrap();
            sheet.write_string(0, 0, "email").unwrap();
            sheet.write_string(1, 0, email).unwrap();
        }
        workbook.worksheets_mut()[0].set_hidden(true);
        workbook.worksheets_mut()[1].set_active(true);
    });
    let folder = Folder::new();
    write(&folder, "list.xlsx", bytes);
    assert_eq!(rows_of(&folder, "list.xlsx"), ["2 a@example.com - -"]);
    assert_eq!(rows_of(&folder, "list.xlsx --sheet winter"), ["2 w@example.com - -"]);
    assert_eq!(rows_of(&folder, "list.xlsx --sheet Secret"), ["2 s@example.com - -"]);
    refused_in(&folder, "list.xlsx --sheet Autumn", &["no sheet is called Autumn", "\"Summer 2026\", \"Winter\""]);
    for (name, text) in [("list.csv", "email\na@example.com\n"), ("list.jsonl", "{\"email\":\"a@example.com\"}\n")] {
        write(&folder, name, text);
        refused_in(&folder, &format!("{name} --sheet Winter"), &["this file has no sheets"]);
    }
}

#[test]
fn merged_cells_are_refused_by_name_in_the_header_and_over_rows() {
    let merged = |first: (u32, u16), last: (u32, u16)| {
        written(|workbook| {
            let sheet = workbook.add_worksheet();
            for (row, email) in (0..).zip(["email", "a@example.com", "b@example.com", "c@example.com"]) {
                sheet.write_string(row, 0, email).unwrap();
                sheet.write_string(row, 1, if row == 0 { "name" } else { "Ada" }).unwrap();
            }
            sheet.merge_range(first.0, first.1, last.0, last.1, "x", &Format::new()).unwrap();
        })
    };
    refused("list.xlsx", merged((0, 2), (0, 3)), &["C1:D1 are merged", "the header is among them"]);
    refused("list.xlsx", merged((1, 1), (2, 1)), &["B2:B3 are merged", "only the first row of them has a value"]);
    let folder = Folder::new();
    write(&folder, "list.xlsx", merged((1, 2), (2, 3)));
    assert_eq!(rows_of(&folder, "list.xlsx").len(), 3);
}

#[test]
fn archives_that_burst_are_refused_before_they_do() {
    let zeros = vec![b' '; 32 << 20];
    let bomb = by_hand_with("", &[("xl/sharedStrings.xml", &zeros)], CompressionMethod::Deflated);
    assert!(bomb.len() < 200_000);
    refused("list.xlsx", &bomb, &["too large", "32 MiB, more than 300 to 1"]);
    // The same, with a directory that says one megabyte.
    let mut liar = bomb;
    let (honest, said) = ((32_u32 << 20).to_le_bytes(), (1_u32 << 20).to_le_bytes());
    let places: Vec<usize> = (0..liar.len() - 4).filter(|at| liar[*at..at + 4] == honest).collect();
    assert!(!places.is_empty());
    for place in places {
        liar[place..place + 4].copy_from_slice(&said);
    }
    refused("list.xlsx", liar, &["cannot be read"]);
    let many: Vec<(String, &[u8])> = (0..10_001).map(|part| (format!("xl/{part}.xml"), b"".as_slice())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    refused("list.xlsx", archive(&many, CompressionMethod::Stored), &["10001 parts"]);
}

#[test]
fn parts_that_ask_for_more_memory_than_they_fill_are_refused() {
    let rows = header() + &person(2);
    let strings: &[u8] = b"<sst count=\"1\" uniqueCount=\"4000000000\"><si><t>x</t></si></sst>";
    refused("list.xlsx", by_hand_with(&rows, &[("xl/sharedStrings.xml", strings)], CompressionMethod::Stored), &["too large", "its texts"]);
    let formats = format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(200_000));
    let bytes = by_hand_with(&rows, &[("xl/styles.xml", formats.as_bytes())], CompressionMethod::Deflated);
    refused("list.xlsx", bytes, &["too large", "200000 cell formats"]);
    let comment = format!("<!-- {} -->{rows}", "<c r=\"A1\">".repeat(2 << 20));
    refused("list.xlsx", by_hand(&comment), &["too large", "16 MiB"]);
}

#[test]
fn damaged_and_foreign_archives_say_what_they_are() {
    let whole = sheet_of(&[&["email", "name"], &["a@example.com", "Ada"]]);
    refused("list.xlsx", &whole[..whole.len() / 2], &["cannot be read"]);
    refused("list.xlsx", &whole[..whole.len() - 10], &["cannot be read"]);
    refused(
        "list.xlsx",
        by_hand(&format!("{}{}<row r=\"3\"><c r=\"A3\" t=\"x\"><v>1</v></c></row>", header(), person(2))),
        &["behind cell B2"],
    );
    refused("list.xlsx", by_hand(&format!("{}{}{}", header(), person(3), person(2))), &["A2", "out of order"]);
    refused(
        "list.ods",
        archive(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")], CompressionMethod::Stored),
        &["no XLSX workbook"],
    );
    let mut compound = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    compound.resize(1024, 0);
    compound[30] = 9;
    refused("list.xls", &compound, &["save it as XLSX"]);
    compound[520..520 + 32].copy_from_slice(&utf_16("EncryptedPackage", u16::to_le_bytes));
    refused("list.xlsx", &compound, &["protected by a password"]);
    let folder = Folder::new();
    std::fs::create_dir(folder.path("list.csv")).unwrap();
    refused_in(&folder, "list.csv", &["list.csv", "directory"]);
}

#[test]
fn lines_that_are_no_objects_are_refused_and_values_that_do_not_fit_are_faults_of_their_row() {
    let good = "{\"email\":\"a@example.com\",\"name\":\"Ada\"}\n";
    refused("list.jsonl", format!("{good}\n{{\"email\":\"b@example.com\",\"name\":\"B\n"), &["line 3", "not one whole JSON object"]);
    refused("list.jsonl", format!("{good}[1]\n"), &["line 2", "expected {"]);
    refused("list.jsonl", "{\n  \"email\": \"a@example.com\"\n}\n", &["line 1", "not one whole JSON object"]);
    refused("list.json", "[{\"email\":\"a@example.com\"}]\n", &["one JSON array"]);
    let folder = Folder::new();
    write(&folder, "list.jsonl", format!("{{\"email\":{}1{}}}\n", "[".repeat(100_000), "]".repeat(100_000)));
    run(&folder, "check list.jsonl").exits(1).prints("the key `email` holds what this field cannot take");
    let lines = [
        r#"{"email":"a@example.com","fullName":"Ada","labels":["x","y"],"tags":{"dept":"R&D"},"mobile":4.91761234567E+11,"hobby":[1]}"#,
        r#"{"email":"b@example.com","fullName":["Bob"]}"#,
        r#"{"email":"c@example.com","email":"d@example.com"}"#,
        r#"{"email":"e@example.com","labels":["a;b"],"later":1}"#,
        r#"{"email":"f@example.com","fullName":null,"External id":12345678901234567890}"#,
    ];
    write(&folder, "list.jsonl", lines.join("\r\n"));
    let (found, summary) = run(&folder, "check list.jsonl --on testinvite --json").exits(1).rows();
    assert_eq!(each(&found, "line"), ["2", "3", "4"]);
    let reason = |index: usize| found[index]["errors"][0]["reason"].as_str().unwrap_or_default().to_owned();
    assert!(reason(0).starts_with("the key `fullName` holds what this field cannot take"), "{}", reason(0));
    assert!(reason(1).starts_with("the key `email` stands twice"), "{}", reason(1));
    assert!(reason(2).starts_with("the key `labels` has a part"), "{}", reason(2));
    assert_eq!(summary["ignored_columns"], serde_json::json!(["hobby", "later", "mobile"]));
    assert_eq!(rows_of(&folder, "list.jsonl"), ["1 a@example.com Ada -", "5 f@example.com - 12345678901234567890"]);
}

#[test]
fn a_million_columns_are_refused_where_the_limit_is_passed() {
    refused("list.csv", format!("email{}\n", ",x".repeat(1_000_000)), &["line 1", "more than 10000 columns"]);
    refused("list.csv", format!("email\na@example.com{}\n", ",".repeat(1_000_000)), &["line 2", "more than 10000 columns"]);
    let mut keys = "{\"email\":\"a@example.com\"".to_owned();
    for key in 0..200_000 {
        write!(keys, ",\"k{key}\":1").unwrap();
    }
    refused("list.jsonl", keys + "}\n", &["line 1", "more than 10000 columns"]);
    let row = format!("<row r=\"2\">{}{}</row>", cell("A2", "a@example.com"), cell("XFD2", "x"));
    refused("list.xlsx", by_hand(&(header() + &row)), &["line 2", "more than 10000 columns"]);
}

#[test]
fn the_last_row_of_a_sheet_and_a_long_sheet_are_read_in_bounded_memory() {
    let folder = Folder::new();
    write(&folder, "list.xlsx", by_hand(&(header() + &person(2) + &person(1_048_576))));
    assert_eq!(rows_of(&folder, "list.xlsx"), ["2 person2@example.com Ada -", "1048576 person1048576@example.com Ada -"]);
    let last = if std::env::var_os("BIDDEN_SOAK").is_some() { 1_048_576 } else { 50_000 };
    let mut rows = header();
    for row in 2..=last {
        rows += &person(row);
    }
    write(&folder, "list.xlsx", by_hand(&rows));
    let (found, summary) = run(&folder, "check list.xlsx --json").exits(0).rows();
    assert_eq!((found.len(), &summary["rows"]), (0, &(last - 1).into()));
    // Rows and cells that only have a format.
    let empty: String = (2..=last / 4).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" s=\"0\"/><c r=\"XFD{row}\"/></row>")).collect();
    write(&folder, "list.xlsx", by_hand(&(header() + &empty)));
    let (_, summary) = run(&folder, "check list.xlsx --json").exits(0).rows();
    assert_eq!(summary["rows"], 0);
}

#[test]
fn every_form_comes_through_standard_input_and_leaves_nothing_behind() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("temporary")).unwrap();
    let platform = Platform::answering(|number, _| invited(number));
    let workbook = sheet_of(&[&["email", "name"], &["c@example.com", "Ada"]]);
    // A candidate of their own each: the ledger knows whom it has invited.
    for (bytes, code) in [
        (b"email,name\na@example.com,Ada\n".to_vec(), 0),
        (b"{\"email\":\"b@example.com\",\"name\":\"Ada\"}\n".to_vec(), 0),
        (workbook.clone(), 0),
        (workbook[..workbook.len() - 9].to_vec(), 2),
        (b"email,name\n\"a@example.com,Ada\n".to_vec(), 2),
        (b"{\"email\":\"a@example.com\"}\n{\n".to_vec(), 2),
    ] {
        write(&folder, "input", &bytes);
        let line = format!("invite - --on imocha --test 1 --output out.csv --base-url {}", platform.url);
        for line in [line.as_str(), "check -"] {
            let mut command = limited(&folder, line, MOST_MEMORY);
            command.env("TMPDIR", folder.path("temporary")).stdin(std::fs::File::open(folder.path("input")).unwrap());
            let ran = finished(command, line);
            // What breaks off behind its header is checked as far as it goes.
            assert!(ran.status.code() == Some(code) || (line == "check -" && code == 2 && ran.status.code() == Some(1)), "{}", ran.shown);
            assert!(code == 0 || ran.error.contains("standard input"), "{}", ran.shown);
        }
        assert_eq!(std::fs::read_dir(folder.path("temporary")).unwrap().count(), 0);
    }
    assert_eq!(platform.bodies().len(), 3);
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_name_is_read_like_a_file() {
    let folder = Folder::new();
    let bytes = sheet_of(&[&["email", "name"], &["a@example.com", "Ada"]]);
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    let pipe = folder.path("pipe");
    let writer = std::thread::spawn(move || std::fs::write(pipe, bytes).unwrap());
    assert_eq!(rows_of(&folder, "pipe"), ["2 a@example.com Ada -"]);
    writer.join().unwrap();
}

#[test]
fn what_was_data_in_a_workbook_is_no_formula_in_the_output() {
    let folder = Folder::new();
    let link = "=HYPERLINK(\"http://x.example\")";
    write(&folder, "list.xlsx", sheet_of(&[&["email", "name", "notes", "phone"], &["a@example.com", "Ada", link, "+49 176 1234"]]));
    let platform = Platform::answering(|number, _| invited(number));
    run(&folder, &format!("invite list.xlsx --on imocha --test 1 --output out.csv --base-url {}", platform.url)).exits(0);
    let output = folder.read("out.csv");
    assert!(output.contains(",\"'=HYPERLINK(\"\"http://x.example\"\")\",+49 176 1234,"), "{output}");
}
