//! A film in a shop, sealed and stored, viewers who bought it, and a browser that borrows keys.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use matinee::kernel::Clock;
use matinee::kernel::ids::AccountId;
use matinee::kernel::ids::UploadId;
use matinee::sealed::ContainerId;
use matinee::sealed::Dek;
use matinee::sealed::PeriodKey;
use matinee::sealed::Purpose;
use matinee::sealed::Root;
use matinee::sealed::Sealer;
use p256::PublicKey;
use p256::SecretKey;
use p256::elliptic_curve::Generate;
use reqwest::Method;
use reqwest::Response;
use ring::aead;
use serde_json::Value;
use serde_json::json;
use sha2::Sha256;

use crate::harness::Answer;
use crate::harness::FilmOnSale;
use crate::harness::Person;
use crate::harness::TestApp;

/// Five segments, the last one short.
const LENGTH: usize = 300_000;
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A shop with one film.
pub struct Scene<'a> {
    pub app: &'a TestApp,
    pub film: FilmOnSale,
    pub container: ContainerId,
    pub plain: Vec<u8>,
    pub sealed: Vec<u8>,
}

impl<'a> Scene<'a> {
    pub async fn set(app: &'a TestApp) -> Self {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let container = ContainerId::from(uuid::Uuid::from_bytes([7; 16])); // as was attested
        let plain: Vec<u8> = (0..LENGTH).map(|i| (i * 31 % 251) as u8).collect();
        let dek = Dek::generate(&mut rand::rng());
        let mut sealer = Sealer::new(dek.clone(), container, plain.len() as u64).unwrap();
        let mut sealed = Vec::new();
        let root = sealer.seal_all(&plain, &mut sealed, |_| ()).unwrap();
        let scene = Self {
            app,
            film,
            container,
            plain,
            sealed,
        };
        std::fs::create_dir_all(scene.blob().parent().unwrap()).unwrap();
        std::fs::write(scene.blob(), &scene.sealed).unwrap();
        scene.note_rendition(&dek, root).await;
        scene
    }

    /// Where the sealed film lies.
    pub fn blob(&self) -> PathBuf {
        self.app.state.blobs.sealed(self.container)
    }

    pub fn slug(&self) -> String {
        self.film.title.slug.to_string()
    }

    pub fn media(&self) -> String {
        format!("/media/{}/night-train.mp4", self.container)
    }

    /// What uploads and packaging leave in the tables.
    async fn note_rendition(&self, dek: &Dek, root: Root) {
        let now = self.app.clock.now();
        let keyring = &self.app.state.keyring;
        let key = keyring.wrap(dek, self.container, Purpose::Film, &mut rand::rng());
        let upload = UploadId::new(now, &mut rand::rng()).to_string();
        let mut tx = self.app.state.db.begin_write().await.unwrap();
        sqlx::query(
            "INSERT INTO film_key (container, kek_version, wrapped_dek, commitment)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(self.container.to_string())
        .bind(i64::from(key.kek_version))
        .bind(key.bytes.to_vec())
        .bind(dek.commitment(self.container).as_bytes().to_vec())
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO upload (id, studio_id, title_id, container, kind, metadata,
                plaintext_length, ciphertext_length, received_bytes, state, root, created_at,
                expires_at)
             VALUES ($1, $2, $3, $4, 'feature', '', $5, $6, $6, 'finished', $7, $8, $8)",
        )
        .bind(&upload)
        .bind(self.film.studio.id.to_string())
        .bind(self.film.title.id.to_string())
        .bind(self.container.to_string())
        .bind(self.plain.len() as i64)
        .bind(self.sealed.len() as i64)
        .bind(root.to_string())
        .bind(now.millis())
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO rendition (container, upload_id, title_id, kind, plaintext_length, root,
                state, mime, extension, duration_ms, width, height, tracks, created_at)
             VALUES ($1, $2, $3, 'feature', $4, $5, 'playable',
                'video/mp4; codecs=\"avc1.64001f\"', 'mp4', 5640000, 160, 90, '[]', $6)",
        )
        .bind(self.container.to_string())
        .bind(&upload)
        .bind(self.film.title.id.to_string())
        .bind(self.plain.len() as i64)
        .bind(root.to_string())
        .bind(now.millis())
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Somebody who signed up and paid.
    pub async fn owner(&self, name: &str) -> Person {
        let viewer = self.app.viewer(name).await;
        let offer = self.film.offer.id.to_string();
        let answer = viewer.post("/checkout", &[("offer", &offer)]).await;
        let page = answer.location().to_owned();
        let page = page.strip_prefix(self.app.sandbox.base_url()).unwrap();
        let paying = Person::new(self.app.sandbox.base_url());
        let paid = paying
            .post(page, &[("number", "4242 4242 4242 4242")])
            .await;
        let order = paid.location().strip_prefix(&self.app.url).unwrap();
        viewer.get(order).await.expect(200);
        viewer
    }

    pub async fn account(&self, name: &str) -> AccountId {
        let id: String = sqlx::query_scalar("SELECT id FROM account WHERE email = $1")
            .bind(format!("{}@example.org", name.to_lowercase()))
            .fetch_one(&mut *self.app.state.db.read().await.unwrap())
            .await
            .unwrap();
        id.parse().unwrap()
    }

    /// What the player asks for.
    pub fn wish(&self, browser: &Browser) -> Value {
        json!({
            "edition": self.slug(),
            "container": self.container,
            "public_key": browser.public_key(),
            "periods": [0, 1],
        })
    }

    pub async fn borrow(&self, person: &Person, browser: &Browser) -> Answer {
        let request = person.request(Method::POST, "/leases");
        let request = request.header("user-agent", AGENT);
        let request = request.header("accept", "application/json");
        person.send(request.json(&self.wish(browser))).await
    }
}

/// A lease in the words of an answer.
pub fn beat_path(lease: &Value) -> String {
    format!("/leases/{}/beat", lease["lease"].as_str().unwrap())
}

/// GET or HEAD with headers; the answer as bytes may come.
pub async fn fetch(
    person: &Person,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Response {
    let mut request = person.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// What arrives of an answer before it ends or breaks, and whether it broke.
pub async fn read(mut answer: Response) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend(chunk),
            Ok(None) => return (bytes, false),
            Err(_) => return (bytes, true),
        }
    }
}

/// The borrower's half of a lease, written from the format's text.
pub struct Browser(SecretKey);

impl Browser {
    pub fn new() -> Self {
        Self(SecretKey::generate_from_rng(&mut rand::rng()))
    }

    fn point(&self) -> Vec<u8> {
        self.0.public_key().to_sec1_bytes().to_vec()
    }

    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.point())
    }

    /// Opens one key of an answer; `None` if it was wrapped for somebody else.
    pub fn unwrap_key(
        &self,
        answer: &Value,
        container: ContainerId,
        number: usize,
    ) -> Option<PeriodKey> {
        let text = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap();
        let key = &answer["keys"][number];
        let server = text(&answer["server_public_key"]);
        let peer = PublicKey::from_sec1_bytes(&server).unwrap();
        let shared = self.0.diffie_hellman(&peer);
        let salt = [self.point(), server].concat();
        let lease: uuid::Uuid = answer["lease"].as_str().unwrap().parse().unwrap();
        let period = u32::try_from(key["period"].as_u64().unwrap()).unwrap();
        let info = [
            b"matinee/v1/lease".as_slice(),
            lease.as_bytes(),
            container.as_bytes(),
            &period.to_be_bytes(),
        ]
        .concat();
        let mut wrapping = [0; 32];
        Hkdf::<Sha256>::new(Some(&salt), shared.raw_secret_bytes())
            .expand(&info, &mut wrapping)
            .unwrap();
        let cipher = aead::UnboundKey::new(&aead::AES_256_GCM, &wrapping).unwrap();
        let nonce = aead::Nonce::try_assume_unique_for_key(&text(&key["nonce"])).unwrap();
        let mut wrapped = text(&key["wrapped"]);
        let opened = aead::LessSafeKey::new(cipher)
            .open_in_place(nonce, aead::Aad::empty(), &mut wrapped)
            .ok()?;
        Some(PeriodKey::from_bytes(
            <[u8; 32]>::try_from(&*opened).unwrap(),
        ))
    }
}
