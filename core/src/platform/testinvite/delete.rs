//! Delete a candidate. Reference: section 4.4.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{id_fault, reply};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::Fields;
use crate::http::{BaseUrl, Request, Response, bare_request, path};
use crate::{Error, FieldError, Kind, Platform, wire};

/// `DELETE /api/integration/rest/v1/tasks/{taskId}/candidates/{id}` (section 4.4, published). Refused once the candidate has
/// logged in or taken part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DeleteCandidate {
    /// The task.
    pub task_id: String,
    /// The candidate's id.
    pub id: String,
}

/// The answer to [`DeleteCandidate`]: documented to be an empty object.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct Deleted {
    /// Members that bidden does not know.
    pub extra: Map<String, Value>,
}

quiet_debug!(Deleted);

impl Call for DeleteCandidate {
    type Reply = Deleted;
    const NAME: &'static str = "testinvite.delete_candidate";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "DELETE";
    const PATH: &'static str = "/api/integration/rest/v1/tasks/{task_id}/candidates/{id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 4.4, published",
        query: "",
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: crate::engine::Shape::Record,
    };

    fn read(fields: &mut Fields) -> Self {
        DeleteCandidate { task_id: fields.id_text("task_id").unwrap_or_default(), id: fields.id_text("id").unwrap_or_default() }
    }

    fn faults(&self) -> Vec<FieldError> {
        let ids = [("task_id", &self.task_id), ("id", &self.id)];
        ids.into_iter().filter_map(|(field, id)| Some(FieldError::new(field, id_fault(id)?))).collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn settled_by(&self, refusal: &Error) -> Option<Deleted> {
        // Section 3.4: 404 on the repeat is success.
        (refusal.kind() == Kind::NotFound).then(Deleted::default)
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.task_id, &self.id]);
        bare_request(base, http::Method::DELETE, &path)
    }

    fn read_reply(&self, response: &Response) -> Result<Deleted, Error> {
        if let Some(error) = reply::error_where(response, Kind::Refused) {
            return Err(error);
        }
        // Choice C41: any 2xx, so a 204 too. Whoever answers with a page instead, such as a proxy that asks to sign in, is not
        // the platform.
        let is_empty = response.body().trim_ascii().is_empty();
        Ok(Deleted { extra: if is_empty { Map::new() } else { wire::object(response)? } })
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        let [task_id, id] = reply::path_ids::<2>(Self::PATH, request)?;
        Ok(DeleteCandidate { task_id, id })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &Deleted, _dialect: &Dialect) -> Response {
        crate::http::json_response(200, &reply.extra)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<Deleted, Error> {
        let call = DeleteCandidate { task_id: "t".into(), id: "c".into() };
        call.read_reply(&http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn any_2xx_says_that_the_candidate_is_gone_unless_somebody_else_answers() {
        for (status, body) in [(200, "{}"), (204, ""), (202, " ")] {
            assert!(read(status, body).is_ok_and(|deleted| deleted == Deleted::default()), "{status} {body}");
        }
        assert_eq!(read(200, r#"{"deleted":true}"#).unwrap().extra["deleted"], true);
        assert_eq!(read(200, "<html>Please sign in.</html>").unwrap_err().kind(), Kind::MalformedReply);
    }

    #[test]
    fn a_403_is_the_lifecycles_refusal_whatever_its_body() {
        for body in ["", "<html>", r#"{"error":{"code":"forbidden"}}"#, r#"{"error":{"code":"duplicate-candidate"}}"#] {
            assert_eq!(read(403, body).unwrap_err().kind(), Kind::Refused, "{body}");
        }
        assert_eq!(read(400, "").unwrap_err().kind(), Kind::Rejected);
        assert_eq!(read(404, "").unwrap_err().kind(), Kind::NotFound);
    }

    #[test]
    fn only_nobody_there_settles_a_repeat() {
        let call = DeleteCandidate { task_id: "t".into(), id: "c".into() };
        assert!(call.settled_by(&read(404, "").unwrap_err()) == Some(Deleted::default()));
        for status in [400, 401, 403, 429, 500] {
            assert!(call.settled_by(&read(status, "").unwrap_err()).is_none(), "{status}");
        }
    }
}
