//! Links to upload and to download by: for one attachment, one user and a short time. Whoever has
//! one can use it, so it is a secret of that user for as long.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::vault::Vault;
use crate::kernel::error::Result;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To send the bytes.
    Upload,
    /// To read them.
    Download,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Upload => "attachment.upload",
            Self::Download => "attachment.download",
        }
    }
}

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The attachment.
    pub attachment: Uuid,
    /// The user it was made for.
    pub user: Uuid,
    /// Until when it is good, in whole seconds.
    pub until: DateTime<Utc>,
}

impl Link {
    fn text(&self) -> String {
        let (attachment, user) = (self.attachment.simple(), self.user.simple());
        format!("{attachment}.{user}.{}", self.until.timestamp())
    }

    /// The link, signed.
    ///
    /// # Errors
    /// `Internal` without a key.
    pub fn sign(&self, vault: &Vault, purpose: Purpose) -> Result<String> {
        let text = self.text();
        let tag = vault.index(purpose.name(), &text)?;
        Ok(format!("{text}.{tag}"))
    }

    /// What a link says, if it is ours, for this purpose and still good.
    #[must_use]
    pub fn read(vault: &Vault, purpose: Purpose, link: &str, now: DateTime<Utc>) -> Option<Self> {
        let (text, tag) = link.rsplit_once('.')?;
        if !vault.proves(purpose.name(), text, tag) {
            return None;
        }
        let mut parts = text.split('.');
        let found = Self {
            attachment: Uuid::try_parse(parts.next()?).ok()?,
            user: Uuid::try_parse(parts.next()?).ok()?,
            until: DateTime::from_timestamp(parts.next()?.parse().ok()?, 0)?,
        };
        // At its end it is over.
        (now < found.until).then_some(found)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::access::vault::VaultKey;
    use chrono::TimeDelta;

    #[test]
    fn a_link_is_good_for_its_purpose_and_time() {
        let key = |byte| VaultKey::of_secret(format!("k{byte}"), &[byte; 64]).unwrap();
        let vault = Vault::new(vec![key(1)]);
        let now = DateTime::from_timestamp(1_600_000_000, 0).unwrap();
        let link = Link {
            attachment: Uuid::from_u128(7),
            user: Uuid::from_u128(8),
            until: now + TimeDelta::minutes(5),
        };
        let signed = link.sign(&vault, Purpose::Download).unwrap();
        let read = |vault: &Vault, text: &str, at| Link::read(vault, Purpose::Download, text, at);
        assert_eq!(read(&vault, &signed, now), Some(link));
        let both = Vault::new(vec![key(1), key(2)]);
        assert_eq!(
            read(&both, &signed, now),
            Some(link),
            "after a change of keys"
        );
        assert_eq!(read(&Vault::new(vec![key(2)]), &signed, now), None);
        assert_eq!(Link::read(&vault, Purpose::Upload, &signed, now), None);
        let last = link.until - TimeDelta::milliseconds(1);
        assert_eq!(read(&vault, &signed, last), Some(link));
        assert_eq!(read(&vault, &signed, link.until), None);
        for at in 0..signed.len() {
            let mut other = signed.clone().into_bytes();
            *other.get_mut(at).unwrap() ^= 1;
            let other = String::from_utf8(other).unwrap();
            assert_eq!(read(&vault, &other, now), None, "{at}");
        }
        for bad in [
            "",
            ".",
            "a.b.c.d",
            &signed[1..],
            &signed[..signed.len() - 1],
        ] {
            assert_eq!(read(&vault, bad, now), None, "{bad}");
        }
    }
}
