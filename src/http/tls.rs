//! TLS by files: the certificate with those of its issuers, and its key. They are read at the
//! start, and again when the process is told to (SIGHUP), for certificates expire sooner than
//! servers.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, InconsistentKeys, ServerConfig};

use crate::config::TlsFiles;

/// No file of ours is as large.
const MOST_BYTES: u64 = 1024 * 1024;

/// Why there can be no TLS. One line each, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("http.tls.{key}: {} cannot be read: {refusal}; correct the path or its permissions", path.display())]
    Unreadable {
        /// The setting.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        refusal: io::Error,
    },
    /// Others than the owner and its group may use the key.
    #[error("http.tls.key: {} is open to others (mode {mode:03o}); run `chmod 600` on it", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is no certificate in the file.
    #[error("http.tls.certificate: {} holds no certificate; it must be PEM, the server's own first, then those of its issuers", .0.display())]
    NoCertificate(PathBuf),
    /// There is no key in the file.
    #[error("http.tls.key: {} holds no private key; it must be PEM and not encrypted (`openssl pkcs8 -topk8 -nocrypt`)", .0.display())]
    NoKey(PathBuf),
    /// They do not belong together.
    #[error("http.tls.key: {} is not the key of the first certificate in {}; put in the pair that was issued together", key.display(), certificate.display())]
    Strangers {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The library refuses them.
    #[error("http.tls.certificate: {} with its key cannot be used: {refusal}; have them issued anew", path.display())]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// What the library says.
        refusal: Error,
    },
}

/// What connections are secured with.
#[derive(Clone)]
pub struct Tls {
    files: TlsFiles,
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self {
            current: Arc::new(RwLock::new(Arc::new(configured(files)?))),
            files: files.clone(),
        })
    }

    /// Reads the files again. What connects from now on is secured with what they hold now; where
    /// they hold nothing of use, all stays as it is.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn renew(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(configured(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current))
    }
}

fn configured(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let path = &files.certificate;
    let unusable = |refusal| TlsError::Unusable {
        path: path.clone(),
        refusal,
    };
    let text = read("certificate", path, |_, _| Ok(()))?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .unwrap_or_default();
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate(path.clone()));
    }
    let text = read("key", &files.key, refuse_open_permissions)?;
    let key = PrivateKeyDer::from_pem_slice(&text);
    // The parser's own message may quote the file.
    let key = key.map_err(|_unread| TlsError::NoKey(files.key.clone()))?;
    let built = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(certificates, key);
    let mut built = built.map_err(|refusal| match refusal {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::Strangers {
            certificate: path.clone(),
            key: files.key.clone(),
        },
        other => unusable(other),
    })?;
    built.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(built)
}

fn read(
    key: &'static str,
    path: &Path,
    check: impl FnOnce(&Path, u32) -> Result<(), TlsError>,
) -> Result<Vec<u8>, TlsError> {
    let unreadable = |refusal| TlsError::Unreadable {
        key,
        path: path.to_owned(),
        refusal,
    };
    let file = File::open(path).map_err(unreadable)?;
    // Of the opened file, so that it cannot be swapped between the question and the read.
    check(path, mode(&file.metadata().map_err(unreadable)?))?;
    let mut text = Vec::new();
    file.take(MOST_BYTES)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    Ok(text)
}

/// The owner's group may read a key, which is how secrets are mounted into containers.
fn refuse_open_permissions(path: &Path, mode: u32) -> Result<(), TlsError> {
    let beyond_group_read = mode & 0o037;
    if beyond_group_read == 0 {
        return Ok(());
    }
    Err(TlsError::TooOpen {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn mode(_metadata: &Metadata) -> u32 {
    0
}
