//! Ids and secrets in AWS's forms: `AKIA…`, `AIDA…`, forty characters of secret.

use model::iam::{AccessKey, KeyOwner};
use model::{IdSource, Timestamp};

/// Letters and digits of ids: the alphabet of base32.
const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Characters of secrets: the alphabet of base64.
const SECRET_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A new, active key.
pub(super) fn access_key(ids: &mut dyn IdSource, owner: KeyOwner, now: Timestamp) -> AccessKey {
    AccessKey {
        id: format!("AKIA{}", text(ids, ID_ALPHABET, 16)),
        secret: text(ids, SECRET_ALPHABET, 40),
        owner,
        active: true,
        created_at: now,
    }
}

/// A new user id.
pub(super) fn user_id(ids: &mut dyn IdSource) -> String {
    format!("AIDA{}", text(ids, ID_ALPHABET, 17))
}

/// A new id of a server certificate.
pub(super) fn server_certificate_id(ids: &mut dyn IdSource) -> String {
    format!("ASCA{}", text(ids, ID_ALPHABET, 17))
}

/// Characters of an alphabet whose size is a power of two, each from bits of its own.
fn text<const N: usize>(ids: &mut dyn IdSource, alphabet: &[u8; N], length: usize) -> String {
    let bits = N.ilog2();
    let per_draw = (u64::BITS / bits) as usize;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut drawn = ids.next_u64();
        for _ in 0..per_draw.min(length - text.len()) {
            let index = usize::try_from(drawn % N as u64).expect("less than the size of the alphabet");
            text.push(char::from(alphabet[index]));
            drawn >>= bits;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::CountedIds;

    #[test]
    fn keys_have_the_form_that_clients_know() {
        let key = access_key(&mut CountedIds::default(), KeyOwner::Root, Timestamp::default());
        assert_eq!((key.id.len(), key.secret.len(), key.active), (20, 40, true));
        assert!(key.id.starts_with("AKIA") && key.id.bytes().all(|b| ID_ALPHABET.contains(&b)), "{}", key.id);
        let id = user_id(&mut CountedIds::default());
        assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
    }

    #[test]
    fn every_character_can_come_up() {
        let secrets = text(&mut CountedIds::default(), SECRET_ALPHABET, 4000);
        assert!(SECRET_ALPHABET.iter().all(|byte| secrets.contains(char::from(*byte))));
    }

    #[test]
    fn no_two_keys_are_alike() {
        let mut ids = CountedIds::default();
        let one = access_key(&mut ids, KeyOwner::Root, Timestamp::default());
        let other = access_key(&mut ids, KeyOwner::Root, Timestamp::default());
        assert!(one.id != other.id && one.secret != other.secret);
    }
}
