//! The files keys live in: made once, never overwritten, and closed to others.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use super::KeyError;

pub(in crate::access) fn open(path: &Path) -> Result<File, KeyError> {
    File::open(path).map_err(|refusal| match refusal.kind() {
        io::ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
        _ => KeyError::io(path, refusal),
    })
}

pub(in crate::access) fn read(mut file: File, path: &Path) -> Result<String, KeyError> {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(KeyError::corrupt(path, "not a text file"))
        }
        Err(refusal) => Err(KeyError::io(path, refusal)),
    }
}

pub(in crate::access) fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), KeyError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path).map_err(|refusal| match refusal.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
        _ => KeyError::io(path, refusal),
    })?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|refusal| KeyError::io(path, refusal))
}

pub(in crate::access) fn make_folder(folder: &Path) -> Result<(), KeyError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|refusal| KeyError::io(folder, refusal))
}

#[cfg(unix)]
pub(in crate::access) fn refuse_open_permissions(file: &File, path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;

    // Of the opened file, so that it cannot be swapped between the question and the read.
    let metadata = file
        .metadata()
        .map_err(|refusal| KeyError::io(path, refusal))?;
    let mode = metadata.permissions().mode() & 0o777;
    let beyond_group_read = mode & 0o037;
    if beyond_group_read == 0 {
        Ok(())
    } else {
        Err(KeyError::TooOpen {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
pub(in crate::access) fn refuse_open_permissions(
    _file: &File,
    _path: &Path,
) -> Result<(), KeyError> {
    Ok(())
}
