//! Finds the targets that the command line names.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::adb::Adb;
use super::address::{Address, AddressError};
use super::local::Local;
use super::qemu::Qemu;
use super::ssh::Ssh;
use super::{Home, Shell, Transport};
use crate::config::{ConfigError, ConfiguredTarget, Inventory};

/// The bounds of the time for which a target may be silent before its connection counts as broken. Between them, it is
/// the time that the user waits for an unreachable target. The lower bound leaves time for a few signs of life.
const SHORTEST_SILENCE: Duration = Duration::from_secs(15);
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// A target, with what is configured for it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: Address,
    pub(crate) configured: ConfiguredTarget,
}

/// An error when finding targets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChooseError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("{0}")]
    Unknown(String),
    #[error("the target `{0}` is named twice")]
    Twice(String),
}

impl Target {
    /// Its name, which is unique in the run.
    pub(crate) fn name(&self) -> &str {
        &self.configured.name
    }

    /// Whether connecting boots a machine, which takes a while.
    pub(crate) fn is_booted(&self) -> bool {
        matches!(self.address, Address::Qemu { .. })
    }

    /// A shell on the target, not yet connected. A machine that this program runs has its files in `home`, and
    /// `patience` is the time that it may take to answer for the first time.
    pub(crate) fn shell(&self, home: &Home, patience: Duration) -> Shell {
        let silence = patience.clamp(SHORTEST_SILENCE, LONGEST_SILENCE);
        let transport: Box<dyn Transport> = match &self.address {
            Address::Local => Box::new(Local),
            Address::Qemu { user, image } => {
                let user = user.as_deref().unwrap_or("root");
                let place = self.configured.place.as_ref();
                let image = place.map_or(image.clone(), |place| place.dir().join(image));
                let home = home.clone();
                Box::new(Qemu::new(user, image, &self.configured, home, patience))
            }
            Address::Ssh { destination, port } => {
                Box::new(Ssh::new(destination, *port, &self.configured.ssh_options))
            }
            Address::Adb { serial } => Box::new(Adb {
                serial: serial.clone(),
                silence,
            }),
        };
        Shell::new(transport, silence)
    }
}

/// The targets with these names or addresses, in order; this machine if there are none.
///
/// # Errors
/// If one is neither the name of a target or group nor an address, or if one is named twice.
pub(crate) fn choose(names: &[String], dir: &Path) -> Result<Vec<Target>, ChooseError> {
    let inventory = Inventory::find(dir)?;
    let mut targets = Vec::new();
    for name in names {
        match inventory.named(name) {
            Some(configured) => {
                for configured in configured {
                    targets.push(of_configured(configured)?);
                }
            }
            None if name == "local" || name.contains(':') => targets.push(of_address(name)?),
            None => return Err(ChooseError::Unknown(inventory.no_such_target(name))),
        }
    }
    if targets.is_empty() {
        targets.push(of_address("local")?);
    }
    let mut seen = BTreeSet::new();
    for target in &targets {
        if !seen.insert(target.name()) {
            return Err(ChooseError::Twice(target.name().to_owned()));
        }
    }
    Ok(targets)
}

fn of_configured(configured: ConfiguredTarget) -> Result<Target, ChooseError> {
    let address = configured.address.parse();
    let address = address.map_err(|error: AddressError| match &configured.place {
        Some(place) => ConfigError::at(place, error.to_string()).into(),
        None => ChooseError::Address(error),
    })?;
    Ok(Target {
        address,
        configured,
    })
}

fn of_address(text: &str) -> Result<Target, ChooseError> {
    let address: Address = text.parse()?;
    of_configured(ConfiguredTarget {
        name: address.name(),
        address: text.to_owned(),
        ..ConfiguredTarget::default()
    })
}
