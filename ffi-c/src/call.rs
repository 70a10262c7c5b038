//! The one door: every call by its name and a neutral JSON form.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::sync::{Arc, LazyLock};

use bidden::http::Response;
use bidden::{AnyCall, CALLS, Error};

use crate::boundary::{Or, boundary};
use crate::error::bidden_error;
use crate::memory::{self, Output, present};
use crate::options::{self, bidden_options};
use crate::reply::bidden_reply;
use crate::request::{self, bidden_request};
use crate::string::bidden_string;
use crate::{numbers, time};

/// One call of one platform with its arguments, as a value. *Shared*.
pub struct bidden_call(pub Arc<AnyCall>);

impl bidden_call {
    pub fn new(call: AnyCall) -> Box<Self> {
        Box::new(bidden_call(Arc::new(call)))
    }
}

/// A header of an answer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_header {
    /// Its name, in any letter case.
    pub name: *const c_char,
    /// Its value as it came, in whatever encoding.
    pub value: *const c_char,
}

/// The table of calls as static texts of C: name, method, path.
static ROWS: LazyLock<Vec<[CString; 3]>> = LazyLock::new(|| {
    let text = |text: &str| CString::new(text).unwrap_or_default();
    CALLS.iter().map(|row| [text(row.name), text(row.method), text(row.path)]).collect()
});

fn column(index: usize, column: usize) -> *const c_char {
    ROWS.get(index).map_or(std::ptr::null(), |row| row[column].as_ptr())
}

/// How many calls there are.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_count() -> usize {
    boundary(Or(0), || CALLS.len())
}

/// The name of a call of the table, from 0, e.g. `"imocha.invite"`: static text. NULL behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_name_at(index: usize) -> *const c_char {
    boundary(Or(std::ptr::null()), || column(index, 0))
}

/// The HTTP method of a call of the table, from 0: static text. NULL behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_method_at(index: usize) -> *const c_char {
    boundary(Or(std::ptr::null()), || column(index, 1))
}

/// The path of a call of the table, from 0, its parameters in braces: static text. NULL behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_path_at(index: usize) -> *const c_char {
    boundary(Or(std::ptr::null()), || column(index, 2))
}

/// The platform of a call of the table, from 0, `BIDDEN_PLATFORM_…`; 0 behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_platform_at(index: usize) -> i32 {
    boundary(Or(0), || CALLS.get(index).map_or(0, |row| numbers::of_platform(row.platform)))
}

/// Makes a call from its name and the neutral JSON of its arguments: one flat object with the reference's field names in
/// snake_case, path parameters beside them, a bare array under `candidates`, flags as booleans, times as RFC 3339 or seconds,
/// unknown fields under `extra`. Free it with `bidden_call_free`.
///
/// `invalid-input`: an unknown name; every field that is missing or cannot be right, all at once.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_new(
    name: *const c_char,
    json: *const c_char,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        call.put(Some(bidden_call::new(AnyCall::from_json(memory::text(name, "name")?, memory::text(json, "json")?)?)));
        Ok(())
    })
}

/// Frees a call. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_free(call: Option<Box<bidden_call>>) {
    boundary(Or(()), || drop(call))
}

/// The call's name: static text. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_name(call: Option<&bidden_call>) -> *const c_char {
    boundary(Or(std::ptr::null()), || {
        let index = call.and_then(|call| CALLS.iter().position(|row| row.name == call.0.name()));
        index.map_or(std::ptr::null(), |index| column(index, 0))
    })
}

/// Whose call it is, `BIDDEN_PLATFORM_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_platform(call: Option<&bidden_call>) -> i32 {
    boundary(Or(0), || call.map_or(0, |call| numbers::of_platform(call.0.row().platform)))
}

/// Whether the call may be sent again when nobody knows what became of it, `BIDDEN_REPEAT_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_repeat(call: Option<&bidden_call>) -> i32 {
    boundary(Or(0), || call.map_or(0, |call| numbers::of_repeat(call.0.repeat())))
}

/// Whether the call asks the platform to mail the candidate.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_asks_for_mail(call: Option<&bidden_call>) -> bool {
    boundary(Or(false), || call.is_some_and(|call| call.0.asks_for_mail()))
}

/// The same call asking for no mail: what a lost call of `BIDDEN_REPEAT_WITHOUT_MAIL` is repeated as. Free it with
/// `bidden_call_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_without_mail(
    call: Option<&bidden_call>,
    without_mail: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let without_mail = Output::new(without_mail, "without_mail")?;
        let call = &present(call, "call")?.0;
        without_mail.put(Some(call.leaving_out_mail().map_or_else(|| Box::new(bidden_call(call.clone())), bidden_call::new)));
        Ok(())
    })
}

/// The neutral JSON of the arguments. It may hold secrets of a candidate. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_json(call: Option<&bidden_call>) -> bidden_string {
    boundary(Or(bidden_string::default()), || call.map(|call| call.0.to_json()).as_deref().into())
}

/// The request of a call, to be sent with the program's own HTTP stack. `options` says where to; when it holds the platform's
/// credential, the request carries it and the client's guards are kept: no key of the sandbox leaves the machine, no example
/// address goes to a live host. Without one (NULL: the platform's live address) the program adds it. `now_seconds` is signed
/// by Think Exam's recipes and may be `BIDDEN_TIME_ABSENT`: the clock is read. Free it with `bidden_request_free`.
///
/// `invalid-input`, `configuration`, and what a signer returns.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_request(
    call: Option<&bidden_call>,
    options: *const bidden_options,
    now_seconds: i64,
    request: Option<&mut MaybeUninit<Option<Box<bidden_request>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let request = Output::new(request, "request")?;
        let call = &present(call, "call")?.0;
        let options = options::read(options)?;
        let platform = call.row().platform;
        let base = options.base_url(platform)?;
        let made = match options.credential(platform, &base)? {
            Some(credential) => credential.request(call, &base, time::now(now_seconds)?)?,
            None => call.to_request(&base)?,
        };
        request.put(Some(Box::new(bidden_request::new(made))));
        Ok(())
    })
}

/// Reads the platform's answer to a call: HTTP status, headers (NULL with 0 when the program has none; `retry-after` and
/// `date` are read), and the body's bytes. What the platform refused is an error. Free the reply with `bidden_reply_free`.
///
/// Any kind that an answer can mean; `malformed-reply` for what cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_call_read_reply(
    call: Option<&bidden_call>,
    http_status: i32,
    headers: *const bidden_header,
    header_count: usize,
    body: *const u8,
    body_length: usize,
    reply: Option<&mut MaybeUninit<Option<Box<bidden_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let reply = Output::new(reply, "reply")?;
        let call = &present(call, "call")?.0;
        let response = response(http_status, memory::list(headers, header_count, "headers")?, memory::bytes(body, body_length, "body")?)?;
        reply.put(Some(Box::new(bidden_reply(call.read_reply(&response)?))));
        Ok(())
    })
}

fn response(status: i32, headers: &[bidden_header], body: &[u8]) -> Result<Response, Error> {
    let wrong = || memory::fault("http_status", "is no HTTP status");
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = u16::try_from(status).ok().and_then(|status| http::StatusCode::from_u16(status).ok()).ok_or_else(wrong)?;
    *response.headers_mut() = request::headers(headers)?;
    Ok(response)
}
