//! The words that people write over their columns.

use bidden::candidate::Field;

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Field(Field),
    /// The whole name, said so: `Full Name`.
    FullName,
    /// A bare `Name`: the whole name, or the half that the other columns leave.
    Name,
    GivenName,
    FamilyName,
}

/// Words besides the fields' own names, folded. Only what can mean one thing: `Employee ID`,
/// `Unique ID` or `ID` alone may be any platform's or none, and are left to `--map`. A price is
/// never taken from a header: money is only moved by what was said explicitly.
const WORDS: &[(Meaning, &str)] = &[
    (
        Meaning::Field(Field::Email),
        "emails mail emailaddress mailaddress emailid mailid emailaddresses candidateemail candidateemailaddress \
         candidateemailid candidatemail candidatesemail studentemail studentemailaddress studentemailid applicantemail \
         applicantemailaddress participantemail participantemailaddress useremail useremailaddress",
    ),
    // German
    (Meaning::Field(Field::Email), "emailadresse mailadresse"),
    // French
    (
        Meaning::Field(Field::Email),
        "adresseemail adressemail adresseelectronique courriel courrierelectronique adressecourriel adressedecourriel",
    ),
    // Spanish
    (Meaning::Field(Field::Email), "correo correoelectronico direcciondecorreo direcciondecorreoelectronico direcciondeemail"),
    // Portuguese
    (Meaning::Field(Field::Email), "correioeletronico correioelectronico enderecodeemail enderecoeletronico"),
    // Turkish
    (Meaning::Field(Field::Email), "eposta epostaadresi emailadresi mailadresi"),
    // Hindi, in Latin letters
    (Meaning::Field(Field::Email), "emailpata imel imelpata"),
    // Italian
    (Meaning::Field(Field::Email), "postaelettronica indirizzoemail indirizzomail indirizzodipostaelettronica"),
    // Dutch
    (Meaning::Field(Field::Email), "emailadres mailadres"),
    // Polish
    (Meaning::Field(Field::Email), "adresemail adrespocztyelektronicznej pocztaelektroniczna"),
    // Russian
    (Meaning::Field(Field::Email), "электроннаяпочта почта элпочта адресэлектронноипочты"),
    // Chinese
    (Meaning::Field(Field::Email), "邮箱 邮箱地址 电子邮箱 电子邮件 电子邮件地址 電子郵件 電子信箱"),
    // Japanese
    (Meaning::Field(Field::Email), "メールアドレス eメール 電子メール"),
    // Arabic
    (Meaning::Field(Field::Email), "البريدالالكتروني بريدالكتروني الايميل"),
    (
        Meaning::FullName,
        "fullname completename candidatename candidatefullname candidatesname nameofcandidate nameofthecandidate studentname \
         nameofstudent nameofthestudent applicantname participantname displayname firstandlastname firstnamelastname \
         firstlastname",
    ),
    // German
    (Meaning::FullName, "vollername vollstandigername vollstaendigername vorundnachname vornameundnachname vornamenachname vorundzuname"),
    // French
    (Meaning::FullName, "nomcomplet nometprenom nomprenom prenometnom prenomnom nomsetprenoms"),
    // Spanish
    (Meaning::FullName, "nombrecompleto nombreyapellido nombreyapellidos nombresyapellidos apellidosynombre apellidosynombres"),
    // Portuguese
    (Meaning::FullName, "nomecompleto nomeesobrenome nomeeapelido"),
    // Turkish
    (Meaning::FullName, "adsoyad adisoyadi advesoyad isimsoyisim tamad"),
    // Hindi, in Latin letters
    (Meaning::FullName, "puranaam pooranaam puranam pooranam"),
    // Italian
    (Meaning::FullName, "nomeecognome nomecognome cognomeenome cognomenome nominativo"),
    // Dutch
    (Meaning::FullName, "volledigenaam voorenachternaam"),
    // Polish
    (Meaning::FullName, "imieinazwisko nazwiskoiimie"),
    // Russian
    (Meaning::FullName, "фио полноеимя имяифамилия фамилияиимя"),
    // Chinese, Japanese
    (Meaning::FullName, "姓名 氏名"),
    // Arabic
    (Meaning::FullName, "الاسمالكامل"),
    (Meaning::Name, "name nom nombre nombres nome ad adi isim naam 名前 お名前 الاسم"),
    (
        Meaning::GivenName,
        "firstname givenname givennames forename forenames candidatefirstname studentfirstname vorname vornamen rufname prenom \
         prenoms primernombre primeironome nomeproprio pehlanaam voornaam imie имя",
    ),
    (
        Meaning::FamilyName,
        "lastname surname familyname candidatelastname studentlastname nachname familienname zuname nomdefamille apellido \
         apellidos sobrenome apelido apelidos soyad soyadi soyisim upnaam kulnaam cognome achternaam nazwisko фамилия",
    ),
    (Meaning::Field(Field::ExternalId), "externalidentifier externalcandidateid"),
    (
        Meaning::Field(Field::EnrollmentNumber),
        "enrollmentno enrollmentnum enrollmentid enrolmentnumber enrolmentno enrolmentnum enrolmentid enrollment enrolment \
         rollno rollnumber rollnum",
    ),
    (Meaning::Field(Field::Password), "candidatepassword"),
    (
        Meaning::Field(Field::Mobile),
        "mobileno mobilenumber mobilephone mobilephonenumber phone phoneno phonenumber telephone telephonenumber cell cellphone \
         cellphonenumber contactno contactnumber",
    ),
    (Meaning::Field(Field::Gender), "sex"),
    (Meaning::Field(Field::Dob), "dateofbirth birthdate birthday birthdaydate"),
    (Meaning::Field(Field::CourseName), "course"),
    (Meaning::Field(Field::ProfilePic), "profilepicture profilephoto profileimage profilepicurl profilepictureurl"),
    (Meaning::Field(Field::Group), "groups groupname"),
    (Meaning::Field(Field::Labels), "label"),
    (Meaning::Field(Field::Tags), "tag"),
    (Meaning::Field(Field::ExtraEmails), "extraemail extraemailaddresses additionalemails additionalemailaddresses"),
];

/// What a header means, when it is a known word.
pub(super) fn meaning(header: &str) -> Option<Meaning> {
    let folded = fold(header);
    let mut known = WORDS.iter().filter(|(_, words)| words.split_whitespace().any(|word| word == folded));
    known.next().map(|(meaning, _)| *meaning).or_else(|| field(header).map(Meaning::Field))
}

/// The field of this name, however it is spelled.
pub(super) fn field(name: &str) -> Option<Field> {
    let folded = fold(name);
    Field::ALL.into_iter().find(|field| fold(field.name()) == folded)
}

/// Takes away what people vary: letter case, accents, blanks and punctuation.
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric()).map(without_accent).collect()
}

fn without_accent(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'ą' => 'a',
        'ç' | 'ć' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ę' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ş' | 'ś' => 's',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ź' | 'ż' => 'z',
        'ё' => 'е',
        'й' => 'и',
        'أ' | 'إ' | 'آ' => 'ا',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_known_by_its_own_name() {
        for field in Field::ALL {
            assert_eq!(super::field(field.name()), Some(field));
            assert!(meaning(field.name()).is_some(), "{}", field.name());
        }
        assert_eq!(meaning("name"), Some(Meaning::Name));
    }

    #[test]
    fn every_word_is_written_folded_and_stands_once() {
        let all: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.split_whitespace()).collect();
        for word in &all {
            assert_eq!(fold(word), *word);
            assert_eq!(all.iter().filter(|other| *other == word).count(), 1, "{word}");
        }
    }

    #[test]
    fn case_blanks_punctuation_and_accents_do_not_matter() {
        for header in [
            "E-mail",
            "E_MAIL",
            " e.mail * ",
            "Email Address",
            "Candidate E-Mail",
            "e-mail id",
            "mail",
            "Correo electrónico",
            "E-posta Adresi",
            "Adresse électronique",
        ] {
            assert_eq!(meaning(header), Some(Meaning::Field(Field::Email)), "{header}");
        }
        assert_eq!(meaning("Prénom"), Some(Meaning::GivenName));
        assert_eq!(meaning("Pre\u{301}nom"), Some(Meaning::GivenName));
        assert_eq!(meaning("SOYADI"), Some(Meaning::FamilyName));
        assert_eq!(meaning("Soyadı"), Some(Meaning::FamilyName));
        assert_eq!(meaning("İsim"), Some(Meaning::Name));
        assert_eq!(meaning("Vollständiger Name"), Some(Meaning::FullName));
    }

    #[test]
    fn the_words_of_other_languages_and_scripts_are_known() {
        for (meaning, headers) in [
            (Meaning::Field(Field::Email), "Posta elettronica|Indirizzo email|E-mailadres|Adres e-mail|Электронная почта|Почта"),
            (Meaning::Field(Field::Email), "Адрес электронной почты|邮箱|电子邮件|メールアドレス|البريد الإلكتروني|البريد الالكتروني"),
            (Meaning::FullName, "Nome e cognome|Imię i nazwisko|ФИО|Ф.И.О.|姓名|氏名"),
            (Meaning::Name, "Nome|Naam|名前|الاسم"),
            (Meaning::GivenName, "Voornaam|Imię|Имя"),
            (Meaning::FamilyName, "Cognome|Achternaam|Nazwisko|Фамилия"),
        ] {
            for header in headers.split('|') {
                assert_eq!(super::meaning(header), Some(meaning), "{header}");
            }
        }
    }

    #[test]
    fn words_that_may_mean_several_things_are_not_matched() {
        for header in ["price", "Price", "Employee ID", "Unique ID", "id", "Student ID", "test", "", "---", "manager email"] {
            assert_eq!(meaning(header), None, "{header}");
        }
    }

    #[test]
    fn the_words_for_every_other_field_are_known() {
        for (header, field) in [
            ("External ID", Field::ExternalId),
            ("UniqID", Field::UniqId),
            ("User Id", Field::UserId),
            ("Enrollment No.", Field::EnrollmentNumber),
            ("Enrolment Number", Field::EnrollmentNumber),
            ("Roll No", Field::EnrollmentNumber),
            ("Password", Field::Password),
            ("Phone", Field::Mobile),
            ("Mobile Number", Field::Mobile),
            ("Sex", Field::Gender),
            ("Date of Birth", Field::Dob),
            ("Birth date", Field::Dob),
            ("Course", Field::CourseName),
            ("Extra 1", Field::Extra1),
            ("Extra-2", Field::Extra2),
            ("EXTRA3", Field::Extra3),
            ("Profile Picture", Field::ProfilePic),
            ("Group", Field::Group),
            ("Labels", Field::Labels),
            ("Tags", Field::Tags),
            ("Credential 1", Field::Credential1),
            ("credential_2", Field::Credential2),
            ("Extra e-mails", Field::ExtraEmails),
        ] {
            assert_eq!(meaning(header), Some(Meaning::Field(field)), "{header}");
        }
    }
}
