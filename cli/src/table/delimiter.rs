//! Which character separates the cells.

use std::fmt;

use super::header::Mapping;
use super::record::{Splitter, Step, is_blank};
use super::words;

/// What separates the cells of a file: one ASCII character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiter(u8);

impl Delimiter {
    /// `,`
    pub const COMMA: Self = Self(b',');
    /// `;`, what spreadsheets write where the comma is the decimal sign.
    pub const SEMICOLON: Self = Self(b';');
    /// The tabulator.
    pub const TAB: Self = Self(b'\t');

    /// The byte in the file.
    #[must_use]
    pub fn byte(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b',' => formatter.write_str("comma"),
            b';' => formatter.write_str("semicolon"),
            b'\t' => formatter.write_str("tab"),
            other => write!(formatter, "{:?}", char::from(other)),
        }
    }
}

/// How many records are looked at.
pub(super) const SAMPLE_RECORDS: usize = 10;

/// Reads Excel's first line `sep=;` and gives the delimiter and the length of the line.
pub(super) fn declared(text: &[u8]) -> Option<(Delimiter, usize)> {
    let is_quoted = text.first() == Some(&b'"');
    let rest = &text[usize::from(is_quoted)..];
    let (word, rest) = rest.split_at_checked(4)?;
    let (&delimiter, rest) = rest.split_first()?;
    if !word.eq_ignore_ascii_case(b"sep=") || !(delimiter == b'\t' || delimiter.is_ascii_punctuation()) || delimiter == b'"' {
        return None;
    }
    let rest = if is_quoted { rest.strip_prefix(b"\"")? } else { rest };
    let end = match rest {
        [] => 0,
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => return None,
    };
    Some((Delimiter(delimiter), text.len() - rest.len() + end))
}

/// How well a delimiter fits. What stands first weighs most.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    known_headers: usize,
    /// Records as wide as the header, when that has more than one column.
    equal_records: usize,
    /// Of the header.
    delimiters: usize,
}

/// Chooses between comma, semicolon and tab by the first records: the one under which most headers
/// are known wins, then the one under which the records are equally wide. A comma when nothing
/// tells.
pub(super) fn sniff(sample: &[u8], is_whole: bool, mappings: &[Mapping]) -> Delimiter {
    let mut best = (Delimiter::COMMA, Fit::default());
    for delimiter in [Delimiter::COMMA, Delimiter::SEMICOLON, Delimiter::TAB] {
        let fit = fit(delimiter, sample.to_vec(), is_whole, mappings);
        if fit > best.1 {
            best = (delimiter, fit);
        }
    }
    best.0
}

fn fit(delimiter: Delimiter, mut text: Vec<u8>, is_whole: bool, mappings: &[Mapping]) -> Fit {
    let mut splitter = Splitter::new(delimiter.byte());
    let mut cells = Vec::new();
    let mut fit = Fit::default();
    let mut position = 0;
    let mut records = 0;
    while records <= SAMPLE_RECORDS {
        cells.clear();
        let record = match splitter.record(&mut text, position, is_whole, &mut cells) {
            Ok(Step::Record(record)) => record,
            Ok(_) => break,
            Err(broken) => {
                // A header broken further on still shows what separates it, and the message then
                // names the right column.
                if records == 0 {
                    fit.delimiters = broken.column;
                }
                break;
            }
        };
        position = record.next;
        if is_blank(&text, &cells) {
            continue;
        }
        if records == 0 {
            fit.delimiters = cells.len() - 1;
            fit.known_headers = cells
                .iter()
                .filter_map(|cell| str::from_utf8(cell.bytes(&text)).ok())
                .filter(|header| words::meaning(header).is_some() || mappings.iter().any(|mapping| mapping.header.trim() == header.trim()))
                .count();
        } else if fit.delimiters > 0 && cells.len() == fit.delimiters + 1 {
            fit.equal_records += 1;
        }
        records += 1;
    }
    fit
}
