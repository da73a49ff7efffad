//! The location of a database.
//!
//! No text that is made here may contain a password.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::config::Host;

use super::postgres::with_causes;
use crate::cli;

/// The database file, if the user names no database.
const DEFAULT: &str = "autotest.sqlite";

/// The time limit for reaching a server, unless the URL has one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An error in the location of a database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error("`{0}://` is no database that is supported; name a file, or postgres://USER@HOST/NAME")]
    Scheme(String),
    #[error("the URL of the database is wrong: {0}; write postgres://USER@HOST/NAME")]
    Url(String),
}

/// A database and how long to wait for it.
pub(crate) struct Place {
    pub(crate) kind: PlaceKind,
    pub(crate) wait: Duration,
}

pub(crate) enum PlaceKind {
    Sqlite(PathBuf),
    Postgres(Box<postgres::Config>),
}

impl Place {
    /// The database that the flags or the environment name.
    ///
    /// # Errors
    /// If it is the URL of no database.
    pub(crate) fn of(args: &cli::Place) -> Result<Place, PlaceError> {
        let named = args.db.clone().or_else(|| env::var("AUTOTEST_DB").ok());
        let named = named.filter(|named| !named.is_empty());
        Ok(Place {
            kind: PlaceKind::parse(named.as_deref().unwrap_or(DEFAULT))?,
            wait: Duration::from_secs(args.wait.into()),
        })
    }
}

impl PlaceKind {
    fn parse(text: &str) -> Result<PlaceKind, PlaceError> {
        match text.split_once("://") {
            None => Ok(PlaceKind::Sqlite(Path::new(text).to_owned())),
            Some(("postgres" | "postgresql", rest)) => server(text, rest).map(PlaceKind::Postgres),
            Some((scheme, _)) => Err(PlaceError::Scheme(scheme.to_owned())),
        }
    }
}

fn server(url: &str, rest: &str) -> Result<Box<postgres::Config>, PlaceError> {
    if rest.matches('@').count() > 1 {
        // The text after the first `@` would be taken for the host, and printed.
        let reason = "an `@` in a name or a password must be written as %40";
        return Err(PlaceError::Url(reason.to_owned()));
    }
    // The error may quote an option, which comes after the password, but nothing else of the URL.
    let parsed = url.parse::<postgres::Config>();
    let mut config = parsed.map_err(|error| PlaceError::Url(with_causes(&error)))?;
    if config.get_hosts().is_empty() {
        return Err(PlaceError::Url("it has no host".to_owned()));
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if let (None, Ok(password)) = (config.get_password(), env::var("PGPASSWORD")) {
        config.password(password);
    }
    config.application_name("cargo autotest db");
    Ok(Box::new(config))
}

/// For messages, without the password.
impl fmt::Display for PlaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = match self {
            PlaceKind::Sqlite(path) => return write!(f, "{}", path.display()),
            PlaceKind::Postgres(config) => config,
        };
        f.write_str("postgres://")?;
        if let Some(user) = config.get_user() {
            write!(f, "{user}@")?;
        }
        for (index, host) in config.get_hosts().iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
            }
            let ports = config.get_ports();
            if let Some(port) = ports.get(index).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        match config.get_dbname() {
            Some(name) => write!(f, "/{name}"),
            None => Ok(()),
        }
    }
}
