//! Countries, by the two letters of ISO 3166-1.

use std::fmt;

use crate::kernel::Note;

/// Every country that has a code, in the order of the codes.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL \
    BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ \
    DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS \
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR \
    KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU \
    MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY \
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH \
    TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The member states of the European Union.
const EUROPEAN_UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";

/// A country of the world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

/// Not a code of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a country")]
pub struct CountryFault;

impl From<CountryFault> for Note {
    fn from(_: CountryFault) -> Self {
        Self::new("fault-choose-a-country")
    }
}

impl Country {
    /// Reads a code such as `DE`.
    pub fn parse(code: &str) -> Result<Self, CountryFault> {
        let code = code.trim();
        let found = Self::all().find(|country| country.0 == code);
        found.ok_or(CountryFault)
    }

    /// Every country, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.split_ascii_whitespace().map(Self)
    }

    /// The two letters.
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// Whether it is a member state of the European Union.
    pub fn is_in_european_union(self) -> bool {
        EUROPEAN_UNION
            .split_ascii_whitespace()
            .any(|code| code == self.0)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::str::FromStr for Country {
    type Err = CountryFault;

    fn from_str(code: &str) -> Result<Self, CountryFault> {
        Self::parse(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_its_code() {
        let codes: Vec<_> = Country::all().map(Country::code).collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted(), "and each stands once, in order");
        assert_eq!(Country::parse(" DE ").map(Country::code), Ok("DE"));
        for bad in ["", "de", "DEU", "EU", "ZZ", "D", "E AT"] {
            assert_eq!(Country::parse(bad), Err(CountryFault), "{bad}");
        }
    }

    #[test]
    fn the_union_has_twenty_seven_members() {
        let members = Country::all().filter(|country| country.is_in_european_union());
        assert_eq!(members.count(), 27);
    }
}
