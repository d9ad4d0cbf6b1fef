//! Takes the demo's studios through Stripe's questions, as their owners would, so that they are paid
//! to accounts of their own.

use anyhow::Context as _;
use anyhow::anyhow;

use crate::commands::demo::films::DemoStudio;
use crate::commands::demo::films::STUDIOS;
use crate::kernel::text::EmailAddress;
use crate::kernel::text::Slug;
use crate::platform::AppState;
use crate::platform::stripe::sandbox::SandboxHandle;
use crate::studios;
use crate::studios::Standing;

/// Connects every studio of the demo that never had an account. One whose owner changed something
/// about it stays as it is.
pub(super) async fn studios(state: &AppState, sandbox: &SandboxHandle) -> anyhow::Result<()> {
    if !state.config.stripe.uses_connect() {
        return Ok(());
    }
    for studio in &STUDIOS {
        connect(state, sandbox, studio)
            .await
            .with_context(|| format!("connecting {}", studio.name))?;
    }
    Ok(())
}

async fn connect(
    state: &AppState,
    sandbox: &SandboxHandle,
    connecting: &DemoStudio,
) -> anyhow::Result<()> {
    let mut conn = state.db.read().await?;
    let slug = Slug::of_name(connecting.name, "studio");
    let studio = studios::studio_by_slug(&mut conn, &slug).await?;
    let studio = studio.context("the studio is not there")?.id;
    let known = studios::payment_account_of(&mut conn, studio).await?;
    drop(conn);
    if !matches!(
        Standing::of(known.as_ref()),
        Standing::NotConnected | Standing::Begun
    ) {
        return Ok(());
    }
    let email = EmailAddress::parse(connecting.owner.email)?;
    let questions = studios::onboard(state, studio, &email)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    answer(sandbox, &questions, connecting.country).await?;
    let account = studios::payment_account_of(&mut *state.db.read().await?, studio).await?;
    studios::refresh_account(state, &account.context("no account was made")?).await?;
    Ok(())
}

/// Answers the questions; where they lead afterwards is for a browser.
async fn answer(sandbox: &SandboxHandle, questions: &str, country: &str) -> anyhow::Result<()> {
    anyhow::ensure!(questions.starts_with(sandbox.base_url()), "not our sandbox");
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    client.get(questions).send().await?.error_for_status()?;
    let answers = [("country", country), ("then", "finish")];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(answers)
        .finish();
    let kind = "application/x-www-form-urlencoded";
    client
        .post(questions)
        .header(reqwest::header::CONTENT_TYPE, kind)
        .body(body)
        .send()
        .await?
        .error_for_status()?;
    Ok(())
}
