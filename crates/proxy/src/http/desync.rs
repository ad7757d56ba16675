//! Classification of requests that two servers might read differently (`routing.http.desync_mitigation_mode`).
//!
//! The reasons are bits that the parser sets while it walks the head, so a clean request costs one comparison. What cannot
//! be read in exactly one way never gets here: the parser refuses it in every mode, and with it AWS's whole class Severe.
//!
//! | class | monitor | defensive | strictest |
//! |---|---|---|---|
//! | Compliant, | served | served | served |
//! | Acceptable | served | served | refused |
//! | Ambiguous | served | served, both connections end | refused |
//! | Severe | refused | refused | refused |
//!
//! A request with Content-Length and Transfer-Encoding ends its connections in every mode (RFC 9112 section 6.1).
//! Classes and reasons are those of AWS's published classifier, against which a test compares them.

use model::elbv2::snapshot::DesyncMode;

/// AWS's classes below Severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// As the RFC says.
    Compliant,
    /// Not as the RFC says, but no risk known.
    Acceptable,
    /// Served, but its connections are not used again.
    Ambiguous,
}

/// What was noticed about a request: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings(u8);

/// One thing that may be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Content-Length and Transfer-Encoding. The latter counts, and only it is forwarded.
    BothTeClPresent,
    /// Content-Length twice with the same value.
    DuplicateContentLength,
    /// A name that some servers take for Content-Length or Transfer-Encoding.
    SuspiciousHeader,
    /// A body of some length on GET or HEAD.
    UndefinedContentLengthSemantics,
    /// Transfer-Encoding on GET or HEAD, or the coding `identity`, which no longer exists.
    UndefinedTransferEncodingSemantics,
    /// GET or HEAD with Content-Length: 0.
    GetHeadZeroContentLength,
}

const ALL: [Finding; 6] = [
    Finding::BothTeClPresent,
    Finding::DuplicateContentLength,
    Finding::SuspiciousHeader,
    Finding::UndefinedContentLengthSemantics,
    Finding::UndefinedTransferEncodingSemantics,
    Finding::GetHeadZeroContentLength,
];

impl Finding {
    /// Its class.
    pub const fn class(self) -> Class {
        match self {
            Self::BothTeClPresent
            | Self::DuplicateContentLength
            | Self::SuspiciousHeader
            | Self::UndefinedContentLengthSemantics
            | Self::UndefinedTransferEncodingSemantics => Class::Ambiguous,
            Self::GetHeadZeroContentLength => Class::Acceptable,
        }
    }

    /// AWS's name of it in the access log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BothTeClPresent => "BothTeClPresent",
            Self::DuplicateContentLength => "DuplicateContentLength",
            Self::SuspiciousHeader => "SuspiciousHeader",
            Self::UndefinedContentLengthSemantics => "UndefinedContentLengthSemantics",
            Self::UndefinedTransferEncodingSemantics => "UndefinedTransferEncodingSemantics",
            Self::GetHeadZeroContentLength => "GetHeadZeroContentLength",
        }
    }
}

impl Findings {
    /// Adds one.
    #[inline]
    pub fn add(&mut self, finding: Finding) {
        self.0 |= 1 << finding as u8;
    }

    /// Whether it is among them.
    #[inline]
    pub fn has(self, finding: Finding) -> bool {
        self.0 & (1 << finding as u8) != 0
    }

    /// The worst of them.
    pub fn worst(self) -> Option<Finding> {
        // Of several that are equally bad the first one.
        ALL.into_iter().rev().filter(|finding| self.has(*finding)).max_by_key(|finding| finding.class())
    }

    /// The class of the request.
    #[inline]
    pub fn class(self) -> Class {
        if self.0 == 0 {
            return Class::Compliant;
        }
        self.worst().map_or(Class::Compliant, Finding::class)
    }

    /// Whether such a request is refused.
    #[inline]
    pub fn is_refused(self, mode: DesyncMode) -> bool {
        match mode {
            DesyncMode::Monitor | DesyncMode::Defensive => false,
            DesyncMode::Strictest => self.class() != Class::Compliant,
        }
    }

    /// Whether the connections of such a request may carry others.
    #[inline]
    pub fn keeps_connections(self, mode: DesyncMode) -> bool {
        match mode {
            DesyncMode::Monitor => !self.has(Finding::BothTeClPresent),
            DesyncMode::Defensive | DesyncMode::Strictest => self.class() != Class::Ambiguous,
        }
    }
}

impl Class {
    /// AWS's name in the access log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compliant => "Compliant",
            Self::Acceptable => "Acceptable",
            Self::Ambiguous => "Ambiguous",
        }
    }
}

/// What some servers may take a header name for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookalike {
    ContentLength,
    TransferEncoding,
}

/// What servers take a header name for that look at letters and digits only, as CGI does.
pub(crate) fn lookalike(name: &[u8]) -> Option<Lookalike> {
    const SHORTEST: usize = "contentlength".len();
    let first = name.iter().find(|byte| byte.is_ascii_alphanumeric());
    let may_be = name.len() >= SHORTEST && matches!(first, Some(b'c' | b'C' | b't' | b'T'));
    let is = |known: &[u8]| {
        let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
        letters.eq(known.iter().copied())
    };
    match may_be {
        true if is(b"contentlength") => Some(Lookalike::ContentLength),
        true if is(b"transferencoding") => Some(Lookalike::TransferEncoding),
        true | false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides() {
        let mut findings = Findings::default();
        assert_eq!(findings.class(), Class::Compliant);
        findings.add(Finding::GetHeadZeroContentLength);
        assert_eq!(findings.class(), Class::Acceptable);
        findings.add(Finding::SuspiciousHeader);
        assert_eq!((findings.class(), findings.worst()), (Class::Ambiguous, Some(Finding::SuspiciousHeader)));
        findings.add(Finding::BothTeClPresent);
        assert_eq!(findings.worst(), Some(Finding::BothTeClPresent));
    }

    #[test]
    fn the_mode_decides_what_becomes_of_a_class() {
        use DesyncMode::{Defensive, Monitor, Strictest};
        let table = [
            (
                Finding::GetHeadZeroContentLength,
                [(Monitor, false, true), (Defensive, false, true), (Strictest, true, true)],
            ),
            (Finding::SuspiciousHeader, [(Monitor, false, true), (Defensive, false, false), (Strictest, true, false)]),
            (Finding::BothTeClPresent, [(Monitor, false, false), (Defensive, false, false), (Strictest, true, false)]),
        ];
        for (finding, modes) in table {
            let mut findings = Findings::default();
            findings.add(finding);
            for (mode, refused, keeps) in modes {
                assert_eq!(
                    (findings.is_refused(mode), findings.keeps_connections(mode)),
                    (refused, keeps),
                    "{finding:?}"
                );
            }
        }
    }

    #[test]
    fn names_that_only_look_different_are_suspicious() {
        for name in ["Transfer_Encoding", "Transfer-Encoding-", "-content.length", "CONTENT__LENGTH", "ContentLength"] {
            assert!(lookalike(name.as_bytes()).is_some(), "{name}");
        }
        for name in ["Content-Length2", "Content-Type", "TE", "X-Transfer-Encoding", "Content-Encoding"] {
            assert_eq!(lookalike(name.as_bytes()), None, "{name}");
        }
    }
}
