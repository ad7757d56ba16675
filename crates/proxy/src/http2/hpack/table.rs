//! The dynamic table (RFC 7541 section 2.3.2): entries as slices of one buffer, the oldest first.
//!
//! The buffer is twice as large as what the entries may occupy. When its end is reached, the entries that still live
//! are moved to its front; that happens at most once for each time that the table was filled anew, so an entry costs
//! two copies of its bytes at most and no allocation.

use std::collections::VecDeque;

/// A table, first in, first out. `M` is what its user wants to know of an entry.
#[derive(Debug)]
pub struct Table<M> {
    bytes: Vec<u8>,
    /// How many bytes were dropped from the front of `bytes` since the beginning.
    dropped: usize,
    entries: VecDeque<Entry<M>>,
    /// Entries that were ever inserted.
    inserted: u32,
    size: usize,
    maximum: usize,
}

/// An entry, without its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Entry<M> {
    /// Counted from the beginning of all bytes ever written.
    start: usize,
    length: u16,
    /// The length of the name, with which the bytes begin.
    pub name_length: u16,
    /// What it counts, by the RFC.
    size: u16,
    /// What its user wants to know.
    pub meta: M,
}

impl<M: Copy> Table<M> {
    /// An empty table of a size in the RFC's way of counting, at most 64 kB.
    pub fn new(maximum: usize) -> Self {
        Self { bytes: Vec::new(), dropped: 0, entries: VecDeque::new(), inserted: 0, size: 0, maximum }
    }

    /// The size that it may have.
    pub fn maximum(&self) -> usize {
        self.maximum
    }

    /// Changes the size that it may have; entries that no longer fit go.
    pub fn resize(&mut self, maximum: usize) {
        self.maximum = maximum;
        self.evict(0);
    }

    /// An entry by its age: 0 is the one inserted last.
    #[inline]
    pub fn get(&self, age: usize) -> Option<(&Entry<M>, &[u8])> {
        let entry = self.entries.get(self.entries.len().checked_sub(age + 1)?)?;
        let start = entry.start - self.dropped;
        Some((entry, &self.bytes[start..start + usize::from(entry.length)]))
    }

    /// How many entries were ever inserted; the number of an entry is this before it was.
    #[inline]
    pub fn inserted(&self) -> u32 {
        self.inserted
    }

    /// Inserts an entry whose bytes are the pieces together. One that is larger than the table empties it.
    pub fn insert(&mut self, pieces: &[&[u8]], name_length: u16, size: usize, meta: M) {
        self.evict(size);
        let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        let (Ok(short_length), Ok(short_size)) = (u16::try_from(length), u16::try_from(size)) else { return };
        if size > self.maximum {
            return;
        }
        if self.bytes.len() + length > 2 * self.maximum.max(length) {
            self.compact();
        }
        let start = self.dropped + self.bytes.len();
        for piece in pieces {
            self.bytes.extend_from_slice(piece);
        }
        self.entries.push_back(Entry { start, length: short_length, name_length, size: short_size, meta });
        self.size += size;
        self.inserted = self.inserted.wrapping_add(1);
    }

    /// Drops the oldest entries until one of `size` fits.
    #[inline]
    fn evict(&mut self, size: usize) {
        while self.size + size > self.maximum {
            let Some(oldest) = self.entries.pop_front() else { return };
            self.size -= usize::from(oldest.size);
        }
    }

    /// Moves what lives to the front of the buffer.
    fn compact(&mut self) {
        let end = self.dropped + self.bytes.len();
        let first = self.entries.front().map_or(end, |entry| entry.start);
        self.bytes.drain(..first - self.dropped);
        self.dropped = first;
    }

    /// Bytes that it holds, for the tests of limits.
    #[cfg(test)]
    pub fn held_bytes(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry<M>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_go_first_and_the_buffer_stays_small() {
        let mut table = Table::new(200);
        for i in 0..10_000u32 {
            let name = format!("name-{i}");
            table.insert(&[name.as_bytes(), b"value"], 5, name.len() + 5 + 32, i);
            let (newest, bytes) = table.get(0).unwrap();
            assert_eq!((newest.meta, bytes), (i, format!("{name}value").as_bytes()));
            let oldest = (0..).take_while(|age| table.get(*age).is_some()).last().unwrap();
            assert!(oldest < 5);
            assert_eq!(table.get(oldest).unwrap().0.meta, i - u32::try_from(oldest).unwrap());
            assert!(table.size <= 200);
            assert!(table.bytes.len() <= 400);
        }
        assert!(table.held_bytes() < 2000, "{}", table.held_bytes());
        assert_eq!(table.inserted(), 10_000);
    }

    #[test]
    fn a_smaller_table_and_an_entry_that_is_too_large_drop_others() {
        let mut table = Table::new(100);
        table.insert(&[b"a", b"1"], 1, 34, ());
        table.insert(&[b"b", b"2"], 1, 34, ());
        table.resize(50);
        assert_eq!(table.get(0).unwrap().1, b"b2");
        assert!(table.get(1).is_none());
        table.insert(&[&[b'x'; 60]], 1, 92, ());
        assert!(table.get(0).is_none());
        table.resize(0);
        table.insert(&[b"c"], 1, 33, ());
        assert!(table.get(0).is_none());
    }
}
