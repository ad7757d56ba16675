//! HPACK, the compression of header fields (RFC 7541), with the limits that make it safe to decode.
//!
//! [`Decoder`] writes each field as a line of text, `name: value` and CRLF: an entry of its dynamic table is kept in
//! that form, so a field that was sent before costs one copy. [`Encoder`] has the static table and a small dynamic one
//! for values that repeat.

mod decoder;
mod encoder;
mod huffman;
mod integer;
mod static_table;
mod table;

pub use decoder::{Block, Decoder, Field, Name};
pub use encoder::{Encoder, Reader};

/// The size of the dynamic table, in the RFC's way of counting. The protocol's initial value, which is never changed:
/// a larger one would be kept for each connection, and what browsers repeat fits.
pub const TABLE_SIZE: usize = 4096;
/// What an entry costs beside its bytes (RFC 7541 section 4.1).
const ENTRY_OVERHEAD: usize = 32;
/// The longest field in its compressed form (ELB user guide: a connection whose client sends a longer one is ended).
pub const MAXIMUM_COMPRESSED_FIELD: usize = 8 * 1024;
/// The most fields of one block, pieces of cookies among them. A head has at most 100; the rest is room for cookies,
/// which HTTP/2 cuts at each semicolon. Empty fields cost one byte on the wire, so their size alone bounds nothing.
pub const MAXIMUM_FIELDS: usize = 1024;

/// Why a header block cannot be read. All of them end the connection: its tables are no longer the same at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HpackError {
    /// The block ends within a field.
    #[error("a header block ends within a field")]
    Truncated,
    /// An integer is longer than anything that could be meant.
    #[error("an integer in a header block is too large")]
    Integer,
    /// There is no such entry.
    #[error("a header block names an entry that is in no table")]
    Index,
    /// A string that is not Huffman code.
    #[error("a string in a header block is not Huffman code")]
    Huffman,
    /// The table is made larger than allowed, in the wrong place, or too often.
    #[error("the size of the header table is changed where it may not be")]
    TableSize,
    /// One field of more than 8 kB on the wire.
    #[error("a compressed header field is longer than 8 kB")]
    FieldTooLong,
    /// More than 1,024 fields.
    #[error("a header block has more than 1,024 fields")]
    TooManyFields,
    /// A small block that becomes very large.
    #[error("a header block becomes far larger than any head when it is decoded")]
    Bomb,
}

impl HpackError {
    /// Whether a limit of ours was exceeded, rather than a rule of the RFC broken.
    pub fn is_limit(self) -> bool {
        match self {
            Self::FieldTooLong | Self::TooManyFields | Self::Bomb => true,
            Self::Truncated | Self::Integer | Self::Index | Self::Huffman | Self::TableSize => false,
        }
    }
}
