//! Reads tar archives as an untrusted stream: the formats that root file systems and OCI layers come in (ustar, pax, GNU
//! long names). Everything is bounded, and what is not understood is refused by name. What the entries mean is decided
//! by `unpack`.

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

/// What a header and each piece of content fill up to.
const BLOCK: usize = 512;
/// The longest extended header, in bytes: long names and extended attributes.
const MAXIMUM_EXTENSION: u64 = 1 << 20;

/// One entry; its content follows in the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) size: u64,
    /// Seconds since the epoch.
    pub(super) modified: i64,
    /// Extended attributes.
    pub(super) attributes: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    File,
    Directory,
    SymbolicLink,
    HardLink,
    Fifo,
    /// Of characters or blocks.
    Device,
}

/// An archive that is read from its beginning to its end.
pub(super) struct Archive<R> {
    stream: R,
    /// Of the present entry: what was not read of its content, and of the filling after it.
    content: u64,
    filling: u64,
    global: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl<R: Read> Archive<R> {
    pub(super) fn new(stream: R) -> Self {
        Self { stream, content: 0, filling: 0, global: BTreeMap::new() }
    }

    /// The next entry; `None` at the end of the archive.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, String> {
        let mut extension = BTreeMap::new();
        let (mut long_path, mut long_link) = (None, None);
        loop {
            self.skip_content()?;
            let Some(header) = self.header()? else { return Ok(None) };
            self.content = number(&header[124..136])?;
            self.filling = filling(self.content);
            match header[156] {
                b'x' => extension = self.extension()?,
                b'g' => {
                    let global = self.extension()?;
                    self.global.extend(global);
                }
                b'L' => long_path = Some(self.long_name()?),
                b'K' => long_link = Some(self.long_name()?),
                _ => {
                    let all = self.global.clone().into_iter().chain(extension).collect();
                    return self.entry(&header, all, long_path, long_link).map(Some);
                }
            }
        }
    }

    fn entry(
        &mut self,
        header: &[u8; BLOCK],
        mut extension: BTreeMap<Vec<u8>, Vec<u8>>,
        long_path: Option<Vec<u8>>,
        long_link: Option<Vec<u8>>,
    ) -> Result<Entry, String> {
        let mut entry = Entry {
            kind: kind(header[156])?,
            path: long_path.unwrap_or_else(|| path(header)),
            link: long_link.unwrap_or_else(|| text(&header[157..257]).to_vec()),
            mode: u32::try_from(number(&header[100..108])? & 0o7777).unwrap_or_default(),
            uid: id(number(&header[108..116])?)?,
            gid: id(number(&header[116..124])?)?,
            size: self.content,
            modified: i64::try_from(number(&header[136..148]).unwrap_or_default()).unwrap_or_default(),
            attributes: BTreeMap::new(),
        };
        if extension.keys().any(|name| name.starts_with(b"GNU.sparse")) {
            return Err(format!("{} is a sparse file in a form that is not supported", show(&entry.path)));
        }
        if let Some(path) = extension.remove(b"path".as_slice()) {
            entry.path = path;
        }
        if let Some(link) = extension.remove(b"linkpath".as_slice()) {
            entry.link = link;
        }
        let decimal = |value: &[u8]| std::str::from_utf8(value).ok()?.parse::<u64>().ok();
        let bad = |name: &str| format!("the extended header of {} has a bad {name}", show(&entry.path));
        if let Some(value) = extension.remove(b"size".as_slice()) {
            entry.size = decimal(&value).ok_or_else(|| bad("size"))?;
            self.content = entry.size;
            self.filling = filling(entry.size);
        }
        if let Some(value) = extension.remove(b"uid".as_slice()) {
            entry.uid = id(decimal(&value).ok_or_else(|| bad("uid"))?)?;
        }
        if let Some(value) = extension.remove(b"gid".as_slice()) {
            entry.gid = id(decimal(&value).ok_or_else(|| bad("gid"))?)?;
        }
        if let Some(value) = extension.remove(b"mtime".as_slice()) {
            let seconds = std::str::from_utf8(&value).ok().and_then(|text| text.split('.').next()?.parse().ok());
            entry.modified = seconds.ok_or_else(|| bad("mtime"))?;
        }
        for (name, value) in extension {
            if let Some(name) = name.strip_prefix(b"SCHILY.xattr.") {
                entry.attributes.insert(name.to_vec(), value);
            }
        }
        if entry.kind != Kind::File && entry.size > 0 {
            // Old programs give links the size of what they lead to, and no content.
            if matches!(entry.kind, Kind::HardLink | Kind::SymbolicLink) {
                (self.content, self.filling, entry.size) = (0, 0, 0);
            } else {
                return Err(format!("{} is no file and has content", show(&entry.path)));
            }
        }
        Ok(entry)
    }

    /// Reads on to where the next header begins.
    fn skip_content(&mut self) -> Result<(), String> {
        let left = self.content + self.filling;
        (self.content, self.filling) = (0, 0);
        let skipped =
            io::copy(&mut self.stream.by_ref().take(left), &mut io::sink()).map_err(|error| error.to_string())?;
        if skipped < left { Err(CUT_SHORT.to_owned()) } else { Ok(()) }
    }

    /// A whole header; `None` at the mark of the end, or where the stream ends.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>, String> {
        let mut block = [0_u8; BLOCK];
        let mut length = 0;
        while length < BLOCK {
            match self.stream.read(&mut block[length..]) {
                Ok(0) if length == 0 => return Ok(None),
                Ok(0) => return Err(CUT_SHORT.to_owned()),
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum = |block: &[u8; BLOCK]| -> u64 {
            block
                .iter()
                .enumerate()
                .map(|(at, byte)| u64::from(if (148..156).contains(&at) { b' ' } else { *byte }))
                .sum()
        };
        if number(&block[148..156]).ok() != Some(sum(&block)) {
            return Err("it is not a tar archive, or a damaged one".to_owned());
        }
        Ok(Some(block))
    }

    fn extension_bytes(&mut self) -> Result<Vec<u8>, String> {
        if self.content > MAXIMUM_EXTENSION {
            return Err(format!("an extended header is larger than {MAXIMUM_EXTENSION} bytes"));
        }
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    fn long_name(&mut self) -> Result<Vec<u8>, String> {
        Ok(text(&self.extension_bytes()?).to_vec())
    }

    /// Records of the form `LENGTH NAME=VALUE\n`.
    fn extension(&mut self) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, String> {
        let bytes = self.extension_bytes()?;
        let mut rest = bytes.as_slice();
        let mut records = BTreeMap::new();
        while !rest.is_empty() {
            let record = record(rest).ok_or("an extended header is malformed")?;
            let (length, name, value) = record;
            records.insert(name.to_vec(), value.to_vec());
            rest = &rest[length..];
        }
        Ok(records)
    }
}

/// The content of the present entry.
impl<R: Read> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.content).unwrap_or(usize::MAX).min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        let length = self.stream.read(&mut buffer[..wanted])?;
        if length == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, CUT_SHORT));
        }
        self.content -= length as u64;
        Ok(length)
    }
}

const CUT_SHORT: &str = "the archive is cut short";

fn record(bytes: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    let text = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|byte| *byte == b'=')?;
    Some((length, &text[..equals], &text[equals + 1..]))
}

fn filling(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

fn kind(flag: u8) -> Result<Kind, String> {
    match flag {
        b'0' | 0 | b'7' => Ok(Kind::File),
        b'1' => Ok(Kind::HardLink),
        b'2' => Ok(Kind::SymbolicLink),
        b'3' | b'4' => Ok(Kind::Device),
        b'5' => Ok(Kind::Directory),
        b'6' => Ok(Kind::Fifo),
        other => Err(format!("the archive has an entry of the kind {:?}, which is not supported", char::from(other))),
    }
}

fn path(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = text(&header[..100]);
    let prefix = text(&header[345..500]);
    // GNU's own format has other things there.
    if &header[257..263] == b"ustar\0" && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() }
}

fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits, or a big-endian number behind a set highest bit.
fn number(field: &[u8]) -> Result<u64, String> {
    let bad = || "a header of the archive has a bad number".to_owned();
    match field.split_first() {
        Some((0x80, rest)) => {
            let (high, low) = rest.split_at(rest.len().saturating_sub(8));
            let value = low.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
            if high.iter().all(|byte| *byte == 0) { Ok(value) } else { Err(bad()) }
        }
        Some((first, _)) if first & 0x80 != 0 => Err(bad()),
        _ => {
            let digits: Vec<u8> = text(field).iter().copied().filter(|byte| *byte != b' ').collect();
            let digits = std::str::from_utf8(&digits).map_err(|_| bad())?;
            if digits.is_empty() { Ok(0) } else { u64::from_str_radix(digits, 8).map_err(|_| bad()) }
        }
    }
}

fn id(number: u64) -> Result<u32, String> {
    // The highest number means "leave it as it is" to the kernel.
    u32::try_from(number).ok().filter(|id| *id != u32::MAX).ok_or_else(|| format!("{number} is not a user or group"))
}

/// A name for people.
pub(super) fn show(path: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(path))
}
