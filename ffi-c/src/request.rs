//! A request as plain data, for the program's own HTTP stack and for signing.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use bidden::Error;
use bidden::http::Request;

use crate::boundary::{Or, boundary};
use crate::call::bidden_header;
use crate::error::bidden_error;
use crate::memory::{self, Output, present};
use crate::string::bidden_string;

/// Method, URL, headers and body. *One thread at a time.*
pub struct bidden_request(Request);

impl bidden_request {
    /// Wraps one.
    pub fn new(request: Request) -> Self {
        bidden_request(request)
    }

    /// What it holds.
    pub fn inner(&self) -> &Request {
        &self.0
    }

    /// What it holds, to be changed.
    pub fn inner_mut(&mut self) -> &mut Request {
        &mut self.0
    }
}

/// Makes a request to be signed or verified. `url` is complete, or a path beginning with `/`. Free it with
/// `bidden_request_free`.
///
/// `invalid-input`: a method or URL that cannot be one.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_new(
    method: *const c_char,
    url: *const c_char,
    body: *const u8,
    body_length: usize,
    request: Option<&mut MaybeUninit<Option<Box<bidden_request>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let output = Output::new(request, "request")?;
        let mut request = Request::new(memory::bytes(body, body_length, "body")?.to_vec());
        *request.method_mut() = memory::text(method, "method")?.parse().map_err(|_| memory::fault("method", "is no HTTP method"))?;
        *request.uri_mut() = memory::text(url, "url")?.parse().map_err(|_| memory::fault("url", "cannot be read"))?;
        output.put(Some(Box::new(bidden_request(request))));
        Ok(())
    })
}

/// Frees a request. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_free(request: Option<Box<bidden_request>>) {
    boundary(Or(()), || drop(request))
}

/// Sets a header, in place of one of the same name.
///
/// `invalid-input`: a name or value that no header can have.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_set_header(
    request: Option<&mut bidden_request>,
    name: *const c_char,
    value: *const c_char,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let request = present(request, "request")?;
        let (name, value) = (header_name(memory::text(name, "name")?)?, memory::text(value, "value")?);
        let value = value.parse().map_err(|_| memory::fault("value", "cannot stand in a header"))?;
        request.0.headers_mut().insert(name, value);
        Ok(())
    })
}

/// The name of a header of C.
pub fn header_name(name: &str) -> Result<http::HeaderName, Error> {
    name.parse().map_err(|_| memory::fault("name", "is no name of a header"))
}

/// The headers of C, as they came over the wire.
pub fn headers(given: &[bidden_header]) -> Result<http::HeaderMap, Error> {
    let mut headers = http::HeaderMap::new();
    for header in given {
        let name = header_name(memory::text(header.name, "headers.name")?)?;
        // A header may hold letters of any encoding (RFC 9110, 5.5); a message is not lost for one that nobody reads.
        let value = http::HeaderValue::from_bytes(memory::wire_text(header.value, "headers.value")?);
        headers.append(name, value.map_err(|_| memory::fault("headers.value", "cannot stand in a header"))?);
    }
    Ok(headers)
}

/// The method, e.g. `POST`. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_method(request: Option<&bidden_request>) -> bidden_string {
    boundary(Or(bidden_string::default()), || request.map(|request| request.0.method().as_str()).into())
}

/// The complete URL. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_url(request: Option<&bidden_request>) -> bidden_string {
    boundary(Or(bidden_string::default()), || request.map(|request| request.0.uri().to_string()).as_deref().into())
}

/// The body; an empty text when it has none. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_body(request: Option<&bidden_request>) -> bidden_string {
    boundary(Or(bidden_string::default()), || request.map(|request| memory::new_string(request.0.body())).unwrap_or_default())
}

/// How many headers it has. A credential is one of them when the request was made with one.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_header_count(request: Option<&bidden_request>) -> usize {
    boundary(Or(0), || request.map_or(0, |request| request.0.headers().len()))
}

/// The name of a header, from 0, in lower case; absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_header_name(request: Option<&bidden_request>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || {
        request.and_then(|request| request.0.headers().iter().nth(index)).map(|(name, _)| name.as_str()).into()
    })
}

/// The value of a header, from 0; it may be a credential. Absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_request_header_value(request: Option<&bidden_request>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || {
        let value = request.and_then(|request| request.0.headers().iter().nth(index));
        value.map(|(_, value)| memory::new_string(value.as_bytes())).unwrap_or_default()
    })
}
