//! What is inside a workbook, looked at before it is opened: opening one takes as much memory as its
//! parts ask for, and a few kilobytes of ZIP can ask for gigabytes.
//!
//! The sizes of the directory come first; a part cannot be larger than the directory says, because
//! the ZIP reader stops there. Then every XML part is gone through once, in bounded memory, and what
//! the reader of workbooks would keep of it is counted: shared strings, cell styles, merged ranges,
//! and the length of what it takes in one piece.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::super::error::Problem;
use super::super::input::FileReader;

/// Parts of a workbook; a large one has some hundred.
const MOST_PARTS: usize = 10_000;

/// Bytes read for the directory of the archive.
const MOST_DIRECTORY_BYTES: u64 = 16 << 20;

/// All parts together, unpacked. A full sheet of 20 columns has about one gigabyte.
const MOST_BYTES: u64 = 4 << 30;

/// From this size on a part may not be packed more tightly than [`MOST_RATIO`].
const PACKED_BYTES: u64 = 16 << 20;

/// Sheets of one repeated value reach 100 to 1; archives made to burst reach 1,000 to 1.
const MOST_RATIO: u64 = 300;

/// What is no XML is not gone through: a picture, or what an archive only calls one.
const MOST_OTHER_BYTES: u64 = 64 << 20;

/// The parts that are kept as a whole: the list of sheets, the formats, what belongs together.
const MOST_SMALL_BYTES: u64 = 32 << 20;

/// Bytes that the shared strings may take in memory.
const MOST_STRING_BYTES: u64 = 256 << 20;

/// Bytes that a shared string takes beside its text: its place, and the slack of an allocation.
const BYTES_OF_STRING: u64 = 48;

/// Cell formats. Spreadsheet programs stop at 65,490, and write as many for named styles at most.
const MOST_FORMATS: u64 = 2 * 65_536;

/// Bytes that the cell formats may take in memory: each holds copies of what it names.
const MOST_FORMAT_BYTES: u64 = 256 << 20;

/// Merged ranges.
const MOST_MERGED: u64 = 100_000;

/// What is taken in one piece: a tag, a text, a shared string or a cell.
const MOST_PIECE: u64 = 16 << 20;

/// The longest tag.
const MOST_TAG: usize = 64 * 1024;

/// What was seen in the archive.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Whether any sheet has merged cells.
    pub(super) has_merged_cells: bool,
}

/// Goes through the archive.
pub(super) fn inspect(source: FileReader) -> Result<Found, Problem> {
    let limited = Limited { source, left: MOST_DIRECTORY_BYTES };
    let archive = ZipArchive::new(BufReader::new(limited)).map_err(|error| unreadable(&error))?;
    if archive.len() > MOST_PARTS {
        return Err(too_large(format!("it has {} parts, more than {MOST_PARTS}", archive.len())));
    }
    let mut parts = Vec::new();
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let part = archive.by_index_data(index).map_err(|error| unreadable(&error))?;
        let size = part.size();
        total = total.saturating_add(size);
        if size > PACKED_BYTES && size / MOST_RATIO > part.compressed_size() {
            return Err(too_large(format!(
                "a part of {} unpacks to {}, more than {MOST_RATIO} to 1",
                megabytes(part.compressed_size()),
                megabytes(size)
            )));
        }
        let name = part.name_raw().to_ascii_lowercase();
        if name.ends_with(b".xml") || name.ends_with(b".rels") {
            parts.push(index);
        } else if size > MOST_OTHER_BYTES {
            return Err(too_large(format!("a part that is no table has {}", megabytes(size))));
        }
    }
    if total > MOST_BYTES {
        return Err(too_large(format!("it unpacks to {}, more than {}", megabytes(total), megabytes(MOST_BYTES))));
    }
    let source = archive.into_inner().into_inner().source;
    let mut archive = ZipArchive::new(BufReader::new(source)).map_err(|error| unreadable(&error))?;
    let mut found = Found::default();
    for index in parts {
        let part = archive.by_index(index).map_err(|error| unreadable(&error))?;
        let size = part.size();
        let mut count = Count::default();
        scan(part, &mut count)?;
        count.judge(size)?;
        found.has_merged_cells |= count.merged > 0;
    }
    Ok(found)
}

fn unreadable(error: &ZipError) -> Problem {
    Problem::DamagedWorkbook { after: None, reason: error.to_string() }
}

fn too_large(reason: String) -> Problem {
    Problem::WorkbookTooLarge { reason }
}

fn megabytes(bytes: u64) -> String {
    if bytes < 1 << 20 { format!("{bytes} bytes") } else { format!("{} MiB", bytes >> 20) }
}

/// A source that gives only so many bytes: the directory of an archive is read into memory.
struct Limited {
    source: FileReader,
    left: u64,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| io::Error::other("the directory of the archive is too long"))?;
        Ok(count)
    }
}

impl Seek for Limited {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.source.seek(place)
    }
}

/// What a part makes its reader keep.
#[derive(Debug, Default)]
struct Count {
    strings: u64,
    /// The number of strings for which room is made beforehand.
    announced_strings: u64,
    formats: u64,
    merged: u64,
    longest_tag: u64,
    /// Whether the part is kept as a whole.
    is_small: bool,
    /// Where the last tag ended.
    tag_end: u64,
    /// Where the cell or shared string at hand began, where there are such.
    piece: Option<u64>,
}

impl Count {
    fn judge(&self, size: u64) -> Result<(), Problem> {
        let of_strings = self.strings.max(self.announced_strings).saturating_mul(BYTES_OF_STRING);
        if self.strings.max(self.announced_strings) > 0 && of_strings.saturating_add(size) > MOST_STRING_BYTES {
            return Err(too_large(format!("its texts would take {} of memory", megabytes(of_strings.saturating_add(size)))));
        }
        if self.formats > MOST_FORMATS || self.formats.saturating_mul(self.longest_tag) > MOST_FORMAT_BYTES {
            return Err(too_large(format!("it has {} cell formats", self.formats)));
        }
        if self.is_small && size > MOST_SMALL_BYTES {
            return Err(too_large(format!("a part that is no table has {}", megabytes(size))));
        }
        if self.merged > MOST_MERGED {
            return Err(too_large(format!("it has {} merged ranges", self.merged)));
        }
        Ok(())
    }

    /// Takes a tag that begins at `place`: what stands between `<` and `>`.
    fn tag(&mut self, tag: &[u8], place: u64) {
        self.longest_tag = self.longest_tag.max(tag.len() as u64);
        self.tag_end = place + tag.len() as u64;
        if let Some(name) = tag.strip_prefix(b"/") {
            // Behind its rows a sheet is not read piece by piece any more.
            if name.ends_with(b"sheetData") {
                self.piece = None;
            }
            return;
        }
        let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next().unwrap_or_default();
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        match name {
            b"c" | b"row" | b"sheetData" => self.piece = Some(place),
            b"si" => {
                self.piece = Some(place);
                self.strings += 1;
            }
            b"sst" => {
                self.piece = Some(place);
                self.announced_strings = self.announced_strings.max(announced(tag));
            }
            b"styleSheet" | b"workbook" | b"Relationships" | b"theme" => self.is_small = true,
            b"xf" => self.formats += 1,
            b"mergeCell" => self.merged += 1,
            _ => {}
        }
    }
}

/// The largest number that follows the word for it.
fn announced(tag: &[u8]) -> u64 {
    const WORD: &[u8] = b"uniqueCount";
    let digits = |rest: &[u8]| {
        let rest = rest.iter().skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\''));
        rest.take_while(|byte| byte.is_ascii_digit())
            .fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    };
    tag.windows(WORD.len())
        .enumerate()
        .filter(|(_, window)| *window == WORD)
        .map(|(at, _)| digits(&tag[at + WORD.len()..]))
        .max()
        .unwrap_or(0)
}

/// Goes through an XML part tag by tag.
fn scan(mut part: impl Read, count: &mut Count) -> Result<(), Problem> {
    let too_long = || too_large(format!("it holds a cell or text of more than {}", megabytes(MOST_PIECE)));
    let mut bytes = vec![0; 2 * MOST_TAG];
    // What is in `bytes`, and where it begins in the part.
    let (mut length, mut place) = (0, 0_u64);
    let mut has_ended = false;
    // What must come before anything else counts: the end of a comment, say.
    let mut until: Option<&[u8]> = None;
    loop {
        while length < bytes.len() && !has_ended {
            match part.read(&mut bytes[length..]) {
                Ok(0) => has_ended = true,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Problem::DamagedWorkbook { after: None, reason: error.to_string() }),
            }
        }
        let text = &bytes[..length];
        let mut position = 0;
        loop {
            let rest = &text[position..];
            if let Some(end) = until {
                match find(rest, end) {
                    Some(at) => {
                        position += at + end.len();
                        until = None;
                        continue;
                    }
                    // The end may stand over the edge.
                    None => position = length - rest.len().min(end.len() - 1),
                }
                break;
            }
            let Some(open) = rest.iter().position(|byte| *byte == b'<') else {
                position = length;
                break;
            };
            position += open;
            let rest = &text[position..];
            let special: [(&[u8], &[u8]); 4] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<!", b">"), (b"<?", b"?>")];
            if matches!(rest.get(1), Some(b'!' | b'?')) {
                if rest.len() < 9 && !has_ended {
                    break;
                }
                until = special.iter().find(|(begin, _)| rest.starts_with(begin)).map(|(_, end)| *end);
                position += 2;
                continue;
            }
            let Some(end) = end_of_tag(rest) else {
                if rest.len() >= MOST_TAG {
                    return Err(too_long());
                }
                break;
            };
            count.tag(&rest[1..end], place + position as u64);
            position += end + 1;
        }
        let here = place + position as u64;
        if here - count.piece.unwrap_or(here) > MOST_PIECE || here.saturating_sub(count.tag_end) > MOST_PIECE {
            return Err(too_long());
        }
        if has_ended {
            return Ok(());
        }
        bytes.copy_within(position..length, 0);
        length -= position;
        place += position as u64;
    }
}

/// The place of the `>` that ends the tag at the start, quoted ones left out.
fn end_of_tag(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    text.iter().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(*byte);
            false
        }
        (Some(open), byte) if open == *byte => {
            quote = None;
            false
        }
        _ => false,
    })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
