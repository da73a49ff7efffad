//! Addresses of targets, as given on the command line and in `autotest.toml`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// This machine.
    Local,
    /// A machine with an SSH server.
    Ssh {
        destination: String,
        port: Option<u16>,
    },
    /// An Android device, by its serial number.
    Adb { serial: String },
    /// A virtual machine that boots an image of a disk.
    Qemu {
        user: Option<String>,
        image: PathBuf,
    },
}

/// A text that is not an address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error(
        "`{0}` is not an address: use `local`, `ssh:[user@]host[:port]`, `adb:SERIAL` or \
         `qemu:[user@]IMAGE`"
    )]
    Unknown(String),
    #[error("`{0}` is not an address: {1}")]
    Ssh(String, &'static str),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        match text.split_once(':') {
            None if text == "local" => Ok(Address::Local),
            Some(("ssh", rest)) => {
                ssh(rest).map_err(|problem| AddressError::Ssh(text.to_owned(), problem))
            }
            Some(("adb", serial)) if !serial.is_empty() => Ok(Address::Adb {
                serial: serial.to_owned(),
            }),
            Some(("qemu", rest)) if !rest.is_empty() => Ok(qemu(rest)),
            _ => Err(AddressError::Unknown(text.to_owned())),
        }
    }
}

/// Parses `[user@]host[:port]`; the host may be an IPv6 address in brackets.
fn ssh(text: &str) -> Result<Address, &'static str> {
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, text),
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or("the bracket is not closed")?;
            (host, rest.strip_prefix(':'))
        }
        None => match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let port = port.map(|port| {
        port.parse()
            .map_err(|_| "its port is not a number up to 65535")
    });
    // ssh would take a word that begins with `-` for an option.
    let is_word = |text: &str| !text.is_empty() && !text.starts_with('-');
    if !is_word(host) || !user.is_none_or(is_word) {
        return Err("it has no host");
    }
    Ok(Address::Ssh {
        destination: user.map_or(host.to_owned(), |user| format!("{user}@{host}")),
        port: port.transpose()?,
    })
}

/// Parses `[user@]IMAGE`; the path may contain `@`, too.
fn qemu(text: &str) -> Address {
    let is_user = |user: &str| !user.is_empty() && !user.contains(['/', '.']);
    let (user, image) = match text.split_once('@') {
        Some((user, image)) if is_user(user) && !image.is_empty() => (Some(user), image),
        _ => (None, text),
    };
    Address::Qemu {
        user: user.map(str::to_owned),
        image: PathBuf::from(image),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Local => f.write_str("local"),
            Address::Ssh { destination, port } => {
                let (user, host) = destination.rsplit_once('@').unwrap_or(("", destination));
                let at = if user.is_empty() { "" } else { "@" };
                match host.contains(':') {
                    true => write!(f, "ssh:{user}{at}[{host}]")?,
                    false => write!(f, "ssh:{user}{at}{host}")?,
                }
                port.map_or(Ok(()), |port| write!(f, ":{port}"))
            }
            Address::Adb { serial } => write!(f, "adb:{serial}"),
            Address::Qemu { user, image } => {
                f.write_str("qemu:")?;
                user.as_ref().map_or(Ok(()), |user| write!(f, "{user}@"))?;
                write!(f, "{}", image.display())
            }
        }
    }
}

impl Address {
    /// A name for a target that was given by its address: the host, the serial number, or the name of the image.
    pub(crate) fn name(&self) -> String {
        let name = match self {
            Address::Local => "local".to_owned(),
            Address::Ssh { destination, port } => {
                let host = destination.rsplit('@').next().unwrap_or(destination);
                port.map_or(host.to_owned(), |port| format!("{host}-{port}"))
            }
            Address::Adb { serial } => serial.clone(),
            Address::Qemu { image, .. } => {
                let stem = image.file_stem().and_then(|stem| stem.to_str());
                stem.unwrap_or("qemu").to_owned()
            }
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = name
            .chars()
            .map(|c| if is_plain(c) { c } else { '_' })
            .collect();
        match name.trim_start_matches('.') {
            "" => "target".to_owned(),
            name => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Address, name: &str) {
        let address: Address = text.parse().unwrap();
        assert_eq!(address, *expected);
        assert_eq!(address.to_string(), text);
        assert_eq!(address.name(), name);
    }

    fn ssh(destination: &str, port: Option<u16>) -> Address {
        let destination = destination.to_owned();
        Address::Ssh { destination, port }
    }

    fn qemu(user: Option<&str>) -> Address {
        Address::Qemu {
            user: user.map(str::to_owned),
            image: "images/debian.qcow2".into(),
        }
    }

    #[test]
    fn an_image_may_have_an_at_sign() {
        let address: Address = "qemu:./a@b.img".parse().unwrap();
        let image = "./a@b.img".into();
        assert_eq!(address, Address::Qemu { user: None, image });
    }

    #[test]
    fn addresses_have_the_kind_before_the_colon() {
        check("local", &Address::Local, "local");
        check("ssh:board1", &ssh("board1", None), "board1");
        check(
            "ssh:root@10.0.0.7:2222",
            &ssh("root@10.0.0.7", Some(2222)),
            "10.0.0.7-2222",
        );
        check("ssh:me@[::1]:22", &ssh("me@::1", Some(22)), "__1-22");
        check(
            "adb:emulator-5554",
            &Address::Adb {
                serial: "emulator-5554".to_owned(),
            },
            "emulator-5554",
        );
        check("qemu:images/debian.qcow2", &qemu(None), "debian");
        check("qemu:me@images/debian.qcow2", &qemu(Some("me")), "debian");
    }

    #[test]
    fn anything_else_is_refused() {
        let refused = |text: &str| text.parse::<Address>().unwrap_err().to_string();
        let expected = "`board1` is not an address: use `local`, `ssh:[user@]host[:port]`, `adb:SERIAL` or \
                        `qemu:[user@]IMAGE`";
        assert_eq!(refused("board1"), expected);
        assert_eq!(refused("ssh:"), "`ssh:` is not an address: it has no host");
        assert_eq!(
            refused("ssh:-oProxyCommand=x"),
            "`ssh:-oProxyCommand=x` is not an address: it has no host"
        );
        assert_eq!(
            refused("ssh:-l@host"),
            "`ssh:-l@host` is not an address: it has no host"
        );
        let port = "`ssh:a:99999` is not an address: its port is not a number up to 65535";
        assert_eq!(refused("ssh:a:99999"), port);
    }
}
