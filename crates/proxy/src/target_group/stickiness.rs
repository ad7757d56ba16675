//! Stickiness by cookies: what they say, how they are sealed, and where they are found in a request.
//!
//! A cookie binds its bearer to a target (`AWSALB`, `AWSALBAPP-0`) or to one of several target groups (`AWSALBTG`). It is
//! sealed with the newest of the keys that the snapshot brings; one that no key opens, that is too old or that names
//! nothing known is as good as none. Names of targets are hashes: a cookie says nothing to its bearer.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::elbv2::stickiness::{CookieKey, KEY_BYTES};
use std::fmt;

/// The cookie of target stickiness, and its twin for requests from other sites.
pub const TARGET_COOKIES: [&str; 2] = ["AWSALB", "AWSALBCORS"];
/// The cookie that follows an application's cookie.
pub const APPLICATION_COOKIE: &str = "AWSALBAPP-0";
/// The cookie of target group stickiness, and its twin for requests from other sites.
pub const GROUP_COOKIES: [&str; 2] = ["AWSALBTG", "AWSALBTGCORS"];

const KEY_ID_BYTES: usize = 4;
const BINDING_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
const SEALED_BYTES: usize = KEY_ID_BYTES + NONCE_LEN + BINDING_BYTES + TAG_BYTES;
/// What a sealed cookie is long in text; anything else is not one of ours.
const TEXT_LENGTH: usize = (SEALED_BYTES * 4).div_ceil(3);

/// What a cookie is for: a cookie of one kind is no cookie of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `AWSALB`
    Target,
    /// `AWSALBAPP-0`
    Application,
    /// `AWSALBTG`
    Group,
}

/// What a cookie says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Within what the choice was made: the hash of a target group or of a listener.
    pub scope: u64,
    /// What was chosen: the hash of a target or of a target group.
    pub choice: u64,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// The keys of a snapshot, the one that seals first.
pub struct Keyring(Vec<(u32, LessSafeKey)>);

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl Keyring {
    /// The keys that are well formed; others open nothing.
    pub fn new(keys: &[CookieKey]) -> Self {
        Self(keys.iter().filter_map(|key| Some((key.id, secret_key(key.secret.expose())?))).collect())
    }

    /// Appends a sealed cookie value. Nothing is written when there is no key: the client then has no cookie and is served
    /// by anybody.
    pub fn seal(&self, kind: Kind, binding: Binding, random: [u64; 2], out: &mut Vec<u8>) -> bool {
        let Some((id, key)) = self.0.first() else { return false };
        let mut nonce = [0; NONCE_LEN];
        nonce[..8].copy_from_slice(&random[0].to_le_bytes());
        nonce[8..].copy_from_slice(&random[1].to_le_bytes()[..NONCE_LEN - 8]);
        let mut sealed = [0; SEALED_BYTES];
        sealed[..KEY_ID_BYTES].copy_from_slice(&id.to_le_bytes());
        sealed[KEY_ID_BYTES..KEY_ID_BYTES + NONCE_LEN].copy_from_slice(&nonce);
        let body = KEY_ID_BYTES + NONCE_LEN;
        sealed[body..body + BINDING_BYTES].copy_from_slice(&binding.bytes());
        let text = &mut sealed[body..body + BINDING_BYTES];
        let Ok(tag) = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), kind.aad(), text) else {
            return false;
        };
        sealed[body + BINDING_BYTES..].copy_from_slice(tag.as_ref());
        let mut text = [0; TEXT_LENGTH];
        match URL_SAFE_NO_PAD.encode_slice(sealed, &mut text) {
            Ok(length) => out.extend_from_slice(&text[..length]),
            Err(_) => return false,
        }
        true
    }

    /// What a cookie value says, if it is one of ours.
    pub fn open(&self, kind: Kind, value: &[u8]) -> Option<Binding> {
        if value.len() != TEXT_LENGTH {
            return None;
        }
        let mut sealed = [0; SEALED_BYTES];
        if URL_SAFE_NO_PAD.decode_slice(value, &mut sealed) != Ok(SEALED_BYTES) {
            return None;
        }
        let (id, rest) = sealed.split_at_mut(KEY_ID_BYTES);
        let (nonce, body) = rest.split_at_mut(NONCE_LEN);
        let id = u32::from_le_bytes(id.try_into().ok()?);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let (_, key) = self.0.iter().find(|(known, _)| *known == id)?;
        let opened = key.open_in_place(nonce, kind.aad(), body).ok()?;
        Binding::of_bytes(opened)
    }
}

fn secret_key(hexadecimal: &str) -> Option<LessSafeKey> {
    let digits = hexadecimal.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect::<Option<_>>()?;
    let key = UnboundKey::new(&AES_256_GCM_SIV, &bytes).ok().filter(|_| bytes.len() == KEY_BYTES)?;
    Some(LessSafeKey::new(key))
}

impl Kind {
    fn aad(self) -> Aad<&'static [u8]> {
        Aad::from(match self {
            Self::Target => b"target".as_slice(),
            Self::Application => b"application".as_slice(),
            Self::Group => b"group".as_slice(),
        })
    }
}

impl Binding {
    fn bytes(self) -> [u8; BINDING_BYTES] {
        let mut bytes = [0; BINDING_BYTES];
        bytes[..8].copy_from_slice(&self.scope.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.choice.to_le_bytes());
        bytes[16..].copy_from_slice(&self.at.to_le_bytes());
        bytes
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| <[u8; 8]>::try_from(bytes.get(at..at + 8)?).ok();
        Some(Self {
            scope: u64::from_le_bytes(number(0)?),
            choice: u64::from_le_bytes(number(8)?),
            at: i64::from_le_bytes(number(16)?),
        })
    }

    /// Whether it still holds, for stickiness of so many seconds, within this scope. A clock that was set back ends nothing.
    pub fn holds(&self, scope: u64, seconds: u32, now: i64) -> bool {
        self.scope == scope && now - self.at < i64::from(seconds)
    }
}

/// A number that stands for a name in cookies: the same in every node and after every restart (FNV-1a).
pub fn hash(name: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// The values of the cookies with a name, in the `Cookie` fields of a request.
pub fn cookies<'a, 'n>(fields: impl Iterator<Item = &'a [u8]>, name: &'n str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = fields.flat_map(|field| field.split(|b| *b == b';')).map(<[u8]>::trim_ascii);
    pairs.filter_map(move |pair| {
        let (own, value) = pair.split_at_checked(name.len())?;
        (own == name.as_bytes()).then(|| value.strip_prefix(b"="))?
    })
}

/// Whether a `Set-Cookie` field sets the cookie with this name.
pub fn sets_cookie(field: &[u8], name: &str) -> bool {
    let field = field.trim_ascii_start();
    field.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.trim_ascii_start().first() == Some(&b'='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Timestamp, secret::Secret};

    fn keyring(ids: &[u32]) -> Keyring {
        let key = |id: &u32| CookieKey {
            id: *id,
            secret: Secret::new(format!("{id:02x}").repeat(KEY_BYTES)),
            created_at: Timestamp::default(),
        };
        Keyring::new(&ids.iter().map(key).collect::<Vec<_>>())
    }

    fn sealed(keys: &Keyring, kind: Kind, binding: Binding) -> Vec<u8> {
        let mut value = Vec::new();
        assert!(keys.seal(kind, binding, [1, 2], &mut value));
        value
    }

    const BINDING: Binding = Binding { scope: 1, choice: u64::MAX, at: 1_800_000_000 };

    #[test]
    fn a_cookie_survives_a_change_of_keys_and_nothing_else() {
        let value = sealed(&keyring(&[7]), Kind::Target, BINDING);
        assert_eq!(keyring(&[8, 7]).open(Kind::Target, &value), Some(BINDING));
        assert_eq!(keyring(&[8]).open(Kind::Target, &value), None, "the key is gone");
        assert_eq!(keyring(&[7]).open(Kind::Group, &value), None, "another kind");
        assert!(value.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'_'));
        for at in 0..value.len() {
            let mut changed = value.clone();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            // The last character carries bits that no byte has; decoding refuses them.
            assert_eq!(keyring(&[7]).open(Kind::Target, &changed), None, "{at}");
        }
        for foreign in [&b""[..], b"x", &[b'A'; TEXT_LENGTH], &[0xff; TEXT_LENGTH], &value[1..]] {
            assert_eq!(keyring(&[7]).open(Kind::Target, foreign), None);
        }
        assert!(!keyring(&[]).seal(Kind::Target, BINDING, [1, 2], &mut Vec::new()));
    }

    #[test]
    fn a_binding_holds_for_its_time_and_in_its_scope() {
        for (scope, seconds, now, holds) in
            [(1, 60, 59, true), (1, 60, 60, false), (2, 60, 0, false), (1, 60, -1000, true)]
        {
            assert_eq!(BINDING.holds(scope, seconds, BINDING.at + now), holds, "{scope} {seconds} {now}");
        }
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let fields: [&[u8]; 3] = [b"a=1; AWSALB=one;AWSALBCORS=two", b"AWSALB=three; AWSALB", b" b = 2;c=x=y; AWSALB="];
        let of = |name| cookies(fields.into_iter(), name).map(|v| String::from_utf8_lossy(v)).collect::<Vec<_>>();
        assert_eq!(of("AWSALB"), ["one", "three", ""]);
        assert_eq!(of("AWSALBCORS"), ["two"]);
        assert_eq!(of("c"), ["x=y"]);
        assert_eq!(of("b"), Vec::<String>::new(), "a blank before the sign is part of the name");
        assert!(sets_cookie(b"PHPSESSID=abc; path=/", "PHPSESSID"));
        assert!(!sets_cookie(b"PHPSESSID2=abc", "PHPSESSID"));
    }
}
