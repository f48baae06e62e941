//! Every figure of the data set, counted on the rows as a migrated database gives them back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod alliance;
mod issues;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::Instant;

use entity::department::GovernanceRole;
use entity::enterprise::{self, EnterpriseStatus, Ownership};
use migration::{Migrator, MigratorTrait};
use sea_orm::{Database, DatabaseConnection, EntityTrait};

use super::*;
use crate::access::vault::{Vault, VaultKey};
use crate::store::Db;

/// What was built and what the database gives back of it.
struct Loaded {
    cast: Cast,
    rows: Rows,
    as_of: DateTime<Utc>,
}

fn options(profile: Profile, as_of: DateTime<Utc>) -> Options {
    Options {
        profile,
        as_of,
        issuer: "https://honglian.test".into(),
    }
}

fn loaded(options: &Options) -> Loaded {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.sqlite");
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let db = Database::connect(url).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let start = Instant::now();
        let data = build(options).unwrap();
        let built = start.elapsed();
        let cast = data.cast.clone();
        let mut reports = BTreeMap::new();
        let mut report = |table: &str, done: usize, of: usize| {
            reports.insert(table.to_owned(), (done, of));
        };
        let db = Db::new(db);
        let tx = db.begin().await.unwrap();
        load(&tx, data, &vault(), &mut report).await.unwrap();
        tx.commit().await.unwrap();
        let db = db.conn();
        println!(
            "{:?}: built {built:?}, loaded {:?}",
            options.profile,
            start.elapsed()
        );
        for (table, (done, of)) in &reports {
            assert_eq!(done, of, "{table}");
            println!("{table}: {of}");
        }
        Loaded {
            cast,
            rows: read(db).await,
            as_of: options.as_of,
        }
    })
}

fn vault() -> Vault {
    let key = VaultKey::of_secret("demo-1".to_owned(), &[7; 64]);
    Vault::new(vec![key.unwrap()])
}

async fn read(db: &DatabaseConnection) -> Rows {
    async fn all<E: EntityTrait>(db: &DatabaseConnection) -> Vec<E::Model> {
        E::find().all(db).await.unwrap()
    }
    Rows {
        districts: all::<entity::district::Entity>(db).await,
        baselines: all::<entity::district_baseline::Entity>(db).await,
        departments: all::<entity::department::Entity>(db).await,
        categories: all::<entity::issue_category::Entity>(db).await,
        enterprises: all::<entity::enterprise::Entity>(db).await,
        officers: all::<entity::service_officer::Entity>(db).await,
        users: all::<entity::user_account::Entity>(db).await,
        policies: all::<entity::district_policy::Entity>(db).await,
        memberships: all::<entity::membership::Entity>(db).await,
        pairings: all::<entity::pairing::Entity>(db).await,
        pairing_members: all::<entity::pairing_member::Entity>(db).await,
        interactions: all::<entity::pairing_interaction::Entity>(db).await,
        assignments: all::<entity::officer_assignment::Entity>(db).await,
        visits: all::<entity::service_visit::Entity>(db).await,
        participants: all::<entity::visit_participant::Entity>(db).await,
        issues: all::<entity::enterprise_issue::Entity>(db).await,
        co_departments: all::<entity::issue_co_department::Entity>(db).await,
        transitions: all::<entity::issue_transition::Entity>(db).await,
        progress: all::<entity::issue_progress::Entity>(db).await,
        ratings: all::<entity::issue_rating::Entity>(db).await,
        clock_rules: all::<entity::clock_rule::Entity>(db).await,
        clocks: all::<entity::issue_clock::Entity>(db).await,
        clusters: all::<entity::issue_cluster::Entity>(db).await,
        extensions: all::<entity::issue_extension::Entity>(db).await,
        callbacks: all::<entity::issue_callback::Entity>(db).await,
        meetings: all::<entity::joint_meeting::Entity>(db).await,
        supervisions: all::<entity::issue_supervision::Entity>(db).await,
        help_offers: all::<entity::peer_help_offer::Entity>(db).await,
        counters: all::<entity::issue_counter::Entity>(db).await,
    }
}

/// The demo profile as of the article's day.
fn demo() -> &'static Loaded {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    LOADED.get_or_init(|| loaded(&options(Profile::Demo, article_instant())))
}

/// The full profile as of the article's day.
fn full() -> &'static Loaded {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    LOADED.get_or_init(|| loaded(&options(Profile::Full, article_instant())))
}

/// The demo profile as of another day, shortly after midnight in Shanghai.
fn later() -> &'static Loaded {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    let as_of = DateTime::parse_from_rfc3339("2026-11-24T00:01:00+08:00").unwrap();
    LOADED.get_or_init(|| loaded(&options(Profile::Demo, as_of.to_utc())))
}

impl Loaded {
    fn district(&self, code: &str) -> &entity::district::Model {
        let mut districts = self.rows.districts.iter();
        districts.find(|row| row.code == code).unwrap()
    }

    /// The register of the pilot district.
    fn register(&self) -> impl Iterator<Item = &enterprise::Model> {
        let id = self.district("440103").id;
        let all = self.rows.enterprises.iter();
        all.filter(move |row| row.district_id == id)
    }

    /// The set of the headline figures.
    fn counted(&self) -> Vec<&enterprise::Model> {
        self.register()
            .filter(|row| {
                row.ownership == Ownership::Private
                    && row.status == EnterpriseStatus::Active
                    && row.region_code == "440103"
                    && row.employee_count.is_some_and(|count| count >= 7)
            })
            .collect()
    }

    fn named(&self) -> BTreeSet<Uuid> {
        let rows = self.rows.enterprises.iter();
        rows.filter(|row| !row.is_synthetic)
            .map(|row| row.id)
            .collect()
    }
}

#[test]
fn the_same_options_build_the_same_rows() {
    let options = options(Profile::Demo, article_instant());
    assert_eq!(build(&options).unwrap(), build(&options).unwrap());
}

#[test]
fn the_database_gives_back_what_was_built() {
    let built = build(&options(Profile::Demo, article_instant())).unwrap();
    let mut issues = demo().rows.issues.clone();
    issues.sort_by_key(|issue| (issue.created_at, issue.id));
    assert_eq!(issues, built.rows.issues);
    assert_eq!(demo().cast, built.cast);
}

#[test]
fn ids_are_time_ordered_and_of_the_rows_own_time() {
    for row in &demo().rows.transitions {
        assert_eq!(row.id.get_version_num(), 7);
        let (seconds, _) = row.id.get_timestamp().unwrap().to_unix();
        assert_eq!(i64::try_from(seconds).unwrap(), row.created_at.timestamp());
    }
}

#[test]
fn the_profiles_agree_on_what_both_have() {
    let full: BTreeMap<_, _> = full().register().map(|row| (row.id, &row.name)).collect();
    for row in demo().register() {
        assert_eq!(full[&row.id], &row.name);
    }
    let issues = |loaded: &Loaded| -> BTreeSet<_> {
        loaded
            .rows
            .issues
            .iter()
            .map(|row| (row.id, row.number.clone()))
            .collect()
    };
    assert_eq!(issues(demo()), issues(super::tests::full()));
}

#[test]
fn only_years_that_the_tables_hold_can_be_asked_for() {
    for (day, is_good) in [
        ("2002-12-30", false),
        ("2003-01-02", true),
        ("2100-12-31", true),
    ] {
        let as_of = format!("{day}T04:00:00Z").parse().unwrap();
        let built = build(&options(Profile::Demo, as_of));
        assert_eq!(built.is_ok(), is_good, "{day}");
    }
    assert!(build(&options(Profile::Demo, DateTime::<Utc>::MAX_UTC)).is_err());
    assert!(build(&options(Profile::Demo, DateTime::<Utc>::MIN_UTC)).is_err());
}

#[test]
fn districts_and_their_policies() {
    for (loaded, is_complete) in [(demo(), false), (full(), true)] {
        assert_eq!(loaded.rows.districts.len(), 2);
        assert_eq!(loaded.district("440103").number_prefix, "LW");
        assert_eq!(loaded.district("440104").number_prefix, "YX");
        let id = loaded.district("440103").id;
        let policies: Vec<_> = loaded.rows.policies.iter().collect();
        assert_eq!(policies.len(), 2);
        let policy = policies.iter().find(|row| row.district_id == id).unwrap();
        assert_eq!(policy.revision, 1);
        assert_eq!(
            (policy.pairing_min_members, policy.pairing_max_members),
            (2, 3)
        );
        assert_eq!(
            (policy.under_strength_grace_days, policy.idle_pairing_days),
            (30, 60)
        );
        assert_eq!((policy.officer_capacity, policy.leads_on_duty), (1, 1));
        assert_eq!(
            (policy.work_start_minute, policy.work_end_minute),
            (540, 1050)
        );
        assert_eq!((policy.max_reopens, policy.reopen_window_days), (2, 10));
        assert_eq!(policy.max_returns, 2);
        assert_eq!(policy.register_complete, is_complete);
    }
}

#[test]
fn one_baseline_of_the_article() {
    let [row] = demo().rows.baselines.as_slice() else {
        panic!("one baseline")
    };
    assert_eq!((row.enterprise_count, row.employee_count), (2898, 87_344));
    assert_eq!(row.as_of.to_string(), "2021-01-20");
    assert!(row.source.contains("中国城市报 2021-01-20"));
    assert_eq!(later().rows.baselines[0].as_of.to_string(), "2026-11-24");
}

#[test]
fn departments_and_categories_of_each_district() {
    for (code, count) in [("440103", 14), ("440104", 3)] {
        let id = demo().district(code).id;
        let departments = demo().rows.departments.iter();
        let own: Vec<_> = departments.filter(|row| row.district_id == id).collect();
        assert_eq!(own.len(), count);
        let with = |role| own.iter().filter(|row| row.governance_role == role).count();
        assert_eq!(with(GovernanceRole::Overall), 1);
        assert_eq!(with(GovernanceRole::Lead), 1);
        let categories = demo().rows.categories.iter();
        assert_eq!(categories.filter(|row| row.district_id == id).count(), 13);
    }
}

#[test]
fn the_other_district_is_nearly_empty() {
    let id = demo().district("440104").id;
    let rows = &demo().rows;
    let enterprises: Vec<_> = rows
        .enterprises
        .iter()
        .filter(|row| row.district_id == id)
        .collect();
    assert_eq!(enterprises.len(), 1);
    assert!(enterprises[0].is_synthetic && enterprises[0].name.contains("演示"));
    assert!(rows.memberships.iter().all(|row| row.district_id != id));
    assert!(rows.officers.iter().all(|row| row.district_id != id));
    assert!(rows.issues.iter().all(|row| row.district_id != id));
}

#[test]
fn the_demo_register_holds_the_alliance_the_served_and_the_chain() {
    assert_eq!(demo().register().count(), 31 + 6 + 46 + 126);
    let outside = demo().register().filter(|row| row.region_code != "440103");
    assert_eq!(outside.count(), 42);
}

#[test]
fn the_full_register_adds_up_to_the_article() {
    let counted = full().counted();
    let employees: Vec<i32> = counted
        .iter()
        .filter_map(|row| row.employee_count)
        .collect();
    assert_eq!(employees.len(), 2898);
    assert_eq!(employees.iter().sum::<i32>(), 87_344);
    assert_eq!(employees.iter().min(), Some(&7));
    assert!(*employees.iter().max().unwrap() > 500, "a long tail");
    let median = {
        let mut sorted = employees.clone();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    };
    assert!(median < 25, "many small ones: median {median}");
    let sections: BTreeSet<_> = counted.iter().map(|row| &row.industry_section).collect();
    assert!(sections.len() >= 10);
    let small = full()
        .register()
        .filter(|row| row.employee_count.is_some_and(|n| n < 7));
    assert!(
        small.count() > 0,
        "the definition has something to leave out"
    );
}

#[test]
fn no_figure_of_a_named_enterprise_is_made_up_unflagged() {
    for (loaded, names) in [(demo(), 12), (full(), 12)] {
        let named: Vec<_> = loaded.register().filter(|row| !row.is_synthetic).collect();
        assert_eq!(named.len(), names);
        for row in named {
            let flagged: Vec<String> =
                serde_json::from_value(row.synthetic_fields.clone()).unwrap();
            let has = |field: &str| flagged.iter().any(|flag| flag == field);
            assert!(has("uscc"), "{}", row.name);
            assert!(row.street.is_none() && row.size_class.is_none());
            assert_eq!(
                row.employee_count.is_some(),
                has("employee_count"),
                "{}",
                row.name
            );
        }
    }
    assert!(
        demo()
            .register()
            .all(|row| row.is_synthetic || row.employee_count.is_none())
    );
}

#[test]
fn a_made_up_enterprise_says_so_by_name_and_by_code() {
    for row in full()
        .rows
        .enterprises
        .iter()
        .filter(|row| row.is_synthetic)
    {
        assert!(row.name.contains("演示"), "{}", row.name);
    }
    let mut codes = BTreeSet::new();
    for row in &full().rows.enterprises {
        assert!(row.uscc.contains("FAKE") && codes.insert(&row.uscc));
        assert!(row.search_text.ends_with(&row.uscc.to_lowercase()));
        assert!(row.search_text.starts_with(&row.name.to_lowercase()));
    }
    let tags: BTreeSet<String> = full()
        .register()
        .flat_map(|row| serde_json::from_value::<Vec<String>>(row.tags.clone()).unwrap())
        .collect();
    let known = ["电子商务", "新兴产业", "医药制药", "日化用品"];
    assert_eq!(tags, known.into_iter().map(Into::into).collect());
}

#[test]
fn the_subsidiary_named_beside_its_parent_is_served_and_not_of_the_alliance() {
    let find = |name: &str| demo().register().find(|row| row.name == name).unwrap();
    let subsidiary = find("大翔药业");
    assert_eq!(subsidiary.parent_enterprise_id, Some(find("大翔集团").id));
    let mut memberships = demo().rows.memberships.iter();
    assert!(memberships.all(|row| row.enterprise_id != subsidiary.id));
}
