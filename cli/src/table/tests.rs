use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bidden::candidate::Field;
use proptest::prelude::*;

use super::*;

/// A row as owned values, to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    record: u64,
    line: u64,
    fault: Option<Fault>,
    cells: Vec<String>,
}

/// Gives a few bytes a time, as a pipe may.
struct Trickle {
    bytes: Cursor<Vec<u8>>,
    step: usize,
}

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.step);
        self.bytes.read(&mut buffer[..length])
    }
}

fn open(bytes: impl Into<Vec<u8>>) -> Result<Reader, Error> {
    open_mapped(bytes, &[])
}

fn open_mapped(bytes: impl Into<Vec<u8>>, mappings: &[(&str, Field)]) -> Result<Reader, Error> {
    let mappings: Vec<Mapping> = mappings.iter().map(|(header, field)| Mapping { header: (*header).to_owned(), field: *field }).collect();
    Reader::new("list.csv", Cursor::new(bytes.into()), &mappings)
}

fn rows_of(reader: &mut Reader) -> (Vec<Seen>, Option<Error>) {
    let mut rows = Vec::new();
    let mut chunk = Chunk::new();
    loop {
        match reader.next_chunk(&mut chunk) {
            Ok(false) => return (rows, None),
            Err(error) => return (rows, Some(error)),
            Ok(true) => rows.extend(chunk.rows().map(|row| Seen {
                record: row.record(),
                line: row.line(),
                fault: row.fault(),
                cells: row.cells().map(str::to_owned).collect(),
            })),
        }
    }
}

/// The rows of a file that must be readable to its end.
fn rows(bytes: impl Into<Vec<u8>>) -> Vec<Seen> {
    let (rows, error) = rows_of(&mut open(bytes).expect("the file opens"));
    assert!(error.is_none(), "{error:?}");
    rows
}

fn cells(bytes: impl Into<Vec<u8>>) -> Vec<Vec<String>> {
    rows(bytes).into_iter().map(|row| row.cells).collect()
}

/// The message that ends a file, when it is opened or later.
fn failure(bytes: impl Into<Vec<u8>>) -> String {
    match open(bytes) {
        Err(error) => error.to_string(),
        Ok(mut reader) => rows_of(&mut reader).1.expect("the file must not be readable").to_string(),
    }
}

fn fields(reader: &mut Reader, field: Field) -> Vec<Option<String>> {
    let mut chunk = Chunk::new();
    let mut values = Vec::new();
    while reader.next_chunk(&mut chunk).expect("readable") {
        values.extend(chunk.rows().map(|row| row.field(field).map(str::to_owned)));
    }
    values
}

fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

const JOSE: &str = "email,name\njose@example.com,José Müller\n";

// Encodings

#[test]
fn every_encoding_gives_the_same_text_and_is_named() {
    let (windows_1252, _, _) = encoding_rs::WINDOWS_1252.encode(JOSE);
    for (bytes, encoding) in [
        (JOSE.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xEF\xBB\xBF", JOSE.as_bytes()].concat(), Encoding::Utf8WithMark),
        ([b"\xFF\xFE".to_vec(), utf_16(JOSE, u16::to_le_bytes)].concat(), Encoding::Utf16LittleEndian),
        ([b"\xFE\xFF".to_vec(), utf_16(JOSE, u16::to_be_bytes)].concat(), Encoding::Utf16BigEndian),
        (utf_16(JOSE, u16::to_le_bytes), Encoding::Utf16LittleEndian),
        (utf_16(JOSE, u16::to_be_bytes), Encoding::Utf16BigEndian),
        (windows_1252.into_owned(), Encoding::Windows1252),
    ] {
        let mut reader = open(bytes).expect("opens");
        let (rows, error) = rows_of(&mut reader);
        assert!(error.is_none(), "{encoding}: {error:?}");
        assert_eq!(reader.encoding(), encoding);
        assert_eq!(rows[0].cells, ["jose@example.com", "José Müller"], "{encoding}");
    }
}

#[test]
fn windows_1252_is_recognised_megabytes_after_the_start() {
    let mut bytes = b"email,name\n".to_vec();
    for _ in 0..100_000 {
        bytes.extend_from_slice(b"ada@example.com,Ada Lovelace\n");
    }
    bytes.extend_from_slice(b"jose@example.com,Jos\xE9 \x96 \x80\n");
    let mut reader = open(bytes).expect("opens");
    assert_eq!(reader.encoding(), Encoding::Utf8);
    let (rows, error) = rows_of(&mut reader);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(rows.len(), 100_001);
    assert_eq!(rows[100_000].cells[1], "José – €");
    assert_eq!(reader.encoding(), Encoding::Windows1252);
}

#[test]
fn windows_1252_is_recognised_in_the_last_byte() {
    assert_eq!(cells(b"email,name\njose@example.com,Jos\xE9".as_slice())[0][1], "José");
    assert_eq!(cells(b"email,name\njose@example.com,Jos\xF0".as_slice())[0][1], "Josð");
}

#[test]
fn a_mixture_of_encodings_is_refused_with_its_line() {
    let utf_8_first = "email,name\na@example.com,José\nb@example.com,Jos";
    let message = failure([utf_8_first.as_bytes(), b"\xE9\n"].concat());
    assert!(message.starts_with("list.csv: line 3: some characters"), "{message}");
    let utf_8_later = "b@example.com,José\n";
    let message = failure([b"email,name\na@example.com,Jos\xE9\n", utf_8_later.as_bytes()].concat());
    assert!(message.starts_with("list.csv: line 3: some characters"), "{message}");
}

#[test]
fn rows_before_an_unreadable_place_are_handed_out() {
    let bytes = b"email,name\na@example.com,Jos\xC3\xA9\nb@example.com,B\nc@example.com,\xE9\n";
    let (rows, error) = rows_of(&mut open(bytes.as_slice()).expect("opens"));
    assert_eq!(rows.len(), 2);
    assert!(matches!(error, Some(Error { problem: Problem::MixedEncodings { line: 4 }, .. })));
}

#[test]
fn a_byte_of_no_encoding_is_refused_with_its_line() {
    let message = failure(b"email,name\na@example.com,A\nb@example.com,x\x81y\n".as_slice());
    assert!(message.contains("line 3: the byte 0x81 is neither"), "{message}");
}

#[test]
fn damaged_utf_16_is_refused_with_its_line() {
    let mut bytes = [b"\xFF\xFE".to_vec(), utf_16(JOSE, u16::to_le_bytes)].concat();
    bytes.extend_from_slice(&[b'x', 0, 0x00, 0xD8, b'y', 0]);
    assert!(failure(bytes.clone()).contains("line 3: the UTF-16 text is damaged"));
    bytes.truncate(bytes.len() - 4);
    bytes.push(b'x');
    assert!(failure(bytes).contains("line 3: the UTF-16 text is damaged"));
}

// Delimiters

#[test]
fn the_delimiter_is_found_by_the_known_headers() {
    for (text, delimiter) in [
        ("email,name\na@example.com,A\n", Delimiter::COMMA),
        ("email;name\na@example.com;A\n", Delimiter::SEMICOLON),
        ("email\tname\na@example.com\tA\n", Delimiter::TAB),
        ("email\na@example.com\n", Delimiter::COMMA),
        ("\"email\";\"name\"\n\"a@example.com\";\"Lovelace, Ada, Countess\"\n", Delimiter::SEMICOLON),
        ("email;id\na@example.com;1\n", Delimiter::SEMICOLON),
        ("Notes, if any\tE-mail\n,,,,\ta@example.com\n", Delimiter::TAB),
    ] {
        assert_eq!(open(text).expect("opens").delimiter(), delimiter, "{text:?}");
    }
}

#[test]
fn delimiters_inside_quotes_do_not_count() {
    let text = "a;\"b,c,d\ne,f,g\";E\n1;\"x,y,z\nx,y,z\";2\n3;\"x,y\";4\n";
    let reader = open_mapped(text, &[("E", Field::Email)]).expect("opens");
    assert_eq!(reader.delimiter(), Delimiter::SEMICOLON);
    assert_eq!(reader.header().texts().len(), 3);
}

#[test]
fn excels_first_line_declares_the_delimiter() {
    for start in ["sep=;\r\n", "SEP=;\n", "\"sep=;\"\r\n", "\u{FEFF}sep=;\r"] {
        let mut reader = open(format!("{start}email;name\n\na@example.com;A\n")).expect(start);
        assert_eq!(reader.delimiter(), Delimiter::SEMICOLON);
        let (rows, _) = rows_of(&mut reader);
        assert_eq!((rows[0].record, rows[0].line), (1, 4), "{start:?}");
    }
    let mut reader = open("sep=|\nemail|name\na@example.com|A,B;C\n").expect("opens");
    assert_eq!(rows_of(&mut reader).0[0].cells, ["a@example.com", "A,B;C"]);
}

// Records

#[test]
fn quotes_hold_delimiters_line_ends_and_doubled_quotes() {
    let text = "email,name\r\na@example.com,\"Ada \"\"the first\"\"\r\nLovelace, Countess\"\r\n\"b@example.com\",B\r\n";
    let rows = rows(text);
    assert_eq!(rows[0].cells, ["a@example.com", "Ada \"the first\"\r\nLovelace, Countess"]);
    assert_eq!((rows[0].line, rows[1].line), (2, 4));
    assert_eq!(rows[1].cells, ["b@example.com", "B"]);
    assert!(rows.iter().all(|row| row.fault.is_none()));
}

#[test]
fn a_cell_of_quotes_alone_is_read() {
    let rows = cells("email,name\na@example.com,\"\"\nb@example.com,\"\"\"\"\nc@example.com,\"\"\"é\"\"\"\n");
    assert_eq!([rows[0][1].as_str(), &rows[1][1], &rows[2][1]], ["", "\"", "\"é\""]);
}

#[test]
fn a_quote_inside_a_plain_cell_is_text() {
    assert_eq!(cells("email,name\na@example.com,Dwayne \"The Rock\" J\n")[0][1], "Dwayne \"The Rock\" J");
}

#[test]
fn text_after_a_closing_quote_is_a_fault_of_its_row() {
    let rows = rows("email,name\na@example.com,\"A\"\"x\" B\nb@example.com,B\n");
    assert_eq!(rows[0].fault, Some(Fault::TextAfterQuote { column: 2 }));
    assert_eq!(rows[0].cells[1], "\"A\"\"x\" B");
    assert_eq!(rows[1].fault, None);
}

#[test]
fn every_kind_of_line_end_is_read_and_counted() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["email,name", "", "a@example.com,\"A", "A\"", "b@example.com,B"].join(end);
        for text in [text.clone(), text + end] {
            let rows = rows(text);
            let places: Vec<_> = rows.iter().map(|row| (row.record, row.line)).collect();
            assert_eq!(places, [(1, 3), (2, 5)], "{end:?}");
            assert_eq!(rows[1].cells[1], "B");
        }
    }
}

#[test]
fn blank_rows_count_as_lines_and_not_as_records() {
    let rows = rows("\n\nemail,name\n,\n\n  , \t\n\"\",\"\"\n\u{A0},\na@example.com,A\n\n");
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].record, rows[0].line), (1, 9));
}

#[test]
fn too_few_cells_are_a_fault_and_the_missing_ones_absent() {
    let mut reader = open("email,name,phone\na@example.com\nb@example.com,B,\n").expect("opens");
    let mut chunk = Chunk::new();
    assert!(reader.next_chunk(&mut chunk).expect("readable"));
    let rows: Vec<Row> = chunk.rows().collect();
    let fault = rows[0].fault().expect("a fault");
    assert_eq!(fault, Fault::TooFewCells { found: 1, expected: 3 });
    assert_eq!(fault.to_string(), "too few cells (1 of 3)");
    assert_eq!(rows[0].field(Field::Email), Some("a@example.com"));
    assert_eq!(rows[0].field(Field::Mobile), None);
    assert_eq!(rows[1].fault(), None);
    assert_eq!(rows[1].field(Field::Mobile), Some(""));
}

#[test]
fn too_many_cells_are_a_fault_unless_they_are_blank() {
    let rows = rows("email,name\na@example.com,A,, \nb@example.com,B,,x\n");
    assert_eq!(rows[0].fault, None);
    assert_eq!(rows[1].fault, Some(Fault::TooManyCells { found: 4, expected: 2 }));
    assert_eq!(rows[1].cells, ["b@example.com", "B", "", "x"]);
}

#[test]
fn cells_are_given_as_written() {
    assert_eq!(cells("email,name\n a@example.com , A\u{A0}\n")[0], [" a@example.com ", " A\u{A0}"]);
}

// Limits and damage

#[test]
fn a_nul_is_refused_with_line_and_column() {
    let text = "email,Full Name\na@example.com,A\nb@example.com,\"B\nx\0y\"\n";
    assert!(failure(text).starts_with("list.csv: line 4, column 2 (Full Name): holds a NUL byte"));
    assert!(failure("email,name\na@example.com,A\0\n").contains("line 2, column 2 (name): holds a NUL"));
    assert!(failure("email,na\0me, and a longer header line\n").contains("line 1, column 2: holds a NUL"));
}

#[test]
fn a_quote_that_nothing_closes_is_refused_where_it_opened() {
    let message = failure("email,name\na@example.com,A\n\nb@example.com,\"B\nc@example.com,C\n");
    assert!(message.starts_with("list.csv: line 4, column 2 (name): the quote that opens here"), "{message}");
    for header in ["email,\"name\n", "email;\"name\n"] {
        assert!(failure(header).contains("line 1, column 2: the quote that opens here"), "{header}");
    }
}

#[test]
fn the_longest_cell_is_read_and_a_longer_one_refused() {
    let file = |length| format!("email,name\na@example.com,A\nb@example.com,{}\n", "x".repeat(length));
    assert_eq!(cells(file(MAX_CELL_BYTES))[1][1].len(), MAX_CELL_BYTES);
    let message = failure(file(MAX_CELL_BYTES + 1));
    assert!(message.contains("line 3, column 2 (name): the cell is longer than 1048576 bytes"), "{message}");
    let quoted = |length| format!("email,name\nb@example.com,\"{}\"\n", "\n".repeat(length));
    assert_eq!(cells(quoted(MAX_CELL_BYTES))[0][1].len(), MAX_CELL_BYTES);
    let message = failure(quoted(MAX_CELL_BYTES + 1));
    assert!(message.contains("line 2, column 2 (name)"), "{message}");
    assert!(message.contains("the quote that opens here is probably not closed"), "{message}");
}

#[test]
fn an_unclosed_quote_in_an_endless_source_is_refused_after_little_text() {
    struct Endless(Arc<AtomicUsize>);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.fetch_add(buffer.len(), Ordering::Relaxed);
            buffer.fill(b'\n');
            Ok(buffer.len())
        }
    }
    let taken = Arc::new(AtomicUsize::new(0));
    let source = Cursor::new("email,name\na@example.com,\"A\n").chain(Endless(taken.clone()));
    let error = match Reader::new("-", source, &[]) {
        Ok(mut reader) => rows_of(&mut reader).1,
        Err(error) => Some(error),
    };
    let problem = error.map(|error| error.problem);
    assert!(matches!(problem, Some(Problem::CellTooLong { line: 2, quoted: true, .. })), "{problem:?}");
    assert!(taken.load(Ordering::Relaxed) < 4 * MAX_CELL_BYTES);
}

#[test]
fn a_record_that_is_too_long_or_too_wide_is_refused_with_its_line() {
    let cell = "x".repeat(MAX_CELL_BYTES);
    let message = failure(format!("email\na@example.com,{}\n", [cell.as_str(); 5].join(",")));
    assert!(message.contains("line 2: the record that starts here is longer than 4194304 bytes"), "{message}");
    let wide = |columns: usize| format!("email\na@example.com{}\n", ",".repeat(columns - 1));
    assert_eq!(cells(wide(MAX_COLUMNS))[0].len(), MAX_COLUMNS);
    let message = failure(wide(MAX_COLUMNS + 1));
    assert!(message.contains("line 2: more than 10000 columns"), "{message}");
}

#[test]
fn a_source_that_fails_is_reported_after_the_rows_before() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable is out"))
        }
    }
    let start = Cursor::new("email,name\na@example.com,A\n".repeat(5)).chain(Failing);
    let (rows, error) = rows_of(&mut Reader::new("-", start, &[]).expect("opens"));
    assert_eq!(rows.len(), 9);
    assert_eq!(error.expect("an error").to_string(), "-: reading failed: the cable is out");
}

#[test]
fn a_file_that_does_not_exist_is_named() {
    let error = Input::open("no/such/list.csv", None).expect_err("no such file");
    assert!(error.to_string().starts_with("no/such/list.csv: cannot be opened: "), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

// Headers

#[test]
fn an_empty_file_is_not_one_without_rows() {
    for empty in ["", "\u{FEFF}", "\n\n", "sep=;\n", ",,\n"] {
        let error = open(empty).expect_err("no header");
        assert!(matches!(error.problem, Problem::Empty), "{empty:?}: {error}");
    }
    for header_only in ["email,name", "email,name\r\n", "email,name\n\n,\n"] {
        assert_eq!(rows(header_only), [], "{header_only:?}");
    }
}

#[test]
fn first_and_last_name_are_joined_by_a_blank() {
    for header in ["Last Name,First Name", "Nom,Prénom", "Name,Vorname", "Apellidos,Nombre", "soyad,ad"] {
        let text = format!("{header},email\n Lovelace ,Ada ,a@example.com\n,Alan,b@example.com\n,,c@example.com\n");
        let mut reader = open(text).expect(header);
        assert_eq!(reader.header().columns(Field::Name), [1, 0], "{header}");
        assert_eq!(reader.header().ignored().count(), 0);
        let names = fields(&mut reader, Field::Name);
        assert_eq!(names, ["Ada Lovelace", "Alan", ""].map(|name| Some(name.to_owned())), "{header}");
    }
}

#[test]
fn half_a_name_is_the_name_when_there_is_no_other() {
    for header in ["First Name", "Surname", "Nom"] {
        let mut reader = open(format!("email,{header}\na@example.com,Ada\n")).expect("opens");
        assert_eq!(fields(&mut reader, Field::Name), [Some("Ada".to_owned())], "{header}");
    }
}

#[test]
fn a_whole_name_beside_its_parts_is_the_name() {
    for header in ["First Name,Last Name,Full Name", "First Name,Last Name,Name"] {
        let mut reader = open(format!("{header},email\nA,L,Ada Lovelace,a@example.com\n")).expect("opens");
        assert_eq!(reader.header().ignored().count(), 2, "{header}");
        assert_eq!(fields(&mut reader, Field::Name), [Some("Ada Lovelace".to_owned())]);
    }
}

#[test]
fn a_joined_name_is_absent_when_its_row_is_too_short() {
    let mut reader = open("email,first name,last name\na@example.com\nb@example.com,Alan\n").expect("opens");
    assert_eq!(fields(&mut reader, Field::Name), [None, Some("Alan".to_owned())]);
}

#[test]
fn ignored_columns_are_listed_with_number_and_header() {
    let reader = open("email,Price,, Notes ,name\n").expect("opens");
    let ignored: Vec<String> = reader.header().ignored().map(|column| column.to_string()).collect();
    assert_eq!(ignored, ["column 2 (Price)", "column 3", "column 4 (Notes)"]);
    assert_eq!(reader.header().columns(Field::Email), [0]);
}

#[test]
fn a_mapping_wins_over_what_a_header_seems_to_mean() {
    let text = "Private e-mail,Work,Email\np,w,e\n";
    let mut reader = open_mapped(text, &[("work", Field::Email)]).expect("opens");
    assert_eq!(fields(&mut reader, Field::Email), [Some("w".to_owned())]);
    let mut reader = open_mapped("Email,Mail\na,b\n", &[("Mail", Field::Email)]).expect("opens");
    assert_eq!(fields(&mut reader, Field::Email), [Some("b".to_owned())]);
    let mut reader = open_mapped("Email,Name\na,b\n", &[("Name", Field::Extra1)]).expect("opens");
    assert_eq!(reader.header().columns(Field::Name), [0_usize; 0]);
    assert_eq!(fields(&mut reader, Field::Extra1), [Some("b".to_owned())]);
}

#[test]
fn several_mappings_to_the_name_are_joined_in_their_order() {
    let mappings = [("Etunimi", Field::Name), ("Sukunimi", Field::Name)];
    let mut reader = open_mapped("Sukunimi,Etunimi,email\nWaltari,Mika,m\n", &mappings).expect("opens");
    assert_eq!(fields(&mut reader, Field::Name), [Some("Mika Waltari".to_owned())]);
}

#[test]
fn an_exact_header_is_mapped_before_a_similar_one() {
    let reader = open_mapped("e mail,E-MAIL\n", &[("E-MAIL", Field::Email)]).expect("opens");
    assert_eq!(reader.header().columns(Field::Email), [1]);
}

#[test]
fn mappings_that_contradict_each_other_are_refused() {
    let message = |mappings: &[(&str, Field)]| open_mapped("email,a,b\n", mappings).expect_err("refused").to_string();
    let twice = message(&[("a", Field::Mobile), ("b", Field::Mobile)]);
    assert!(twice.contains("`mobile` is mapped to column 2 (a) and to column 3 (b)"), "{twice}");
    let both = message(&[("a", Field::Mobile), ("A", Field::Dob)]);
    assert!(both.contains("column 2 (a) is mapped to `mobile` and to `dob`"), "{both}");
    let unknown = message(&[("c", Field::Mobile)]);
    assert!(unknown.contains("header c named by `--map`; headers seen: \"email\", \"a\", \"b\""), "{unknown}");
}

#[test]
fn a_mapping_is_read_up_to_its_last_equals_sign() {
    let mapping: Mapping = "a=b = External-ID".parse().expect("a mapping");
    assert_eq!(mapping, Mapping { header: "a=b".to_owned(), field: Field::ExternalId });
    let message = "a=nickname".parse::<Mapping>().expect_err("unknown").to_string();
    assert!(message.starts_with("no field is called nickname; there are email, name, external_id"), "{message}");
    assert!("email".parse::<Mapping>().is_err());
    assert!("=email".parse::<Mapping>().is_err());
}

#[test]
fn two_columns_of_one_meaning_are_refused_by_name() {
    let message = failure("Email,name,E-mail Address\n");
    assert!(message.contains("column 1 (Email) and column 3 (E-mail Address) both mean `email`"), "{message}");
    let message = failure("email,Full Name,Candidate Name\n");
    assert!(message.contains("both mean `name`"), "{message}");
}

#[test]
fn a_repeated_header_is_refused_only_when_it_is_needed() {
    let message = failure("email,name,Email,email\n");
    assert!(message.contains("both mean `email`"), "{message}");
    let message = failure("email,name,email\n");
    assert!(message.contains("column 1 (email) and column 3 (email) have the same header"), "{message}");
    let error = open_mapped("email,x,x\n", &[("x", Field::Mobile)]).expect_err("ambiguous");
    assert!(matches!(error.problem, Problem::DuplicateHeader { .. }));
    assert_eq!(open("email,Notes,Notes\n").expect("opens").header().ignored().count(), 2);
}

#[test]
fn a_file_without_header_is_refused_without_showing_the_candidate() {
    let message = failure("ada@example.com,Ada Lovelace\n");
    assert!(message.contains("add a first line that names the columns"), "{message}");
    assert!(!message.contains("Ada") && !message.contains("ada@"), "{message}");
    let error = open_mapped("ada@example.com,Ada\n", &[("x", Field::Email)]).expect_err("no header");
    assert!(matches!(error.problem, Problem::NoHeader));
}

#[test]
fn a_header_without_a_key_is_refused_with_the_headers_seen() {
    let message = failure("Name,Town,\u{1b}[2J,\nA,B,C,\n");
    assert!(message.contains("headers seen: \"Name\", \"Town\", \"\u{FFFD}[2J\"; name one with"), "{message}");
    for key in ["External ID", "uniq_id", "User ID"] {
        assert!(open(format!("Name,{key}\n")).is_ok(), "{key}");
    }
}

// Chunks

#[test]
fn two_threads_share_a_file_and_lose_nothing() {
    let mut text = String::from("email,name\n");
    for number in 0..50_000 {
        text += &format!("candidate{number}@example.com,\"Candidate \"\"{number}\"\"\"\n");
    }
    let reader = Mutex::new(open(text).expect("opens"));
    let work = || {
        let mut chunk = Chunk::new();
        let mut sum = 0;
        while reader.lock().expect("no panic").next_chunk(&mut chunk).expect("readable") {
            for row in chunk.rows() {
                let expected = format!("Candidate \"{}\"", row.record() - 1);
                assert_eq!(row.field(Field::Name), Some(expected.as_str()));
                sum += row.record();
            }
        }
        sum
    };
    let sum = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        work() + other.join().expect("no panic")
    });
    assert_eq!(sum, (1..=50_000).sum::<u64>());
}

#[test]
fn a_slow_source_is_followed_row_by_row() {
    let header = Cursor::new("email,name\n".to_owned() + &"x@example.com,X\n".repeat(12));
    let later = Trickle { bytes: Cursor::new(b"y@example.com,Y\n".to_vec()), step: 100 };
    let mut reader = Reader::new("-", header.chain(later), &[]).expect("opens");
    let mut chunk = Chunk::new();
    assert!(reader.next_chunk(&mut chunk).expect("readable"));
    assert_eq!(chunk.len(), 12);
    assert!(reader.next_chunk(&mut chunk).expect("readable"));
    assert_eq!(chunk.len(), 1);
    assert!(!reader.next_chunk(&mut chunk).expect("readable"));
    assert!(!reader.next_chunk(&mut chunk).expect("readable"));
}

#[test]
fn debug_output_shows_no_candidate() {
    let mut reader = open("email,first name,last name\nada@example.com,Ada,Lovelace\n").expect("opens");
    let mut chunk = Chunk::new();
    assert!(reader.next_chunk(&mut chunk).expect("readable"));
    let row = chunk.rows().next().expect("a row");
    let shown = format!("{reader:?} {chunk:?} {row:?}");
    assert!(!shown.contains("ada@") && !shown.contains("Lovelace"), "{shown}");
}

// Properties

/// Everything that can be seen of a file, whatever the size of reads and chunks.
fn everything(bytes: &[u8], step: usize, chunk_bytes: usize) -> (Vec<Seen>, Option<String>, Option<Encoding>) {
    let source = Box::new(Trickle { bytes: Cursor::new(bytes.to_vec()), step });
    match Reader::with_chunk_bytes("list.csv", source, &[], chunk_bytes) {
        Err(error) => (Vec::new(), Some(error.to_string()), None),
        Ok(mut reader) => {
            let (rows, error) = rows_of(&mut reader);
            (rows, error.map(|error| error.to_string()), Some(reader.encoding()))
        }
    }
}

/// Bytes that a parser of tables stumbles over, more often than by chance.
fn awkward() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            b"\"".as_slice(), b"\"\"", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b" ", b"\0", b"a",
            b"\xE9", b"\xC3\xA9", b"\xE2\x82\xAC", b"\xE2\x82", b"\x81", b"x@example.com", b"\xEF\xBB\xBF",
        ]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let start = prop::sample::select(vec![
        b"".as_slice(),
        b"email,first name,last name\n",
        b"sep=;\nE-mail;name\r\n",
        b"\xEF\xBB\xBFemail\tName\r",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"\xFF\xFEe\0m\0a\0i\0l\0,\0a\0\n\0",
    ]);
    (start, prop::collection::vec(piece, 0..60)).prop_map(|(start, pieces)| [start, &pieces.concat()].concat())
}

/// Cells as people write them, in letters that Windows-1252 has too. None of them is a byte that
/// continues a character of UTF-8, so the two cannot be mistaken for each other.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~éüßÀñ\r\n\t]{0,12}",
        prop::sample::select(vec!["\"", "\"\"", ",", ";", "\t", "\r", "\n", "a\"b", "\" \""]).prop_map(str::to_owned),
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(cell(), 3), 0..20)
}

fn in_encoding(text: &str, encoding: usize) -> Vec<u8> {
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        2 => [b"\xFF\xFE".to_vec(), utf_16(text, u16::to_le_bytes)].concat(),
        3 => [b"\xFE\xFF".to_vec(), utf_16(text, u16::to_be_bytes)].concat(),
        4 => utf_16(text, u16::to_le_bytes),
        5 => utf_16(text, u16::to_be_bytes),
        _ => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        everything(&bytes, 300, CHUNK);
        everything(&[b"email,name\n", bytes.as_slice()].concat(), 300, CHUNK);
    }

    #[test]
    fn the_size_of_reads_and_chunks_changes_nothing(bytes in awkward(), step in 1..40_usize, chunk_bytes in 1..40_usize) {
        prop_assert_eq!(everything(&bytes, step, chunk_bytes), everything(&bytes, CHUNK, CHUNK));
    }

    #[test]
    fn what_the_csv_crate_wrote_is_read_back_the_same(
        table in table(),
        delimiter in prop::sample::select(b",;\t".to_vec()),
        encoding in 0..7_usize,
        always_quote in any::<bool>(),
        crlf in any::<bool>(),
        chunk_bytes in prop::sample::select(vec![1, 50, CHUNK]),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(if always_quote { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        writer.write_record(["email", "name", "notes"]).expect("in memory");
        for record in &table {
            writer.write_record(record).expect("in memory");
        }
        let text = String::from_utf8(writer.into_inner().expect("in memory")).expect("text");
        let expected: Vec<Vec<String>> = table
            .into_iter()
            .filter(|record| record.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        let (rows, error, _) = everything(&in_encoding(&text, encoding), CHUNK, chunk_bytes);
        prop_assert_eq!(error, None);
        prop_assert!(rows.iter().all(|row| row.fault.is_none()));
        prop_assert_eq!(rows.into_iter().map(|row| row.cells).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn whatever_is_not_a_fault_is_read_as_the_csv_crate_reads_it(
        pieces in prop::collection::vec(prop::sample::select(vec!["a", "é", "\"", "\"\"", ",", "\n", "\r\n", "\r", " "]), 0..40),
    ) {
        let text = format!("email,name\n{}", pieces.concat());
        let (rows, error, _) = everything(text.as_bytes(), CHUNK, CHUNK);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.expect("text").iter().map(str::to_owned).collect::<Vec<_>>())
            .filter(|record| record.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        // The crate takes an unclosed quote for closed at the end of the file, and leaves out quotes
        // with text behind them: up to there both must agree.
        let is_faulty = |row: &Seen| matches!(row.fault, Some(Fault::TextAfterQuote { .. }));
        let faulty = rows.iter().position(is_faulty);
        let ours: Vec<&Vec<String>> = rows[..faulty.unwrap_or(rows.len())].iter().map(|row| &row.cells).collect();
        prop_assert!(theirs.len() >= ours.len());
        prop_assert_eq!(&ours, &theirs[..ours.len()].iter().collect::<Vec<_>>());
        if faulty.is_none() && error.is_none() {
            prop_assert_eq!(ours.len(), theirs.len());
        }
    }
}

const CHUNK: usize = 64 * 1024;
