//! A certificate for `localhost` that vouches for itself, made anew for each test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use honglian::config::TlsFiles;

/// A certificate and its key.
pub struct Certificate {
    pub der: Vec<u8>,
    key: Vec<u8>,
}

/// A value of DER with its tag.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut all = vec![tag];
    match content.len() {
        short @ 0..128 => all.push(u8::try_from(short).unwrap()),
        long @ 128..256 => all.extend([0x81, u8::try_from(long).unwrap()]),
        long => {
            all.push(0x82);
            all.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    all.extend(content);
    all
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

/// Bits in whole bytes.
fn bits(bytes: &[u8]) -> Vec<u8> {
    tagged(0x03, &[&[0], bytes].concat())
}

impl Certificate {
    pub fn new() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let ed25519 = sequence(&[tagged(0x06, &[0x2b, 0x65, 0x70])]);
        let common_name = [
            tagged(0x06, &[0x55, 0x04, 0x03]),
            tagged(0x0c, b"localhost"),
        ];
        let name = sequence(&[tagged(0x31, &sequence(&common_name))]);
        let alternative = [
            tagged(0x06, &[0x55, 0x1d, 0x11]),
            tagged(0x04, &sequence(&[tagged(0x82, b"localhost")])),
        ];
        let extensions = tagged(0xa3, &sequence(&[sequence(&alternative)]));
        let told = sequence(&[
            tagged(0xa0, &tagged(0x02, &[2])),
            tagged(0x02, &[1]),
            ed25519.clone(),
            name.clone(),
            sequence(&[
                tagged(0x17, b"200101000000Z"),
                tagged(0x17, b"491231235959Z"),
            ]),
            name,
            sequence(&[ed25519.clone(), bits(pair.public_key().as_ref())]),
            extensions,
        ]);
        let signature = pair.sign(&told);
        Self {
            der: sequence(&[told, ed25519, bits(signature.as_ref())]),
            key: pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
        }
    }

    /// Writes `certificate.pem` and `key.pem`, in the place of others.
    pub fn write(&self, folder: &Path) -> TlsFiles {
        let files = TlsFiles {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        let text = |tag: &str, der: &[u8]| pem::encode(&pem::Pem::new(tag, der));
        fs::write(&files.certificate, text("CERTIFICATE", &self.der)).unwrap();
        fs::write(&files.key, text("PRIVATE KEY", &self.key)).unwrap();
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).unwrap();
        files
    }
}
