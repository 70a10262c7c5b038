//! Connections that ask less of the kernel: five system calls fewer than ureq makes for each call, and six are left.
//!
//! What stays as it was: a connection that was closed, or on which something arrived that nobody asked for, is never used
//! again.

use std::time::Duration;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport};

/// Opens connections as ureq does.
#[derive(Debug, Default)]
pub(super) struct Connections(DefaultConnector);

impl Connector for Connections {
    type Out = Connection;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Connection>, Error> {
        let opened = self.0.connect(details, chained)?;
        Ok(opened.map(|inner| Connection { inner, was_used: false }))
    }
}

/// A connection of ureq's, over TLS or not.
#[derive(Debug)]
pub(super) struct Connection {
    inner: Box<dyn Transport>,
    /// Whether something was sent since it was last asked whether it is open.
    was_used: bool,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.was_used = true;
        self.inner.transmit_output(amount, rounded(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(rounded(timeout))
    }

    /// ureq asks when a connection goes back and again when it is taken, each time by three system calls. What would be seen
    /// when it goes back is still there when it is taken, which is when it matters.
    fn is_open(&mut self) -> bool {
        std::mem::take(&mut self.was_used) || self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// The time that is left, up to a sixty-fourth more: it is less for each request by some microseconds, and ureq tells the kernel
/// of every change, once for sending and once for receiving.
fn rounded(timeout: NextTimeout) -> NextTimeout {
    let left = u64::try_from(timeout.after.as_millis()).unwrap_or(u64::MAX);
    let step = (left.checked_ilog2().map_or(1, |bits| 1 << bits) / 64).max(1);
    match (left / step + 1).checked_mul(step) {
        Some(milliseconds) if !timeout.after.is_not_happening() => {
            NextTimeout { after: Duration::from_millis(milliseconds).into(), ..timeout }
        }
        _ => timeout,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc;

    use super::*;

    fn round(left: Duration) -> Duration {
        *rounded(NextTimeout { after: left.into(), ..NextTimeout::default() }).after
    }

    #[test]
    fn a_time_out_is_never_shorter_and_hardly_longer() {
        for left in (0..40).map(|power| Duration::from_micros(3_u64.pow(power / 2) + u64::from(power))) {
            let longest = left + (left / 64).max(Duration::from_millis(1));
            assert!((left..=longest).contains(&round(left)), "{left:?}: {:?}", round(left));
        }
        assert_eq!(round(Duration::from_millis(29_999)), round(Duration::from_millis(29_980)));
        assert!(rounded(NextTimeout::default()).after.is_not_happening());
        round(Duration::MAX);
    }

    /// Answers a first request on each connection and does `then`, until the client has gone.
    fn answers(then: &'static [u8], is_closed: bool) -> (String, mpsc::Receiver<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (connected, connections) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = connected.send(());
                std::thread::spawn(move || {
                    let mut request = [0; 4096];
                    while stream.read(&mut request).is_ok_and(|count| count > 0) {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                        std::thread::sleep(Duration::from_millis(50));
                        let _ = stream.write_all(then);
                        if is_closed {
                            return;
                        }
                    }
                });
            }
        });
        (url, connections)
    }

    fn connections_of_two_requests(then: &'static [u8], is_closed: bool) -> usize {
        let (url, connections) = answers(then, is_closed);
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build();
        let agent = ureq::Agent::with_parts(config, Connections::default(), ureq::unversioned::resolver::DefaultResolver::default());
        for _ in 0..2 {
            assert_eq!(agent.get(&url).call().unwrap().body_mut().read_to_string().unwrap(), "ok");
            std::thread::sleep(Duration::from_millis(200));
        }
        connections.try_iter().count()
    }

    #[test]
    fn a_connection_is_used_again_unless_it_was_closed_or_more_came_than_was_asked_for() {
        assert_eq!(connections_of_two_requests(b"", false), 1);
        assert_eq!(connections_of_two_requests(b"", true), 2);
        assert_eq!(connections_of_two_requests(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nold", false), 2);
    }
}
