#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| matinee_fuzz::checks::container(data));
