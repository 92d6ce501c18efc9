//! The crate under another name, by each form of path.

#[renamed::simulated(size = 4, crate = renamed)]
pub struct ByName {
    #[reg(0, rw)]
    pub value: u32,
}

mod reexported {
    pub use ::renamed as deep;
}

mod inner {
    #[::renamed::simulated(size = 4, crate = crate::renamed_crate::reexported::deep)]
    pub struct ByPath {
        #[reg(0, rw)]
        pub value: u32,
    }
}

#[test]
fn runs() {
    let _ = (by_name::VALUE_OFFSET, inner::by_path::VALUE_OFFSET);
}
