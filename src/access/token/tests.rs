//! The attacks a bearer of forged tokens would try, and the tokens that must pass.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::KeyPair;
use aws_lc_rs::{hmac, rand, rsa, signature};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::*;
use crate::access::keys::{Jwk, Jwks, KeyAlgorithm, PrivateKey};

const NOW: i64 = 1_790_000_000;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

/// An issuer, its private key, and a verifier that trusts it.
struct World {
    key: PrivateKey,
    verifier: Verifier,
}

impl World {
    fn new(algorithm: KeyAlgorithm) -> Self {
        Self::with(algorithm, |_| {})
    }

    fn with(algorithm: KeyAlgorithm, change: impl FnOnce(&mut Issuer)) -> Self {
        let key = PrivateKey::generate(algorithm).unwrap();
        let mut issuer = issuer(vec![key.public().clone()]);
        change(&mut issuer);
        let verifier = Verifier::new(vec![issuer]).unwrap();
        Self { key, verifier }
    }

    fn header(&self) -> Value {
        json!({"alg": self.key.algorithm().name(), "typ": "at+jwt", "kid": self.key.kid()})
    }

    fn signer(&self) -> Signer {
        Signer::new(&self.key, "honglian".to_owned(), "honglian-api".to_owned())
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// Signs with the right key, whatever the header says.
    fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let (key, algorithm) = match self.key.algorithm() {
            KeyAlgorithm::EdDsa => (EncodingKey::from_ed_der(self.key.pkcs8()), Algorithm::EdDSA),
            KeyAlgorithm::Es256 => (EncodingKey::from_ec_der(self.key.pkcs8()), Algorithm::ES256),
        };
        let signature = crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
        format!("{message}.{signature}")
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.verifier.verify(token, now())
    }

    fn verify_claims(&self, claims: &Value) -> Result<Claims, TokenError> {
        self.verify(&self.sign(&self.header(), claims))
    }

    fn verify_header(&self, header: &Value) -> Result<Claims, TokenError> {
        self.verify(&self.sign(header, &claims()))
    }
}

fn issuer(keys: Vec<Jwk>) -> Issuer {
    Issuer {
        issuer: "honglian".to_owned(),
        audience: "honglian-api".to_owned(),
        keys: Jwks { keys },
        allow_rs256: false,
        require_typ: true,
    }
}

fn claims() -> Value {
    json!({
        "iss": "honglian", "aud": "honglian-api", "sub": "user-1", "exp": NOW + 600,
        "iat": NOW - 10, "jti": "token-1", "client_id": "console",
        "role": "DISTRICT", "district": "440103", "perms": ["ADMIN"],
    })
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object
}

fn b64(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn new_token() -> NewToken {
    NewToken {
        sub: "user-1".to_owned(),
        client_id: "console".to_owned(),
        jti: "token-1".to_owned(),
        lifetime: TimeDelta::minutes(30),
        role: Some(ClaimedRole::Lead),
        district: Some("440103".to_owned()),
        ent: Some("enterprise_1".to_owned()),
        off: None,
        perms: vec![Perm::Auditor],
        scope: None,
    }
}

#[test]
fn a_signed_token_is_read_back_with_both_algorithms() {
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
        let world = World::new(algorithm);
        let token = world.signer().sign(&new_token(), now()).unwrap();
        let claims = world.verify(&token).unwrap();
        assert_eq!(
            claims,
            Claims {
                iss: "honglian".to_owned(),
                aud: vec!["honglian-api".to_owned()],
                sub: "user-1".to_owned(),
                exp: now() + TimeDelta::minutes(30),
                iat: now(),
                nbf: None,
                jti: "token-1".to_owned(),
                client_id: "console".to_owned(),
                role: Some(ClaimedRole::Lead),
                district: Some("440103".to_owned()),
                ent: Some("enterprise_1".to_owned()),
                off: None,
                perms: vec![Perm::Auditor],
                scope: None,
            }
        );
        let header = URL_SAFE_NO_PAD
            .decode(token.split('.').next().unwrap())
            .unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header, world.header());
    }
}

#[test]
fn a_service_account_has_a_scope_and_no_role() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let token = NewToken {
        role: None,
        perms: vec![],
        scope: Some("issues:read enterprises:read".to_owned()),
        ..new_token()
    };
    let claims = world
        .verify(&world.signer().sign(&token, now()).unwrap())
        .unwrap();
    assert_eq!(claims.role, None);
    assert_eq!(
        claims.scope.as_deref(),
        Some("issues:read enterprises:read")
    );
}

#[test]
fn unsigned_tokens_are_refused() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(world.header(), "alg", json!(name));
        let message = format!("{}.{}", b64(header.to_string()), b64(claims().to_string()));
        assert_eq!(
            world.verify(&format!("{message}.")),
            Err(TokenError::WrongAlgorithm),
            "{name}"
        );
        assert_eq!(
            world.verify_header(&header),
            Err(TokenError::WrongAlgorithm)
        );
    }
    let message = format!(
        "{}.{}",
        b64(world.header().to_string()),
        b64(claims().to_string())
    );
    for signature in ["", "AA", "!!", &b64([0; 64]), &b64([0; 65])] {
        assert_eq!(
            world.verify(&format!("{message}.{signature}")),
            Err(TokenError::BadSignature),
            "{signature}"
        );
    }
}

#[test]
fn the_public_key_is_no_shared_secret() {
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
        let world = World::new(algorithm);
        let public = world.key.public();
        let x = public.x.clone().unwrap();
        let raw = URL_SAFE_NO_PAD.decode(&x).unwrap();
        let document = serde_json::to_vec(public).unwrap();
        for secret in [x.as_bytes(), &raw, &document] {
            for name in ["HS256", "EdDSA", "ES256"] {
                let header = with(world.header(), "alg", json!(name));
                let message = format!("{}.{}", b64(header.to_string()), b64(claims().to_string()));
                let tag = hmac::sign(
                    &hmac::Key::new(hmac::HMAC_SHA256, secret),
                    message.as_bytes(),
                );
                let result = world.verify(&format!("{message}.{}", b64(tag)));
                let expected = if name == algorithm.name() {
                    TokenError::BadSignature
                } else {
                    TokenError::WrongAlgorithm
                };
                assert_eq!(result, Err(expected), "{name}");
            }
        }
    }
}

#[test]
fn the_algorithm_is_the_keys_not_the_headers() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for name in [
        "ES256", "RS256", "PS256", "HS256", "ES384", "eddsa", "Ed448",
    ] {
        let header = with(world.header(), "alg", json!(name));
        assert_eq!(
            world.verify_header(&header),
            Err(TokenError::WrongAlgorithm),
            "{name}"
        );
    }
    let header = with(world.header(), "alg", json!("Ed25519"));
    assert!(world.verify_header(&header).is_ok(), "the name of RFC 9864");
}

#[test]
fn the_key_comes_from_the_issuers_set_only() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let attacker = World::new(KeyAlgorithm::EdDsa);

    assert_eq!(
        world.verify(&attacker.sign(&attacker.header(), &claims())),
        Err(TokenError::UnknownKey)
    );
    assert_eq!(
        world.verify(&attacker.sign(&world.header(), &claims())),
        Err(TokenError::BadSignature)
    );
    assert_eq!(
        world.verify_header(&without(world.header(), "kid")),
        Err(TokenError::MissingClaim("kid"))
    );
    for kid in ["", "../../dev/null", "' OR 1=1 --", "KID"] {
        let header = with(world.header(), "kid", json!(kid));
        assert_eq!(world.verify_header(&header), Err(TokenError::UnknownKey));
    }

    let public = serde_json::to_value(attacker.key.public()).unwrap();
    for (member, value) in [
        ("jwk", public),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/chain.pem")),
        ("x5c", json!(["AAAA"])),
    ] {
        let header = with(world.header(), member, value.clone());
        assert_eq!(
            world.verify(&attacker.sign(&header, &claims())),
            Err(TokenError::BadSignature),
            "{member} brings no key"
        );
        assert!(world.verify_header(&header).is_ok(), "{member} is ignored");
    }
}

#[test]
fn extensions_are_refused() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(null)),
        ("crit", json!("b64")),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
    ] {
        let header = with(world.header(), member, value);
        assert_eq!(
            world.verify_header(&header),
            Err(TokenError::Critical),
            "{header}"
        );
    }
}

#[test]
fn only_access_tokens_pass() {
    let strict = World::new(KeyAlgorithm::EdDsa);
    let lax = World::with(KeyAlgorithm::EdDsa, |issuer| issuer.require_typ = false);
    for (typ, when_strict, when_lax) in [
        (json!("at+jwt"), true, true),
        (json!("AT+JWT"), true, true),
        (json!("application/at+jwt"), true, true),
        (json!("Application/At+Jwt"), true, true),
        (json!("JWT"), false, true),
        (json!(null), false, true),
        (json!(""), false, false),
        (json!("id+jwt"), false, false),
        (json!("logout+jwt"), false, false),
        (json!("dpop+jwt"), false, false),
        (json!("text/at+jwt"), false, false),
        (json!("at+jwt "), false, false),
    ] {
        for (world, passes) in [(&strict, when_strict), (&lax, when_lax)] {
            let result = world.verify_header(&with(world.header(), "typ", typ.clone()));
            let expected = if passes {
                None
            } else {
                Some(TokenError::WrongType)
            };
            assert_eq!(result.err(), expected, "{typ}");
        }
    }
    assert_eq!(
        strict.verify_header(&without(strict.header(), "typ")),
        Err(TokenError::WrongType)
    );
    assert!(lax.verify_header(&without(lax.header(), "typ")).is_ok());
}

#[test]
fn times_are_checked_against_the_given_instant_with_a_minute_of_leeway() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for (claim, value, error) in [
        ("exp", NOW - 59, None),
        ("exp", NOW - 60, Some(TokenError::Expired)),
        ("exp", 0, Some(TokenError::Expired)),
        ("exp", -1, Some(TokenError::Expired)),
        ("nbf", NOW + 60, None),
        ("nbf", NOW + 61, Some(TokenError::NotYetValid)),
        ("iat", NOW + 60, None),
        ("iat", NOW + 61, Some(TokenError::NotYetValid)),
    ] {
        let result = world.verify_claims(&with(claims(), claim, json!(value)));
        assert_eq!(result.err(), error, "{claim} {value}");
    }
    let token = world.sign(&world.header(), &claims());
    let later = now() + TimeDelta::hours(1);
    assert_eq!(
        world.verifier.verify(&token, later),
        Err(TokenError::Expired)
    );
    let earlier = now() - TimeDelta::hours(1);
    assert_eq!(
        world.verifier.verify(&token, earlier),
        Err(TokenError::NotYetValid)
    );
}

#[test]
fn odd_times_are_no_times() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for value in [
        json!(1e300),
        json!(-1e300),
        json!(u64::MAX),
        json!(i64::MAX),
    ] {
        assert_eq!(
            world.verify_claims(&with(claims(), "exp", value.clone())),
            Err(TokenError::InvalidClaim("exp")),
            "{value}"
        );
    }
    for value in [json!("1790000600"), json!([NOW]), json!({}), json!(true)] {
        assert_eq!(
            world.verify_claims(&with(claims(), "exp", value.clone())),
            Err(TokenError::Malformed),
            "{value}"
        );
    }
    let fraction = with(claims(), "exp", json!(1_790_000_600.75));
    assert_eq!(
        world.verify_claims(&fraction).unwrap().exp.timestamp(),
        NOW + 600
    );
}

#[test]
fn issuer_and_audience_must_be_ours_exactly() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for iss in ["Honglian", "honglian/", "https://honglian", ""] {
        assert_eq!(
            world.verify_claims(&with(claims(), "iss", json!(iss))),
            Err(TokenError::WrongIssuer)
        );
    }
    for aud in [
        json!("other"),
        json!(["other"]),
        json!([]),
        json!("honglian-api2"),
    ] {
        assert_eq!(
            world.verify_claims(&with(claims(), "aud", aud)),
            Err(TokenError::WrongAudience)
        );
    }
    let several = with(claims(), "aud", json!(["other", "honglian-api"]));
    assert_eq!(world.verify_claims(&several).unwrap().aud.len(), 2);
}

#[test]
fn an_issuer_cannot_speak_for_another() {
    let ours = PrivateKey::generate(KeyAlgorithm::EdDsa).unwrap();
    let theirs = PrivateKey::generate(KeyAlgorithm::EdDsa).unwrap();
    let verifier = Verifier::new(vec![
        issuer(vec![ours.public().clone()]),
        Issuer {
            issuer: "https://id.example".to_owned(),
            ..issuer(vec![theirs.public().clone()])
        },
    ])
    .unwrap();
    let audience = || "honglian-api".to_owned();
    let theirs_own = Signer::new(&theirs, "https://id.example".to_owned(), audience());
    let theirs_as_ours = Signer::new(&theirs, "honglian".to_owned(), audience());
    let check =
        |signer: &Signer| verifier.verify(&signer.sign(&new_token(), now()).unwrap(), now());
    assert_eq!(check(&theirs_own).unwrap().iss, "https://id.example");
    assert_eq!(check(&theirs_as_ours), Err(TokenError::UnknownKey));
}

#[test]
fn required_claims_are_required() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for claim in ["iss", "aud", "sub", "exp", "iat", "jti", "client_id"] {
        for claims in [without(claims(), claim), with(claims(), claim, json!(null))] {
            assert_eq!(
                world.verify_claims(&claims),
                Err(TokenError::MissingClaim(claim))
            );
        }
    }
    for claim in ["sub", "jti", "client_id", "district", "ent", "off"] {
        for value in ["", "a\0b", "a\nb", &"x".repeat(256)] {
            assert_eq!(
                world.verify_claims(&with(claims(), claim, json!(value))),
                Err(TokenError::InvalidClaim(claim)),
                "{value:?}"
            );
        }
    }
}

#[test]
fn roles_are_closed_and_perms_are_open() {
    let world = World::new(KeyAlgorithm::EdDsa);
    for (name, role) in [
        ("DISTRICT", ClaimedRole::District),
        ("LEAD", ClaimedRole::Lead),
        ("MEMBER", ClaimedRole::Member),
    ] {
        let claims = with(claims(), "role", json!(name));
        assert_eq!(world.verify_claims(&claims).unwrap().role, Some(role));
    }
    for name in ["SUPERUSER", "district", ""] {
        assert_eq!(
            world.verify_claims(&with(claims(), "role", json!(name))),
            Err(TokenError::InvalidClaim("role"))
        );
    }
    let claims = with(
        claims(),
        "perms",
        json!(["ROOT", "AUDITOR", "admin", "ADMIN"]),
    );
    assert_eq!(
        world.verify_claims(&claims).unwrap().perms,
        [Perm::Auditor, Perm::Admin]
    );
}

#[test]
fn a_changed_payload_is_noticed() {
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
        let world = World::new(algorithm);
        let token = world.sign(&world.header(), &with(claims(), "role", json!("MEMBER")));
        let parts: Vec<&str> = token.split('.').collect();
        let promoted = format!("{}.{}.{}", parts[0], b64(claims().to_string()), parts[2]);
        assert_eq!(world.verify(&promoted), Err(TokenError::BadSignature));

        let header = with(world.header(), "cty", json!("JWT"));
        let relabelled = format!("{}.{}.{}", b64(header.to_string()), parts[1], parts[2]);
        assert_eq!(world.verify(&relabelled), Err(TokenError::BadSignature));
    }
}

#[test]
fn no_bit_of_the_signature_may_change() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let token = world.sign(&world.header(), &claims());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 1;
        assert_eq!(
            world.verify(&format!("{message}.{}", b64(changed))),
            Err(TokenError::BadSignature)
        );
    }
    for signature in [
        format!("{signature}="),
        format!("{signature}=="),
        format!("{signature}A"),
        format!(" {signature}"),
    ] {
        assert!(world.verify(&format!("{message}.{signature}")).is_err());
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let header = b64(world.header().to_string());
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "hl_live_0123456789".to_owned(),
        header.clone(),
        format!("{header}."),
        format!("{header}.e30"),
        format!("{header}..AA"),
        format!("{header}.{}.AA.AA.AA", b64("{}")),
        format!("{header}.{}.AA", b64("[]")),
        format!("{header}.{}.AA", b64("{")),
        format!("{header}.{}.AA", b64("\u{feff}{}")),
        format!("{}.e30.AA", b64("null")),
        format!("{}.e30.AA", b64(r#"["EdDSA","kid"]"#)),
        format!("{}.e30.AA", b64(r#"{"alg":5}"#)),
        format!("{}.e30.AA", b64("{}")),
        format!("{header}=.e30.AA"),
        format!("{header}.e3 0.AA"),
        "立白.立白.立白".to_owned(),
    ] {
        assert_eq!(world.verify(&token), Err(TokenError::Malformed), "{token}");
    }
}

#[test]
fn a_member_may_not_stand_twice() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let plain = claims().to_string();
    let doubled = plain.replacen('{', r#"{"sub":"admin","#, 1);
    assert_eq!(
        world.verify(&world.sign_text(&world.header().to_string(), &doubled)),
        Err(TokenError::Malformed)
    );
    let header = world
        .header()
        .to_string()
        .replacen('{', r#"{"alg":"none","#, 1);
    assert_eq!(
        world.verify(&world.sign_text(&header, &plain)),
        Err(TokenError::Malformed)
    );
}

#[test]
fn a_token_is_at_most_8_kib() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let padded = |length| with(claims(), "scope", json!("x".repeat(length)));
    assert!(world.verify_claims(&padded(5_000)).is_ok());
    assert_eq!(
        world.verify_claims(&padded(8_192)),
        Err(TokenError::TooLarge)
    );
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let deep = format!(r#"{{"x":{}"#, "[".repeat(5_000));
    assert_eq!(
        world.verify(&world.sign_text(&world.header().to_string(), &deep)),
        Err(TokenError::Malformed)
    );
}

/// An RSA key set and a function that signs a message with it.
fn rsa_key() -> (Jwk, impl Fn(&str) -> String) {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let public = pair.public_key();
    let jwk = Jwk {
        kty: "RSA".to_owned(),
        n: Some(b64(public.modulus().big_endian_without_leading_zero())),
        e: Some(b64(public.exponent().big_endian_without_leading_zero())),
        kid: Some("rsa-1".to_owned()),
        ..Jwk::default()
    };
    let der = pair.as_der().unwrap();
    let pair = signature::RsaKeyPair::from_pkcs8(der.as_ref()).unwrap();
    let sign = move |message: &str| {
        let mut tag = vec![0; pair.public_modulus_len()];
        pair.sign(
            &signature::RSA_PKCS1_SHA256,
            &rand::SystemRandom::new(),
            message.as_bytes(),
            &mut tag,
        )
        .unwrap();
        format!("{message}.{}", b64(tag))
    };
    (jwk, sign)
}

#[test]
fn rsa_counts_only_for_issuers_that_say_so() {
    let (jwk, sign) = rsa_key();
    let header = json!({"alg": "RS256", "typ": "at+jwt", "kid": "rsa-1"});
    let token = sign(&format!(
        "{}.{}",
        b64(header.to_string()),
        b64(claims().to_string())
    ));

    let refused = World::with(KeyAlgorithm::EdDsa, |issuer| {
        issuer.keys.keys.push(jwk.clone());
    });
    assert_eq!(refused.verify(&token), Err(TokenError::UnknownKey));

    let allowed = World::with(KeyAlgorithm::EdDsa, |issuer| {
        issuer.keys.keys.push(jwk.clone());
        issuer.allow_rs256 = true;
    });
    assert_eq!(allowed.verify(&token).unwrap().sub, "user-1");

    // The classic confusion: the modulus as the secret of an HMAC.
    let header = with(header, "alg", json!("HS256"));
    let message = format!("{}.{}", b64(header.to_string()), b64(claims().to_string()));
    let secret = jwk.n.unwrap();
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        message.as_bytes(),
    );
    assert_eq!(
        allowed.verify(&format!("{message}.{}", b64(tag))),
        Err(TokenError::WrongAlgorithm)
    );
}

#[test]
fn keys_that_cannot_check_signatures_are_left_out() {
    let good = PrivateKey::generate(KeyAlgorithm::EdDsa)
        .unwrap()
        .public()
        .clone();
    let p256 = PrivateKey::generate(KeyAlgorithm::Es256)
        .unwrap()
        .public()
        .clone();
    let changed = |change: fn(&mut Jwk)| {
        let mut key = good.clone();
        change(&mut key);
        key
    };
    let (rsa, _) = rsa_key();
    let useless = [
        changed(|key| key.usage = Some("enc".to_owned())),
        changed(|key| key.key_ops = Some(vec!["sign".to_owned()])),
        changed(|key| key.kid = None),
        changed(|key| key.x = None),
        changed(|key| key.x = Some("AAAA".to_owned())),
        changed(|key| key.x = Some("***".to_owned())),
        changed(|key| key.alg = Some("ES256".to_owned())),
        changed(|key| key.crv = Some("X25519".to_owned())),
        changed(|key| key.kty = "oct".to_owned()),
        Jwk {
            crv: Some("P-384".to_owned()),
            ..p256.clone()
        },
        Jwk { y: None, ..p256 },
        rsa,
    ];
    for key in useless {
        let error = Verifier::new(vec![issuer(vec![key.clone()])]).unwrap_err();
        assert_eq!(
            error,
            IssuerError::NoUsableKey("honglian".to_owned()),
            "{key:?}"
        );
        assert!(!error.to_string().contains('\n'));
        assert!(Verifier::new(vec![issuer(vec![key, good.clone()])]).is_ok());
    }
    let small = Jwk {
        kty: "RSA".to_owned(),
        n: Some(b64([0xff; 128])),
        e: Some("AQAB".to_owned()),
        kid: Some("small".to_owned()),
        ..Jwk::default()
    };
    let weak = Issuer {
        allow_rs256: true,
        ..issuer(vec![small])
    };
    assert!(matches!(
        Verifier::new(vec![weak]),
        Err(IssuerError::NoUsableKey(_))
    ));
}

#[test]
fn ambiguous_issuers_are_refused() {
    let key = PrivateKey::generate(KeyAlgorithm::EdDsa)
        .unwrap()
        .public()
        .clone();
    assert_eq!(Verifier::new(vec![]).unwrap_err(), IssuerError::None);
    let twice = vec![issuer(vec![key.clone()]), issuer(vec![key.clone()])];
    assert_eq!(
        Verifier::new(twice).unwrap_err(),
        IssuerError::Duplicate("honglian".to_owned())
    );
    assert!(matches!(
        Verifier::new(vec![issuer(vec![key.clone(), key])]),
        Err(IssuerError::DuplicateKey { .. })
    ));
}

#[test]
fn errors_and_debug_hold_no_secret() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let token = world.sign(
        &world.header(),
        &with(claims(), "role", json!("s3cret-role")),
    );
    let error = world.verify(&token).unwrap_err();
    assert!(!error.to_string().contains("s3cret"));
    assert!(!format!("{error:?}").contains("s3cret"));
    let signer = format!("{:?}", world.signer());
    assert!(signer.contains("redacted"), "{signer}");
}

#[test]
fn a_known_token_is_checked_against_the_time_alone() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let token = world.sign(&world.header(), &claims());
    let ends = world.verify(&token).unwrap().exp;
    let known =
        KnownTokens::new(Verifier::new(vec![issuer(vec![world.key.public().clone()])]).unwrap());
    let early = ends - TimeDelta::minutes(5);
    let first = known.verify(&token, early).unwrap();
    let again = known.verify(&token, early).unwrap();
    assert!(Arc::ptr_eq(&first, &again), "read once");
    assert_eq!(known.len(), 1);
    // Past its end, and before its beginning, it is refused as if it were seen for the first time.
    let late = known.verify(&token, ends + TimeDelta::minutes(1));
    assert_eq!(late.unwrap_err(), TokenError::Expired);
    assert!(known.is_empty());
    assert_eq!(*known.verify(&token, early).unwrap().claims, *first.claims);
    let before = first.claims.iat - TimeDelta::minutes(2);
    assert_eq!(
        known.verify(&token, before).unwrap_err(),
        TokenError::NotYetValid
    );
    // Another signature on the same words is another token, and a bad one is never remembered.
    let (words, signature) = token.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let forged = format!("{words}.{turned}");
    for _ in 0..2 {
        assert!(known.verify(&forged, early).is_err());
    }
    assert!(known.is_empty());
}

#[test]
fn known_tokens_are_bounded() {
    let world = World::new(KeyAlgorithm::EdDsa);
    let known =
        KnownTokens::new(Verifier::new(vec![issuer(vec![world.key.public().clone()])]).unwrap());
    let mut most = 0;
    for number in 0..5000 {
        let claims = with(claims(), "jti", json!(format!("jti-{number}")));
        let token = world.sign(&world.header(), &claims);
        let at = world.verify(&token).unwrap().iat;
        known.verify(&token, at).unwrap();
        most = most.max(known.len());
    }
    assert_eq!((most, known.len()), (4096, 5000 - 4096));
}
