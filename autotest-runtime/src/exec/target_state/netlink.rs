//! Lists obtained from the kernel by netlink (netlink(7)).

use std::io;

use rustix::net::{
    AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

/// The types of the message that ends a list, and of an error.
const NLMSG_DONE: u16 = 3;
const NLMSG_ERROR: u16 = 2;

/// A request for a whole list.
const REQUEST_DUMP: u16 = 0x301;

/// The bytes before the content of a message.
const HEADER_BYTES: usize = 16;

/// The size of an attribute's header.
const ATTRIBUTE_HEADER_BYTES: usize = 4;

/// The bits of an attribute's type that give the encoding of its value.
const ENCODING: u16 = 0xc000;

/// The limit on the number of messages in an answer.
const MAX_ANSWERS: usize = 1000;

/// Requests a list, and returns the contents of the messages in the answer: none if the kernel does not offer the list.
pub(super) fn list(protocol: Protocol, kind: u16, request: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        flags,
        Some(protocol),
    )?;
    send(&socket, &message(kind, request), SendFlags::empty())?;
    let mut answers = Vec::new();
    let mut buffer = vec![0; 32 << 10];
    while answers.len() < MAX_ANSWERS {
        let (len, _) = recv(&socket, &mut buffer[..], RecvFlags::empty())?;
        if !add(&buffer[..len], &mut answers) {
            break;
        }
    }
    Ok(answers)
}

/// Makes a message with a header.
fn message(kind: u16, request: &[u8]) -> Vec<u8> {
    let len = (HEADER_BYTES + request.len()) as u32;
    let mut message = len.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(REQUEST_DUMP.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(request);
    message
}

/// Adds the contents of the messages in a buffer. Returns `true` if more messages follow.
fn add(mut buffer: &[u8], answers: &mut Vec<Vec<u8>>) -> bool {
    while let Some(header) = buffer.first_chunk::<HEADER_BYTES>() {
        let len = u32::from_ne_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let kind = u16::from_ne_bytes([header[4], header[5]]);
        if [NLMSG_DONE, NLMSG_ERROR].contains(&kind) {
            return false;
        }
        let Some(content) = buffer.get(HEADER_BYTES..len) else {
            return false;
        };
        answers.push(content.to_vec());
        buffer = behind(buffer, len);
    }
    true
}

/// The bytes after the first `len`, from the next multiple of four, to which everything is aligned.
fn behind(bytes: &[u8], len: usize) -> &[u8] {
    &bytes[len.next_multiple_of(4).min(bytes.len())..]
}

/// Iterates over the attributes of a message: pairs of type and value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'b>(&'b [u8]);

impl<'b> Attributes<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Attributes<'b> {
        Attributes(bytes)
    }

    /// The value of the first attribute of a type.
    pub(super) fn get(mut self, wanted: u16) -> Option<&'b [u8]> {
        self.find_map(|(kind, value)| (kind == wanted).then_some(value))
    }
}

impl<'b> Iterator for Attributes<'b> {
    type Item = (u16, &'b [u8]);

    fn next(&mut self) -> Option<(u16, &'b [u8])> {
        let [a, b, c, d] = *self.0.first_chunk::<ATTRIBUTE_HEADER_BYTES>()?;
        let len = usize::from(u16::from_ne_bytes([a, b]));
        let value = self.0.get(ATTRIBUTE_HEADER_BYTES..len)?;
        self.0 = behind(self.0, len);
        Some((u16::from_ne_bytes([c, d]) & !ENCODING, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_cut_ends_the_list() {
        let mut answers = Vec::new();
        let whole = message(7, b"1234");
        assert!(add(&[&whole[..], &whole].concat(), &mut answers));
        assert_eq!(answers, [b"1234", b"1234"]);
        assert!(!add(&whole[..18], &mut answers));
        let mut zero = whole;
        zero[..4].fill(0);
        assert!(!add(&zero, &mut answers));
    }

    #[test]
    fn attributes_begin_at_multiples_of_four() {
        let attribute = |kind: u16, value: &[u8]| {
            let len = (ATTRIBUTE_HEADER_BYTES + value.len()) as u16;
            let mut bytes = [len.to_ne_bytes(), kind.to_ne_bytes()].concat();
            bytes.extend(value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            bytes
        };
        let bytes = [attribute(1, b"a"), attribute(0x8002, b"bcdef")].concat();
        let attributes = Attributes::of(&bytes);
        assert_eq!(attributes.get(1), Some(&b"a"[..]));
        assert_eq!(attributes.get(2), Some(&b"bcdef"[..]));
        assert_eq!(attributes.get(3), None);
        assert_eq!(Attributes::of(&bytes[..6]).count(), 1);
        assert_eq!(Attributes::of(&[0; 8]).count(), 0);
    }
}
