//! Which column holds which field.

use std::str::FromStr;

use bidden::candidate::Field;

use super::chunk::Fault;
use super::error::{CellName, Column, MappingError, Problem};
use super::words::{self, Meaning};

/// A column that the user names: `--map "Header=field"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The text in the file's header.
    pub header: String,
    /// What the column holds.
    pub field: Field,
}

impl FromStr for Mapping {
    type Err = MappingError;

    /// Reads `Header=field`. The last equals sign counts, since no field has one.
    fn from_str(text: &str) -> Result<Self, MappingError> {
        let (header, name) = text.rsplit_once('=').ok_or_else(|| MappingError::NoEqualsSign(text.to_owned()))?;
        if header.trim().is_empty() {
            return Err(MappingError::NoHeader(text.to_owned()));
        }
        let field = words::field(name).ok_or_else(|| MappingError::UnknownField(name.trim().to_owned()))?;
        Ok(Self { header: header.trim().to_owned(), field })
    }
}

/// Where the text of a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Nowhere,
    Column(usize),
    /// The name, joined from [`Header::joined`].
    Joined,
}

pub(super) type Origins = [Origin; Field::ALL.len()];

/// What the columns of a file are called by people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Columns of separated text, by their number.
    Columns,
    /// Keys of JSON objects.
    Keys,
    /// Cells of a sheet, by their name.
    Cells,
}

/// The first record of the file, and what its columns mean.
#[derive(Debug, Clone)]
pub struct Header {
    form: Form,
    texts: Vec<String>,
    columns: [Vec<usize>; Field::ALL.len()],
}

/// Without one of these nobody can tell the candidates apart.
const KEYS: [Field; 4] = [Field::Email, Field::ExternalId, Field::UniqId, Field::UserId];

impl Header {
    /// The header cells in order, as written.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// What the columns are.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The cell of a sheet that a field is taken from; nothing in a file without cells.
    #[must_use]
    pub fn cell(&self, field: Field, line: u64) -> Option<CellName> {
        let column = self.columns(field).first().filter(|_| self.form == Form::Cells)?;
        Some(CellName::new(*column, line))
    }

    /// What is wrong with the shape of a row, and where.
    #[must_use]
    pub fn told(&self, fault: Fault, line: u64) -> String {
        let Some(index) = fault.column().map(|column| column - 1) else {
            return fault.to_string();
        };
        match self.form {
            Form::Columns => fault.to_string(),
            Form::Keys => format!("the key {} {fault}", self.column(index).in_quotes()),
            Form::Cells => format!("cell {} {fault}", CellName::new(index, line)),
        }
    }

    /// The columns of a field, counted from 0: none, one, or for the name several that are joined.
    #[must_use]
    pub fn columns(&self, field: Field) -> &[usize] {
        &self.columns[field as usize]
    }

    /// The columns that nothing is taken from: number, counted from 1, and header, which may be
    /// empty.
    pub fn ignored(&self) -> impl Iterator<Item = Column> {
        (0..self.texts.len()).filter(|index| !self.is_used(*index)).map(|index| self.column(index))
    }

    /// What messages say of a column, counted from 0.
    #[must_use]
    pub fn column(&self, index: usize) -> Column {
        Column::new(index, self.texts.get(index).map(String::as_str))
    }

    pub(super) fn origins(&self) -> Origins {
        let mut origins = [Origin::Nowhere; Field::ALL.len()];
        for (origin, columns) in origins.iter_mut().zip(&self.columns) {
            *origin = match columns.as_slice() {
                [] => Origin::Nowhere,
                [column] => Origin::Column(*column),
                _ => Origin::Joined,
            };
        }
        origins
    }

    /// The columns that make up the name, when there are several.
    pub(super) fn joined(&self) -> &[usize] {
        let columns = self.columns(Field::Name);
        if columns.len() > 1 { columns } else { &[] }
    }

    /// Finds the fields. What is mapped explicitly wins over what a header seems to mean.
    pub(super) fn new(texts: Vec<String>, form: Form, mappings: &[Mapping]) -> Result<Self, Problem> {
        let is_known = |text: &String| {
            let names = |mapping: &Mapping| words::fold(&mapping.header) == words::fold(text);
            words::meaning(text).is_some() || mappings.iter().any(names)
        };
        if texts.iter().any(|text| looks_like_an_address(text)) && !texts.iter().any(is_known) {
            return Err(Problem::NoHeader);
        }
        let mut header = Self { form, texts, columns: Default::default() };
        for mapping in mappings {
            let column = header.mapped_column(mapping)?;
            if let Some(taken) = header.fields_of(column).next() {
                return Err(Problem::ColumnMappedTwice { column: header.column(column), first: taken, second: mapping.field });
            }
            let columns = &mut header.columns[mapping.field as usize];
            // Several mappings to the name are its parts, for languages whose words are not known.
            if let (Some(&first), true) = (columns.first(), mapping.field != Field::Name) {
                let (first, second) = (header.column(first), header.column(column));
                return Err(Problem::FieldMappedTwice { field: mapping.field, first, second });
            }
            columns.push(column);
        }
        let meanings: Vec<Option<Meaning>> = header
            .texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let is_mapped = header.fields_of(index).next().is_some();
                if is_mapped { None } else { words::meaning(text) }
            })
            .collect();
        header.take_fields(&meanings)?;
        header.take_name(&meanings)?;
        if KEYS.iter().all(|key| header.columns(*key).is_empty()) {
            return Err(Problem::NoKeyColumn { headers: header.texts });
        }
        Ok(header)
    }

    /// Whether a field is taken from a column, counted from 0.
    pub(super) fn is_used(&self, column: usize) -> bool {
        self.fields_of(column).next().is_some()
    }

    fn fields_of(&self, column: usize) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.columns(*field).contains(&column))
    }

    /// The column that a mapping names: by its exact text, else by the folded one.
    fn mapped_column(&self, mapping: &Mapping) -> Result<usize, Problem> {
        let matching = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            self.texts.iter().enumerate().filter(|(_, text)| same(text)).map(|(index, _)| index).collect()
        };
        let mut found = matching(&|text| text.trim() == mapping.header.trim());
        let folded = words::fold(&mapping.header);
        if found.is_empty() && !folded.is_empty() {
            found = matching(&|text| words::fold(text) == folded);
        }
        match found.as_slice() {
            [column] => Ok(*column),
            [first, second, ..] => Err(self.same(mapping.field, *first, *second)),
            [] => Err(Problem::UnknownMappedHeader { header: mapping.header.clone(), headers: self.texts.clone() }),
        }
    }

    /// Takes the columns that say what they are, besides the name.
    fn take_fields(&mut self, meanings: &[Option<Meaning>]) -> Result<(), Problem> {
        for field in Field::ALL {
            if field != Field::Name && self.columns(field).is_empty() {
                let column = self.only(field, meanings, Meaning::Field(field))?;
                self.columns[field as usize].extend(column);
            }
        }
        Ok(())
    }

    /// Finds the name. A bare `Name` beside only one of given and family name is the other half:
    /// *Vorname, Name* in German, *Nom, Prénom* in French, *Nombre, Apellidos* in Spanish. Beside
    /// both it is the whole, and the halves are not needed.
    fn take_name(&mut self, meanings: &[Option<Meaning>]) -> Result<(), Problem> {
        if !self.columns(Field::Name).is_empty() {
            return Ok(());
        }
        let full = self.only(Field::Name, meanings, Meaning::FullName)?;
        let bare = self.only(Field::Name, meanings, Meaning::Name)?;
        let given = self.only(Field::Name, meanings, Meaning::GivenName)?;
        let family = self.only(Field::Name, meanings, Meaning::FamilyName)?;
        let columns = match (full, bare, given, family) {
            (Some(full), Some(bare), None, None) | (Some(full), Some(bare), Some(_), Some(_)) => {
                return Err(self.same(Field::Name, full, bare));
            }
            (Some(whole), ..) | (None, Some(whole), Some(_), Some(_)) => vec![whole],
            (None, bare, given, None) => given.into_iter().chain(bare).collect(),
            (None, bare, None, family) => bare.into_iter().chain(family).collect(),
            (None, None, given, family) => given.into_iter().chain(family).collect(),
        };
        self.columns[Field::Name as usize] = columns;
        Ok(())
    }

    /// The one column of this meaning, if any.
    fn only(&self, field: Field, meanings: &[Option<Meaning>], wanted: Meaning) -> Result<Option<usize>, Problem> {
        let mut found = (0..meanings.len()).filter(|index| meanings[*index] == Some(wanted));
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => Err(self.same(field, first, second)),
            (first, _) => Ok(first),
        }
    }

    fn same(&self, field: Field, first: usize, second: usize) -> Problem {
        let is_same_text = match (self.texts.get(first), self.texts.get(second)) {
            (Some(first), Some(second)) => first.trim() == second.trim(),
            _ => false,
        };
        let (first, second) = (self.column(first), self.column(second));
        if is_same_text { Problem::DuplicateHeader { field, first, second } } else { Problem::SameField { field, first, second } }
    }
}

/// Whether a cell of a header is an e-mail address, so that the file has no header.
fn looks_like_an_address(text: &str) -> bool {
    text.trim().split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.split_once('.').is_some_and(|(name, end)| !name.is_empty() && !end.is_empty())
            && !text.trim().contains(char::is_whitespace)
    })
}
