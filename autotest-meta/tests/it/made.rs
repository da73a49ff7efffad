//! ELF files and archives, made for tests.

use object::write::{Object, StandardSegment};
use object::{Architecture, BinaryFormat, Endianness, SectionKind};

/// An object file whose section `autotest_meta` has this text.
pub(crate) fn elf(architecture: Architecture, endian: Endianness, text: &str) -> Vec<u8> {
    sections(architecture, endian, &[("autotest_meta", text)])
}

/// An object file with these sections behind one of code.
pub(crate) fn sections(
    architecture: Architecture,
    endian: Endianness,
    sections: &[(&str, &str)],
) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, architecture, endian);
    let segment = object.segment_name(StandardSegment::Text).to_vec();
    let code = object.add_section(segment, b".text".to_vec(), SectionKind::Text);
    object.append_section_data(code, &[0; 64], 16);
    for (name, text) in sections {
        let segment = object.segment_name(StandardSegment::Data).to_vec();
        let name = name.as_bytes().to_vec();
        let section = object.add_section(segment, name, SectionKind::ReadOnlyData);
        object.append_section_data(section, text.as_bytes(), 1);
    }
    object.write().unwrap()
}

/// An archive of files.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, content) in files {
        let name = format!("{name}/");
        let size = content.len();
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644);
        archive.extend(header.as_bytes());
        archive.extend(*content);
        if archive.len() % 2 == 1 {
            archive.push(b'\n');
        }
    }
    archive
}
