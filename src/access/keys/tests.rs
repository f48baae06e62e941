//! Making and reading keys, and every way a file can be wrong.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use super::*;

fn jwk(json: &str) -> Jwk {
    serde_json::from_str(json).unwrap()
}

fn one_line(error: &KeyError) -> String {
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    text
}

#[test]
fn thumbprints_match_the_standards() {
    // RFC 8037, appendix A.3.
    let ed =
        jwk(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#);
    assert_eq!(
        ed.thumbprint().unwrap(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
    // RFC 7638, section 3.1.
    let rsa = jwk(
        r#"{"kty":"RSA","e":"AQAB","alg":"RS256","kid":"2011-04-29","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}"#,
    );
    assert_eq!(
        rsa.thumbprint().unwrap(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    assert_eq!(jwk(r#"{"kty":"oct"}"#).thumbprint(), None);
    assert_eq!(jwk(r#"{"kty":"OKP","crv":"Ed25519"}"#).thumbprint(), None);
}

#[test]
fn a_generated_pair_reads_back() {
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
        let folder = tempfile::tempdir().unwrap();
        let files = generate(&folder.path().join("data/keys"), algorithm).unwrap();
        let key = PrivateKey::load(&files.private).unwrap();
        let set = Jwks::load(&files.public).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.kid(), files.kid);
        assert_eq!(set.keys, [key.public().clone()]);
        assert_eq!(key.public().kid.as_deref(), Some(files.kid.as_str()));
        assert_eq!(key.public().thumbprint().unwrap(), files.kid);
        assert_eq!(key.public().alg.as_deref(), Some(algorithm.name()));
        let json = fs::read_to_string(&files.public).unwrap();
        assert!(!json.contains("\"d\""), "{json}");
    }
}

#[test]
fn keys_that_are_there_stay_and_a_lost_public_half_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let files = ensure(folder.path(), KeyAlgorithm::EdDsa).unwrap();
    let public = fs::read_to_string(&files.public).unwrap();
    assert_eq!(ensure(folder.path(), KeyAlgorithm::Es256).unwrap(), files);
    fs::remove_file(&files.public).unwrap();
    assert_eq!(ensure(folder.path(), KeyAlgorithm::EdDsa).unwrap(), files);
    assert_eq!(fs::read_to_string(&files.public).unwrap(), public);
    fs::remove_file(&files.private).unwrap();
    let lost = ensure(folder.path(), KeyAlgorithm::EdDsa).unwrap_err();
    assert!(matches!(lost, KeyError::Exists(_)), "{lost}");
}

#[test]
fn two_keys_are_never_alike() {
    let one = PrivateKey::generate(KeyAlgorithm::EdDsa).unwrap();
    let two = PrivateKey::generate(KeyAlgorithm::EdDsa).unwrap();
    assert_ne!(one.kid(), two.kid());
}

#[test]
fn debug_shows_no_private_key() {
    let key = PrivateKey::generate(KeyAlgorithm::EdDsa).unwrap();
    let text = format!("{key:?}");
    assert!(text.contains("REDACTED"), "{text}");
    let bytes = format!("{:?}", &key.pkcs8()[..8]);
    assert!(!text.contains(bytes.trim_matches(['[', ']'])), "{text}");
}

#[test]
fn nothing_is_overwritten() {
    for taken in [PRIVATE_KEY_FILE, PUBLIC_KEYS_FILE] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(taken), "mine").unwrap();
        let error = generate(folder.path(), KeyAlgorithm::EdDsa).unwrap_err();
        assert!(matches!(error, KeyError::Exists(_)), "{error}");
        assert!(one_line(&error).contains(taken));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing else was written");
        let text = fs::read_to_string(folder.path().join(taken)).unwrap();
        assert_eq!(text, "mine");
    }
}

#[cfg(unix)]
#[test]
fn a_private_key_belongs_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let files = generate(folder.path(), KeyAlgorithm::EdDsa).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&files.private), 0o600);

    for (mode, open) in [
        (0o600, false),
        (0o400, false),
        (0o440, false),
        (0o644, true),
        (0o604, true),
        (0o660, true),
        (0o602, true),
    ] {
        fs::set_permissions(&files.private, fs::Permissions::from_mode(mode)).unwrap();
        let result = PrivateKey::load(&files.private);
        assert_eq!(
            matches!(result, Err(KeyError::TooOpen { .. })),
            open,
            "{mode:o}"
        );
        if let Err(error) = result {
            assert!(one_line(&error).contains("chmod 600"));
        }
    }
}

fn private_file(folder: &Path, content: &[u8]) -> PathBuf {
    let path = folder.join("key.pem");
    let _ = fs::remove_file(&path);
    file::write_new(&path, "", 0o600).unwrap();
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn a_missing_key_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none");
    for error in [
        PrivateKey::load(&path).unwrap_err(),
        Jwks::load(&path).unwrap_err(),
    ] {
        assert!(matches!(error, KeyError::Missing(_)));
        assert!(one_line(&error).contains("honglian keys generate"));
    }
}

#[test]
fn a_corrupt_private_key_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let whole = PrivateKey::generate(KeyAlgorithm::EdDsa).unwrap();
    let cut = pem::encode(&pem::Pem::new("PRIVATE KEY", &whole.pkcs8()[..20]));
    let sec1 = pem::encode(&pem::Pem::new("EC PRIVATE KEY", whole.pkcs8()));
    for content in [
        b"".as_slice(),
        b"hello",
        b"\xff\xfe",
        cut.as_bytes(),
        sec1.as_bytes(),
    ] {
        let path = private_file(folder.path(), content);
        let error = PrivateKey::load(&path).unwrap_err();
        assert!(matches!(error, KeyError::Corrupt { .. }), "{error}");
        assert!(one_line(&error).contains("key.pem"));
    }
}

#[test]
fn a_corrupt_key_set_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    for text in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[{"kty":5}]}"#,
    ] {
        fs::write(&path, text).unwrap();
        let error = Jwks::load(&path).unwrap_err();
        assert!(matches!(error, KeyError::Corrupt { .. }), "{text}: {error}");
        assert!(one_line(&error).contains("jwks.json"));
    }
}

#[test]
fn a_key_set_that_gives_away_a_private_key_is_refused() {
    for text in [
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"eA","d":"c2VjcmV0"}]}"#,
        r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
    ] {
        let error = Jwks::parse(text).unwrap_err();
        assert!(error.contains("private"), "{error}");
        assert!(!error.contains("c2VjcmV0"), "{error}");
    }
}

#[test]
fn members_we_do_not_know_are_ignored() {
    let set = Jwks::parse(
        r#"{"keys":[{"kty":"EC","crv":"P-521","kid":"a","x5t":"q","ext":true}],"more":1}"#,
    )
    .unwrap();
    assert_eq!(set.keys.len(), 1);
}
