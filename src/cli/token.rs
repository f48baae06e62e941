//! `honglian token`, and the signing that the demo shares with it.

use std::time::Duration;

use chrono::TimeDelta;
use entity::user_account::{Model, UserStatus};

use super::database::existing;
use super::{Failure, say};
use crate::access::keys::PrivateKey;
use crate::access::token::{Signer, Verifier};
use crate::app::verifier;
use crate::config::Config;
use crate::domain::user::claims::{Terms, by_id, claims};
use crate::domain::user::viewer::viewer;
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::error::Error;
use crate::kernel::id::{Ids, Kind, RandomIds, decode};
use crate::store::{Db, connect};

/// The longest that a token may live.
const LONGEST: Duration = Duration::from_hours(24);

/// What signs tokens, and what will be asked to accept them.
pub(super) struct Mint {
    signer: Signer,
    issuer: String,
    verifier: Verifier,
}

impl Mint {
    /// Reads the configured keys.
    pub(super) fn open(config: &Config) -> Result<Self, Failure> {
        let auth = &config.auth;
        let file = auth.signing_key_file.as_ref().ok_or_else(|| {
            Failure::Auth(
                "no signing key; run `honglian keys generate` or set auth.signing_key_file"
                    .to_owned(),
            )
        })?;
        let key = PrivateKey::load(file)?;
        Ok(Self {
            signer: Signer::new(&key, auth.token_issuer.clone(), auth.token_audience.clone()),
            issuer: auth.token_issuer.clone(),
            verifier: verifier(config)?,
        })
    }

    /// A token of a user, whether or not it will be accepted.
    pub(super) async fn sign(
        &self,
        db: &Db,
        user: &Model,
        client: &str,
        lifetime: TimeDelta,
    ) -> Result<String, Failure> {
        let terms = Terms {
            client_id: client.to_owned(),
            token_id: RandomIds.next(),
            lifetime,
        };
        let claims = claims(db.conn(), user, terms).await?;
        let signed = self.signer.sign(&claims, SystemClock.now());
        signed.map_err(|error| Failure::Other(error.to_string()))
    }

    /// Refuses a token that the server will refuse, and says why.
    async fn try_out(&self, db: &Db, user: &Model, token: &str) -> Result<(), Failure> {
        if user.status == UserStatus::Disabled {
            return Err(Failure::Refused(
                "--user: this user is disabled; an administrator can enable it (upsertUser)"
                    .to_owned(),
            ));
        }
        if user.issuer != self.issuer {
            return Err(Failure::Refused(format!(
                "--user: this user signs in with tokens of {:?}, and auth.token_issuer is {:?};                  ask that issuer for one",
                user.issuer, self.issuer
            )));
        }
        let claims = self.verifier.verify(token, SystemClock.now());
        let claims = claims.map_err(|cause| {
            Failure::Auth(format!(
                "auth.issuers does not accept what auth.signing_key_file signs ({cause}); add                  the issuer {:?} with the public key to it",
                self.issuer
            ))
        })?;
        match viewer(db, &claims).await {
            Ok(_) => Ok(()),
            Err(Error::Unauthenticated) => Err(Failure::Refused(
                "--user: this user may not sign in: its enterprise is deactivated, its post                  retired or its district closed"
                    .to_owned(),
            )),
            Err(error) => Err(error.into()),
        }
    }
}

pub(super) async fn run(
    config: &Config,
    user: &str,
    lifetime: Option<Duration>,
) -> Result<(), Failure> {
    let id = decode(Kind::User, user).ok_or_else(|| {
        Failure::Refused("--user: not the id of a user; `honglian user add` prints one".to_owned())
    })?;
    let mint = Mint::open(config)?;
    let db = existing(config).await?;
    connect::check(&db).await?;
    let found = by_id(db.conn(), id).await?;
    let found = found.ok_or_else(|| {
        Failure::Refused("--user: no such user; `honglian user add` makes one".to_owned())
    })?;
    let lifetime =
        lifetime.unwrap_or_else(|| Duration::from_secs(config.auth.token_lifetime_s.into()));
    let lifetime =
        TimeDelta::from_std(lifetime).map_err(|error| Failure::Other(error.to_string()))?;
    let token = mint
        .sign(&db, &found, "honglian-command-line", lifetime)
        .await?;
    mint.try_out(&db, &found, &token).await?;
    say(token)
}

/// Reads a lifetime: a whole number with s, m, h or d, at most 24 hours.
pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    let wrong = || "write a whole number with s, m, h or d, such as 30m".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number = text.strip_suffix(unit).unwrap_or(text);
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    // More digits than a number has room for are too long in any unit.
    let number: u64 = number.parse().unwrap_or(u64::MAX);
    let lifetime = Duration::from_secs(number.saturating_mul(seconds));
    if lifetime.is_zero() || lifetime > LONGEST {
        return Err("a token lives from 1s to 24h".to_owned());
    }
    Ok(lifetime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_has_a_unit_and_an_end() {
        for (text, seconds) in [
            ("1s", 1),
            ("90s", 90),
            ("30m", 1_800),
            ("24h", 86_400),
            ("1d", 86_400),
        ] {
            assert_eq!(lifetime(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "", "m", "30", "30 m", "-1m", "1.5h", "3w", "30分", "+1h", "1h1m",
        ] {
            let told = lifetime(text).map_err(|error| error.contains("such as 30m"));
            assert_eq!(told, Err(true), "{text}");
        }
        for text in [
            "0s",
            "25h",
            "2d",
            "86401s",
            "99999999999999999999999h",
            "18446744073709551615d",
        ] {
            let told = lifetime(text).map_err(|error| error.contains("1s to 24h"));
            assert_eq!(told, Err(true), "{text}");
        }
    }
}
