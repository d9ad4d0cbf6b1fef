//! Studios with API tokens, made straight in the tables.

use matinee::kernel::ids::AccountId;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use matinee::kernel::ids::TokenId;
use matinee::platform::AppState;
use matinee::platform::db::Conn;
use sha2::Digest;
use sha2::Sha256;

/// Two studios; the first has a title of this slug. Their API tokens, and the title.
pub async fn two_studios(state: &AppState, slug: &str) -> (String, String, TitleId) {
    let mut tx = state.db.begin_write().await.unwrap();
    let (studio, token) = studio(&mut tx, state, "one").await;
    let (_, other) = self::studio(&mut tx, state, "two").await;
    let title = title(&mut tx, state, studio, slug).await;
    tx.commit().await.unwrap();
    (token, other, title)
}

/// A studio of one person, and an API token of it.
pub async fn studio(tx: &mut Conn, state: &AppState, name: &str) -> (StudioId, String) {
    let (now, mut rng) = (state.now(), rand::rng());
    let account = AccountId::new(now, &mut rng).to_string();
    let studio = StudioId::new(now, &mut rng);
    let token = format!("mat_{name}_{}", TokenId::new(now, &mut rng));
    sqlx::query(
        "INSERT INTO account (id, email, name, password_hash, created_at)
         VALUES ($1, $2, $3, 'none', $4)",
    )
    .bind(&account)
    .bind(format!("{name}@example.org"))
    .bind(name)
    .bind(now.millis())
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query("INSERT INTO studio (id, slug, name, created_at) VALUES ($1, $2, $2, $3)")
        .bind(studio.to_string())
        .bind(name)
        .bind(now.millis())
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO studio_token (id, studio_id, name, token_hash, prefix, created_by, created_at)
         VALUES ($1, $2, 'test', $3, 'mat_', $4, $5)",
    )
    .bind(TokenId::new(now, &mut rng).to_string())
    .bind(studio.to_string())
    .bind(Sha256::digest(&token).to_vec())
    .bind(&account)
    .bind(now.millis())
    .execute(tx)
    .await
    .unwrap();
    (studio, token)
}

/// A draft title.
pub async fn title(tx: &mut Conn, state: &AppState, studio: StudioId, slug: &str) -> TitleId {
    let id = TitleId::new(state.now(), &mut rand::rng());
    sqlx::query(
        "INSERT INTO title (id, studio_id, slug, name, synopsis, year, runtime_minutes, genres,
            credits, language, rating, search_text, sort_name, state, created_at)
         VALUES ($1, $2, $3, $3, 'A film.', 2026, 90, '', '[]', 'en', 0, $3, $3, 'draft', $4)",
    )
    .bind(id.to_string())
    .bind(studio.to_string())
    .bind(slug)
    .bind(state.now().millis())
    .execute(tx)
    .await
    .unwrap();
    id
}
