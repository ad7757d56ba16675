//! Requests that may be repeated: ClientToken, and requests that change nothing: DryRun.
//!
//! The first call with a token does the work and remembers what it made; the same call with the same token finds it
//! again; other parameters with the same token are refused. Tokens are remembered for a day, with the change itself, so
//! neither a crash nor a restart makes a repeated call work twice.

use std::fmt::{Debug, Write};
use std::time::Duration;

use model::setting::{IDEMPOTENCY_RETENTION_SECONDS, IdempotencyRecord};
use model::{Scope, Timestamp};
use sha2::{Digest, Sha256};
use store::Transaction;
use wire::AwsError;
use wire::shape::Fault;

use crate::context::Context;

/// The longest client token, in characters (EC2 API reference).
pub const MAXIMUM_TOKEN_LENGTH: usize = 64;

/// Why a client token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClientToken {
    /// It was used before, for a request with other parameters.
    #[error("the client token {0} was already used for a request with other parameters; use a new one")]
    Mismatch(String),
    /// Empty or too long.
    #[error("a client token has 1 to {MAXIMUM_TOKEN_LENGTH} ASCII characters")]
    Malformed,
}

impl From<InvalidClientToken> for AwsError {
    fn from(error: InvalidClientToken) -> Self {
        let code = match error {
            InvalidClientToken::Mismatch(_) => "IdempotentParameterMismatch",
            InvalidClientToken::Malformed => "InvalidParameterValue",
        };
        Self::sender(code, error.to_string())
    }
}

/// A request that carries a client token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientToken {
    operation: &'static str,
    token: String,
    fingerprint: String,
    scope: Scope,
    now: Timestamp,
}

impl ClientToken {
    /// The token of a request, `None` when it has none. `parameters` are all others that decide what the call does.
    ///
    /// # Errors
    /// [`InvalidClientToken::Malformed`].
    pub fn new(
        cx: &Context,
        operation: &'static str,
        token: Option<&str>,
        parameters: &dyn Debug,
    ) -> Result<Option<Self>, InvalidClientToken> {
        let Some(token) = token else { return Ok(None) };
        if token.is_empty() || token.len() > MAXIMUM_TOKEN_LENGTH || !token.is_ascii() {
            return Err(InvalidClientToken::Malformed);
        }
        let fingerprint = digest(&format!("{parameters:?}"));
        Ok(Some(Self { operation, token: token.to_owned(), fingerprint, scope: cx.scope(), now: cx.now }))
    }

    /// What the first call with this token made, if there was one.
    ///
    /// # Errors
    /// [`InvalidClientToken::Mismatch`] when that call had other parameters.
    pub fn earlier(&self, txn: &Transaction) -> Result<Option<String>, InvalidClientToken> {
        let id = IdempotencyRecord::id_of(self.operation, &self.token);
        let Some(record) = txn.get::<IdempotencyRecord>(&self.scope, id) else { return Ok(None) };
        if self.now.since(record.at) > Duration::from_secs(IDEMPOTENCY_RETENTION_SECONDS) {
            return Ok(None);
        }
        match record.fingerprint == self.fingerprint {
            true => Ok(Some(record.result.clone())),
            false => Err(InvalidClientToken::Mismatch(self.token.clone())),
        }
    }

    /// Remembers what this call made.
    pub fn remember(&self, txn: &mut Transaction, result: String) {
        let record = IdempotencyRecord {
            token: self.token.clone(),
            operation: self.operation.to_owned(),
            fingerprint: self.fingerprint.clone(),
            result,
            at: self.now,
        };
        txn.put(&self.scope, record);
    }
}

/// Does `work` inside a transaction unless the same call was answered before. `work` returns what identifies that which
/// it made (for example a reservation id), and so does this.
///
/// # Errors
/// Those of `work`, and [`InvalidClientToken::Mismatch`].
pub fn once<E: From<InvalidClientToken>>(
    txn: &mut Transaction,
    token: Option<&ClientToken>,
    work: impl FnOnce(&mut Transaction) -> Result<String, E>,
) -> Result<String, E> {
    let Some(token) = token else { return work(txn) };
    if let Some(earlier) = token.earlier(txn)? {
        return Ok(earlier);
    }
    let result = work(txn)?;
    token.remember(txn, result.clone());
    Ok(result)
}

/// Ends a request that asked for `DryRun`: `DryRunOperation` (412) says that it would have succeeded. Call it when all
/// else is checked: before the commit, or as the last step inside the transaction, which then commits nothing.
///
/// # Errors
/// `DryRunOperation` when `requested` is true.
pub fn dry_run(requested: Option<bool>) -> Result<(), AwsError> {
    match requested {
        Some(true) => {
            let message = "the request would have succeeded; DryRun is set, so nothing was done";
            Err(AwsError::new("DryRunOperation", 412, Fault::Sender, message))
        }
        Some(false) | None => Ok(()),
    }
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        hex
    })
}
