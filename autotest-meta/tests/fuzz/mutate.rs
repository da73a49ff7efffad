//! Damages files.

#![expect(clippy::ptr_arg, reason = "all changes have one type")]

/// A generator of numbers (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        start..(start + self.below(64)).min(len)
    }
}

/// One of the files with one to four changes.
pub(crate) fn mutated(originals: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut file = originals[random.below(originals.len())].clone();
    for _ in 0..=random.below(4) {
        let change = CHANGES[random.below(CHANGES.len())];
        change(&mut file, originals, random);
    }
    file
}

type Change = fn(&mut Vec<u8>, &[Vec<u8>], &mut Random);

const CHANGES: &[Change] = &[
    bit, byte, byte, number, number, header, header, cut, remove, repeat, splice, token, token,
];

fn bit(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    let at = random.below(file.len());
    if let Some(byte) = file.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
}

fn byte(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    let at = random.below(file.len());
    if let Some(byte) = file.get_mut(at) {
        *byte = random.next() as u8;
    }
}

/// A number that is often mishandled, at any place.
fn number(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    let at = random.below(file.len());
    write_number(file, at, random);
}

/// The same in the ELF header, or in the section headers at the end.
fn header(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    let at = match random.below(2) {
        0 => random.below(64),
        _ => file.len().saturating_sub(random.below(512)),
    };
    write_number(file, at, random);
}

fn write_number(file: &mut [u8], at: usize, random: &mut Random) {
    let len = file.len() as u64;
    let near = random.next() % 16;
    let numbers = [
        0,
        1,
        near,
        len,
        len.wrapping_sub(near),
        u64::from(u16::MAX),
        u64::from(u32::MAX),
        u64::MAX,
        u64::MAX - near,
        1 << 31,
        1 << 63,
        random.next(),
    ];
    let number = numbers[random.below(numbers.len())];
    let size = 1 << random.below(4);
    let bytes = match random.below(2) {
        0 => number.to_le_bytes()[..size].to_vec(),
        _ => number.to_be_bytes()[8 - size..].to_vec(),
    };
    for (place, byte) in file.iter_mut().skip(at).zip(bytes) {
        *place = byte;
    }
}

fn cut(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    // Not always, since nothing behind the cut is read any more.
    if random.below(4) == 0 {
        file.truncate(random.below(file.len() + 1));
    }
}

fn remove(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    let range = random.range(file.len());
    file.drain(range);
}

fn repeat(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    let piece = file[random.range(file.len())].repeat(1 + random.below(4));
    let at = random.below(file.len() + 1);
    file.splice(at..at, piece);
}

/// A piece of another file in the place of one of this file.
fn splice(file: &mut Vec<u8>, originals: &[Vec<u8>], random: &mut Random) {
    let other = &originals[random.below(originals.len())];
    let piece = other[random.range(other.len())].to_vec();
    let at = random.below(file.len() + 1);
    let end = (at + piece.len()).min(file.len());
    file.splice(at..end, piece);
}

/// A token of JSON over another place of the text, so that the file around it remains as it is.
fn token(file: &mut Vec<u8>, _: &[Vec<u8>], random: &mut Random) {
    const TOKENS: &[&str] = &[
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "\\",
        "\\u0000",
        "null",
        "true",
        "-1",
        "1e999",
        "\"v\":2",
        "\"main\":",
        "\"name\":\"\"",
        "\"kind\":\"hook\"",
        "\"line\":0",
        "[[[[[[[[",
        "ä",
    ];
    let token = TOKENS[random.below(TOKENS.len())].as_bytes();
    let text = file.windows(4).position(|bytes| bytes == b"{\"v\"");
    let start = text.unwrap_or(0);
    let at = start + random.below(file.len() - start);
    for (place, byte) in file.iter_mut().skip(at).zip(token) {
        *place = *byte;
    }
}
