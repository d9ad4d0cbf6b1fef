//! People with accounts, and films on sale, without the way of a film through upload and checks.

use std::net::IpAddr;

use matinee::catalog;
use matinee::catalog::ATTESTATION;
use matinee::catalog::Attestation;
use matinee::catalog::Details;
use matinee::catalog::Rating;
use matinee::catalog::Title;
use matinee::kernel::Clock;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::ids::AccountId;
use matinee::kernel::text::DisplayName;
use matinee::kernel::text::Prose;
use matinee::kernel::text::Slug;
use matinee::offers;
use matinee::offers::Offer;
use matinee::sealed::ContainerId;
use matinee::sealed::Root;
use matinee::studios;
use matinee::studios::Studio;

use super::Person;
use super::TestApp;

/// What everybody's password is.
pub const PASSWORD: &str = "seven quiet rivers";

/// A film that can be bought.
pub struct FilmOnSale {
    /// Whose it is.
    pub studio: Studio,
    /// What it is.
    pub title: Title,
    /// What it costs.
    pub offer: Offer,
}

impl TestApp {
    /// A viewer with an account, signed in.
    pub async fn viewer(&self, name: &str) -> Person {
        let viewer = self.nobody();
        let email = format!("{}@example.org", name.to_lowercase());
        let fields = [("name", name), ("email", &email), ("password", PASSWORD)];
        viewer.post("/signup", &fields).await.expect(303);
        viewer
    }

    /// A studio's owner, signed in.
    pub async fn studio_owner(&self, studio: &str) -> Person {
        let owner = self.nobody();
        let email = format!("{}@example.org", Slug::of_name(studio, "studio"));
        let fields = [
            ("studio_name", studio),
            ("name", "Owner"),
            ("email", &email),
            ("password", PASSWORD),
        ];
        owner.post("/studio/signup", &fields).await.expect(303);
        owner
    }

    /// A published film of a studio (which is opened for it) with a price in cents of a dollar.
    pub async fn film_on_sale(&self, name: &str, studio: &str, cents: i64) -> FilmOnSale {
        let address = Slug::of_name(studio, "studio");
        self.studio_owner(studio).await;
        let now = self.clock.now();
        let mut tx = self.state.db.begin_write().await.unwrap();
        let studio = studios::studio_by_slug(&mut tx, &address)
            .await
            .unwrap()
            .unwrap();
        let details = details(name);
        let title = catalog::create_title(&mut tx, &studio, details, None, now).await;
        let title = title.unwrap();
        sqlx::query("UPDATE title SET poster = '0123456789abcdef' WHERE id = $1")
            .bind(title.id.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        let price = Money::new(cents, Currency::parse("USD").unwrap());
        let offer = offers::set_price(&mut tx, title.id, price, now)
            .await
            .unwrap();
        let owner: String =
            sqlx::query_scalar("SELECT account_id FROM studio_member WHERE studio_id = $1")
                .bind(studio.id.to_string())
                .fetch_one(&mut *tx)
                .await
                .unwrap();
        let owner = owner.parse().unwrap();
        catalog::publish(&mut tx, &title, &attestation(owner), now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        FilmOnSale {
            studio,
            title,
            offer,
        }
    }
}

fn details(name: &str) -> Details {
    Details {
        name: DisplayName::parse(name).unwrap(),
        synopsis: Prose::parse("A night, a train, and somebody who is not on the list.").unwrap(),
        year: 2026,
        runtime_minutes: 94,
        genres: vec!["drama".parse().unwrap()],
        credits: Vec::new(),
        language: "en".parse().unwrap(),
        rating: Rating::Twelve,
    }
}

fn attestation(account: AccountId) -> Attestation {
    Attestation {
        account,
        signed_name: DisplayName::parse("Owner").unwrap(),
        text: ATTESTATION,
        address: IpAddr::from([127, 0, 0, 1]),
        container: ContainerId::from(uuid::Uuid::from_bytes([7; 16])),
        root: Root::from_bytes([7; 32]),
    }
}
