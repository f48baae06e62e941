//! The layers over the defaults, read into one shape, and the memory of which layer a
//! setting comes from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

use super::error::{self, ConfigError};
use super::{DatabaseUrl, Introspection, LogFormat};

const PREFIX: &str = "HONGLIAN_";
const CONFIG_VARIABLE: &str = "HONGLIAN_CONFIG";
/// Variables with our prefix that are not ours: the first is read by the tests, the
/// others Kubernetes sets in every pod beside a service called honglian.
const FOREIGN: [&str; 3] = ["HONGLIAN_TEST_", "HONGLIAN_SERVICE_", "HONGLIAN_PORT"];

/// Settings given on the command line.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `data_dir`
    pub data_dir: Option<PathBuf>,
    /// `listen`
    pub listen: Option<SocketAddr>,
    /// `database.url`
    pub database_url: Option<DatabaseUrl>,
    /// `graphql.introspection`
    pub introspection: Option<Introspection>,
    /// `graphql.explorer`
    pub explorer: Option<bool>,
    /// `log.format`
    pub log_format: Option<LogFormat>,
    /// `log.filter`
    pub log_filter: Option<String>,
}

/// Where settings come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Default,
    File(PathBuf),
    /// With the path of settings each variable stands for.
    Environment(BTreeMap<String, Vec<String>>),
    Flags,
}

#[derive(Debug)]
pub(super) struct Layer {
    source: Source,
    values: Dict,
}

/// The layers, lowest first.
#[derive(Debug)]
pub(super) struct Layers(Vec<Layer>);

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default configuration"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(_) => f.write_str("environment"),
            Self::Flags => f.write_str("command line"),
        }
    }
}

impl Provider for &Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.to_string())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

impl Layers {
    pub(super) fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: Overrides,
    ) -> Result<Self, ConfigError> {
        let mut variables = ours(environment)?;
        let named = variables.remove(CONFIG_VARIABLE).map(PathBuf::from);
        let mut layers = Vec::with_capacity(3);
        if let Some(path) = file.or(named.as_deref()) {
            layers.push(file_layer(path)?);
        }
        layers.push(environment_layer(&variables));
        layers.push(flag_layer(flags)?);
        Ok(Self(layers))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Layer> {
        self.0.iter()
    }

    /// The library's error in our words.
    pub(super) fn explain(&self, error: &figment::Error) -> ConfigError {
        let mut path = error.path.clone();
        path.extend(error::member(&error.kind).map(ToOwned::to_owned));
        self.fault(&path.join("."), error::reason(&error.kind))
    }

    /// A fault of the setting `key`, wherever that comes from.
    pub(super) fn fault(&self, key: &str, reason: impl Into<String>) -> ConfigError {
        let path: Vec<&str> = key.split('.').collect();
        ConfigError::Value {
            origin: self.origin(&path),
            key: key.to_owned(),
            reason: reason.into(),
        }
    }

    fn origin(&self, path: &[&str]) -> String {
        // A missing setting is in no layer; then the table around it says where to look.
        (1..=path.len())
            .rev()
            .filter_map(|length| path.get(..length))
            .find_map(|path| {
                let layer = self
                    .0
                    .iter()
                    .rev()
                    .find(|layer| holds(&layer.values, path))?;
                Some(layer.name(path))
            })
            .unwrap_or_else(|| Source::Default.to_string())
    }
}

impl Layer {
    fn name(&self, path: &[&str]) -> String {
        let Source::Environment(variables) = &self.source else {
            return self.source.to_string();
        };
        variables
            .iter()
            .find(|(_, keys)| {
                // The variable may hold a table around the setting, or the reverse.
                keys.iter().zip(path).all(|(key, part)| key == part)
            })
            .map_or_else(
                || self.source.to_string(),
                |(name, _)| format!("environment variable {name}"),
            )
    }
}

/// Our variables, without empty ones and those that only share the prefix.
fn ours(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut variables = BTreeMap::new();
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        if FOREIGN.iter().any(|foreign| name.starts_with(foreign)) || value.is_empty() {
            continue;
        }
        let Ok(value) = value.into_string() else {
            return Err(ConfigError::NotUnicode(format!(
                "environment variable {name}"
            )));
        };
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

fn file_layer(path: &Path) -> Result<Layer, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|refusal| match refusal.kind() {
        io::ErrorKind::NotFound => ConfigError::Missing(path.to_owned()),
        _ => ConfigError::Unreadable {
            path: path.to_owned(),
            refusal,
        },
    })?;
    // Not by figment's own reader: its message quotes the line, and that may hold a
    // password.
    let values = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        ConfigError::Syntax {
            path: path.to_owned(),
            line: before.unwrap_or_default().matches('\n').count() + 1,
            reason: error.message().replace('\n', ", "),
        }
    })?;
    Ok(Layer {
        source: Source::File(path.to_owned()),
        values,
    })
}

fn environment_layer(variables: &BTreeMap<String, String>) -> Layer {
    let mut values = Dict::new();
    let mut known = BTreeMap::new();
    for (name, text) in variables {
        let key = name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase();
        let path: Vec<String> = key.split("__").map(ToOwned::to_owned).collect();
        let Ok(value) = text.parse();
        set(&mut values, &path, value);
        known.insert(name.clone(), path);
    }
    Layer {
        source: Source::Environment(known),
        values,
    }
}

fn flag_layer(flags: Overrides) -> Result<Layer, ConfigError> {
    let mut values = Dict::new();
    let mut flag = |path: &str, value: Option<Value>| {
        if let Some(value) = value {
            let path: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
            set(&mut values, &path, value);
        }
    };
    if let Some(folder) = flags.data_dir {
        let folder = folder
            .to_str()
            .ok_or_else(|| ConfigError::NotUnicode("command line: data_dir".to_owned()))?;
        flag("data_dir", Some(folder.into()));
    }
    let url = flags.database_url.as_ref().map(DatabaseUrl::expose);
    flag("database.url", url.map(Value::from));
    let listen = flags.listen.map(|address| address.to_string());
    flag("listen", listen.map(Value::from));
    let introspection = flags.introspection.as_ref().map(name_of);
    flag("graphql.introspection", introspection);
    flag("graphql.explorer", flags.explorer.map(Value::from));
    flag("log.format", flags.log_format.as_ref().map(name_of));
    flag("log.filter", flags.log_filter.map(Value::from));
    Ok(Layer {
        source: Source::Flags,
        values,
    })
}

/// The name an enumeration has in files, which is the one clap shows, too.
fn name_of(value: &impl clap::ValueEnum) -> Value {
    let name = value.to_possible_value();
    Value::from(name.as_ref().map_or("", |name| name.get_name()))
}

/// A setting inside a variable that is no table is lost: the variable itself is the
/// fault that gets reported.
fn set(values: &mut Dict, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            values.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let table = values
                .entry(first.clone())
                .or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, table) = table {
                set(table, rest, value);
            }
        }
    }
}

fn holds(values: &Dict, path: &[&str]) -> bool {
    match path {
        [] => true,
        [first, rest @ ..] => match values.get(*first) {
            Some(Value::Dict(_, table)) => holds(table, rest),
            // Positions inside a list are not followed.
            Some(Value::Array(..)) => true,
            Some(_) => rest.is_empty(),
            None => false,
        },
    }
}
