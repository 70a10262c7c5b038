//! Standard output and standard error. A reader that goes away ends the command quietly; it is no crash.

use std::io::{ErrorKind, IsTerminal, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::failure::{Failure, Result};

/// Writes text and a line feed to standard output.
///
/// # Errors
/// [`Failure::closed_pipe`] when nobody reads any more, exit 3 when it cannot be written for another reason.
pub fn print(text: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    let written = output.write_all(text.as_bytes()).and_then(|()| output.write_all(b"\n")).and_then(|()| output.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::closed_pipe(),
        _ => Failure { exit: 3, message: format!("standard output cannot be written: {error}"), hints: Vec::new(), error: None },
    })
}

/// Writes a value as one line of JSON to standard output.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|error| {
        Failure::from(bidden::Error::new(bidden::Kind::Internal, "a value cannot be written as JSON").with_source(error))
    })?;
    print(&text)
}

/// Writes a line to standard error. A closed standard error is nobody's concern.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says how a command failed: `error: …`, and `hint: …` lines.
pub fn report(failure: &Failure) {
    if !failure.message.is_empty() {
        note(&format!("error: {}", failure.message));
    }
    for hint in &failure.hints {
        note(&format!("hint: {hint}"));
    }
}

/// Whether a person sits in front of standard error, so that progress may move there.
#[must_use]
pub fn shows_progress() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether a person can be asked: standard input and standard error are terminals.
#[must_use]
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A table for people: columns as wide as their widest cell, two blanks between, no blanks at the end of a line.
#[must_use]
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, width) in cells.zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
        }
        text.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut header.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_for_wide_letters() {
        let rows = [vec!["山田".to_owned(), "1".to_owned()], vec!["Ada".to_owned(), "2".to_owned()]];
        assert_eq!(table(&["name", "row"], &rows), "name  row\n山田  1\nAda   2");
    }
}
