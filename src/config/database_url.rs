//! The address of the database, which may hold a password and so never shows it.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

const HIDDEN: &str = "***";

/// A database URL. Shown everywhere (`Debug`, `Display`, serialised) without passwords;
/// [`DatabaseUrl::expose`] gives the whole.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(SecretString);

/// The text is no URL of a database this service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a database URL; write sqlite://<file> or postgres://<user>:<password>@<host>/<name>")]
pub struct DatabaseUrlError;

impl DatabaseUrl {
    /// The SQLite database in this file, which is made when missing.
    #[must_use]
    pub fn sqlite_file(file: &str) -> Self {
        // The characters that would end the path or be decoded in a URL.
        let path = file
            .replace('%', "%25")
            .replace('?', "%3F")
            .replace('#', "%23");
        Self(SecretString::from(format!("sqlite://{path}?mode=rwc")))
    }

    /// The whole URL, password included. Only for the connection itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if known.iter().any(|scheme| text.starts_with(scheme)) {
            Ok(Self(SecretString::from(text)))
        } else {
            Err(DatabaseUrlError)
        }
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = DatabaseUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redacted(self.expose()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({:?})", redacted(self.expose()))
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Hides more rather than less: a password may hold `/`, `?` and `@` unescaped, so all
/// up to the last `@` counts as user and password.
fn redacted(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let (user, address) = match rest.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, rest),
    };
    let user = user.map_or_else(String::new, |user| match user.split_once(':') {
        Some((name, _)) => format!("{name}:{HIDDEN}@"),
        None => format!("{user}@"),
    });
    let address = match address.split_once('?') {
        Some((path, query)) => {
            let query: Vec<String> = query.split('&').map(redacted_parameter).collect();
            format!("{path}?{}", query.join("&"))
        }
        None => address.to_owned(),
    };
    format!("{scheme}{user}{address}")
}

fn redacted_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("pass") => {
            format!("{name}={HIDDEN}")
        }
        _ => parameter.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://user:s3cret@host/db",
                "postgres://user:***@host/db",
            ),
            (
                "postgresql://user:s3/c?r@et@host:5432/db?sslmode=require",
                "postgresql://user:***@host:5432/db?sslmode=require",
            ),
            (
                "postgres://host/db?user=me&password=s3cret&sslmode=require",
                "postgres://host/db?user=me&password=***&sslmode=require",
            ),
            ("postgres://user@host/db", "postgres://user@host/db"),
            ("postgres://:s3cret@host/db", "postgres://:***@host/db"),
            ("sqlite://data/honglian.db", "sqlite://data/honglian.db"),
            ("sqlite::memory:", "sqlite::memory:"),
        ] {
            let parsed: DatabaseUrl = url.parse().unwrap();
            assert_eq!(parsed.expose(), url);
            assert_eq!(parsed.to_string(), shown);
            assert_eq!(format!("{parsed:?}"), format!("DatabaseUrl({shown:?})"));
            assert_eq!(serde_json::to_value(&parsed).unwrap(), shown);
        }
    }

    #[test]
    fn other_databases_are_refused_without_repeating_the_url() {
        for url in [
            "",
            "mysql://user:s3cret@host/db",
            "honglian.db",
            "postgres:",
        ] {
            let error = url.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_file_name_survives_the_url() {
        assert_eq!(
            DatabaseUrl::sqlite_file("/srv/a b/100%?#.db").expose(),
            "sqlite:///srv/a b/100%25%3F%23.db?mode=rwc"
        );
    }
}
