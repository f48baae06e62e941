//! The committed schema is the served one.

/// `HONGLIAN_BLESS=1 cargo test` writes it.
#[test]
#[allow(clippy::disallowed_methods, reason = "tests read how they are to run")]
fn the_committed_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let served = honglian::graphql::sdl();
    if std::env::var_os("HONGLIAN_BLESS").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == served,
        "schema.graphql is not what the code serves; run HONGLIAN_BLESS=1 cargo test --test api schema"
    );
}
