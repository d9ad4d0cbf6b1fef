//! The shop as visitors and search engines see it.

use crate::harness::FilmOnSale;
use crate::harness::Person;
use crate::harness::TestApp;

/// Buys a film as a browser does; where its receipt is.
async fn buy(app: &TestApp, viewer: &Person, film: &FilmOnSale) -> String {
    let offer = film.offer.id.to_string();
    let answer = viewer.post("/checkout", &[("offer", &offer)]).await;
    let sandbox = app.sandbox.base_url();
    let page = answer.location().strip_prefix(sandbox).unwrap().to_owned();
    let paid = Person::new(sandbox)
        .post(&page, &[("number", "4242 4242 4242 4242")])
        .await;
    let receipt = paid.location().strip_prefix(&app.url).unwrap().to_owned();
    viewer.get(&receipt).await.expect(200);
    receipt
}

on_both_engines! {
    async fn a_film_on_sale_stands_in_the_shop(app: &TestApp) {
        app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let nobody = app.nobody();
        for path in ["/", "/films", "/films?q=night+LANTERN", "/studios/lantern-films"] {
            let page = nobody.get(path).await.expect(200).text;
            assert!(page.contains("data-testid=\"film-card\""), "{path}: {page}");
            assert!(page.contains("href=\"/films/night-train\""), "{path}");
            assert!(page.contains("$9.99"), "{path}");
        }
        let none = nobody.get("/films?q=bridge").await.expect(200).text;
        assert!(none.contains("No film matches that") && !none.contains("data-testid=\"film-card\""));
    }

    async fn a_film_page_says_where_the_money_goes_and_what_machines_ask(app: &TestApp) {
        app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let page = app.nobody().get("/films/night-train").await.expect(200).text;
        for part in [
            "Of $9.99 the studio keeps <strong>$8.91</strong>, payment takes about $0.59, this store $0.49.",
            "data-testid=\"buy\"",
            "itemtype=\"https://schema.org/Movie\"",
            "itemprop=\"price\" content=\"9.99\"",
            "itemprop=\"priceCurrency\" content=\"USD\"",
            "property=\"og:title\" content=\"Night Train\"",
        ] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        assert!(!page.contains(" style=") && !page.contains("<script"), "{page}");
    }

    async fn what_the_shop_does_not_show_answers_like_nothing(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let nobody = app.nobody();
        let mut tx = app.state.db.begin_write().await.unwrap();
        matinee::catalog::withdraw(&mut tx, &film.title, app.state.now()).await.unwrap();
        tx.commit().await.unwrap();
        let gone = nobody.get("/films/night-train").await.expect(404).text;
        let never = nobody.get("/films/never-was").await.expect(404).text;
        let nonsense = nobody.get("/films/N%C3%B6").await.expect(404).text;
        assert_eq!(gone, never);
        assert_eq!(gone, nonsense);
        assert!(!nobody.get("/sitemap.xml").await.expect(200).text.contains("night-train"));
        nobody.get("/studios/nobody").await.expect(404);
        nobody.get("/legal/secrets").await.expect(404);
    }

    async fn a_lost_visitor_is_offered_films(app: &TestApp) {
        app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let page = app.nobody().get("/nowhere").await.expect(404).text;
        assert!(page.contains("data-testid=\"film-card\"") && page.contains("role=\"search\""));
        let viewer = app.viewer("Ada").await;
        assert!(viewer.get("/nowhere").await.expect(404).text.contains("Sign out"));
        let request = app.nobody().request(reqwest::Method::GET, "/nowhere");
        let answer = app.nobody().send(request.header("accept", "application/json")).await;
        assert_eq!(answer.expect(404).json()["error"], "not_found");
    }

    async fn search_engines_find_every_film(app: &TestApp) {
        app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let map = app.nobody().get("/sitemap.xml").await.expect(200);
        assert!(map.headers["content-type"].to_str().unwrap().starts_with("application/xml"));
        assert!(map.text.contains(&format!("<loc>{}/films/night-train</loc>", app.url)), "{}", map.text);
        let robots = app.nobody().get("/robots.txt").await.expect(200).text;
        assert!(robots.contains(&format!("Sitemap: {}/sitemap.xml", app.url)), "{robots}");
    }

    async fn the_library_holds_what_was_bought_even_after_it_left_the_shop(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let viewer = app.viewer("Ada").await;
        let empty = viewer.get("/library").await.expect(200).text;
        assert!(empty.contains("Nothing here yet"));
        let order = buy(app, &viewer, &film).await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        matinee::catalog::withdraw(&mut tx, &film.title, app.state.now()).await.unwrap();
        tx.commit().await.unwrap();
        let shelf = viewer.get("/library").await.expect(200).text;
        assert!(shelf.contains("data-testid=\"library-film\"") && shelf.contains("/watch/night-train"));
        assert!(shelf.contains(&order), "{shelf}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn legal_pages_are_there_and_linked() {
    let app = TestApp::sqlite().await;
    let home = app.nobody().get("/").await.expect(200).text;
    for page in ["terms", "privacy", "accessibility", "protection"] {
        assert!(home.contains(&format!("href=\"/legal/{page}\"")));
        app.nobody()
            .get(&format!("/legal/{page}"))
            .await
            .expect(200);
    }
}
