//! HTTP/1 as both ends of the benchmark need it: heads with a length, and what follows them.

use std::io::{ErrorKind, Read};

/// What has come over a connection and is not yet used up.
#[derive(Default)]
pub struct Incoming {
    bytes: Vec<u8>,
    used: usize,
}

impl Incoming {
    /// Reads what is there; `false` when the other end has gone.
    pub fn read(&mut self, stream: &mut impl Read) -> std::io::Result<bool> {
        if self.used == self.bytes.len() {
            self.bytes.clear();
            self.used = 0;
        }
        let mut space = [0; 16 * 1024];
        loop {
            match stream.read(&mut space) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.bytes.extend_from_slice(&space[..count]);
                    // Less than was asked for: nothing more is there, and asking again would be one more system call.
                    if count < space.len() {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What is there.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.used..]
    }

    /// That many bytes are dealt with.
    pub fn skip(&mut self, count: usize) {
        self.used += count;
    }
}

/// The length that the headers name; 0 without one.
pub fn length(headers: &[httparse::Header<'_>]) -> usize {
    headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse().ok())
        .unwrap_or(0)
}
