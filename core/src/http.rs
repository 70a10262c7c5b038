//! Requests and responses as plain data, and the address of a platform.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Error, Kind};

/// A request with its whole body, ready for any HTTP stack.
pub type Request = http::Request<Vec<u8>>;

/// A response with its whole body.
pub type Response = http::Response<Vec<u8>>;

/// What may stand in a path segment as it is (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// SHA-256 over method, path with query, and body: what a request asks for, without host and credentials.
#[must_use]
pub fn digest(request: &Request) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    for part in [request.method().as_str(), " ", path, "\n"] {
        hasher.update(part);
    }
    hasher.update(request.body());
    hasher.finalize().into()
}

/// The address of a platform: scheme, host, port and an optional path in front of every call, without a trailing slash.
///
/// ```
/// let base = bidden::BaseUrl::parse("http://127.0.0.1:8787/")?;
/// assert_eq!(base.as_str(), "http://127.0.0.1:8787");
/// assert!(base.is_loopback());
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BaseUrl {
    text: String,
    loopback: bool,
}

impl BaseUrl {
    /// Reads `http://…` or `https://…`.
    ///
    /// # Errors
    /// `configuration` when it is not such an address, or carries a user name, a query or a fragment.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong =
            |why: &str| Error::new(Kind::Configuration, format!("the base URL {why}; it looks like https://host or http://127.0.0.1:8787"));
        let text = text.trim().trim_end_matches('/');
        if text.contains('#') {
            return Err(wrong("carries a fragment"));
        }
        let uri: http::Uri = text.parse().map_err(|_| wrong("cannot be read"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(wrong("does not begin with http:// or https://"));
        }
        let Some(authority) = uri.authority() else { return Err(wrong("has no host")) };
        if authority.as_str().contains('@') {
            return Err(wrong("carries a user name"));
        }
        if authority.as_str().rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']') && port.parse::<u16>().is_err()) {
            return Err(wrong("has a port that is not a number up to 65535"));
        }
        if authority.host().is_empty() {
            return Err(wrong("has no host"));
        }
        if uri.query().is_some() {
            return Err(wrong("carries a query"));
        }
        Ok(BaseUrl { text: text.to_owned(), loopback: is_loopback_host(authority.host()) })
    }

    /// The address without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the address itself says loopback: `localhost`, 127.0.0.0/8 or `[::1]`. A name that merely resolves there does not count.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Host and, when given, port.
    #[must_use]
    pub fn host(&self) -> &str {
        let after_scheme = self.text.split_once("://").map_or(self.text.as_str(), |(_, rest)| rest);
        after_scheme.split('/').next().unwrap_or(after_scheme)
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn is_loopback_host(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    match host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => false,
    }
}

/// Whether a text is an absolute web address.
pub(crate) fn is_web_address(text: &str) -> bool {
    match text.parse::<http::Uri>() {
        Ok(uri) => matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty()),
        Err(_) => false,
    }
}

/// A path parameter, percent-encoded as one segment.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A path out of its template, such as `/tasks/{task_id}/candidates`: the parameters in their order, percent-encoded.
pub(crate) fn path(template: &str, parameters: &[&str]) -> String {
    let mut parameters = parameters.iter();
    let mut text = String::new();
    for part in template.split('/').skip(1) {
        text.push('/');
        match if part.starts_with('{') { parameters.next() } else { None } {
            Some(parameter) => text.push_str(&segment(parameter)),
            None => text.push_str(part),
        }
    }
    text
}

/// A path and those of the parameters that have a value, percent-encoded.
pub(crate) fn with_query(path: &str, parameters: &[(&str, Option<String>)]) -> String {
    let mut text = path.to_owned();
    let mut separator = "?";
    for (name, value) in parameters {
        if let Some(value) = value {
            text.extend([separator, *name, "=", &segment(value)]);
            separator = "&";
        }
    }
    text
}

/// A request with a JSON body. `path` is already encoded.
pub(crate) fn json_request(base: &BaseUrl, method: Method, path: &str, body: Vec<u8>) -> Result<Request, Error> {
    let mut request = bare_request(base, method, path)?;
    *request.body_mut() = body;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// A request without a body, and so without a content type. `path` is already encoded and may carry a query.
pub(crate) fn bare_request(base: &BaseUrl, method: Method, path: &str) -> Result<Request, Error> {
    let mut request = Request::default();
    *request.method_mut() = method;
    let mut address = String::with_capacity(base.as_str().len() + path.len());
    address.extend([base.as_str(), path]);
    *request.uri_mut() = http::Uri::try_from(address)
        .map_err(|error| Error::new(Kind::Configuration, "base URL and path do not make an address").with_source(error))?;
    Ok(request)
}

/// A response with a JSON body.
#[cfg(feature = "engine")]
pub(crate) fn json_response(status: u16, body: &impl serde::Serialize) -> Response {
    let mut response = Response::new(serde_json::to_vec(body).unwrap_or_default());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The decoded parameters of a path, when it fits a template such as `/v3/tests/{test_id}/invite`.
#[cfg(feature = "engine")]
pub(crate) fn path_parameters(template: &str, path: &str) -> Option<Vec<String>> {
    let mut parameters = Vec::new();
    let mut given = path.split('/');
    for part in template.split('/') {
        let text = given.next()?;
        if part.starts_with('{') {
            if text.is_empty() {
                return None;
            }
            parameters.push(percent_encoding::percent_decode_str(text).decode_utf8().ok()?.into_owned());
        } else if part != text {
            return None;
        }
    }
    given.next().is_none().then_some(parameters)
}

/// The decoded value of a query parameter, the first of its name.
#[cfg(feature = "engine")]
pub(crate) fn query_value(request: &Request, name: &str) -> Option<String> {
    let decode = |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    request.uri().query()?.split('&').find_map(|pair| {
        let (found, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(found) == name).then(|| decode(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_what_the_address_says() {
        for (text, expected) in [
            ("http://localhost:1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:8787/ns/a", true),
            ("https://localhost.example.com", false),
            ("https://127.0.0.1.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn a_bad_address_is_configuration() {
        for text in [
            "",
            "127.0.0.1:8787",
            "ftp://host",
            "http://user:pass@host",
            "http://host?x=1",
            "http://host#x",
            "http://",
            "http://127.0.0.1:99999",
            "http://host:",
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap_err().kind(), Kind::Configuration, "{text}");
        }
    }

    #[test]
    fn path_parameters_are_encoded_as_one_segment() {
        let path = format!("/a/{}/b", segment("x/#? é"));
        assert_eq!(path, "/a/x%2F%23%3F%20%C3%A9/b");
    }

    #[cfg(feature = "engine")]
    #[test]
    fn a_path_gives_its_parameters_back_decoded() {
        let path = format!("/a/{}/b", segment("x/#? é"));
        assert_eq!(path_parameters("/a/{id}/b", &path), Some(vec!["x/#? é".to_owned()]));
        assert_eq!(path_parameters("/a/{id}/b", "/a//b"), None);
        assert_eq!(path_parameters("/a/{id}/b", "/a/1/b/c"), None);
    }

    #[test]
    fn a_query_names_what_has_a_value() {
        let value = |text: &str| Some(text.to_owned());
        assert_eq!(with_query("/a", &[("x", None)]), "/a");
        assert_eq!(with_query("/a", &[("x", None), ("y", value("")), ("z", value("a+b c&é#"))]), "/a?y=&z=a%2Bb%20c%26%C3%A9%23");
    }

    #[cfg(feature = "engine")]
    #[test]
    fn a_query_gives_its_values_back_decoded() {
        let request = bare_request(&BaseUrl::parse("http://localhost").unwrap(), Method::GET, "/a?x=1%262&y&na%6De=a+b%2B").unwrap();
        assert_eq!(query_value(&request, "x").as_deref(), Some("1&2"));
        assert_eq!(query_value(&request, "y").as_deref(), Some(""));
        assert_eq!(query_value(&request, "name").as_deref(), Some("a b+"));
        assert_eq!(query_value(&request, "z"), None);
    }
}
