//! The store as the command talks to it: tus 1.0 and the two addresses around it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Body;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

use crate::sealed::Root;

/// How long an answer to a small question may take.
const SMALL: Duration = Duration::from_secs(60);

/// A line to one store.
pub(super) struct Client {
    http: reqwest::Client,
    store: Url,
    token: SecretString,
}

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    /// It cannot be reached, or the line broke.
    #[error("the store at {0} does not answer")]
    Away(String),
    /// It is there, but cannot do this right now.
    #[error("the store says: {0}")]
    NotNow(String),
    /// The upload is not there any more.
    #[error("the store does not have this upload any more")]
    Gone,
    /// It refuses, and will do so again.
    #[error("the store says: {0}")]
    Refused(String),
    /// The address is none of a store.
    #[error("{0}")]
    Address(&'static str),
}

impl ClientError {
    /// Whether another try may help.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self, Self::Away(_) | Self::NotNow(_))
    }
}

impl Client {
    /// A client of the store at this address.
    pub(super) fn new(store: &Url, token: SecretString) -> Result<Self, ClientError> {
        if !matches!(store.scheme(), "http" | "https") || store.host_str().is_none() {
            return Err(ClientError::Address(
                "--store wants an address such as https://films.example",
            ));
        }
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .tcp_keepalive(Duration::from_secs(15))
            .redirect(Policy::none()) // the token is for this store only
            .build()
            .map_err(|_| ClientError::Address("the TLS of this machine cannot be used"))?;
        Ok(Self {
            http,
            store: store.clone(),
            token,
        })
    }

    /// `https://films.example`.
    pub(super) fn origin(&self) -> String {
        self.store.origin().ascii_serialization()
    }

    /// The public key that film keys are wrapped to.
    pub(super) async fn ingest_key(&self) -> Result<Vec<u8>, ClientError> {
        #[derive(serde::Deserialize)]
        struct Key {
            public_key: String,
        }
        let url = self.join("/studio/uploads/ingest-key")?;
        let answer = self.small(self.request(Method::GET, &url)).await?;
        let key = answer.json::<Key>().await.map_err(|_| NOT_A_STORE)?;
        URL_SAFE_NO_PAD
            .decode(key.public_key)
            .map_err(|_| NOT_A_STORE)
    }

    /// Creates an upload and returns its address.
    pub(super) async fn create(&self, length: u64, metadata: &str) -> Result<Url, ClientError> {
        let url = self.join("/studio/uploads")?;
        let request = self
            .request(Method::POST, &url)
            .header("Upload-Length", length);
        let answer = self
            .small(request.header("Upload-Metadata", metadata))
            .await?;
        let location = answer
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok());
        let place = location
            .and_then(|place| url.join(place).ok())
            .ok_or(NOT_A_STORE)?;
        // An address elsewhere would be given the token.
        if place.origin() == url.origin() {
            Ok(place)
        } else {
            Err(NOT_A_STORE)
        }
    }

    /// How many bytes the store has.
    pub(super) async fn offset(&self, upload: &Url) -> Result<u64, ClientError> {
        let answer = self.small(self.request(Method::HEAD, upload)).await?;
        offset_of(&answer)
    }

    /// Sends bytes and returns how many the store has then.
    pub(super) async fn patch(
        &self,
        upload: &Url,
        offset: u64,
        length: u64,
        body: Body,
    ) -> Result<u64, ClientError> {
        let request = self
            .request(Method::PATCH, upload)
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", offset)
            .header("Content-Length", length)
            .body(body);
        let answer = self.checked(request).await?;
        offset_of(&answer)
    }

    /// Tells the store what was sealed; it compares, which may take a while for a long film.
    pub(super) async fn finish(&self, upload: &Url, root: Root) -> Result<(), ClientError> {
        let mut url = upload.clone();
        url.set_path(&format!("{}/finish", upload.path()));
        let body = serde_json::json!({ "root": root.to_string() });
        self.checked(self.request(Method::POST, &url).json(&body))
            .await
            .map(drop)
    }

    /// Throws an upload away.
    pub(super) async fn terminate(&self, upload: &Url) -> Result<(), ClientError> {
        self.small(self.request(Method::DELETE, upload))
            .await
            .map(drop)
    }

    fn join(&self, path: &str) -> Result<Url, ClientError> {
        self.store.join(path).map_err(|_| NOT_A_STORE)
    }

    fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        self.http
            .request(method, url.clone())
            .bearer_auth(self.token.expose_secret())
            .header("Accept", "application/json")
            .header("Tus-Resumable", "1.0.0")
    }

    async fn small(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        self.checked(request.timeout(SMALL)).await
    }

    async fn checked(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let answer = request.send().await.map_err(|error| {
            tracing::debug!("{error:?}");
            ClientError::Away(self.origin())
        })?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::GONE => Err(ClientError::Gone),
            StatusCode::NOT_FOUND if answer.headers().contains_key("tus-resumable") => {
                Err(not_found(answer).await)
            }
            status => {
                let words = words_of(answer, status).await;
                Err(if passes(status) {
                    ClientError::NotNow(words)
                } else {
                    ClientError::Refused(words)
                })
            }
        }
    }
}

const NOT_A_STORE: ClientError = ClientError::Address("--store does not name a Matinee store");

/// A HEAD has no words; an upload that is not found is gone, a title is a mistake of the caller.
async fn not_found(answer: Response) -> ClientError {
    let about_an_upload = answer.url().path().contains("/uploads/");
    if about_an_upload {
        return ClientError::Gone;
    }
    ClientError::Refused(words_of(answer, StatusCode::NOT_FOUND).await)
}

/// Answers after which another try may go better.
fn passes(status: StatusCode) -> bool {
    status.is_server_error() && status.as_u16() != 507
        || [408, 409, 423, 425, 429, 460].contains(&status.as_u16())
}

fn offset_of(answer: &Response) -> Result<u64, ClientError> {
    let value = answer
        .headers()
        .get("upload-offset")
        .and_then(|value| value.to_str().ok());
    value.and_then(|text| text.parse().ok()).ok_or(NOT_A_STORE)
}

/// The store's own sentence, or what the status says.
async fn words_of(answer: Response, status: StatusCode) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    match answer.json::<Refusal>().await {
        Ok(refusal) => refusal.message,
        Err(_) => status.to_string(),
    }
}
