//! The streams of one connection that are open, in slots that are used again, and the numbers of those that ended last.

use crate::timer::Millis;

/// Streams that ended last and are remembered, to tell frames that crossed a reset from errors.
const RECENT: usize = 128;

/// A stream, as the driver knows it. Slots are used again, numbers never are: a handle of a stream that ended is stale
/// and harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamId {
    number: u32,
    slot: u16,
}

impl StreamId {
    /// The number on the wire.
    pub fn number(self) -> u32 {
        self.number
    }

    /// The slot: below the limit of open streams, and of no other open stream of the connection. For tables of the driver.
    pub fn slot(self) -> usize {
        self.slot.into()
    }
}

/// How far one direction of a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The final head is to come.
    Head,
    /// Content or trailers are to come.
    Content,
    /// It ended.
    Ended,
}

/// Whether content waits for a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// It does not.
    No,
    /// For the stream's window.
    ForStream,
    /// For the connection's window or room in the output; it stands in the queue.
    Queued,
}

/// A stream.
#[derive(Debug)]
pub struct Stream {
    /// Its number; 0 is a free slot.
    pub number: u32,
    /// What the peer sends.
    pub remote: Half,
    /// What we send.
    pub local: Half,
    /// Whether its answer has no content whatever its head says (client's role: the request was HEAD).
    pub to_head: bool,
    /// What of `content-length` is to come.
    pub content_left: Option<u64>,
    /// How much we may send.
    pub send_window: i64,
    /// How much of the connection's window is kept for it until it has used that ([`super::limits::RESERVE`]).
    pub reserve: u32,
    /// How much the peer may send.
    pub receive_window: i64,
    /// Content that the driver has and did not release.
    pub held: u32,
    /// Content that was released and that the peer was not told of.
    pub unannounced: u32,
    /// Whether our content waits.
    pub waiting: Waiting,
    /// Since when it waits for the peer's windows without progress; [`Millis::MAX`]: it does not.
    pub stalled_since: Millis,
    /// Content sent since then.
    pub progress: u32,
}

/// How a stream ended that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// We reset it: frames may have crossed that.
    Reset,
    /// The peer ended its side: nothing may follow.
    Ended,
}

/// The streams of a connection.
#[derive(Debug, Default)]
pub struct Streams {
    slots: Vec<Stream>,
    /// The numbers of `slots`, close together for the search.
    numbers: Vec<u32>,
    free: Vec<u16>,
    recent: Vec<u32>,
    oldest: usize,
}

/// In the list of recent streams: we reset it. Stream numbers have 31 bits.
const WAS_RESET: u32 = 1 << 31;

impl Streams {
    /// How many are open.
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Adds a stream.
    pub fn insert(&mut self, stream: Stream) -> StreamId {
        let number = stream.number;
        if let Some(slot) = self.free.pop() {
            self.slots[usize::from(slot)] = stream;
            self.numbers[usize::from(slot)] = number;
            return StreamId { number, slot };
        }
        let slot = u16::try_from(self.slots.len()).expect("the limit of open streams is far below 65,536");
        self.slots.push(stream);
        self.numbers.push(number);
        StreamId { number, slot }
    }

    /// Finds an open stream by its number.
    #[inline]
    pub fn find(&self, number: u32) -> Option<StreamId> {
        let slot = self.numbers.iter().position(|known| *known == number).filter(|_| number > 0)?;
        Some(StreamId { number, slot: u16::try_from(slot).ok()? })
    }

    /// An open stream.
    #[inline]
    pub fn get(&self, id: StreamId) -> Option<&Stream> {
        self.slots.get(id.slot()).filter(|stream| stream.number == id.number)
    }

    /// An open stream.
    #[inline]
    pub fn get_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.slots.get_mut(id.slot()).filter(|stream| stream.number == id.number)
    }

    /// All open streams.
    pub fn iter(&self) -> impl Iterator<Item = (StreamId, &Stream)> {
        self.slots
            .iter()
            .zip(0u16..)
            .filter(|(stream, _)| stream.number > 0)
            .map(|(stream, slot)| (StreamId { number: stream.number, slot }, stream))
    }

    /// All open streams.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (StreamId, &mut Stream)> {
        self.slots
            .iter_mut()
            .zip(0u16..)
            .filter(|(stream, _)| stream.number > 0)
            .map(|(stream, slot)| (StreamId { number: stream.number, slot }, stream))
    }

    /// Removes a stream. Its handle must be valid.
    pub fn remove(&mut self, id: StreamId, ending: Ending) {
        self.slots[id.slot()].number = 0;
        self.numbers[id.slot()] = 0;
        self.free.push(id.slot);
        self.remember(id.number, ending);
    }

    /// Remembers how a stream ended (or that it was refused).
    pub fn remember(&mut self, number: u32, ending: Ending) {
        let entry = match ending {
            Ending::Reset => number | WAS_RESET,
            Ending::Ended => number,
        };
        if self.recent.len() < RECENT {
            self.recent.reserve_exact(RECENT - self.recent.len());
            return self.recent.push(entry);
        }
        self.recent[self.oldest] = entry;
        self.oldest = (self.oldest + 1) % RECENT;
    }

    /// How a stream ended, if it was among the last ones.
    pub fn ending(&self, number: u32) -> Option<Ending> {
        let entry = self.recent.iter().rev().find(|entry| **entry & !WAS_RESET == number)?;
        Some(if entry & WAS_RESET == 0 { Ending::Ended } else { Ending::Reset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(number: u32) -> Stream {
        Stream {
            number,
            remote: Half::Content,
            local: Half::Head,
            to_head: false,
            content_left: None,
            send_window: 0,
            reserve: 0,
            receive_window: 0,
            held: 0,
            unannounced: 0,
            waiting: Waiting::No,
            stalled_since: Millis::MAX,
            progress: 0,
        }
    }

    #[test]
    fn slots_are_used_again_and_old_handles_are_stale() {
        let mut streams = Streams::default();
        let ids: Vec<_> = (0..5).map(|i| streams.insert(stream(2 * i + 1))).collect();
        assert_eq!((streams.len(), streams.find(5)), (5, Some(ids[2])));
        streams.remove(ids[2], Ending::Reset);
        assert!(streams.get(ids[2]).is_none() && streams.find(5).is_none() && streams.find(0).is_none());
        let new = streams.insert(stream(11));
        assert_eq!((new.slot(), new.number()), (ids[2].slot(), 11));
        assert!(streams.get_mut(ids[2]).is_none());
        assert_eq!(streams.iter().map(|(id, _)| id.number()).collect::<Vec<_>>(), [1, 3, 11, 7, 9]);
    }

    #[test]
    fn the_last_endings_are_remembered_and_no_more() {
        let mut streams = Streams::default();
        for number in 1..=1000 {
            streams.remember(number, if number % 2 == 0 { Ending::Reset } else { Ending::Ended });
        }
        assert_eq!((streams.ending(1000), streams.ending(999)), (Some(Ending::Reset), Some(Ending::Ended)));
        assert!(streams.ending(873).is_some() && streams.ending(872).is_none());
    }
}
