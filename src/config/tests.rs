//! Precedence, refusals and redaction of the configuration.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use super::*;
use crate::access::keys::{self, KeyAlgorithm};

fn env(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.0.path().join("honglian.toml");
        fs::write(&path, text).unwrap();
        path
    }
}

fn from_file(text: &str) -> Result<Config, ConfigError> {
    load_from(
        Some(&Folder::new().file(text)),
        env(&[]),
        Overrides::default(),
    )
}

fn from_env(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load_from(None, env(pairs), Overrides::default())
}

fn refusal(result: Result<Config, ConfigError>) -> String {
    let text = result.unwrap_err().to_string();
    assert!(!text.contains('\n'), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    text
}

#[test]
fn the_defaults_are_safe() {
    let config = from_env(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        config.database.url.expose(),
        "sqlite://honglian-data/honglian.db?mode=rwc"
    );
    assert_eq!(config.http.body_limit_bytes, 262_144);
    assert_eq!(config.http.request_timeout(), Duration::from_secs(10));
    assert_eq!(config.http.shutdown_grace(), Duration::from_secs(10));
    assert_eq!(config.graphql.introspection, Introspection::Authenticated);
    assert!(!config.graphql.explorer);
    assert_eq!(config.graphql.explorer_dir, None);
    assert!(!config.graphql.suggestions);
    assert!(config.auth.issuers.is_empty());
    assert_eq!(config.auth.signing_key_file, None);
}

#[test]
fn flags_beat_variables_beat_the_file_beats_the_defaults() {
    let folder = Folder::new();
    let file = folder.file(
        "listen = '127.0.0.1:1'\n[log]\nfilter = 'file'\nformat = 'json'\n\
         [http]\nbody_limit_bytes = 1\n[database]\nmax_connections = 3",
    );
    let variables = env(&[
        ("HONGLIAN_LISTEN", "127.0.0.1:2"),
        ("HONGLIAN_LOG__FILTER", "variable"),
        ("HONGLIAN_HTTP__REQUEST_TIMEOUT_MS", "5"),
    ]);
    let flags = Overrides {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 3))),
        ..Overrides::default()
    };
    let config = load_from(Some(&file), variables, flags).unwrap();
    assert_eq!(config.listen.port(), 3, "flag");
    assert_eq!(config.log.filter, "variable");
    assert_eq!(config.log.format, LogFormat::Json, "file");
    assert_eq!(config.http.body_limit_bytes, 1, "file");
    assert_eq!(config.http.request_timeout_ms, 5, "variable");
    assert_eq!(config.database.max_connections, 3, "file");
    assert_eq!(config.http.shutdown_grace_ms, 10_000, "default");
}

#[test]
fn every_flag_arrives() {
    let flags = Overrides {
        data_dir: Some(PathBuf::from("/srv/2021")),
        listen: Some("[::1]:9000".parse().unwrap()),
        database_url: Some("postgres://u:s3cret@h/d".parse().unwrap()),
        introspection: Some(Introspection::Public),
        explorer: Some(true),
        log_format: Some(LogFormat::Json),
        log_filter: Some("debug".to_owned()),
    };
    assert!(!format!("{flags:?}").contains("s3cret"));
    let config = load_from(None, env(&[]), flags).unwrap();
    assert_eq!(config.data_dir, Path::new("/srv/2021"));
    assert_eq!(config.listen.to_string(), "[::1]:9000");
    assert_eq!(config.database.url.expose(), "postgres://u:s3cret@h/d");
    assert_eq!(config.graphql.introspection, Introspection::Public);
    assert!(config.graphql.explorer);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.log.filter, "debug");
}

#[test]
fn the_database_lives_in_the_data_folder_unless_told_otherwise() {
    let config = from_env(&[("HONGLIAN_DATA_DIR", "/srv/红联")]).unwrap();
    assert_eq!(
        config.database.url.expose(),
        "sqlite:///srv/红联/honglian.db?mode=rwc"
    );
    let config = from_env(&[
        ("HONGLIAN_DATA_DIR", "/srv/honglian"),
        ("HONGLIAN_DATABASE__URL", "postgres://h/d"),
    ])
    .unwrap();
    assert_eq!(config.database.url.expose(), "postgres://h/d");
}

#[test]
fn an_unknown_setting_is_named_with_its_place() {
    let text = refusal(from_file("[database]\nurll = 'postgres://u:s3cret@h/d'"));
    assert!(text.contains("honglian.toml: database.urll:"), "{text}");
    assert!(
        text.contains("max_connections"),
        "tells what exists: {text}"
    );

    let text = refusal(from_file("s3 = 1"));
    assert!(text.contains("honglian.toml: s3:"), "{text}");

    let text = refusal(from_env(&[("HONGLIAN_HTTP__BODY_LIMIT", "1")]));
    assert!(
        text.contains("environment variable HONGLIAN_HTTP__BODY_LIMIT: http.body_limit:"),
        "{text}"
    );

    let text = refusal(from_file(
        "[[auth.issuers]]\nissuer = 'a'\naudience = 'b'\njwks_file = 'c'\nleeway = 1",
    ));
    assert!(text.contains("auth.issuers.0.leeway"), "{text}");
}

#[test]
fn the_guilty_layer_is_named() {
    let folder = Folder::new();
    let file = folder.file("[http]\nbody_limit_bytes = 1");
    let variables = env(&[("HONGLIAN_HTTP__BODY_LIMIT_BYTES", "many")]);
    let text = refusal(load_from(Some(&file), variables, Overrides::default()));
    assert!(
        text.starts_with("environment variable HONGLIAN_HTTP__BODY_LIMIT_BYTES:"),
        "{text}"
    );
    let text = refusal(from_file("[http]\nbody_limit_bytes = -1"));
    assert!(
        text.contains("honglian.toml: http.body_limit_bytes:"),
        "{text}"
    );
}

#[test]
fn a_wrong_value_says_what_is_expected() {
    for (file, expected) in [
        ("listen = 'nowhere'", "listen: invalid socket address"),
        ("listen = 80", "listen: "),
        ("[log]\nformat = 's3cret'", "write text or json"),
        (
            "[graphql]\nintrospection = true",
            "graphql.introspection: a boolean",
        ),
        ("[http]\nbody_limit_bytes = 0", "must be at least 1"),
        ("[http]\nbody_limit_bytes = 5000000000", "out of range"),
        (
            "[database]\nurl = 'mysql://u:s3cret@h/d'",
            "write sqlite://",
        ),
        (
            "database = 'postgres://u:s3cret@h/d'",
            "a table of settings",
        ),
        ("[database]\nmax_connections = 's3cret'", "a string"),
        ("[auth]\ntoken_issuer = ' '", "must not be empty"),
        (
            "[auth]\ntoken_lifetime_s = 86401",
            "auth.token_lifetime_s: must be at most 86400",
        ),
        (
            "[log]\nfilter = 'honglian=s3cret'",
            "log.filter: not a log filter",
        ),
        ("[[auth.issuers]]\nissuer = 'a'", "audience: is missing"),
        (
            "[[auth.issuers]]\nissuer = ''\naudience = 'b'\njwks_file = 'c'",
            "auth.issuers.0.issuer: must not be empty",
        ),
    ] {
        let text = refusal(from_file(file));
        assert!(text.contains("honglian.toml: "), "{file}: {text}");
        assert!(text.contains(expected), "{file}: {text}");
    }
}

#[test]
fn a_corrupt_file_is_refused_with_its_line_but_not_its_content() {
    let text = refusal(from_file(
        "listen = '127.0.0.1:1'\n[database]\nurl = \"postgres://u:s3cret@h/d\n",
    ));
    assert!(text.contains("honglian.toml: line 3: not TOML"), "{text}");

    let text = refusal(from_file("listen = 1\nlisten = 2"));
    assert!(text.contains("line 2"), "{text}");

    let folder = Folder::new();
    let path = folder.file("");
    fs::write(&path, b"\xff\xfe").unwrap();
    let text = refusal(load_from(Some(&path), env(&[]), Overrides::default()));
    assert!(text.contains("honglian.toml"), "{text}");
}

#[test]
fn a_missing_file_is_an_error_when_it_was_named() {
    let path = Path::new("/nowhere/honglian.toml");
    let text = refusal(load_from(Some(path), env(&[]), Overrides::default()));
    assert!(
        text.contains("/nowhere/honglian.toml: no such file"),
        "{text}"
    );
    let text = refusal(from_env(&[("HONGLIAN_CONFIG", "/nowhere/x.toml")]));
    assert!(text.contains("/nowhere/x.toml"), "{text}");
}

#[test]
fn a_variable_may_name_the_file() {
    let folder = Folder::new();
    let file = folder.file("[log]\nfilter = 'named'");
    let config = from_env(&[("HONGLIAN_CONFIG", file.to_str().unwrap())]).unwrap();
    assert_eq!(config.log.filter, "named");
}

#[test]
fn a_variable_is_taken_as_it_stands() {
    let config = from_env(&[
        ("HONGLIAN_LOG__FILTER", "info,honglian=debug"),
        ("HONGLIAN_DATABASE__URL", "postgres://u:[{,\"'}]@h/d"),
        ("HONGLIAN_GRAPHQL__EXPLORER", "true"),
        ("HONGLIAN_GRAPHQL__EXPLORER_DIR", "web/graphiql/dist"),
    ])
    .unwrap();
    assert_eq!(config.log.filter, "info,honglian=debug");
    assert_eq!(config.database.url.expose(), "postgres://u:[{,\"'}]@h/d");
    assert!(config.graphql.explorer);
    let built = config.graphql.explorer_dir.as_deref();
    assert_eq!(built, Some(Path::new("web/graphiql/dist")));
}

#[test]
fn variables_of_others_do_not_count() {
    let config = from_env(&[
        ("HONGLIAN_TEST_POSTGRES_URL", "postgres://u:s3cret@h/d"),
        ("HONGLIAN_SERVICE_HOST", "10.0.0.1"),
        ("HONGLIAN_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("HONGLIAN_LOG__FILTER", ""),
        ("PATH", "/bin"),
    ])
    .unwrap();
    assert_eq!(config.log.filter, Log::default().filter, "empty is unset");
}

#[test]
fn a_table_given_as_text_is_a_fault_of_that_variable() {
    let text = refusal(from_env(&[
        ("HONGLIAN_DATABASE", "postgres://u:s3cret@h/d"),
        ("HONGLIAN_DATABASE__MAX_CONNECTIONS", "3"),
    ]));
    assert!(text.contains("variable HONGLIAN_DATABASE:"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_named() {
    use std::os::unix::ffi::OsStringExt;

    let bad = OsString::from_vec(vec![0xff]);
    let ours = vec![(OsString::from("HONGLIAN_LISTEN"), bad.clone())];
    let text = refusal(load_from(None, ours, Overrides::default()));
    assert!(text.contains("HONGLIAN_LISTEN"), "{text}");

    let flags = Overrides {
        data_dir: Some(PathBuf::from(bad.clone())),
        ..Overrides::default()
    };
    let text = refusal(load_from(None, env(&[]), flags));
    assert!(text.contains("data_dir"), "{text}");

    let others = vec![(OsString::from("OTHER"), bad.clone()), (bad.clone(), bad)];
    assert!(load_from(None, others, Overrides::default()).is_ok());
}

#[test]
fn issuers_come_from_the_file_or_a_variable() {
    let config = from_file(
        "[[auth.issuers]]\nissuer = 'https://id.example'\naudience = 'honglian-api'\n\
         jwks_file = 'id.json'\nallow_rs256 = true\nrequire_typ = false",
    )
    .unwrap();
    let [issuer] = config.auth.issuers.as_slice() else {
        panic!("one issuer: {:?}", config.auth.issuers);
    };
    assert!(issuer.allow_rs256);
    assert!(!issuer.require_typ);

    let config = from_env(&[(
        "HONGLIAN_AUTH__ISSUERS",
        r#"[{issuer="https://id.example",audience="a",jwks_file="k.json"}]"#,
    )])
    .unwrap();
    assert_eq!(
        config.auth.issuers,
        [IssuerConfig {
            issuer: "https://id.example".to_owned(),
            audience: "a".to_owned(),
            jwks_file: PathBuf::from("k.json"),
            allow_rs256: false,
            require_typ: true,
        }]
    );
}

#[test]
fn generated_keys_are_used_unless_others_are_configured() {
    let folder = Folder::new();
    let data = folder.0.path().to_str().unwrap();
    let before = from_env(&[("HONGLIAN_DATA_DIR", data)]).unwrap();
    let files = keys::generate(&before.keys_dir(), KeyAlgorithm::EdDsa).unwrap();

    let config = from_env(&[("HONGLIAN_DATA_DIR", data)]).unwrap();
    assert_eq!(config.auth.signing_key_file, Some(files.private));
    assert_eq!(
        config.auth.issuers,
        [IssuerConfig {
            issuer: "honglian".to_owned(),
            audience: "honglian-api".to_owned(),
            jwks_file: files.public,
            allow_rs256: false,
            require_typ: true,
        }]
    );

    let config = from_env(&[
        ("HONGLIAN_DATA_DIR", data),
        ("HONGLIAN_AUTH__SIGNING_KEY_FILE", "other.pem"),
        (
            "HONGLIAN_AUTH__ISSUERS",
            r#"[{issuer="x",audience="a",jwks_file="k.json"}]"#,
        ),
    ])
    .unwrap();
    assert_eq!(config.auth.issuers.len(), 1);
    assert_eq!(
        config.auth.signing_key_file.as_deref(),
        Some(Path::new("other.pem"))
    );
}

#[test]
fn the_effective_configuration_hides_secrets_and_reads_back() {
    let folder = Folder::new();
    let data = folder.0.path().to_str().unwrap();
    let config = from_env(&[
        ("HONGLIAN_DATA_DIR", data),
        ("HONGLIAN_DATABASE__URL", "postgres://user:s3cret@host/db"),
        ("HONGLIAN_GRAPHQL__INTROSPECTION", "off"),
        (
            "HONGLIAN_AUTH__ISSUERS",
            r#"[{issuer="x",audience="a",jwks_file="k.json"}]"#,
        ),
    ])
    .unwrap();
    for text in [config.effective(), format!("{config:?}")] {
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains("postgres://user:***@host/db"), "{text}");
    }
    let again = from_file(&config.effective()).unwrap();
    assert_eq!(again.effective(), config.effective());
    assert_eq!(again.graphql.introspection, Introspection::Off);
    assert_eq!(again.auth.issuers, config.auth.issuers);
}

#[test]
fn attachments_lie_in_the_data_folder_or_in_a_store_whose_key_is_not_shown() {
    let config = from_env(&[("HONGLIAN_DATA_DIR", "/srv/data")]).unwrap();
    assert_eq!(
        config.uploads.dir,
        std::path::Path::new("/srv/data/attachments")
    );
    assert!(config.uploads.s3.is_none());
    assert_eq!(config.uploads.max_bytes, 20 * 1024 * 1024);

    let store = "[uploads.s3]\nbucket = 'files'\nregion = 'cn'\naccess_key_id = 'k'\n";
    let config = from_file(&format!("{store}secret_access_key = 's3cret'")).unwrap();
    let s3 = config.uploads.s3.as_ref().unwrap();
    assert_eq!(
        (s3.secret_access_key.expose(), s3.allow_http),
        ("s3cret", false)
    );
    let shown = format!("{config:?}{}", serde_json::to_string(&config).unwrap());
    assert!(!shown.contains("s3cret"), "{shown}");
    let text = refusal(from_file(store));
    assert!(text.contains("secret_access_key"), "{text}");
    let text = refusal(from_file("[uploads]\nmax_bytes = 0"));
    assert!(
        text.contains("uploads.max_bytes: must be at least 1"),
        "{text}"
    );
}
