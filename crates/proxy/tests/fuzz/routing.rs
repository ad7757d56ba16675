//! Rules, and the cookies of stickiness.

use crate::driver::{Random, Target, outcome};
use model::{
    Timestamp,
    elbv2::stickiness::{CookieKey, KEY_BYTES},
    secret::Secret,
};
use proxy::{
    rule::comparison::compare,
    target_group::stickiness::{Binding, Keyring, Kind, cookies, sets_cookie},
};

/// Compiled rules against what their conditions mean. The input makes both rules and requests.
#[test]
fn rules() {
    let run = |bytes: &[u8]| {
        compare(bytes).unwrap_or_else(|difference| panic!("{difference}"));
        // Which parts of the matcher were at work cannot be seen from here: long inputs are worth keeping.
        outcome((bytes.len() / 16, bytes.first()))
    };
    let mut random = Random::new(7);
    let seeds = (0..50).map(|i| (0..i * 20).map(|_| random.byte()).collect()).collect();
    Target { seeds, pieces: &[], change: None, run: &run, executions: 3_000 }.fuzz("rules");
}

const BINDING: Binding = Binding { scope: 0x0123_4567_89ab_cdef, choice: 42, at: 1_700_000_000 };

fn keyring() -> Keyring {
    let key = |id, digits: &str| CookieKey {
        id,
        secret: Secret::new(digits.repeat(KEY_BYTES)),
        created_at: Timestamp::default(),
    };
    Keyring::new(&[key(1, "a5"), key(2, "0f")])
}

/// A cookie that opens says what was sealed, for the same kind only; what is found in a field is a part of it.
fn cookie(keyring: &Keyring, bytes: &[u8]) -> u64 {
    let mut opened = 0;
    let fields = || bytes.split(|byte| *byte == b'\n');
    for name in ["AWSALB", "AWSALBAPP-0", "AWSALBTG"] {
        for value in cookies(fields(), name) {
            assert!(!value.contains(&b';') && !value.contains(&b'\n'));
            for kind in [Kind::Target, Kind::Application, Kind::Group] {
                if let Some(binding) = keyring.open(kind, value) {
                    assert_eq!((binding, kind), (BINDING, Kind::Target), "a cookie that nobody sealed");
                    opened += 1;
                }
            }
        }
    }
    let set = fields().filter(|field| sets_cookie(field, "session")).count();
    let found = ["AWSALB", "AWSALBAPP-0", "AWSALBTG"].map(|name| cookies(fields(), name).count().min(4));
    let lengths = cookies(fields(), "AWSALB").map(|value| value.len().min(80)).max();
    outcome((opened, set.min(3), found, lengths))
}

#[test]
fn sticky_cookies() {
    let keyring = keyring();
    let mut sealed = Vec::new();
    assert!(keyring.seal(Kind::Target, BINDING, [1, 2], &mut sealed));
    let mut other = Vec::new();
    assert!(keyring.seal(Kind::Target, BINDING, [3, 4], &mut other));
    let field = [b"a=b; AWSALB=", &*sealed, b"; AWSALBTG=x"].concat();
    let twice = [b"AWSALB=", &*other, b"\nAWSALBAPP-0=", &sealed, b";AWSALB=", &sealed].concat();
    let pieces = [
        &*sealed,
        &sealed[..20],
        &other[30..],
        b"AWSALB=",
        b"AWSALBTG=",
        b"AWSALBAPP-0=",
        b";",
        b"; ",
        b"=",
        b"\n",
        b"session=",
        b" ",
    ];
    let run = |bytes: &[u8]| cookie(&keyring, bytes);
    let seeds = vec![field, twice, b"session=a; Path=/".to_vec()];
    Target { seeds, pieces: &pieces, change: None, run: &run, executions: 40_000 }.fuzz("sticky_cookies");
}
