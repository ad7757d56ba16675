//! A gzip file that is written in pieces, without a compressor of its own.
//!
//! Each piece is compressed by itself into blocks that end at a byte, so that one compressor serves all files that are open
//! and what is on disk can be read up to the last whole piece. Together the pieces are one ordinary member (RFC 1952).

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Deflate, no name, no time, from Unix.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
/// An empty last block.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Makes the pieces of all files.
#[derive(Debug)]
pub struct Compressor(Compress);

impl Default for Compressor {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), false))
    }
}

/// What a file must know of its pieces.
#[derive(Debug, Default)]
pub struct Gzip {
    checksum: Crc,
}

impl Gzip {
    /// What the file begins with.
    pub fn header() -> &'static [u8] {
        &HEADER
    }

    /// Appends a piece to `out`. It counts once [`Gzip::wrote`] says that it is in the file.
    pub fn piece(compressor: &mut Compressor, content: &[u8], out: &mut Vec<u8>) {
        compressor.0.reset();
        let mut rest = content;
        loop {
            out.reserve(rest.len() / 4 + 1024);
            let before = compressor.0.total_in();
            let status = compressor.0.compress_vec(rest, out, FlushCompress::Full);
            let taken = usize::try_from(compressor.0.total_in() - before).unwrap_or(rest.len());
            rest = &rest[taken..];
            // Room that was left over means that nothing is held back.
            let complete = rest.is_empty() && out.len() < out.capacity();
            match status {
                Ok(Status::Ok | Status::BufError) if !complete => {}
                Ok(Status::Ok | Status::BufError | Status::StreamEnd) | Err(_) => return,
            }
        }
    }

    /// A piece with this content is in the file.
    pub fn wrote(&mut self, content: &[u8]) {
        self.checksum.update(content);
    }

    /// What the file ends with.
    pub fn end(&self) -> [u8; 10] {
        let mut end = [0; 10];
        end[..2].copy_from_slice(&LAST_BLOCK);
        end[2..6].copy_from_slice(&self.checksum.sum().to_le_bytes());
        end[6..].copy_from_slice(&self.checksum.amount().to_le_bytes());
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn pieces_are_one_member_that_any_reader_reads() {
        let mut compressor = Compressor::default();
        let (mut gzip, mut file, mut all) = (Gzip::default(), Gzip::header().to_vec(), Vec::new());
        for i in 0..50_u32 {
            let piece: Vec<u8> = (0..i * 97)
                .flat_map(|n| format!("line {n} of {i} {:x}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
                .collect();
            Gzip::piece(&mut compressor, &piece, &mut file);
            gzip.wrote(&piece);
            all.extend_from_slice(&piece);
        }
        file.extend_from_slice(&gzip.end());
        let mut read = Vec::new();
        let mut decoder = flate2::bufread::GzDecoder::new(&*file);
        decoder.read_to_end(&mut read).unwrap();
        assert!(read == all);
        assert!(decoder.into_inner().is_empty(), "nothing follows the member");
        assert!(file.len() * 2 < all.len());
    }

    #[test]
    fn what_does_not_compress_is_written_too() {
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..300_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        let (mut gzip, mut file) = (Gzip::default(), Gzip::header().to_vec());
        Gzip::piece(&mut Compressor::default(), &noise, &mut file);
        gzip.wrote(&noise);
        file.extend_from_slice(&gzip.end());
        let mut read = Vec::new();
        flate2::read::GzDecoder::new(&*file).read_to_end(&mut read).unwrap();
        assert!(read == noise);
    }
}
