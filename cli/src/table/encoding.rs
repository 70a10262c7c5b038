//! Turns the bytes of a file into UTF-8, block by block.
//!
//! A byte order mark decides; without one, zero bytes at every other place mean UTF-16, and
//! everything else is UTF-8 until a byte says otherwise. All bytes before it were ASCII then, which
//! both encodings read alike, so the file is Windows-1252 from its start. When characters of UTF-8
//! came first, or come later, the file is a mixture: it is refused with the line, because either
//! reading would write somebody's name wrongly.

use std::fmt;
use std::io::{self, Read};

use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or plain ASCII.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8WithMark,
    /// UTF-16, low byte first.
    Utf16LittleEndian,
    /// UTF-16, high byte first.
    Utf16BigEndian,
    /// Windows-1252, the Western European code page.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8WithMark => "UTF-8 with byte order mark",
            Self::Utf16LittleEndian => "UTF-16 LE",
            Self::Utf16BigEndian => "UTF-16 BE",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// Why the bytes after the text given so far cannot be read.
#[derive(Debug)]
pub(super) enum DecodeFault {
    Io(io::Error),
    Mixed,
    Utf16,
    NoEncoding(u8),
}

/// How many bytes are looked at to tell UTF-16 without a mark.
const SAMPLE: usize = 64;

/// A run of non-ASCII bytes longer than this is not kept together over two blocks.
const LONGEST_RUN: usize = 64;

/// The share of zero bytes in one half of the places that means UTF-16: one in four.
const ZERO_SHARE: usize = 4;

enum State {
    Start,
    Utf8 { saw_non_ascii: bool },
    Windows1252,
    Utf16,
}

/// Reads a source as UTF-8.
pub(super) struct Decoder {
    source: Box<dyn Read + Send>,
    /// Bytes read and not yet turned into text.
    raw: Vec<u8>,
    state: State,
    converter: encoding_rs::Decoder,
    encoding: Encoding,
    has_ended: bool,
}

impl Decoder {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            source,
            raw: Vec::new(),
            state: State::Start,
            converter: WINDOWS_1252.new_decoder_without_bom_handling(),
            encoding: Encoding::Utf8,
            has_ended: false,
        }
    }

    /// The encoding as far as it is known.
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether all of the source was read and handed out.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Appends text from about `wanted` more bytes. What could be read before a fault is appended
    /// too.
    pub(super) fn fill(&mut self, text: &mut Vec<u8>, wanted: usize) -> Result<(), DecodeFault> {
        // What the first look took is handed out before more is asked for: a slow source may have
        // no more yet.
        let is_first = matches!(self.state, State::Start);
        if is_first {
            while self.raw.len() < SAMPLE && !self.has_ended {
                self.read_raw(wanted)?;
            }
            self.recognise();
        }
        let wanted = if is_first || self.has_ended { 0 } else { wanted.max(1) };
        if let State::Utf8 { saw_non_ascii } = self.state {
            return self.fill_utf8(text, wanted, saw_non_ascii);
        }
        self.read_raw(wanted)?;
        self.convert(text)
    }

    fn read_raw(&mut self, wanted: usize) -> Result<(), DecodeFault> {
        if wanted > 0 {
            self.has_ended = read_onto(&mut *self.source, &mut self.raw, wanted)? == 0;
        }
        Ok(())
    }

    /// Looks at the first bytes.
    fn recognise(&mut self) {
        let raw = self.raw.as_slice();
        let sample = &raw[..raw.len().min(SAMPLE)];
        let zeros = |offset| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        let is_many = |count: usize| count > 0 && count * ZERO_SHARE * 2 >= sample.len();
        let (encoding, mark) = if raw.starts_with(b"\xEF\xBB\xBF") {
            (Encoding::Utf8WithMark, 3)
        } else if raw.starts_with(b"\xFF\xFE") {
            (Encoding::Utf16LittleEndian, 2)
        } else if raw.starts_with(b"\xFE\xFF") {
            (Encoding::Utf16BigEndian, 2)
        } else if even == 0 && is_many(odd) {
            (Encoding::Utf16LittleEndian, 0)
        } else if odd == 0 && is_many(even) {
            (Encoding::Utf16BigEndian, 0)
        } else {
            (Encoding::Utf8, 0)
        };
        self.raw.drain(..mark);
        self.encoding = encoding;
        self.state = match encoding {
            Encoding::Utf16LittleEndian => {
                self.converter = UTF_16LE.new_decoder_without_bom_handling();
                State::Utf16
            }
            Encoding::Utf16BigEndian => {
                self.converter = UTF_16BE.new_decoder_without_bom_handling();
                State::Utf16
            }
            // A file that says it is UTF-8 is held to it.
            Encoding::Utf8WithMark => State::Utf8 { saw_non_ascii: true },
            Encoding::Utf8 | Encoding::Windows1252 => State::Utf8 { saw_non_ascii: false },
        };
    }

    fn fill_utf8(&mut self, text: &mut Vec<u8>, wanted: usize, saw_non_ascii: bool) -> Result<(), DecodeFault> {
        let start = text.len();
        text.append(&mut self.raw);
        if wanted > 0 {
            match read_onto(&mut *self.source, text, wanted) {
                Ok(count) => self.has_ended = count == 0,
                Err(fault) => {
                    text.truncate(start);
                    return Err(fault);
                }
            }
        }
        let block = &text[start..];
        let Err(error) = str::from_utf8(block) else {
            let saw_non_ascii = saw_non_ascii || !block.is_ascii();
            self.state = State::Utf8 { saw_non_ascii };
            return Ok(());
        };
        let valid = start + error.valid_up_to();
        let saw_non_ascii = saw_non_ascii || !text[start..valid].is_ascii();
        self.state = State::Utf8 { saw_non_ascii };
        self.raw.extend_from_slice(&text[valid..]);
        text.truncate(valid);
        if error.error_len().is_none() && !self.has_ended {
            return Ok(());
        }
        if saw_non_ascii {
            return Err(DecodeFault::Mixed);
        }
        self.encoding = Encoding::Windows1252;
        self.state = State::Windows1252;
        self.convert(text)
    }

    /// Converts what was read. A run of non-ASCII bytes at the end waits for its other half.
    fn convert(&mut self, text: &mut Vec<u8>) -> Result<(), DecodeFault> {
        let mut length = self.raw.len();
        let mut fault = None;
        if matches!(self.state, State::Windows1252) {
            if !self.has_ended {
                let run = self.raw.iter().rev().take_while(|byte| !byte.is_ascii()).count();
                length -= if run > LONGEST_RUN { 0 } else { run };
            }
            if let Some((place, found)) = unlike_windows_1252(&self.raw[..length]) {
                length = place;
                fault = Some(found);
            }
        }
        let is_last = self.has_ended && fault.is_none();
        let mut taken = 0;
        loop {
            let source = &self.raw[taken..length];
            let start = text.len();
            // Three bytes of UTF-8 are the most that one byte or one pair becomes.
            text.resize(start + source.len() * 3 + 16, 0);
            let (result, read, written) = self.converter.decode_to_utf8_without_replacement(source, &mut text[start..], is_last);
            text.truncate(start + written);
            taken += read;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return Err(DecodeFault::Utf16),
            }
        }
        self.raw.drain(..length);
        fault.map_or(Ok(()), Err)
    }
}

/// Reads once and appends.
fn read_onto(source: &mut (dyn Read + Send), bytes: &mut Vec<u8>, wanted: usize) -> Result<usize, DecodeFault> {
    let start = bytes.len();
    bytes.resize(start + wanted, 0);
    let result = loop {
        match source.read(&mut bytes[start..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => break result,
        }
    };
    let count = result.as_ref().map_or(0, |count| *count).min(wanted);
    bytes.truncate(start + count);
    result.map(|_| count).map_err(DecodeFault::Io)
}

/// The first place that speaks against Windows-1252: a byte that it does not have, or a run of
/// non-ASCII bytes that is UTF-8.
fn unlike_windows_1252(bytes: &[u8]) -> Option<(usize, DecodeFault)> {
    let mut position = 0;
    while let Some(offset) = bytes[position..].iter().position(|byte| !byte.is_ascii()) {
        let start = position + offset;
        let length = bytes[start..].iter().take_while(|byte| !byte.is_ascii()).count();
        let run = &bytes[start..start + length];
        if str::from_utf8(run).is_ok() {
            return Some((start, DecodeFault::Mixed));
        }
        if let Some(offset) = run.iter().position(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)) {
            return Some((start + offset, DecodeFault::NoEncoding(run[offset])));
        }
        position = start + length;
    }
    None
}
