//! DECIDER: what the metadata service at 169.254.169.254 answers an instance (EC2 user guide, "Instance metadata").
//!
//! `tree` is what there is to be read, `token` the sessions of version 2. Who asks is known by where the question came from, never
//! by what it says.

mod token;
mod tree;

pub use token::{MAXIMUM_TOKENS, Tokens};
pub use tree::{About, Interface};

use super::instance::MetadataOptions;
use crate::{IdSource, Timestamp};
use std::time::Duration;

/// The header that asks for a session and says how long it lasts, in seconds.
pub const TTL_HEADER: &str = "x-aws-ec2-metadata-token-ttl-seconds";
/// The header that shows a session.
pub const TOKEN_HEADER: &str = "x-aws-ec2-metadata-token";
/// The longest session.
pub const MAXIMUM_TTL: Duration = Duration::from_secs(21_600);
/// Where a session begins.
const TOKEN_PATH: &str = "/latest/api/token";

/// A question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, without a query.
    pub path: &'a str,
    /// [`TOKEN_HEADER`]
    pub token: Option<&'a str>,
    /// [`TTL_HEADER`]
    pub ttl: Option<&'a str>,
    /// Whether it came through a proxy (`X-Forwarded-For`): such a one is given no session.
    pub is_forwarded: bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 200, 400, 401, 403, 404 or 405.
    pub status: u16,
    /// What is in it; empty but for 200.
    pub body: Vec<u8>,
    /// The seconds of a session that begins.
    pub ttl: Option<u64>,
}

impl Answer {
    fn of(status: u16) -> Self {
        Self { status, body: Vec::new(), ttl: None }
    }
}

/// Answers an instance.
pub fn answer(
    question: &Question<'_>,
    about: &About,
    options: MetadataOptions,
    tokens: &mut Tokens,
    ids: &mut dyn IdSource,
    now: Timestamp,
) -> Answer {
    if !options.is_enabled {
        return Answer::of(403);
    }
    match question.method {
        "PUT" if question.path == TOKEN_PATH => begin(question, about, tokens, ids, now),
        "GET" | "HEAD" => match question.token {
            Some(token) if !tokens.admits(&about.instance_id, token, now) => Answer::of(401),
            None if options.requires_token => Answer::of(401),
            Some(_) | None => read(question.path, about, options),
        },
        _ => Answer::of(405),
    }
}

fn begin(
    question: &Question<'_>,
    about: &About,
    tokens: &mut Tokens,
    ids: &mut dyn IdSource,
    now: Timestamp,
) -> Answer {
    if question.is_forwarded {
        return Answer::of(403);
    }
    let seconds = question.ttl.and_then(|ttl| ttl.parse::<u64>().ok());
    let Some(seconds) = seconds.filter(|seconds| (1..=MAXIMUM_TTL.as_secs()).contains(seconds)) else {
        return Answer::of(400);
    };
    let token = tokens.begin(&about.instance_id, Duration::from_secs(seconds), ids, now);
    Answer { status: 200, body: token.into_bytes(), ttl: Some(seconds) }
}

fn read(path: &str, about: &About, options: MetadataOptions) -> Answer {
    match tree::read(path, about, options.shows_tags) {
        Some(body) => Answer { status: 200, body, ttl: None },
        None => Answer::of(404),
    }
}

#[cfg(test)]
mod tests;
