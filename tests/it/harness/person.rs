//! Someone with a browser: keeps cookies, fills in forms, does not follow redirects unasked.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::Method;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::COOKIE;
use reqwest::header::HeaderMap;
use reqwest::header::LOCATION;
use reqwest::header::SET_COOKIE;

/// A client with cookies of its own.
pub struct Person {
    origin: String,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What the store answered.
pub struct Answer {
    /// Status code.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, as text.
    pub text: String,
}

impl Answer {
    /// Where a redirect leads; a test that expects one fails with the page it got instead.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert!(
            self.status.is_redirection(),
            "{} instead of a redirect: {}",
            self.status,
            self.text
        );
        self.headers[LOCATION].to_str().unwrap()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// Expects a status; a test fails with the page it got instead.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

impl Person {
    /// Someone who just arrived at `origin`.
    pub fn new(origin: &str) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            origin: origin.to_owned(),
            http: client.no_proxy().build().unwrap(),
            cookies: Mutex::default(),
        }
    }

    /// GET a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self.request(Method::POST, path);
        let kind = "application/x-www-form-urlencoded";
        self.send(request.header(CONTENT_TYPE, kind).body(body.finish()))
            .await
    }

    /// POST JSON, asking for JSON.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("accept", "application/json");
        self.send(request.json(body)).await
    }

    /// A request to fill in freely; send it by [`Self::send`].
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let cookies = self.cookies.lock().unwrap();
        let line: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self.http.request(method, format!("{}{path}", self.origin));
        if line.is_empty() {
            request
        } else {
            request.header(COOKIE, line.join("; "))
        }
    }

    /// Sends a request and keeps the cookies of its answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.expect("the store answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        self.keep_cookies(&headers);
        let text = answer.text().await.expect("the whole body arrives");
        Answer {
            status,
            headers,
            text,
        }
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').expect("name=value");
            let value = rest.split(';').next().unwrap_or_default();
            if line.contains("Max-Age=0") || value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
