//! Where a file of candidates comes from, and which form it has.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use super::error::{Error, Problem};
use super::header::Mapping;
use super::reader::Reader;

/// How many bytes are looked at to tell the forms apart.
const SAMPLE: usize = 4096;

/// A file, a pipe or standard input, open until it is dropped, so that every reading of a file sees
/// the same one.
pub struct Input {
    file: String,
    sheet: Option<String>,
    source: Source,
}

enum Source {
    File(Arc<File>),
    /// What can be read once.
    Stream(Box<dyn Read + Send>),
    /// A stream that was read.
    Spent,
}

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    JsonLines,
    JsonArray,
    /// A ZIP archive: XLSX, or another.
    Archive,
    /// A compound file: the workbooks of old, or one under a password.
    Compound,
}

impl Input {
    /// Opens a file, or standard input when it is called `-`. `sheet` is the sheet of a workbook;
    /// without it the first that is not hidden is read.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn open(file: &str, sheet: Option<&str>) -> Result<Self, Error> {
        let named = |file: &str, source| Self { file: file.to_owned(), sheet: sheet.map(str::to_owned), source };
        if file == "-" {
            return Ok(named("standard input", Source::Stream(Box::new(io::stdin()))));
        }
        let opened = File::open(file).and_then(|opened| {
            let is_file = opened.metadata()?.is_file();
            Ok(if is_file { Source::File(Arc::new(opened)) } else { Source::Stream(Box::new(opened)) })
        });
        match opened {
            Ok(source) => Ok(named(file, source)),
            Err(error) => Err(Error { file: file.to_owned(), problem: Problem::Open(error) }),
        }
    }

    /// What a program wrote into a file; `name` is its name in messages.
    #[must_use]
    pub fn written(name: &str, file: File) -> Self {
        Self { file: name.to_owned(), sheet: None, source: Source::File(Arc::new(file)) }
    }

    /// Makes sure that the input can be read more than once. A stream is copied to a temporary file
    /// that has no name and is gone with the process, however it ends.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read, or the copy not be written.
    pub fn keep(&mut self) -> Result<(), Error> {
        self.spool(&[]).map(|_| ()).map_err(|problem| self.error(problem))
    }

    /// Opens a reading of the input, from its start. A stream that was not kept can be read once.
    ///
    /// # Errors
    ///
    /// When the input cannot be read, has a form that cannot be read, or its header cannot be
    /// understood.
    pub fn read(&mut self, mappings: &[Mapping]) -> Result<Reader, Error> {
        let start = self.start().map_err(|problem| self.error(problem))?;
        let kind = if self.is_called_json_lines() { Kind::JsonLines } else { kind(&start) };
        if self.sheet.is_some() && matches!(kind, Kind::Text | Kind::JsonLines | Kind::JsonArray) {
            return Err(self.error(Problem::SheetOfText));
        }
        match kind {
            Kind::JsonArray => return Err(self.error(Problem::JsonArray)),
            Kind::Text => {
                return match std::mem::replace(&mut self.source, Source::Spent) {
                    Source::File(file) => {
                        self.source = Source::File(file.clone());
                        Reader::new(&self.file, FileReader::new(file), mappings)
                    }
                    Source::Stream(rest) => Reader::new(&self.file, Cursor::new(start).chain(rest), mappings),
                    Source::Spent => Err(self.error(Problem::ReadTwice)),
                };
            }
            Kind::JsonLines | Kind::Archive | Kind::Compound => {}
        }
        let file = self.spool(&start).map_err(|problem| self.error(problem))?;
        match kind {
            Kind::JsonLines => Reader::json_lines(&self.file, &file, mappings),
            Kind::Archive => Reader::workbook(&self.file, &file, self.sheet.as_deref(), mappings),
            _ => Err(self.error(if is_encrypted(file).unwrap_or(false) { Problem::Encrypted } else { Problem::LegacyWorkbook })),
        }
    }

    /// The first bytes. Those of a stream are taken from it.
    fn start(&mut self) -> Result<Vec<u8>, Problem> {
        let mut file;
        let source: &mut dyn Read = match &mut self.source {
            Source::File(opened) => {
                file = FileReader::new(opened.clone());
                &mut file
            }
            Source::Stream(stream) => stream,
            Source::Spent => return Err(Problem::ReadTwice),
        };
        let mut start = vec![0; SAMPLE];
        let mut length = 0;
        // A slow source may have no more yet than what already tells.
        while length < SAMPLE && !is_telling(&start[..length]) {
            match source.read(&mut start[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Problem::Read(error)),
            }
        }
        start.truncate(length);
        Ok(start)
    }

    fn is_called_json_lines(&self) -> bool {
        let ending = self.file.rsplit_once('.').map(|(_, ending)| ending);
        ending.is_some_and(|ending| ["jsonl", "ndjson"].iter().any(|known| ending.eq_ignore_ascii_case(known)))
    }

    /// The input as a file; `start` is what was taken from a stream already.
    fn spool(&mut self, start: &[u8]) -> Result<FileReader, Problem> {
        let file = match std::mem::replace(&mut self.source, Source::Spent) {
            Source::File(file) => file,
            Source::Spent => return Err(Problem::ReadTwice),
            Source::Stream(mut stream) => {
                let mut file = tempfile::tempfile().map_err(Problem::Spool)?;
                file.write_all(start).map_err(Problem::Spool)?;
                copy(&mut *stream, &mut file)?;
                Arc::new(file)
            }
        };
        self.source = Source::File(file.clone());
        Ok(FileReader::new(file))
    }

    fn error(&self, problem: Problem) -> Error {
        Error { file: self.file.clone(), problem }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Input").field("file", &self.file).field("sheet", &self.sheet).finish_non_exhaustive()
    }
}

/// Copies a stream, and tells its failures from those of the copy.
fn copy(stream: &mut (dyn Read + Send), file: &mut File) -> Result<(), Problem> {
    let mut block = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => file.write_all(&block[..count]).map_err(Problem::Spool)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Problem::Read(error)),
        }
    }
}

/// The bytes that say something: without a byte order mark, blanks, and the zeros of UTF-16.
fn telling(start: &[u8]) -> impl Iterator<Item = u8> {
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
    let rest = marks.iter().find_map(|mark| start.strip_prefix(*mark)).unwrap_or(start);
    rest.iter().copied().filter(|byte| *byte != 0 && !byte.is_ascii_whitespace())
}

fn is_telling(start: &[u8]) -> bool {
    start.len() >= 8 && telling(start).nth(1).is_some()
}

fn kind(start: &[u8]) -> Kind {
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Kind::Archive;
    }
    if start.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Kind::Compound;
    }
    let mut telling = telling(start);
    match (telling.next(), telling.next()) {
        (Some(b'{'), _) => Kind::JsonLines,
        (Some(b'['), Some(b'{' | b']')) => Kind::JsonArray,
        _ => Kind::Text,
    }
}

/// Whether a compound file wraps an encrypted workbook: its directory then names the parts of the
/// encryption among its first entries.
fn is_encrypted(mut file: FileReader) -> io::Result<bool> {
    let mut header = [0; 52];
    file.read_exact(&mut header)?;
    let shift = u32::from(u16::from_le_bytes([header[30], header[31]])).min(12);
    let first = u64::from(u32::from_le_bytes([header[48], header[49], header[50], header[51]]));
    file.seek(SeekFrom::Start((first + 1) << shift))?;
    let mut directory = Vec::new();
    file.take(SAMPLE as u64).read_to_end(&mut directory)?;
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(directory.windows(name.len()).any(|window| window == name))
}

/// One reading of a file that others may be reading too.
pub(super) struct FileReader {
    file: Arc<File>,
    position: u64,
}

impl FileReader {
    fn new(file: Arc<File>) -> Self {
        Self { file, position: 0 }
    }

    /// Another reading, from the start.
    pub(super) fn again(&self) -> Self {
        Self::new(self.file.clone())
    }

    pub(super) fn length(&self) -> io::Result<u64> {
        self.file.metadata().map(|metadata| metadata.len())
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.position)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let (from, offset) = match place {
            SeekFrom::Start(position) => (position, 0),
            SeekFrom::Current(offset) => (self.position, offset),
            SeekFrom::End(offset) => (self.length()?, offset),
        };
        let moved = from.checked_add_signed(offset);
        self.position = moved.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a seek before the start"))?;
        Ok(self.position)
    }
}
