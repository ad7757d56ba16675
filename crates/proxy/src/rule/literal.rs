//! What every text has that a pattern fits: how it begins, how it ends, and what stands somewhere in it.
//!
//! The index of the rules looks for these literals, so what is said here must be true of all texts that fit; saying less
//! than could be said only costs time. Expressions are read with that in mind: what is not understood says nothing.

/// Literals of one pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Literals {
    /// Whether `prefix` is the only text that fits.
    pub exact: bool,
    /// How each text begins.
    pub prefix: Vec<u8>,
    /// How each text ends.
    pub suffix: Vec<u8>,
    /// What each text has somewhere, beginning and end included.
    pub runs: Vec<Vec<u8>>,
}

impl Literals {
    /// The same in lower case.
    pub fn lower(mut self) -> Self {
        self.prefix.make_ascii_lowercase();
        self.suffix.make_ascii_lowercase();
        self.runs.iter_mut().for_each(|run| run.make_ascii_lowercase());
        self
    }
}

/// A pattern, seen as far as it is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Where the text must begin.
    Start,
    /// This byte.
    Byte(u8),
    /// Anything, also nothing.
    Gap,
    /// Where the text must end.
    End,
}

/// The literals of a pattern that is a sequence of pieces.
pub(super) fn of_pieces(pieces: &[Piece]) -> Literals {
    let bytes = |pieces: &[Piece]| -> Vec<u8> {
        let byte = |piece: &Piece| match piece {
            Piece::Byte(byte) => Some(*byte),
            Piece::Start | Piece::Gap | Piece::End => None,
        };
        pieces.iter().map_while(byte).collect()
    };
    let prefix = if pieces.first() == Some(&Piece::Start) { bytes(&pieces[1..]) } else { Vec::new() };
    let suffix = match pieces.split_last() {
        Some((Piece::End, before)) => {
            let reversed: Vec<Piece> = before.iter().rev().copied().collect();
            bytes(&reversed).into_iter().rev().collect()
        }
        Some((Piece::Start | Piece::Byte(_) | Piece::Gap, _)) | None => Vec::new(),
    };
    let exact =
        pieces.len() == prefix.len() + 2 && pieces.first() == Some(&Piece::Start) && pieces.last() == Some(&Piece::End);
    let runs = pieces.split(|piece| !matches!(piece, Piece::Byte(_))).map(bytes).filter(|run| !run.is_empty());
    Literals { exact, runs: runs.collect(), prefix, suffix }
}

/// The literals of a regular expression that was compiled by [`super::expression`]. For one that ignores case, letters
/// may stand in the text in either case.
pub(super) fn of_expression(pattern: &str) -> Literals {
    Reader { rest: pattern.as_bytes(), pieces: Vec::new() }.read().map_or_else(Literals::default, |p| of_pieces(&p))
}

/// Reads an expression from left to right. Every method gives `None` when it is better to say nothing at all.
struct Reader<'a> {
    rest: &'a [u8],
    pieces: Vec<Piece>,
}

impl Reader<'_> {
    fn read(mut self) -> Option<Vec<Piece>> {
        while let Some((byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            match byte {
                // Another alternative need not have anything of this one.
                b'|' | b')' => return None,
                b'(' => {
                    self.skip_group()?;
                    self.pieces.push(Piece::Gap);
                }
                b'[' => {
                    self.skip_class()?;
                    self.pieces.push(Piece::Gap);
                }
                b'\\' => {
                    let piece = self.escaped()?;
                    self.pieces.push(piece);
                }
                b'*' | b'+' | b'?' => self.repeat()?,
                b'{' => {
                    let length = self.rest.iter().position(|b| *b == b'}')?;
                    self.rest = &self.rest[length + 1..];
                    self.repeat()?;
                }
                b'^' if self.pieces.is_empty() => self.pieces.push(Piece::Start),
                b'$' if self.rest.is_empty() => self.pieces.push(Piece::End),
                // A character of several bytes is repeated as a whole.
                b'^' | b'$' | b'.' | 0x80.. => self.pieces.push(Piece::Gap),
                byte => self.pieces.push(Piece::Byte(*byte)),
            }
        }
        Some(self.pieces)
    }

    /// How often the last piece stands there is not known, so it says nothing.
    fn repeat(&mut self) -> Option<()> {
        *self.pieces.last_mut()? = Piece::Gap;
        Some(())
    }

    /// What follows a backslash outside of a class.
    fn escaped(&mut self) -> Option<Piece> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        match byte {
            // Beginning and end of a word.
            b'<' | b'>' => Some(Piece::Gap),
            b'd' | b'D' | b's' | b'S' | b'w' | b'W' | b'n' | b'r' | b't' | b'f' | b'v' | b'a' => Some(Piece::Gap),
            b'b' | b'B' if self.rest.first() != Some(&b'{') => Some(Piece::Gap),
            byte if byte.is_ascii_punctuation() => Some(Piece::Byte(*byte)),
            // Numbers of characters, classes with names, anchors.
            _ => None,
        }
    }

    /// Goes behind the bracket that closes a group.
    fn skip_group(&mut self) -> Option<()> {
        let mut depth = 1;
        self.open_group()?;
        while depth > 0 {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'(' => {
                    self.open_group()?;
                    depth += 1;
                }
                b')' => depth -= 1,
                b'[' => self.skip_class()?,
                b'\\' => self.rest = self.rest.get(1..)?,
                _ => {}
            }
        }
        Some(())
    }

    /// Goes behind what follows the bracket that opens a group. Flags are not followed: with one of them, `#` hides
    /// brackets.
    fn open_group(&mut self) -> Option<()> {
        let Some(rest) = self.rest.strip_prefix(b"?") else { return Some(()) };
        if let Some(rest) = rest.strip_prefix(b":") {
            self.rest = rest;
            return Some(());
        }
        let name = rest.strip_prefix(b"P").unwrap_or(rest).strip_prefix(b"<")?;
        let length = name.iter().position(|b| *b == b'>')?;
        self.rest = &name[length + 1..];
        Some(())
    }

    /// Goes behind the bracket that closes a class, which may hold other classes.
    fn skip_class(&mut self) -> Option<()> {
        let mut depth = 1;
        self.open_class();
        while depth > 0 {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'[' => {
                    self.open_class();
                    depth += 1;
                }
                b']' => depth -= 1,
                b'\\' => self.rest = self.rest.get(1..)?,
                _ => {}
            }
        }
        Some(())
    }

    /// A closing bracket that comes first is a character of the class.
    fn open_class(&mut self) {
        let rest = self.rest.strip_prefix(b"^").unwrap_or(self.rest);
        self.rest = rest.strip_prefix(b"]").unwrap_or(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expression;
    use model::elbv2::condition::Case;
    use proptest::prelude::*;

    #[test]
    fn expressions_say_what_must_be_there() {
        for (pattern, exact, prefix, suffix, runs) in [
            ("^/api/", false, "/api/", "", &["/api/"][..]),
            ("^/api/?(.*)$", false, "/api", "", &["/api"]),
            ("^/api/v[0-9]+/users$", false, "/api/v", "/users", &["/api/v", "/users"]),
            (r"^www\.example\.com$", true, "www.example.com", "www.example.com", &["www.example.com"]),
            ("^$", true, "", "", &[]),
            (".+Chrome.+", false, "", "", &["Chrome"]),
            (r"^(.+)\.example\.com", false, "", "", &[".example.com"]),
            (r"\.(jpg|png)$", false, "", "", &["."]),
            ("a|b", false, "", "", &[]),
            ("^/a(b|c)d", false, "/a", "", &["/a", "d"]),
            ("^/a{2}b", false, "/", "", &["/", "b"]),
            ("^/a{0,3}?b", false, "/", "", &["/", "b"]),
            ("(?i)^/api/", false, "", "", &[]),
            ("(?x: # )lit( \n)", false, "", "", &[]),
            ("(?:a)(?P<n>b)(?<m[>c)de", false, "", "", &["de"]),
            ("[]a]b[^]c]d[[:alpha:]]e[a[bc]]f", false, "", "", &["b", "d", "e", "f"]),
            (r"[\]]ab\[c", false, "", "", &["ab[c"]),
            (r"\bab\b", false, "", "", &["ab"]),
            (r"\b{start}ab", false, "", "", &[]),
            (r"\x41b", false, "", "", &[]),
            (r"\dab\wc", false, "", "", &["ab", "c"]),
            ("^*ab", false, "", "", &["ab"]),
            ("ab$c", false, "", "", &["ab", "c"]),
            ("\u{e4}*ab", false, "", "", &["ab"]),
            ("", false, "", "", &[]),
        ] {
            let found = of_expression(pattern);
            assert_eq!(found.exact, exact, "{pattern}");
            assert_eq!((found.prefix, found.suffix), (prefix.into(), suffix.into()), "{pattern}");
            assert_eq!(found.runs, runs.iter().map(|run| run.as_bytes().to_vec()).collect::<Vec<_>>(), "{pattern}");
        }
    }

    fn holds(literals: &Literals, text: &[u8]) -> bool {
        let somewhere = |run: &Vec<u8>| text.windows(run.len()).any(|window| window == run);
        text.starts_with(&literals.prefix)
            && text.ends_with(&literals.suffix)
            && (!literals.exact || text == literals.prefix)
            && literals.runs.iter().all(somewhere)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, max_global_rejects: 1_000_000, ..ProptestConfig::default() })]

        #[test]
        fn whatever_an_expression_fits_has_its_literals(
            pattern in r"\^?(a|b|/|\(|\)|\[|\]|\||\*|\+|\?|\.|\\|\{2\}|\^|\$|\(\?:|\(\?<a>|:|-|d|\{|\}|#|x){0,9}\$?",
            texts in prop::collection::vec("[ab/:d.{}]{0,6}", 40),
        ) {
            let Ok(regex) = expression::condition(&pattern, Case::Kept) else { return Ok(()) };
            let literals = of_expression(&pattern);
            for text in texts.iter().filter(|text| regex.is_match(text.as_bytes())) {
                prop_assert!(holds(&literals, text.as_bytes()), "{} {} {:?}", pattern, text, literals);
            }
        }
    }
}
