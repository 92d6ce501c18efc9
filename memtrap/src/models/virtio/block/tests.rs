//! A disk over something that is not memory.

use super::{IN, OUT, VirtioBlock};
use crate::models::virtio::{
    registers::virtio,
    testing::{DATA, Fixture},
};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

const REQUEST: usize = 0x300;
const STATUS: usize = 0x800;

/// A file that is gone with the test.
struct Image(PathBuf);

impl Image {
    fn new(name: &str, contents: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("memtrap-{name}-{}", std::process::id()));
        fs::write(&path, contents).unwrap();
        Self(path)
    }

    fn open(&self) -> File {
        File::options().read(true).write(true).open(&self.0).unwrap()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

/// The driver reads or writes a sector: the status of its `index`th request.
fn request<S: Read + Write + Seek + Send + 'static>(
    driver: &Fixture<VirtioBlock<S>>,
    index: u16,
    kind: u32,
    sector: u64,
) -> u8 {
    driver.ram.write(REQUEST, &kind.to_le_bytes());
    driver.ram.write(REQUEST + 8, &sector.to_le_bytes());
    driver.descriptor(0, REQUEST, 16, 1, 1);
    driver.descriptor(1, DATA, 512, if kind == IN { 3 } else { 1 }, 2);
    driver.descriptor(2, STATUS, 1, 2, 0);
    driver.make_available(0, index);
    driver.write(virtio::QUEUE_NOTIFY_OFFSET, 0);
    driver.byte(STATUS)
}

#[test]
fn what_is_written_is_in_the_file() {
    let image = Image::new("written", &[0x11; 2 * 512 + 100]);
    let driver = Fixture::new(VirtioBlock::over(image.open()).unwrap()).ready(0);
    assert_eq!(driver.read(virtio::CONFIG_OFFSET), 2, "sectors, without the end that fills none");
    assert_eq!(request(&driver, 1, IN, 1), 0);
    assert_eq!(driver.byte(DATA + 511), 0x11);
    driver.ram.write(DATA, &[0x22; 512]);
    assert_eq!(request(&driver, 2, OUT, 1), 0);
    for (index, (kind, sector)) in [(IN, 2), (OUT, 2), (IN, u64::MAX), (OUT, u64::MAX / 512)].into_iter().enumerate() {
        assert_eq!(request(&driver, 3 + index as u16, kind, sector), 1, "sector {sector}");
    }
    let contents = fs::read(&image.0).unwrap();
    assert_eq!(contents, [[0x11; 512].as_slice(), &[0x22; 512], &[0x11; 100]].concat());
}

/// A disk that fails as soon as something is done with it.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::InvalidData.into())
    }
}

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

impl Seek for Broken {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Ok(1024)
    }
}

#[test]
fn errors_of_the_storage_are_errors_of_the_request() {
    let driver = Fixture::new(VirtioBlock::over(Broken).unwrap()).ready(0);
    assert_eq!([request(&driver, 1, IN, 0), request(&driver, 2, OUT, 0)], [1, 1]);
    assert_eq!(request(&driver, 3, 4, 0), 1, "a flush");
}
