//! Classification of requests that two servers might read differently (desync mitigation mode `defensive`).
//!
//! The reasons are bits that the parser sets while it walks the head, so a clean request costs one comparison. Severe
//! requests never get here: the parser refuses them. Ambiguous ones are served, and both connections are closed after
//! them, so that bytes which one side would take for another request meet no other request.

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
    /// Bytes outside ASCII in the request target.
    AmbiguousUri,
    /// Content-Length twice with the same value.
    DuplicateContentLength,
    /// A body on GET or HEAD.
    UndefinedContentLengthSemantics,
    /// Transfer-Encoding: identity.
    UndefinedTransferEncodingSemantics,
    /// GET or HEAD with Content-Length: 0.
    GetHeadZeroContentLength,
    /// A header name outside `[-A-Za-z0-9]+`.
    NonCompliantHeader,
}

const ALL: [Finding; 6] = [
    Finding::AmbiguousUri,
    Finding::DuplicateContentLength,
    Finding::UndefinedContentLengthSemantics,
    Finding::UndefinedTransferEncodingSemantics,
    Finding::GetHeadZeroContentLength,
    Finding::NonCompliantHeader,
];

impl Finding {
    /// Its class.
    pub const fn class(self) -> Class {
        match self {
            Self::AmbiguousUri
            | Self::DuplicateContentLength
            | Self::UndefinedContentLengthSemantics
            | Self::UndefinedTransferEncodingSemantics => Class::Ambiguous,
            Self::GetHeadZeroContentLength | Self::NonCompliantHeader => Class::Acceptable,
        }
    }

    /// AWS's name of it in the access log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmbiguousUri => "AmbiguousUri",
            Self::DuplicateContentLength => "DuplicateContentLength",
            Self::UndefinedContentLengthSemantics => "UndefinedContentLengthSemantics",
            Self::UndefinedTransferEncodingSemantics => "UndefinedTransferEncodingSemantics",
            Self::GetHeadZeroContentLength => "GetHeadZeroContentLength",
            Self::NonCompliantHeader => "NonCompliantHeader",
        }
    }
}

impl Findings {
    /// Adds one.
    #[inline]
    pub fn add(&mut self, finding: Finding) {
        self.0 |= 1 << finding as u8;
    }

    /// The worst of them.
    pub fn worst(self) -> Option<Finding> {
        ALL.into_iter().filter(|f| self.0 & (1 << *f as u8) != 0).max_by_key(|f| f.class())
    }

    /// The class of the request.
    #[inline]
    pub fn class(self) -> Class {
        if self.0 == 0 {
            return Class::Compliant;
        }
        self.worst().map_or(Class::Compliant, Finding::class)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides() {
        let mut findings = Findings::default();
        assert_eq!(findings.class(), Class::Compliant);
        findings.add(Finding::NonCompliantHeader);
        assert_eq!(findings.class(), Class::Acceptable);
        findings.add(Finding::AmbiguousUri);
        findings.add(Finding::GetHeadZeroContentLength);
        assert_eq!(findings.class(), Class::Ambiguous);
        assert_eq!(findings.worst(), Some(Finding::AmbiguousUri));
    }
}
