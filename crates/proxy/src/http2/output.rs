//! What is to be sent: one buffer of frames, which the driver writes to the socket as it is taken.

/// The largest buffer that a connection with nothing to send keeps.
const KEPT: usize = 16 * 1024;

/// Frames that were not written yet.
#[derive(Debug, Default)]
pub struct Output {
    /// Frames are appended here.
    pub bytes: Vec<u8>,
    written: usize,
}

impl Output {
    /// What is to be written next.
    #[inline]
    pub fn pending(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// Forgets the first `count` bytes of what is pending: they were written.
    #[inline]
    pub fn written(&mut self, count: usize) {
        self.written += count;
        debug_assert!(self.written <= self.bytes.len(), "no more can be written than was pending");
        if self.written >= self.bytes.len() {
            self.written = 0;
            self.bytes.clear();
            if self.bytes.capacity() > KEPT {
                self.bytes = Vec::new();
            }
        } else if self.written >= self.pending().len() {
            // With a slow peer the output may never be empty. What is moved is no more than what was written.
            self.bytes.drain(..self.written);
            self.written = 0;
        }
    }

    /// Takes the buffer away, if nothing is pending: idle connections need none.
    pub fn reclaim(&mut self) -> Option<Vec<u8>> {
        (self.bytes.is_empty() && self.bytes.capacity() > 0).then(|| std::mem::take(&mut self.bytes))
    }

    /// Gives a buffer, if there is none.
    pub fn lend(&mut self, buffer: Vec<u8>) -> Option<Vec<u8>> {
        if self.bytes.capacity() > 0 {
            return Some(buffer);
        }
        self.bytes = buffer;
        self.bytes.clear();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_does_not_pile_up_while_something_is_pending() {
        let mut output = Output::default();
        for i in 0..10_000u32 {
            output.bytes.extend_from_slice(&i.to_be_bytes().repeat(25));
            output.written(if i < 10 { 10 } else { 100 });
            assert!(!output.pending().is_empty() && output.bytes.len() < 3000);
        }
        assert_eq!(output.pending()[output.pending().len() - 4..], 9999u32.to_be_bytes());
    }

    #[test]
    fn what_was_written_is_forgotten_and_a_large_buffer_is_freed() {
        let mut output = Output::default();
        output.bytes.extend_from_slice(&[7; 100_000]);
        output.written(99_999);
        assert_eq!(output.pending(), [7]);
        output.bytes.push(8);
        assert!(output.reclaim().is_none());
        output.written(2);
        assert_eq!((output.pending().len(), output.bytes.capacity()), (0, 0));
        assert!(output.lend(Vec::with_capacity(64)).is_none());
        assert!(output.lend(Vec::with_capacity(32)).is_some());
        assert!(output.reclaim().is_some_and(|buffer| buffer.capacity() >= 64));
        assert!(output.reclaim().is_none());
    }
}
