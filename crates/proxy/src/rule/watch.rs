//! Which keys of a text are worth looking up: those kinds and lengths under which rules are filed.

use super::key::{Key, Lengths, Subject};

/// What is looked up of one subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    subject: Subject,
    exact: Lengths,
    prefixes: Lengths,
    suffixes: Lengths,
    pieces: bool,
    present: bool,
    /// The first rule that is filed under a key of the subject; the greatest number when none is.
    first: u32,
}

/// The form of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The text is one of this length.
    Exact(usize),
    /// It begins with one of this length.
    Prefix(usize),
    /// It ends with one of this length.
    Suffix(usize),
    /// It has a piece.
    Piece,
    /// It is there.
    Present,
}

impl Watch {
    /// Nothing is looked up.
    pub fn nothing(subject: Subject) -> Self {
        let none = Lengths::default();
        Self { subject, exact: none, prefixes: none, suffixes: none, pieces: false, present: false, first: u32::MAX }
    }

    /// A rule was filed under a key of this form.
    pub fn add(&mut self, form: Form, rule: u32) {
        self.first = self.first.min(rule);
        match form {
            Form::Exact(length) => self.exact.add(length),
            Form::Prefix(length) => self.prefixes.add(length),
            Form::Suffix(length) => self.suffixes.add(length),
            Form::Piece => self.pieces = true,
            Form::Present => self.present = true,
        }
    }

    /// Whether a rule before `rule` may be found.
    #[inline]
    pub fn concerns(&self, rule: u32) -> bool {
        self.first < rule
    }

    /// Whether pieces are looked up.
    pub fn has_pieces(&self) -> bool {
        self.pieces
    }

    /// The keys of beginning, end and whole of a text, each once. No more than [`super::key::MAXIMUM_LENGTH`] bytes on
    /// either side are read, however long it is.
    #[inline]
    pub fn edges(&self, text: &[u8], mut hit: impl FnMut(Key)) {
        if self.present {
            hit(self.subject.present());
        }
        if self.exact.has(text.len()) {
            hit(self.subject.exact(text));
        }
        self.subject.prefixes(self.prefixes, text, &mut hit);
        self.subject.suffixes(self.suffixes, text, &mut hit);
    }

    /// The keys of the pieces of a text, as often as they stand there.
    pub fn pieces(&self, text: &[u8], hit: impl FnMut(Key)) {
        if self.pieces {
            self.subject.pieces(text, hit);
        }
    }
}
