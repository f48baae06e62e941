//! Who is signed in, and as what.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::database::cast;
use crate::support::rows::texts;
use honglian::kernel::id::{Kind, encode};

const QUERY: &str = "{ viewer { role isAdmin isAuditor isOfficer allianceRole enterprise { id isRedacted } \
    district { code } user { id isRedacted subject } now today } }";

on_both! {
    async fn everybody_learns_what_they_are(app) {
        let cast = cast();
        let district = |admin: bool, auditor: bool, officer: bool| json!({"role": "DISTRICT", "isAdmin": admin,
            "isAuditor": auditor, "isOfficer": officer, "allianceRole": null, "enterprise": null});
        let seat = |role: &str, alliance: Option<&str>, actor: &honglian::demo::Actor| json!({"role": role, "isAdmin": false,
            "isAuditor": false, "isOfficer": false, "allianceRole": alliance, "enterprise":
            {"id": encode(Kind::Enterprise, actor.enterprise_id.unwrap()), "isRedacted": false}});
        for (actor, code, mut expected) in [
            (&cast.admin, "440103", district(true, false, false)),
            (&cast.operator, "440103", district(false, false, false)),
            (&cast.auditor, "440103", district(false, true, false)),
            (&cast.officer, "440103", district(false, false, true)),
            (&cast.lead, "440103", seat("LEAD", Some("LEAD"), &cast.lead)),
            (&cast.member, "440103", seat("MEMBER", Some("MEMBER"), &cast.member)),
            (&cast.partner, "440103", seat("MEMBER", Some("SOE_PARTNER"), &cast.partner)),
            (&cast.outsider, "440103", seat("MEMBER", None, &cast.outsider)),
            (&cast.other_district_operator, "440104", district(false, false, false)),
        ] {
            expected["district"] = json!({"code": code});
            expected["user"] = json!({"id": encode(Kind::User, actor.user_id), "isRedacted": false, "subject": actor.subject});
            expected["now"] = json!("2021-01-20T02:00:00.000Z");
            expected["today"] = json!("2021-01-20");
            assert_eq!(app.person(actor).read(QUERY).await["viewer"], expected, "{}", actor.subject);
        }
        assert_eq!(app.anonymous().refused(QUERY, json!({})).await, "UNAUTHENTICATED");
    }

    async fn the_programmes_time_is_the_clocks(app) {
        app.clock.set("2021-01-20T16:00:00.5Z".parse().unwrap());
        let viewer = app.member().read("{ viewer { now today } }").await;
        assert_eq!(viewer["viewer"], json!({"now": "2021-01-20T16:00:00.500Z", "today": "2021-01-21"}));
    }

    async fn the_permissions_are_what_the_mutations_grant(app) {
        let own = "{ viewer { permissions } }";
        let of = async |role: &str| app.role(role).read(own).await["viewer"]["permissions"].clone();
        let admin = of("admin").await;
        for name in ["upsertUser", "upsertDepartment", "updateDistrictPolicy"] {
            assert!(texts(&admin).contains(&name));
            for role in ["operator", "officer", "lead", "member", "auditor"] {
                assert!(!texts(&of(role).await).contains(&name), "{role} {name}");
            }
        }
        assert_eq!(of("auditor").await, json!([]));
        for (role, name, may) in [("lead", "proposePairing", true), ("lead", "recordInteraction", true),
            ("lead", "activatePairing", false), ("lead", "updateEnterprise", true), ("member", "proposePairing", false),
            ("member", "recordInteraction", false), ("outsider", "updateEnterprise", true), ("officer", "updateEnterprise", false),
            ("operator", "admitMember", true), ("member", "admitMember", false)] {
            let permissions: Value = of(role).await;
            assert_eq!(texts(&permissions).contains(&name), may, "{role} {name}");
        }
    }
}
