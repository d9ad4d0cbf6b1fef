//! The web floor as the outside sees it: headers on every answer, errors for people and machines,
//! health.

use reqwest::Method;

use crate::harness::TestApp;

on_both_engines! {
    async fn the_store_says_that_it_is_well(app: &TestApp) {
        let nobody = app.nobody();
        nobody.get("/healthz").await.expect(200);
        nobody.get("/readyz").await.expect(200);
    }

    async fn numbers_are_for_the_machine_itself(app: &TestApp) {
        let nobody = app.nobody();
        let numbers = nobody.get("/metrics").await.expect(200).text;
        for gauge in ["matinee_jobs_waiting", "matinee_jobs_failing", "matinee_jobs_failed"] {
            assert!(numbers.lines().any(|line| line.starts_with(&format!("{gauge} "))), "{numbers}");
        }
        for (name, value) in [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1"), ("via", "1.1 proxy")] {
            let brought = nobody.request(Method::GET, "/metrics").header(name, value);
            nobody.send(brought).await.expect(404);
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_page_for_people_and_json_for_machines() {
    let app = TestApp::sqlite().await;
    let nobody = app.nobody();
    let page = nobody.get("/no/such/page").await.expect(404);
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let request = nobody
        .request(Method::GET, "/no/such/page")
        .header("accept", "application/json");
    let answer = nobody.send(request).await.expect(404);
    assert_eq!(answer.json()["error"], "not_found");
    assert!(answer.json()["message"].as_str().unwrap().ends_with('.'));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::sqlite().await;
    let nobody = app.nobody();
    for path in [
        "/",
        "/healthz",
        "/no/such/page",
        "/static/no-such-file.css",
        "/%00",
    ] {
        let answer = nobody.get(path).await;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "x-request-id",
        ] {
            assert!(
                answer.headers.contains_key(name),
                "{path} ({}) has no {name}",
                answer.status
            );
        }
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        let elsewhere = policy.split("; ").filter(|line| line.contains("http"));
        let lines: Vec<_> = elsewhere
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        assert_eq!(
            lines,
            ["form-action"],
            "only the payment page may be elsewhere: {policy}"
        );
        assert!(!policy.contains("unsafe-"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let app = TestApp::sqlite().await;
    let nobody = app.nobody();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let request = nobody.request(Method::POST, "/logout").header(name, value);
        nobody.send(request).await.expect(403);
    }
}
