//! What a file is by its bytes, whatever its name says: the formats that issues and visits are
//! documented in.

/// A format that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Its media type.
    pub media_type: &'static str,
    /// The endings of its files.
    pub extensions: &'static [&'static str],
    by: Mark,
}

/// What tells a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// What it begins with.
    Start(&'static [u8]),
    /// `RIFF`, a length, and this.
    Riff(&'static [u8]),
    /// A box `ftyp` of one of these brands (ISO 14496-12).
    Brand(&'static [&'static [u8]]),
    /// A zip with an entry of this name, or in this folder.
    Zip(&'static str),
    /// A compound file (MS-CFB), which all the old formats of offices are.
    Compound,
}

const fn format(media_type: &'static str, extensions: &'static [&'static str], by: Mark) -> Format {
    Format {
        media_type,
        extensions,
        by,
    }
}

/// The formats that are taken.
#[rustfmt::skip]
pub const FORMATS: [Format; 12] = [
    format("application/pdf", &["pdf"], Mark::Start(b"%PDF-")),
    // GB/T 33190.
    format("application/ofd", &["ofd"], Mark::Zip("OFD.xml")),
    format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"], Mark::Zip("word/")),
    format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], Mark::Zip("xl/")),
    format("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"], Mark::Zip("ppt/")),
    format("application/msword", &["doc"], Mark::Compound),
    format("application/vnd.ms-excel", &["xls"], Mark::Compound),
    format("application/vnd.ms-powerpoint", &["ppt"], Mark::Compound),
    format("image/jpeg", &["jpg", "jpeg"], Mark::Start(b"\xff\xd8\xff")),
    format("image/png", &["png"], Mark::Start(b"\x89PNG\r\n\x1a\n")),
    format("image/webp", &["webp"], Mark::Riff(b"WEBP")),
    format("image/heic", &["heic", "heif"], Mark::Brand(&[b"heic", b"heix", b"hevc", b"mif1", b"msf1"])),
];

/// How much of each end of a file is looked at.
const END: usize = 64 * 1024;

/// The two ends of a file that streams by.
#[derive(Default)]
pub(super) struct Ends {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Ends {
    pub(super) fn see(&mut self, chunk: &[u8]) {
        let room = END.saturating_sub(self.head.len());
        self.head.extend(chunk.iter().take(room));
        self.tail.extend_from_slice(chunk);
        if self.tail.len() > 2 * END {
            self.tail.drain(..self.tail.len() - END);
        }
    }
}

impl Format {
    /// The format of a media type.
    #[must_use]
    pub fn of(media_type: &str) -> Option<Self> {
        let mut all = FORMATS.into_iter();
        all.find(|format| format.media_type == media_type)
    }

    /// Whether a file of this name can be of the format.
    #[must_use]
    pub fn names(self, file_name: &str) -> bool {
        let ending = file_name.rsplit_once('.').map(|(_, ending)| ending);
        ending.is_some_and(|ending| {
            let is = |known: &&str| known.eq_ignore_ascii_case(ending);
            self.extensions.iter().any(is)
        })
    }

    /// Whether the bytes are of the format.
    pub(super) fn fits(self, ends: &Ends) -> bool {
        let head = ends.head.as_slice();
        match self.by {
            Mark::Start(start) => head.starts_with(start),
            Mark::Riff(kind) => head.starts_with(b"RIFF") && head.get(8..12) == Some(kind),
            Mark::Brand(brands) => {
                head.get(4..8) == Some(b"ftyp")
                    && head.get(8..12).is_some_and(|brand| brands.contains(&brand))
            }
            Mark::Compound => head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            // By an entry at the beginning, or by the directory at the end.
            Mark::Zip(entry) => {
                head.starts_with(LOCAL.signature)
                    && (LOCAL.names(head, entry) || DIRECTORY.names(&ends.tail, entry))
            }
        }
    }
}

/// A record of a zip that names an entry: how it begins, and where the length of the name and the
/// name stand.
struct Record {
    signature: &'static [u8],
    length: usize,
    name: usize,
}

/// Before an entry.
const LOCAL: Record = Record {
    signature: b"PK\x03\x04",
    length: 26,
    name: 30,
};

/// In the directory at the end.
const DIRECTORY: Record = Record {
    signature: b"PK\x01\x02",
    length: 28,
    name: 46,
};

impl Record {
    /// Whether one of these records names this entry, or one in this folder.
    fn names(&self, bytes: &[u8], entry: &str) -> bool {
        let windows = bytes.windows(self.signature.len()).enumerate();
        let mut records = windows.filter(|(_, window)| *window == self.signature);
        records.any(|(at, _)| {
            let length = bytes.get(at + self.length..at + self.length + 2);
            let Some([low, high]) = length else {
                return false;
            };
            let length = usize::from(*low) | usize::from(*high) << 8;
            let start = at + self.name;
            bytes.get(start..start + length).is_some_and(|name| {
                if entry.ends_with('/') {
                    name.starts_with(entry.as_bytes())
                } else {
                    name == entry.as_bytes()
                }
            })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn fits(media_type: &str, bytes: &[u8]) -> bool {
        let mut ends = Ends::default();
        for chunk in bytes.chunks(7) {
            ends.see(chunk);
        }
        Format::of(media_type).unwrap().fits(&ends)
    }

    fn zip(names: &[&str], filling: usize) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.resize(bytes.len() + filling, 0);
        for name in names {
            let mut record = vec![0; 46];
            record[..4].copy_from_slice(b"PK\x01\x02");
            record[28] = u8::try_from(name.len()).unwrap();
            record.extend_from_slice(name.as_bytes());
            bytes.extend(record);
        }
        bytes.extend_from_slice(b"PK\x05\x06");
        bytes
    }

    #[test]
    fn a_format_is_told_by_its_bytes() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0";
        let webp = b"RIFF\x10\0\0\0WEBPVP8 ";
        let docx = zip(&["[Content_Types].xml", "word/document.xml"], 300_000);
        let ofd = zip(&["OFD.xml", "Doc_0/Document.xml"], 10);
        let compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let samples: [(&[&str], &[u8]); 8] = [
            (&["application/pdf"], b"%PDF-1.7\n"),
            (&["image/jpeg"], b"\xff\xd8\xff\xe0"),
            (&["image/png"], b"\x89PNG\r\n\x1a\n\0"),
            (&["image/webp"], webp),
            (&["image/heic"], heic),
            (&[word], &docx),
            (&["application/ofd"], &ofd),
            (
                &[
                    "application/msword",
                    "application/vnd.ms-excel",
                    "application/vnd.ms-powerpoint",
                ],
                compound,
            ),
        ];
        for (types, bytes) in samples {
            for format in FORMATS {
                let is = types.contains(&format.media_type);
                assert_eq!(
                    fits(format.media_type, bytes),
                    is,
                    "{} {types:?}",
                    format.media_type
                );
            }
        }
        for bytes in [b"".as_slice(), b"MZ", b"<html>", b"PK\x03\x04", b"RIFF"] {
            for format in FORMATS {
                assert!(!fits(format.media_type, bytes), "{}", format.media_type);
            }
        }
        assert!(Format::of("text/html").is_none());
    }

    #[test]
    fn a_name_ends_as_its_format() {
        let jpeg = Format::of("image/jpeg").unwrap();
        for name in ["a.jpg", "照片.JPEG", "a.b.jpg"] {
            assert!(jpeg.names(name), "{name}");
        }
        for name in ["a", "a.png", "a.jpg.exe", "jpg", "a."] {
            assert!(!jpeg.names(name), "{name}");
        }
    }
}
