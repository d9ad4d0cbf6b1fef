//! Making a title and changing what is said about it.

use crate::catalog::Details;
use crate::catalog::Title;
use crate::catalog::TitleState;
use crate::catalog::store;
use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::kernel::text::Slug;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::db::Conn;
use crate::platform::db::is_unique_violation;
use crate::platform::web::FormErrors;
use crate::studios::Studio;

/// Equal names that get a number of their own.
const MAX_NAMESAKES: u32 = 10_000;
/// Words that are addresses of the portal already.
const RESERVED: &[&str] = &["new"];

/// Makes a draft. Its address is the wanted one, or made of its name; one that is taken gets a
/// number. The caller commits.
pub async fn create_title(
    tx: &mut Conn,
    studio: &Studio,
    details: Details,
    slug: Option<Slug>,
    now: Time,
) -> AppResult<Title> {
    let wanted = slug.unwrap_or_else(|| Slug::of_name(details.name.as_str(), "film"));
    let id = TitleId::new(now, &mut rand::rng());
    let mut title = Title::draft(id, studio.id, wanted.clone(), details, now);
    let mut number = 1;
    while is_reserved(&title.slug)
        || store::insert_title(tx, &title, studio.name.as_str()).await? == 0
    {
        number = next_number(number);
        if number > MAX_NAMESAKES {
            return Err(AppError::Conflict("error-too-many-films-have-this"));
        }
        title.slug = numbered(&wanted, number);
    }
    store::replace_genres(tx, id, &title.details.genres).await?;
    Ok(title)
}

/// One by one at first, then in strides, so that the hundredth namesake costs no hundred tries.
const fn next_number(number: u32) -> u32 {
    if number < 10 { number + 1 } else { number * 2 }
}

/// The slug with a number, cut so that both fit.
fn numbered(slug: &Slug, number: u32) -> Slug {
    let room = Slug::MAX_CHARS - 7;
    let short = slug.as_str().get(..room).unwrap_or(slug.as_str());
    let short = Slug::parse(short.trim_end_matches('-')).unwrap_or_else(|_| slug.clone());
    short.numbered(number)
}

fn is_reserved(slug: &Slug) -> bool {
    RESERVED.contains(&slug.as_str())
}

/// Changes what is known of a title, and its address while it is a draft. The caller commits.
pub async fn update_title(
    tx: &mut Conn,
    title: &Title,
    studio: &Studio,
    details: Details,
    slug: Option<Slug>,
) -> AppResult<Result<Title, FormErrors>> {
    let taken = || FormErrors::one("slug", "fault-this-address-is-taken-please");
    let is_draft = title.state == TitleState::Draft;
    let slug = slug
        .filter(|_| is_draft)
        .unwrap_or_else(|| title.slug.clone());
    if slug != title.slug && is_reserved(&slug) {
        return Ok(Err(taken()));
    }
    let changed = Title {
        slug,
        details,
        ..title.clone()
    };
    match store::update_details(tx, &changed, studio.name.as_str()).await {
        Ok(0) => return Ok(Err(taken())),
        Ok(_) => {}
        Err(error) if is_unique_violation(&error) => return Ok(Err(taken())), // this very moment
        Err(error) => return Err(error.into()),
    }
    store::replace_genres(tx, title.id, &changed.details.genres).await?;
    Ok(Ok(changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_fits_behind_the_longest_address() {
        let longest = Slug::parse(&"a".repeat(Slug::MAX_CHARS)).unwrap();
        let slug = numbered(&longest, MAX_NAMESAKES);
        assert!(Slug::parse(slug.as_str()).is_ok(), "{slug}");
        let hyphen = format!("{}-{}", "a".repeat(72), "b".repeat(7));
        let slug = numbered(&Slug::parse(&hyphen).unwrap(), 2);
        assert!(Slug::parse(slug.as_str()).is_ok(), "{slug}");
        assert_eq!(numbered(&Slug::parse("x").unwrap(), 2).as_str(), "x-2");
    }

    #[test]
    fn namesakes_are_numbered_in_few_tries() {
        let mut number = 1;
        let mut tries = 0;
        while number <= MAX_NAMESAKES {
            number = next_number(number);
            tries += 1;
        }
        assert!(tries < 25, "{tries}");
    }
}
