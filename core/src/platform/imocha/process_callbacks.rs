//! Replay callbacks. Reference: section 13.

use serde::Serialize;
use serde_json::{Map, Value};

use super::members::take;
use super::reply;
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, json_request};
use crate::{Error, FieldError, Platform, wire};

/// `POST /v3/callbacks/process` (section 13, published): the latest final callback of each invitation is sent again. The answer says
/// that they are queued; they come later, to the addresses that were registered.
///
/// ```
/// use bidden::{BaseUrl, Call, imocha};
/// let call = imocha::ProcessCallbacks { testinvitation_ids: vec![2631727, 2633244] };
/// let request = call.to_request(&BaseUrl::parse(imocha::BASE_URL)?)?;
/// assert_eq!(request.body(), br#"{"testinvitationIds":[2631727,2633244]}"#);
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ProcessCallbacks {
    /// The invitations, 1 to [`ProcessCallbacks::MOST`] positive numbers.
    pub testinvitation_ids: Vec<i64>,
}

impl ProcessCallbacks {
    /// So many invitations does the platform take in one call (section 13, published: "only 100 will be processed").
    pub const MOST: usize = 100;

    /// The calls for any number of invitations, [`ProcessCallbacks::MOST`] in each (choice 25).
    pub fn chunks(ids: &[i64]) -> impl Iterator<Item = ProcessCallbacks> {
        ids.chunks(ProcessCallbacks::MOST).map(|ids| ProcessCallbacks { testinvitation_ids: ids.to_vec() })
    }
}

/// The answer to [`ProcessCallbacks`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ProcessedCallbacks {
    /// The invitations whose callback is queued.
    pub successful: Vec<i64>,
    /// The others.
    pub failed: Vec<i64>,
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

impl Call for ProcessCallbacks {
    type Reply = ProcessedCallbacks;
    const NAME: &'static str = "imocha.process_callbacks";
    const PLATFORM: Platform = Platform::Imocha;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/v3/callbacks/process";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 13, published",
        query: "",
        body: crate::engine::Shape::Written("{testinvitationIds: [integer]}"),
        statuses: &[200],
        answer: crate::engine::Shape::Written(
            "{result: {testinvitationIds: {successful: [integer], failed: [integer]}},
            errors: null}",
        ),
    };

    fn read(fields: &mut Fields) -> Self {
        ProcessCallbacks { testinvitation_ids: fields.integers("testinvitation_ids").unwrap_or_default() }
    }

    fn faults(&self) -> Vec<FieldError> {
        let fault = |reason: String| vec![FieldError::new("testinvitation_ids", reason)];
        if self.testinvitation_ids.is_empty() {
            fault("is missing; a list of invitations is expected".to_owned())
        } else if self.testinvitation_ids.len() > ProcessCallbacks::MOST {
            fault(format!("the platform takes at most {} in one call", ProcessCallbacks::MOST))
        } else if self.testinvitation_ids.iter().any(|id| *id < 1) {
            fault("positive numbers are expected".to_owned())
        } else {
            Vec::new()
        }
    }

    fn repeat(&self) -> Repeat {
        // A receiver has to take the same callback twice anyway (section 11).
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(rename = "testinvitationIds")]
            ids: &'a [i64],
        }
        crate::call::refuse(self.faults())?;
        let body = Body { ids: &self.testinvitation_ids };
        json_request(base, http::Method::POST, ProcessCallbacks::PATH, wire::body(&body, &Map::new()))
    }

    fn read_reply(&self, response: &Response) -> Result<ProcessedCallbacks, Error> {
        let lacks = || reply::lacks(response, "result.testinvitationIds");
        let (Some(Value::Object(mut result)), mut extra) = reply::result(response)? else { return Err(lacks()) };
        let Some(Value::Object(mut ids)) = wire::take(&mut result, "testinvitationIds") else { return Err(lacks()) };
        let (successful, failed) = (take(&mut ids, "successful"), take(&mut ids, "failed"));
        if successful.is_none() && failed.is_none() {
            return Err(reply::lacks(response, "list of successful or failed ids"));
        }
        extra.extend(result.into_iter().chain(ids));
        Ok(ProcessedCallbacks { successful: successful.unwrap_or_default(), failed: failed.unwrap_or_default(), extra })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        let refuse = |text: &str| reply::validation_refusal(&[format!("{text} (sandbox)")]);
        let mut body = super::request::object(request).map_err(|_| refuse("The request body is not a JSON object."))?;
        let ids: Option<Vec<i64>> = take(&mut body, "testinvitationIds");
        match ids {
            None => Err(refuse("testinvitationIds is not a list of integers.")),
            Some(ids) if ids.is_empty() => Err(refuse("testinvitationIds must not be empty.")),
            Some(testinvitation_ids) => Ok(ProcessCallbacks { testinvitation_ids }),
        }
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &ProcessedCallbacks, _dialect: &Dialect) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            result: Outcome<'a>,
            errors: Option<()>,
        }
        #[derive(Serialize)]
        struct Outcome<'a> {
            #[serde(rename = "testinvitationIds")]
            ids: Ids<'a>,
        }
        #[derive(Serialize)]
        struct Ids<'a> {
            successful: &'a [i64],
            failed: &'a [i64],
        }
        let ids = Ids { successful: &reply.successful, failed: &reply.failed };
        crate::http::json_response(200, &Body { result: Outcome { ids }, errors: None })
    }
}
