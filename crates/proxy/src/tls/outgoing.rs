//! Bytes on their way to a socket.
//!
//! A vector that keeps its length: what is encrypted is written into room that was filled with zeros once, when the
//! buffer grew, and not before every record. A worker has one for all its connections.

use std::ops::Deref;

/// A buffer that is filled from the front and emptied at once.
#[derive(Debug, Default)]
pub struct Outgoing {
    bytes: Vec<u8>,
    filled: usize,
}

impl Outgoing {
    /// An empty buffer with room for `capacity` bytes; it grows beyond that when it must.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: vec![0; capacity], filled: 0 }
    }

    /// Forgets the content and keeps the room.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Adds bytes that are ready to be sent.
    pub fn append(&mut self, bytes: &[u8]) {
        self.room(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.fill(bytes.len());
    }

    /// Room for at least `least` bytes behind the content. What is written there counts after [`Outgoing::fill`].
    pub fn room(&mut self, least: usize) -> &mut [u8] {
        let needed = self.filled + least;
        if self.bytes.len() < needed {
            self.bytes.resize(needed, 0);
        }
        &mut self.bytes[self.filled..]
    }

    /// Says how many bytes of the room were written; at most as many as there was room for.
    pub fn fill(&mut self, written: usize) {
        debug_assert!(self.filled + written <= self.bytes.len(), "more was written than there was room for");
        self.filled = (self.filled + written).min(self.bytes.len());
    }
}

impl Deref for Outgoing {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_what_was_appended_and_filled_since_the_last_clear() {
        let mut out = Outgoing::with_capacity(2);
        assert!(out.is_empty());
        out.append(b"abc");
        out.room(5)[..2].copy_from_slice(b"de");
        out.fill(2);
        assert_eq!(&*out, b"abcde");
        out.clear();
        out.append(b"x");
        assert_eq!(&*out, b"x");
    }
}
