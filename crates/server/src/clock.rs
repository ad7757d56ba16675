//! What time it is: the machine's clock, or virtual time that `/_goru/clock` moves on a test server.

use controllers::virtual_time::{AdvanceError, VirtualTime};
use model::{Timestamp, time::Clock};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// The wall clock of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().plus(since)
    }
}

/// The server's one clock.
#[derive(Clone)]
pub enum ServerClock {
    /// It goes by itself.
    Real,
    /// It moves when it is told to.
    Virtual(Arc<VirtualTime>),
}

/// The body of `POST /_goru/clock`: one of both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveRequest {
    /// So far forward; 0 only waits until all controllers rest.
    advance_seconds: Option<f64>,
    /// To this moment: ISO 8601 with a zone.
    to: Option<String>,
}

/// Why the clock was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// This server's clock goes by itself.
    #[error("this server's clock is the real one; start a server with clock = \"virtual\" and auth.mode = \"none\"")]
    Real,
    /// The body says nothing that can be done.
    #[error("{0}; say {{\"advance_seconds\": 300}} or {{\"to\": \"2026-11-20T12:00:00Z\"}}")]
    Malformed(String),
    /// The clock did not get there.
    #[error(transparent)]
    Advance(#[from] AdvanceError),
}

impl ServerClock {
    /// The clock for everything that asks what time it is.
    pub fn shared(&self) -> Arc<dyn Clock> {
        match self {
            Self::Real => Arc::new(SystemClock),
            Self::Virtual(time) => time.clone(),
        }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Real => SystemClock.now(),
            Self::Virtual(time) => time.now(),
        }
    }

    /// What `GET /_goru/clock` answers.
    pub fn document(&self) -> Value {
        json!({ "now": self.now().to_string(), "virtual": matches!(self, Self::Virtual(_)) })
    }

    /// Does what the body of `POST /_goru/clock` asks for; gives the new time and the number of steps.
    pub async fn move_as_told(&self, body: &str) -> Result<Value, MoveError> {
        let Self::Virtual(time) = self else { return Err(MoveError::Real) };
        let advanced = match wanted(body)? {
            Wanted::By(duration) => time.advance_by(duration).await?,
            Wanted::To(goal) => time.advance_to(goal).await?,
        };
        Ok(json!({ "now": advanced.now.to_string(), "steps": advanced.steps }))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    By(Duration),
    To(Timestamp),
}

fn wanted(body: &str) -> Result<Wanted, MoveError> {
    let request: MoveRequest = serde_json::from_str(body).map_err(|error| MoveError::Malformed(error.to_string()))?;
    match (request.advance_seconds, request.to) {
        (Some(seconds), None) => Duration::try_from_secs_f64(seconds)
            .map(Wanted::By)
            .map_err(|_| MoveError::Malformed(format!("the clock cannot be moved by {seconds} seconds"))),
        (None, Some(text)) => text
            .parse()
            .map(Wanted::To)
            .map_err(|_| MoveError::Malformed(format!("`{text}` is not a time in ISO 8601 with a zone"))),
        (Some(_), Some(_)) | (None, None) => Err(MoveError::Malformed("one of both is needed".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_says_how_far_or_where_to() {
        let by = |body| wanted(body).unwrap();
        assert_eq!(by(r#"{"advance_seconds": 300}"#), Wanted::By(Duration::from_secs(300)));
        assert_eq!(by(r#"{"advance_seconds": 0.25}"#), Wanted::By(Duration::from_millis(250)));
        assert_eq!(by(r#"{"to": "2026-11-20T12:00:00Z"}"#), Wanted::To(Timestamp::from_seconds(1_795_176_000)));
        assert_eq!(by(r#"{"to": "2026-11-20T21:00:00+09:00"}"#), Wanted::To(Timestamp::from_seconds(1_795_176_000)));
        for body in [
            "",
            "{}",
            r#"{"advance_seconds": -1}"#,
            r#"{"advance_seconds": 1e300}"#,
            r#"{"to": "tomorrow"}"#,
            r#"{"to": "2026-11-20T12:00:00"}"#,
            r#"{"advance_seconds": 1, "to": "2026-11-20T12:00:00Z"}"#,
            r#"{"advance_second": 1}"#,
        ] {
            assert!(matches!(wanted(body), Err(MoveError::Malformed(_))), "{body}");
        }
    }

    #[tokio::test]
    async fn only_virtual_time_can_be_moved() {
        let body = r#"{"advance_seconds": 60}"#;
        assert!(matches!(ServerClock::Real.move_as_told(body).await, Err(MoveError::Real)));
        let clock = ServerClock::Virtual(VirtualTime::starting_at(Timestamp::from_seconds(1_795_176_000)));
        assert_eq!(clock.move_as_told(body).await.unwrap(), json!({ "now": "2026-11-20T12:01:00.000Z", "steps": 0 }));
        assert_eq!(clock.document(), json!({ "now": "2026-11-20T12:01:00.000Z", "virtual": true }));
    }
}
