//! `native PROGRAM ARGUMENTS`: prints one line of JSON with what it found, or serves until it is ended.

mod floors;
mod load;
mod messages;
mod peer;
mod server;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve"] => server::serve(),
        ["load", address, connections, seconds, first] => {
            load::run(address, number(connections), Some(number(seconds)), None, number(first))
        }
        ["fill", address, connections, calls, first] => load::run(address, number(connections), None, Some(number(calls)), number(first)),
        ["csv-records", file] => floors::records(file),
        ["csv-structs", file] => floors::structs(file),
        ["sign", times] => floors::sign(number(times)),
        ["reqwest", url, calls, callers] => peer::run(url, number(calls), number(callers)),
        _ => {
            eprintln!("native serve | load ADDRESS CONNECTIONS SECONDS FIRST | fill ADDRESS CONNECTIONS CALLS FIRST | csv-records FILE");
            eprintln!("       | csv-structs FILE | sign TIMES | reqwest URL CALLS CALLERS");
            std::process::exit(2);
        }
    }
}

fn number<T: std::str::FromStr>(word: &str) -> T {
    word.parse().unwrap_or_else(|_| {
        eprintln!("{word} is no number");
        std::process::exit(2)
    })
}
