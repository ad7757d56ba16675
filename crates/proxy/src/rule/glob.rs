//! Values with wildcards, compiled: `*` is any text, also none, `?` any one byte.
//!
//! The meaning is [`model::elbv2::pattern`]'s. This form reads a text once for each part between two `*`, whatever the
//! pattern: beginning and end are compared in place, and what stands between is looked for by shifting bits, where each
//! byte of the text costs the same.

use super::literal::{self, Literals, Piece};
use model::elbv2::condition::Case;

/// How many bytes of a part are looked for at once; a longer part is found by its beginning. No value is longer that has
/// ASCII alone.
const LONG: usize = 128;
/// The same for most parts, in half the time.
const SHORT: usize = 64;

/// A value of a condition.
#[derive(Debug)]
pub(super) struct Glob {
    case: Case,
    form: Form,
}

/// The usual forms are compared as texts.
#[derive(Debug)]
enum Form {
    Any,
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    Suffix(Box<[u8]>),
    /// No `*`.
    Fixed(Part),
    Parts(Box<Parts>),
}

/// Bytes, or any byte.
type Part = Box<[Option<u8>]>;

/// What `*` separates.
#[derive(Debug)]
struct Parts {
    head: Part,
    middle: Box<[Sought]>,
    tail: Part,
    /// The length of the shortest text that fits head and tail.
    least: usize,
}

/// One element of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Atom {
    /// `*`.
    Star,
    /// `?`.
    One,
    /// Any other byte.
    Byte(u8),
}

/// Reads a value of a host, a path or a header field.
pub(super) fn atoms(value: &str) -> Vec<Atom> {
    value.bytes().map(atom).collect()
}

/// Reads a key or a value of a query, where a backslash takes its meaning from the `*`, `?` or backslash that follows.
pub(super) fn escaped_atoms(value: &str) -> Vec<Atom> {
    let mut atoms = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    loop {
        rest = match rest {
            [] => return atoms,
            [b'\\', byte @ (b'*' | b'?' | b'\\'), rest @ ..] => {
                atoms.push(Atom::Byte(*byte));
                rest
            }
            [byte, rest @ ..] => {
                atoms.push(atom(*byte));
                rest
            }
        };
    }
}

fn atom(byte: u8) -> Atom {
    match byte {
        b'*' => Atom::Star,
        b'?' => Atom::One,
        byte => Atom::Byte(byte),
    }
}

/// What every text has that fits.
pub(super) fn literals(atoms: &[Atom]) -> Literals {
    let piece = |atom: &Atom| match atom {
        Atom::Star | Atom::One => Piece::Gap,
        Atom::Byte(byte) => Piece::Byte(*byte),
    };
    let pieces: Vec<Piece> =
        std::iter::once(Piece::Start).chain(atoms.iter().map(piece)).chain(std::iter::once(Piece::End)).collect();
    literal::of_pieces(&pieces)
}

impl Glob {
    /// Compiles a value.
    pub fn new(atoms: &[Atom], case: Case) -> Self {
        let byte = |atom: &Atom| match (atom, case) {
            (Atom::Byte(byte), Case::Kept) => Some(*byte),
            (Atom::Byte(byte), Case::Ignored) => Some(byte.to_ascii_lowercase()),
            (Atom::Star | Atom::One, _) => None,
        };
        let parts: Vec<Part> =
            atoms.split(|atom| *atom == Atom::Star).map(|part| part.iter().map(byte).collect()).collect();
        Self { case, form: form(&parts, case) }
    }

    /// Whether every text fits.
    pub fn fits_all(&self) -> bool {
        matches!(self.form, Form::Any)
    }

    /// Whether a text fits as a whole.
    #[inline]
    pub fn fits(&self, text: &[u8]) -> bool {
        let same = |value: &[u8], text: &[u8]| match self.case {
            Case::Kept => value == text,
            Case::Ignored => value.eq_ignore_ascii_case(text),
        };
        match &self.form {
            Form::Any => true,
            Form::Exact(value) => same(value, text),
            Form::Prefix(value) => text.get(..value.len()).is_some_and(|start| same(value, start)),
            Form::Suffix(value) => text.len() >= value.len() && same(value, &text[text.len() - value.len()..]),
            Form::Fixed(part) => part.len() == text.len() && covers(part, text, self.case),
            Form::Parts(parts) => parts.fit(text, self.case),
        }
    }
}

fn form(parts: &[Part], case: Case) -> Form {
    let whole = |part: &Part| part.iter().copied().collect::<Option<Box<[u8]>>>();
    match parts {
        [] => Form::Exact(Box::default()),
        [one] => whole(one).map_or_else(|| Form::Fixed(one.clone()), Form::Exact),
        [head, middle @ .., tail] => {
            let middle: Vec<_> = middle.iter().filter(|part| !part.is_empty()).collect();
            match (whole(head), middle.as_slice(), whole(tail)) {
                (Some(head), [], Some(tail)) if head.is_empty() && tail.is_empty() => Form::Any,
                (Some(head), [], Some(tail)) if tail.is_empty() => Form::Prefix(head),
                (Some(head), [], Some(tail)) if head.is_empty() => Form::Suffix(tail),
                (_, middle, _) => Form::Parts(Box::new(Parts {
                    head: head.clone(),
                    middle: middle.iter().map(|part| Sought::new(part, case)).collect(),
                    tail: tail.clone(),
                    least: head.len() + tail.len(),
                })),
            }
        }
    }
}

/// Whether a part fits a text of its length.
#[inline]
fn covers(part: &[Option<u8>], text: &[u8], case: Case) -> bool {
    let mut pairs = part.iter().zip(text);
    match case {
        Case::Kept => pairs.all(|(wanted, byte)| wanted.is_none_or(|wanted| wanted == *byte)),
        Case::Ignored => pairs.all(|(wanted, byte)| wanted.is_none_or(|wanted| wanted == byte.to_ascii_lowercase())),
    }
}

impl Parts {
    fn fit(&self, text: &[u8], case: Case) -> bool {
        if text.len() < self.least {
            return false;
        }
        let (head, rest) = text.split_at(self.head.len());
        let (mut between, tail) = rest.split_at(rest.len() - self.tail.len());
        if !covers(&self.head, head, case) || !covers(&self.tail, tail, case) {
            return false;
        }
        // The first place where a part fits leaves the most room for those behind it.
        for part in &self.middle {
            let Some(end) = part.find(between, case) else { return false };
            between = &between[end..];
        }
        true
    }
}

/// A part that may stand anywhere, ready to be looked for.
#[derive(Debug)]
enum Sought {
    Short(Places<u64>),
    Long(Places<u128>),
}

/// Bit `n` of a byte's mask says whether the byte may stand at place `n` of a part.
#[derive(Debug)]
struct Places<W> {
    /// Bytes that may stand at the same places share a mask.
    mask_of: Box<[u8; 256]>,
    masks: Box<[W]>,
    /// The bit of the last place.
    last: W,
    /// What follows the first [`LONG`] places.
    rest: Part,
}

/// A number with a bit for each place.
trait Word: Copy {
    /// The bit of a place, of which there are as many as the number has bits.
    fn bit(place: usize) -> Self;
    /// The bits of both.
    fn or(self, other: Self) -> Self;
    /// Each place becomes the next one, the first one is always possible, and those stay that the mask has.
    fn next(self, mask: Self) -> Self;
    /// Whether both have a bit.
    fn meets(self, other: Self) -> bool;
    /// No place.
    const NONE: Self;
}

macro_rules! word {
    ($($number:ty),*) => {
        $(impl Word for $number {
            fn bit(place: usize) -> Self {
                1 << place
            }
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline]
            fn next(self, mask: Self) -> Self {
                (self << 1 | 1) & mask
            }
            #[inline]
            fn meets(self, other: Self) -> bool {
                self & other != 0
            }
            const NONE: Self = 0;
        })*
    };
}
word!(u64, u128);

impl Sought {
    fn new(part: &[Option<u8>], case: Case) -> Self {
        if part.len() <= SHORT { Self::Short(Places::new(part, case)) } else { Self::Long(Places::new(part, case)) }
    }

    /// Where the first place ends that fits.
    fn find(&self, text: &[u8], case: Case) -> Option<usize> {
        match self {
            Self::Short(places) => places.find(text, case),
            Self::Long(places) => places.find(text, case),
        }
    }
}

impl<W: Word> Places<W> {
    fn new(part: &[Option<u8>], case: Case) -> Self {
        let (word, rest) = part.split_at(part.len().min(LONG));
        let standing = |wanted: Option<u8>| {
            let places = word.iter().enumerate().filter(|(_, found)| **found == wanted);
            places.fold(W::NONE, |mask, (place, _)| mask.or(W::bit(place)))
        };
        let anywhere = standing(None);
        let mut masks = vec![anywhere];
        let mut mask_of = Box::new([0; 256]);
        for byte in word.iter().flatten() {
            if mask_of[usize::from(*byte)] == 0 {
                let number =
                    u8::try_from(masks.len()).expect("129 masks at the most: one for each place, and the first");
                masks.push(standing(Some(*byte)).or(anywhere));
                mask_of[usize::from(*byte)] = number;
                if case == Case::Ignored {
                    mask_of[usize::from(byte.to_ascii_uppercase())] = number;
                }
            }
        }
        Self { mask_of, masks: masks.into(), last: W::bit(word.len() - 1), rest: rest.into() }
    }

    fn find(&self, text: &[u8], case: Case) -> Option<usize> {
        let mut places = W::NONE;
        for (at, byte) in text.iter().enumerate() {
            places = places.next(self.masks[usize::from(self.mask_of[usize::from(*byte)])]);
            if places.meets(self.last) {
                let end = at + 1 + self.rest.len();
                match text.get(at + 1..end) {
                    Some(rest) if covers(&self.rest, rest, case) => return Some(end),
                    Some(_) => {}
                    None => return None,
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::elbv2::pattern;
    use proptest::prelude::*;

    fn glob(value: &str, case: Case) -> Glob {
        Glob::new(&atoms(value), case)
    }

    #[test]
    fn values_fit_as_aws_says() {
        for (value, text, fits) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "a", true),
            ("/img/*", "/img/", true),
            ("/img/*", "/img", false),
            ("/img/*/pics", "/img/a/b/pics", true),
            ("/img/*/pics", "/img/pics", false),
            ("*.com", "a.com", true),
            ("*.com", ".co", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b?d*", "abcde", true),
            ("*b?d*", "abd", false),
            ("a*a", "a", false),
            ("a*ba*a", "abaa", true),
            ("*a*b*c*", "xxabxxc", true),
            ("*a*b*c*", "cba", false),
        ] {
            assert_eq!(glob(value, Case::Kept).fits(text.as_bytes()), fits, "{value} {text}");
        }
        assert!(glob("*.EXAMPLE.com", Case::Ignored).fits(b"www.Example.COM"));
        assert!(glob("*Chrome*", Case::Ignored).fits(b"mozilla chrome/5"));
        assert!(!glob("/A*", Case::Kept).fits(b"/a"));
    }

    #[test]
    fn long_parts_are_found_whole() {
        for length in [SHORT - 1, SHORT, SHORT + 1, LONG - 1, LONG, LONG + 3] {
            let part = "a".repeat(length);
            for value in [format!("*{part}b*"), format!("*{}?ab*", &part[2..])] {
                let glob = glob(&value, Case::Kept);
                for before in [0, 1, 200] {
                    assert!(glob.fits(format!("{}{part}bx", "a".repeat(before)).as_bytes()), "{value}");
                }
                assert!(!glob.fits("a".repeat(1000).as_bytes()));
                assert!(!glob.fits(format!("{}b", &part[1..]).as_bytes()));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn compiled_values_mean_what_the_model_says(value in "[abA*?]{0,9}", text in "[abA]{0,9}") {
            let lower = |text: &str| text.to_ascii_lowercase();
            prop_assert_eq!(
                glob(&value, Case::Kept).fits(text.as_bytes()),
                pattern::matches(value.as_bytes(), text.as_bytes())
            );
            prop_assert_eq!(
                glob(&value, Case::Ignored).fits(text.as_bytes()),
                pattern::matches(lower(&value).as_bytes(), lower(&text).as_bytes())
            );
        }

        #[test]
        fn escapes_mean_what_the_model_says(value in r"[ab*?\\]{0,9}", text in r"[ab*?\\]{0,9}") {
            prop_assert_eq!(
                Glob::new(&escaped_atoms(&value), Case::Kept).fits(text.as_bytes()),
                pattern::matches_escaped(value.as_bytes(), text.as_bytes())
            );
        }

        #[test]
        fn whatever_fits_has_the_literals(value in "[ab*?]{0,9}", text in "[ab]{0,9}") {
            let literals = literals(&atoms(&value));
            let text = text.as_bytes();
            if glob(&value, Case::Kept).fits(text) {
                prop_assert!(text.starts_with(&literals.prefix) && text.ends_with(&literals.suffix));
                prop_assert!(!literals.exact || text == literals.prefix);
                prop_assert!(literals.runs.iter().all(|run| text.windows(run.len()).any(|window| window == run)));
            }
        }
    }
}
