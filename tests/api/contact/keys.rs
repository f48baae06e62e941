//! The change of keys while the service runs, and what a server without its key does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use honglian::access::vault::Vault;
use honglian::domain::contact::rotation::reseal;
use honglian::kernel::id::{Kind, encode};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{NUMBER, created, first_of, members};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::binary::{Served, refused, run, told};
use crate::support::database::{cast, dataset, vault_key};

async fn mobile(app: &TestApp, id: &str) -> Option<String> {
    let query = "query($id: ID!) { node(id: $id) { ... on Contact { mobile } } }";
    let answer = app.member().ask(query, json!({"id": id})).await;
    answer["data"]["node"]["mobile"].as_str().map(str::to_owned)
}

async fn keys(app: &TestApp) -> Vec<String> {
    app.texts("SELECT DISTINCT key_id FROM contact ORDER BY key_id")
        .await
}

on_both! {
    async fn keys_change_while_both_are_in_use(app) {
        let seeded = &first_of(cast().member.enterprise_id).mobile;
        // Before the new key seals, every server knows it.
        let knowing = Vault::new(vec![vault_key("test-2", 2), vault_key("test-1", 1)]);
        let knowing = app.sealing_by(knowing).await;
        let sealing = Vault::new(vec![vault_key("test-1", 1), vault_key("test-2", 2)]);
        let sealing = app.sealing_by(sealing).await;
        let new = created(&sealing.member(), json!({})).await;
        let new = new["id"].as_str().unwrap();
        assert_eq!(keys(&app).await, ["test-1", "test-2"]);
        for server in [&knowing, &sealing] {
            assert_eq!(mobile(server, &members()).await.as_ref(), Some(seeded));
            assert_eq!(mobile(server, new).await.as_deref(), Some(NUMBER));
            for number in [NUMBER, seeded] {
                let query = "query($mobile: String) { contacts(mobile: $mobile) { totalCount } }";
                let found = server.member().read_with(query, json!({"mobile": number})).await;
                assert_eq!(found["contacts"]["totalCount"], 1, "found whichever key wrote it");
            }
        }
        // A change seals the whole row anew, also what it leaves as it is.
        let change = json!({"id": members(), "expectedVersion": 1, "postTitle": "总务"});
        assert_eq!(sealing.member().faults("updateContact", change).await, [""; 0]);
        let row = entity::contact::Entity::find_by_id(first_of(cast().member.enterprise_id).id);
        let row = row.one(app.database.db.conn()).await.unwrap().unwrap();
        assert_eq!((row.key_id.as_str(), &row.name_sealed[..7]), ("test-2", "test-2:"));

        app.trail().await;
        let versions = "SELECT CAST(sum(version) AS text) FROM contact";
        let before = app.texts(versions).await;
        let others = dataset().contacts.len() - 1;
        assert_eq!(reseal(&sealing.app.deps).await.unwrap(), others);
        assert_eq!(reseal(&sealing.app.deps).await.unwrap(), 0);
        assert_eq!(keys(&app).await, ["test-2"]);
        // Nothing that anybody reads has changed: no version, no event.
        assert_eq!(app.texts(versions).await, before);
        assert_eq!(app.trail().await, ["resealContacts district"]);
        // The old key is not needed any more.
        let alone = app.sealing_by(Vault::new(vec![vault_key("test-2", 2)])).await;
        assert_eq!(mobile(&alone, &members()).await.as_ref(), Some(seeded));
        assert_eq!(mobile(&app, &members()).await, None, "and opens nothing");
    }
}

fn vault_files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.join("honglian-data/keys")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| {
            file.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("vault-")
        })
        .collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_serves_with_the_keys_of_its_contacts_and_not_without() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    told(at, &["keys", "generate"]);
    told(at, &["migrate", "up"]);
    let files = vault_files(at);
    assert_eq!(files.len(), 1);
    let mode = fs::metadata(&files[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // No key at all, before there is anything to seal.
    fs::remove_file(&files[0]).unwrap();
    assert_eq!(
        refused(at, &["serve"]),
        (8, "no vault key is configured, which contacts are sealed by: run `honglian keys vault` or set vault.keys".to_owned())
    );
    assert_eq!(refused(at, &["keys", "rotate"]).0, 8);
    // A seed makes one.
    told(at, &["seed", "liwan"]);
    let first = vault_files(at).remove(0);
    let mode = fs::metadata(&first).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let name = first.file_stem().unwrap().to_str().unwrap()["vault-".len()..].to_owned();

    // Names are of the second.
    std::thread::sleep(Duration::from_millis(1100));
    let printed = told(at, &["keys", "vault"]);
    let second = printed.strip_prefix("key id: ").unwrap().to_owned();
    assert!(second > name, "{second} follows {name}");
    let kept = fs::read(&first).unwrap();
    fs::remove_file(&first).unwrap();
    let (code, line) = refused(at, &["serve"]);
    assert_eq!(code, 8, "{line}");
    assert_eq!(
        line,
        format!(
            "contacts are sealed by the vault key {name}, which is not configured: restore its file or add it to vault.keys"
        )
    );
    fs::write(&first, &kept).unwrap();
    let (code, line) = refused(at, &["serve"]);
    assert_eq!((code, line.contains("chmod 600")), (8, true), "{line}");
    fs::set_permissions(&first, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(at.join("bad.pem"), "no key").unwrap();
    fs::set_permissions(at.join("bad.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    let config = at.join("honglian.toml");
    fs::write(&config, "[[vault.keys]]\nid = 'x'\nfile = 'bad.pem'\n").unwrap();
    let (code, line) = refused(at, &["serve", "--config", "honglian.toml"]);
    assert_eq!(
        (code, line.contains("bad.pem: not a vault key")),
        (8, true),
        "{line}"
    );
    fs::write(&config, "[[vault.keys]]\nid = 'a:b'\nfile = 'bad.pem'\n").unwrap();
    let (code, line) = refused(at, &["serve", "--config", "honglian.toml"]);
    assert_eq!(
        (code, line.contains("vault.keys.0.id: must be 1 to 64")),
        (3, true),
        "{line}"
    );

    let rotated = told(at, &["keys", "rotate"]);
    let all = dataset().contacts.len();
    assert_eq!(
        rotated,
        format!("{all} contacts are sealed anew by the key {second}")
    );
    assert_eq!(
        told(at, &["keys", "rotate"]),
        format!("0 contacts are sealed anew by the key {second}")
    );
    // The old key is not needed any more.
    fs::remove_file(&first).unwrap();
    let user = encode(Kind::User, cast().member.user_id);
    let token = told(at, &["token", "--user", &user]);
    let server = Served::start(at, &["serve"]);
    let query = "query($id: ID!) { node(id: $id) { ... on Contact { mobile } } }";
    let answer = server.ask(&token, query, json!({"id": members()})).await;
    let mobile = &first_of(cast().member.enterprise_id).mobile;
    assert_eq!(answer["data"]["node"]["mobile"], *mobile, "{answer}");
    // What is shown of the configuration is no secret.
    let shown = run(at, &["serve", "--check"]);
    assert!(String::from_utf8(shown.stdout).unwrap().contains("vault"));
}
