//! The tables of Honglian, one file each: the row and its database enums. No GraphQL
//! objects and no behaviour; the enums double as the API's, since both are the glossary's.

pub mod api_client;
pub mod audit_entry;
pub mod calendar_day;
pub mod clock_rule;
pub mod contact;
pub mod department;
pub mod district;
pub mod district_baseline;
pub mod district_policy;
pub mod enterprise;
pub mod enterprise_issue;
pub mod idempotency_record;
pub mod issue_category;
pub mod issue_clock;
pub mod issue_co_department;
pub mod issue_counter;
pub mod issue_progress;
pub mod issue_rating;
pub mod issue_supervision;
pub mod issue_transition;
pub mod joint_meeting;
pub mod membership;
pub mod officer_assignment;
pub mod outbox_event;
pub mod pairing;
pub mod pairing_interaction;
pub mod pairing_member;
pub mod service_officer;
pub mod service_visit;
pub mod setting;
pub mod trusted_document;
pub mod user_account;
pub mod visit_participant;
