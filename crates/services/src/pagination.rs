//! Pages of a listing, and the opaque tokens between them (`NextToken`, `Marker`).
//!
//! A token names the last item that was shown, so pages neither skip nor repeat an item when others come and go in
//! between. It is bound to the operation, the account, the region and the filters that it was made for, and sealed
//! with the server's key: a token of another call, or an altered one, is refused. It carries no state of the server.

use std::fmt::Debug;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use model::Timestamp;
use sha2::Sha256;

use crate::context::Context;

/// How long a token can be used; AWS lets them expire within a day as well.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest token that is looked at, in characters. The longest that is made names a metric with thirty dimensions.
pub const MAXIMUM_TOKEN_LENGTH: usize = 128 * 1024;

const SEAL_BYTES: usize = 16;
const TIME_BYTES: usize = 8;

/// A token that was not made for this call, was altered, or is too old. Each service has its own code for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pagination token is not valid for this call; start again without one")]
pub struct InvalidToken;

/// What a listing is about: everything that must be the same on every page.
pub struct Listing<'a> {
    /// AWS's name of the operation.
    pub operation: &'static str,
    /// The filters, ids and other members that select the items; not the token and not the page size.
    pub selection: &'a dyn Debug,
}

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The token of the next page; `None` on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page with every item converted.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }
}

impl Listing<'_> {
    /// The page of at most `size` items (at least 1) that follows `token`. `items` are all items that the selection
    /// gives, each with a key that is unique among them; pages come in the order of the keys.
    ///
    /// # Errors
    /// [`InvalidToken`] when the token belongs to another listing.
    pub fn page<T>(
        &self,
        cx: &Context,
        token: Option<&str>,
        size: usize,
        items: impl IntoIterator<Item = (String, T)>,
    ) -> Result<Page<T>, InvalidToken> {
        let after = token.map(|token| self.open(cx, token)).transpose()?;
        let mut rest: Vec<(String, T)> =
            items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).collect();
        rest.sort_by(|one, other| one.0.cmp(&other.0));
        let size = size.max(1);
        let more = rest.len() > size;
        rest.truncate(size);
        let next = rest.last().filter(|_| more).map(|(key, _)| self.seal(cx, key));
        Ok(Page { items: rest.into_iter().map(|(_, item)| item).collect(), next })
    }

    /// The token that means "after `cursor`".
    pub fn seal(&self, cx: &Context, cursor: &str) -> String {
        let time = cx.now.millis().to_be_bytes();
        let mut bytes = self.code(cx, &time, cursor.as_bytes()).finalize().into_bytes()[..SEAL_BYTES].to_vec();
        bytes.extend_from_slice(&time);
        bytes.extend_from_slice(cursor.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor inside a token.
    ///
    /// # Errors
    /// [`InvalidToken`] unless [`Self::seal`] made it for the same listing within [`TOKEN_LIFETIME`].
    pub fn open(&self, cx: &Context, token: &str) -> Result<String, InvalidToken> {
        if token.len() > MAXIMUM_TOKEN_LENGTH {
            return Err(InvalidToken);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| InvalidToken)?;
        let (seal, rest) = bytes.split_at_checked(SEAL_BYTES).ok_or(InvalidToken)?;
        let (time, cursor) = rest.split_first_chunk::<TIME_BYTES>().ok_or(InvalidToken)?;
        self.code(cx, time, cursor).verify_truncated_left(seal).map_err(|_| InvalidToken)?;
        let made_at = Timestamp::from_millis(i64::from_be_bytes(*time));
        if cx.now.since(made_at) > TOKEN_LIFETIME {
            return Err(InvalidToken);
        }
        String::from_utf8(cursor.to_vec()).map_err(|_| InvalidToken)
    }

    fn code(&self, cx: &Context, time: &[u8], cursor: &[u8]) -> Hmac<Sha256> {
        let mut code =
            Hmac::<Sha256>::new_from_slice(&cx.settings.token_key.0).expect("HMAC takes a key of any length");
        let selection = format!("{:?}", self.selection);
        let bound: [&[u8]; 6] = [
            self.operation.as_bytes(),
            cx.account.as_bytes(),
            cx.region.as_bytes(),
            selection.as_bytes(),
            time,
            cursor,
        ];
        for part in bound {
            code.update(&(part.len() as u64).to_be_bytes());
            code.update(part);
        }
        code
    }
}
