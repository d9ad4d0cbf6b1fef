//! Numbers for the value added tax, as far as their shape tells; pure. Whether one was given out,
//! only its tax office knows.

use crate::kernel::Country;
use crate::kernel::Note;

/// Why a text is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VatFault {
    /// Not of the shape that the country gives them.
    #[error("a VAT number of {country} looks like {example}")]
    Shape {
        /// The country.
        country: Country,
        /// One that is.
        example: &'static str,
    },
    /// Neither letters nor digits, or too many.
    #[error("not a VAT number")]
    Letters,
}

impl From<VatFault> for Note {
    fn from(fault: VatFault) -> Self {
        match fault {
            VatFault::Shape { example, .. } => {
                Self::new("fault-vat-shape").with("example", example.to_owned())
            }
            VatFault::Letters => Self::new("fault-vat-letters"),
        }
    }
}

/// Prefix and shapes by country: `d` is a digit, `l` a letter, `x` either, others are themselves.
/// Greece writes EL; the United Kingdom's are those of Northern Ireland, too.
const SHAPES: [(&str, &str, &[&str], &str); 28] = [
    ("AT", "AT", &["Udddddddd"], "ATU12345678"),
    ("BE", "BE", &["dddddddddd"], "BE0123456789"),
    ("BG", "BG", &["ddddddddd", "dddddddddd"], "BG123456789"),
    ("CY", "CY", &["ddddddddl"], "CY12345678X"),
    (
        "CZ",
        "CZ",
        &["dddddddd", "ddddddddd", "dddddddddd"],
        "CZ12345678",
    ),
    ("DE", "DE", &["ddddddddd"], "DE123456789"),
    ("DK", "DK", &["dddddddd"], "DK12345678"),
    ("EE", "EE", &["ddddddddd"], "EE123456789"),
    ("ES", "ES", &["ldddddddx", "ddddddddl"], "ESX1234567X"),
    ("FI", "FI", &["dddddddd"], "FI12345678"),
    ("FR", "FR", &["xxddddddddd"], "FR12345678901"),
    (
        "GB",
        "GB",
        &["ddddddddd", "dddddddddddd", "GDddd", "HAddd"],
        "GB123456789",
    ),
    ("GR", "EL", &["ddddddddd"], "EL123456789"),
    ("HR", "HR", &["ddddddddddd"], "HR12345678901"),
    ("HU", "HU", &["dddddddd"], "HU12345678"),
    (
        "IE",
        "IE",
        &["dddddddl", "dddddddll", "dldddddl"],
        "IE1234567WA",
    ),
    ("IT", "IT", &["ddddddddddd"], "IT12345678901"),
    ("LT", "LT", &["ddddddddd", "dddddddddddd"], "LT123456789"),
    ("LU", "LU", &["dddddddd"], "LU12345678"),
    ("LV", "LV", &["ddddddddddd"], "LV12345678901"),
    ("MT", "MT", &["dddddddd"], "MT12345678"),
    ("NL", "NL", &["xxxxxxxxxBdd"], "NL123456789B01"),
    ("PL", "PL", &["dddddddddd"], "PL1234567890"),
    ("PT", "PT", &["ddddddddd"], "PT123456789"),
    (
        "RO",
        "RO",
        &[
            "dd",
            "ddd",
            "dddd",
            "ddddd",
            "dddddd",
            "ddddddd",
            "dddddddd",
            "ddddddddd",
            "dddddddddd",
        ],
        "RO1234567890",
    ),
    ("SE", "SE", &["dddddddddddd"], "SE123456789012"),
    ("SI", "SI", &["dddddddd"], "SI12345678"),
    ("SK", "SK", &["dddddddddd"], "SK1234567890"),
];

/// Reads a number of a country, without the spaces, dots and hyphens in it. Countries whose shapes
/// are not listed may write what they like.
pub(super) fn parse(text: &str, country: Country) -> Result<String, VatFault> {
    let kept = text.chars().filter(|c| !" .-/\u{a0}".contains(*c));
    let number: String = kept.map(|c| c.to_ascii_uppercase()).collect();
    let plain = number.bytes().all(|b| b.is_ascii_alphanumeric());
    if !plain || !(4..=20).contains(&number.len()) {
        return Err(VatFault::Letters);
    }
    let Some((_, prefix, shapes, example)) =
        SHAPES.iter().find(|(code, ..)| *code == country.code())
    else {
        return Ok(number);
    };
    let northern_ireland = (country.code() == "GB").then_some("XI");
    let rest = [Some(*prefix), northern_ireland]
        .into_iter()
        .flatten()
        .find_map(|prefix| number.strip_prefix(prefix));
    match rest {
        Some(rest) if shapes.iter().any(|shape| has_shape(rest, shape)) => Ok(number),
        _ => Err(VatFault::Shape { country, example }),
    }
}

fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, mark): (u8, u8)| match mark {
        b'd' => byte.is_ascii_digit(),
        b'l' => byte.is_ascii_uppercase(),
        b'x' => true,
        own => byte == own,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str, text: &str) -> Result<String, VatFault> {
        parse(text, Country::parse(code).unwrap())
    }

    #[test]
    fn every_member_state_has_a_shape_and_an_example_of_it() {
        for country in Country::all().filter(|country| country.is_in_european_union()) {
            let shape = SHAPES.iter().find(|(code, ..)| *code == country.code());
            let (_, prefix, _, example) = shape.unwrap_or_else(|| panic!("{country}"));
            assert!(example.starts_with(prefix), "{example}");
            assert_eq!(parse(example, country).as_deref(), Ok(*example));
        }
    }

    #[test]
    fn a_number_is_tidied_and_held_against_its_country() {
        assert_eq!(read("DE", " de 123 456 789 ").as_deref(), Ok("DE123456789"));
        assert_eq!(read("BE", "BE 0123.456.789").as_deref(), Ok("BE0123456789"));
        assert_eq!(read("GB", "XI 123456789").as_deref(), Ok("XI123456789"));
        assert_eq!(
            read("CH", "CHE-123.456.789 MWST").as_deref(),
            Ok("CHE123456789MWST")
        );
        for (code, text) in [
            ("DE", "DE12345678"),
            ("DE", "123456789"),
            ("DE", "FR12345678901"),
            ("GR", "GR123456789"),
            ("AT", "AT12345678"),
            ("IT", "IT1234567890A"),
        ] {
            let country = Country::parse(code).unwrap();
            let fault = read(code, text).unwrap_err();
            assert!(
                matches!(fault, VatFault::Shape { country: of, .. } if of == country),
                "{text}"
            );
        }
        for bad in ["x", "DE12345678ß", "<b>1234</b>", "123456789012345678901"] {
            assert_eq!(read("US", bad), Err(VatFault::Letters), "{bad}");
        }
    }
}
