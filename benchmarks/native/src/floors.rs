//! What the machine allows when nothing of the task is done but its bytes.

use std::hint::black_box;
use std::time::Instant;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

fn report(rows: u64, began: Instant) {
    println!(r#"{{"rows":{rows},"seconds":{}}}"#, began.elapsed().as_secs_f64());
}

/// The records of a file, fields borrowed, nothing looked at.
pub fn records(file: &str) {
    let began = Instant::now();
    let mut reader = csv::Reader::from_path(file).expect("a file");
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record).expect("a record") {
        black_box(&record);
        rows += 1;
    }
    report(rows, began);
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is that they are made")]
struct Person {
    name: String,
    email: String,
    enrollment_number: String,
    mobile: String,
    gender: String,
    dob: String,
    course_name: String,
    extra1: String,
    extra2: String,
    extra3: String,
}

/// A struct of owned texts for each record, nothing checked.
pub fn structs(file: &str) {
    let began = Instant::now();
    let mut rows = 0;
    for person in csv::Reader::from_path(file).expect("a file").deserialize::<Person>() {
        black_box(person.expect("a person"));
        rows += 1;
    }
    report(rows, began);
}

#[derive(Serialize)]
struct Invite<'a> {
    email: &'a str,
    name: &'a str,
    #[serde(rename = "sendEmail")]
    send_email: &'a str,
}

/// A body and its HMAC, as text: what signing and encoding cannot do without.
pub fn sign(times: u64) {
    let began = Instant::now();
    for _ in 0..times {
        let invite = Invite { email: black_box("ada@example.com"), name: black_box("Ada Lovelace"), send_email: "no" };
        let body = serde_json::to_vec(&invite).expect("JSON");
        let mut mac = Hmac::<Sha256>::new_from_slice(b"sandbox-secret").expect("a key of any length");
        mac.update(&body);
        black_box((body, mac.finalize().into_bytes()));
    }
    report(times, began);
}
