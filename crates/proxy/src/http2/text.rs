//! Where decoded heads are written: one buffer that a worker keeps, and that is never cleared but only overwritten.
//!
//! It stands for a `Vec` whose bytes beyond the end stay initialised, so that decoding can write into slices without
//! filling them with zeros first.

/// Text of a head, while it is made and until the next one.
#[derive(Debug, Default)]
pub struct Text {
    /// All of it may be written to; what counts ends at `end`.
    bytes: Vec<u8>,
    end: usize,
}

impl Text {
    /// How many bytes were written.
    #[inline]
    pub fn len(&self) -> usize {
        self.end
    }

    /// Whether nothing was written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// What was written.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// Forgets everything.
    #[inline]
    pub fn clear(&mut self) {
        self.end = 0;
    }

    /// Forgets what follows the first `length` bytes.
    #[inline]
    pub(crate) fn truncate(&mut self, length: usize) {
        self.end = self.end.min(length);
    }

    /// Appends bytes.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// Room for at least `length` bytes behind the end. What is written there counts after [`Text::advance`].
    #[inline]
    pub(crate) fn room(&mut self, length: usize) -> &mut [u8] {
        if self.bytes.len() - self.end < length {
            self.grow(length);
        }
        &mut self.bytes[self.end..]
    }

    /// Takes `length` bytes of the room.
    #[inline]
    pub(crate) fn advance(&mut self, length: usize) {
        debug_assert!(self.end + length <= self.bytes.len(), "room was made before");
        self.end += length;
    }

    #[cold]
    fn grow(&mut self, length: usize) {
        const SMALLEST: usize = 4096;
        let size = (self.end + length).next_power_of_two().max(SMALLEST);
        self.bytes.resize(size, 0);
    }

    /// What was written from `at` on.
    #[inline]
    pub(crate) fn from(&self, at: usize) -> &[u8] {
        &self.bytes[at..self.end]
    }

    /// Moves the bytes from `from` on to `to`, which is before them; what lay between is gone.
    #[inline]
    pub(crate) fn close_gap(&mut self, to: usize, from: usize) {
        self.bytes.copy_within(from..self.end, to);
        self.end -= from - to;
    }

    /// Replaces the bytes at `at`.
    #[inline]
    pub(crate) fn overwrite(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Puts bytes between those before and those after `at`.
    pub(crate) fn insert(&mut self, at: usize, bytes: &[u8]) {
        self.room(bytes.len());
        self.bytes.copy_within(at..self.end, at + bytes.len());
        self.overwrite(at, bytes);
        self.end += bytes.len();
    }
}

/// The buffers in which heads are decoded: one set for all connections of a worker.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The text that comes out.
    pub(crate) text: Text,
    /// Fields that are not yet where they belong.
    pub(crate) fields: Text,
    /// Pieces of cookies that came after other fields.
    pub(crate) crumbs: Vec<u8>,
}

impl Scratch {
    /// The head or the trailers that were decoded last.
    pub fn text(&self) -> &Text {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_moved_and_overwritten() {
        let mut text = Text::default();
        text.push(b"hello");
        text.room(3)[..3].copy_from_slice(b"xyz");
        text.advance(3);
        text.insert(5, b", ");
        assert_eq!(text.bytes(), b"hello, xyz");
        text.overwrite(0, b"J");
        text.close_gap(5, 7);
        assert_eq!((text.bytes(), text.from(5), text.len()), (&b"Jelloxyz"[..], &b"xyz"[..], 8));
        text.truncate(2);
        assert_eq!(text.bytes(), b"Je");
        text.clear();
        assert!(text.is_empty());
        text.push(&[b'x'; 10_000]);
        assert_eq!(text.len(), 10_000);
    }
}
