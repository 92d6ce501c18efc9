//! `qemu-fw-cfg`: files of the machine, by a selector and a stream of bytes.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use memtrap::{Access, Bus, BusError, Context, Device};
use qemu_fw_cfg::{FwCfg, FwCfgError};

/// QEMU's firmware configuration device (docs/specs/fw_cfg), without DMA.
struct Configuration {
    files: Vec<(&'static str, Vec<u8>)>,
    signature: [u8; 4],
    selected: Vec<u8>,
    at: usize,
}

impl Configuration {
    fn new(files: &[(&'static str, &[u8])]) -> Self {
        let files = files.iter().map(|(name, contents)| (*name, contents.to_vec())).collect();
        Self { files, signature: *b"QEMU", selected: Vec::new(), at: 0 }
    }

    fn directory(&self) -> Vec<u8> {
        let mut directory = (self.files.len() as u32).to_be_bytes().to_vec();
        for (key, (name, contents)) in (0x20_u16..).zip(&self.files) {
            directory.extend((contents.len() as u32).to_be_bytes());
            directory.extend(key.to_be_bytes());
            directory.extend([0; 2]);
            let mut padded = [0; 56];
            padded[..name.len()].copy_from_slice(name.as_bytes());
            directory.extend(padded);
        }
        directory
    }
}

impl Device for Configuration {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        if access.offset != 1 {
            return Err(BusError::WriteOnly);
        }
        cx.progress();
        // Behind its end an item reads as zero.
        let byte = self.selected.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        Ok(byte.into())
    }

    fn write(&mut self, _: Access, value: u64, _: &mut Context<'_>) -> Result<(), BusError> {
        self.selected = match value {
            0x00 => self.signature.to_vec(),
            0x01 => 1_u32.to_le_bytes().to_vec(),
            0x19 => self.directory(),
            key => self.files.get(key as usize - 0x20).map(|(_, contents)| contents.clone()).unwrap_or_default(),
        };
        self.at = 0;
        Ok(())
    }
}

#[memtrap::test]
fn a_file_is_found_and_read() {
    let bus = Bus::new();
    let files: &[(&str, &[u8])] = &[("etc/acpi/tables", &[7; 300]), ("opt/message", b"to the guest")];
    let _ports = bus.ports(0x510..=0x511, Configuration::new(files)).unwrap();
    // SAFETY: The ports are simulated.
    let mut configuration = unsafe { FwCfg::new_for_x86() }.unwrap();
    let names: Vec<_> = configuration.iter_files().map(|file| (file.name().to_owned(), file.size())).collect();
    assert_eq!(names, [("etc/acpi/tables".to_owned(), 300), ("opt/message".to_owned(), 12)]);
    let file = configuration.find_file("opt/message").unwrap();
    assert_eq!(configuration.read_file(&file), b"to the guest");
    assert!(configuration.write_to_file(&file, b"no").is_err(), "the device says that it has no DMA");
    assert!(configuration.find_file("opt/nothing").is_none());
    traces::keep(&bus.trace());
}

#[memtrap::test]
fn another_device_is_refused() {
    let bus = Bus::new();
    let _ports = bus.ports(0x510..=0x511, Configuration { signature: *b"BOCH", ..Configuration::new(&[]) }).unwrap();
    // SAFETY: The ports are simulated.
    assert_eq!(unsafe { FwCfg::new_for_x86() }.unwrap_err(), FwCfgError::InvalidSignature);
}
