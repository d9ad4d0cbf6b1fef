//! Connected accounts: made, onboarded, checked, and cut off again; and the platform's fees.

use serde_json::Value;

use super::api;
use super::api::ApiError;
use super::form;
use super::objects;
use super::params::address;
use super::params::required;
use super::params::text;
use super::records::Account;
use super::records::ApplicationFee;
use super::records::BalanceKind;
use super::records::FeeRefund;
use super::records::Link;
use super::records::fresh_id;
use super::till::Line;
use super::till::Till;

/// Where owners may be at home, with the currency they settle in.
pub(super) const COUNTRIES: [(&str, &str, &str); 5] = [
    ("US", "usd", "United States"),
    ("DE", "eur", "Germany"),
    ("FR", "eur", "France"),
    ("GB", "gbp", "United Kingdom"),
    ("JP", "jpy", "Japan"),
];
/// A link to the questions is good for this many seconds.
const LINK_LIFE: i64 = 5 * 60;

/// Makes an account that cannot do anything yet.
pub(super) fn create(till: &mut Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let allowed = ["type", "email", "country", "expand[]"];
    if let Some(name) = form::unknown_parameter(params, &allowed) {
        return Err(api::unknown(&name));
    }
    if required(params, "type", "/type")? != "standard" {
        let message = "The sandbox connects standard accounts only.";
        return Err(ApiError::parameter(
            "parameter_invalid_enum",
            "type",
            message,
        ));
    }
    let country = text(params, "/country").unwrap_or_else(|| "US".to_owned());
    let account = Account {
        id: fresh_id("acct"),
        created: till.now,
        email: text(params, "/email"),
        currency: currency_of(&country)?.to_owned(),
        country,
        charges_enabled: false,
        details_submitted: false,
        refuses: Vec::new(),
        connected: true,
    };
    let id = account.id.clone();
    // Counted, so that the state is saved.
    till.books.next();
    till.books.accounts.insert(id.clone(), account);
    show(till, &id)
}

/// The account as it stands.
pub(super) fn show(till: &Till<'_>, id: &str) -> Result<Value, ApiError> {
    connected(till, id)?;
    objects::by_id(till.books, till.base_url, id).ok_or_else(|| no_access(id))
}

/// The account, if it is connected to the platform.
pub(super) fn connected<'a>(till: &'a Till<'_>, id: &str) -> Result<&'a Account, ApiError> {
    let account = till.books.accounts.get(id);
    account
        .filter(|account| account.connected)
        .ok_or_else(|| no_access(id))
}

fn no_access(id: &str) -> ApiError {
    let message = format!(
        "The key does not have access to account '{id}' (or that account does not exist). \
         Application access may have been revoked."
    );
    ApiError {
        status: 403,
        param: None,
        ..ApiError::parameter("account_invalid", "", &message)
    }
}

/// The settlement currency of a country.
pub(super) fn currency_of(country: &str) -> Result<&'static str, ApiError> {
    let found = COUNTRIES.iter().find(|(code, ..)| *code == country);
    found.map(|(_, currency, _)| *currency).ok_or_else(|| {
        let message = format!("Accounts in {country} are not possible in the sandbox.");
        ApiError::parameter("country_unsupported", "country", &message)
    })
}

/// Makes a link to the questions.
pub(super) fn create_link(till: &mut Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let allowed = ["account", "type", "refresh_url", "return_url", "expand[]"];
    if let Some(name) = form::unknown_parameter(params, &allowed) {
        return Err(api::unknown(&name));
    }
    if required(params, "type", "/type")? != "account_onboarding" {
        let message = "The sandbox makes links for onboarding only.";
        return Err(ApiError::parameter(
            "parameter_invalid_enum",
            "type",
            message,
        ));
    }
    let account = required(params, "account", "/account")?;
    connected(till, &account)?;
    let link = Link {
        token: fresh_id("link"),
        account,
        created: till.now,
        expires_at: till.now + LINK_LIFE,
        refresh_url: address(params, "refresh_url", "/refresh_url")?,
        return_url: address(params, "return_url", "/return_url")?,
        visited: false,
        closed: false,
    };
    let object = objects::link(&link, till.base_url);
    till.books.next();
    till.books.links.insert(link.token.clone(), link);
    Ok(object)
}

/// What an owner or Stripe changes about an account; `None` leaves things as they are.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub charges_enabled: Option<bool>,
    pub details_submitted: Option<bool>,
    pub country: Option<(String, &'static str)>,
    pub refuses: Option<Vec<String>>,
}

impl Till<'_> {
    /// Changes an account and announces it.
    pub(super) fn change_account(&mut self, id: &str, change: Change) {
        let Some(account) = self.books.accounts.get_mut(id) else {
            return;
        };
        account.charges_enabled = change.charges_enabled.unwrap_or(account.charges_enabled);
        account.details_submitted = change
            .details_submitted
            .unwrap_or(account.details_submitted);
        if let Some(refuses) = change.refuses {
            account.refuses = refuses;
        }
        if let Some((country, currency)) = change.country {
            account.country = country;
            account.currency = currency.to_owned();
        }
        self.emit("account.updated", id);
    }

    /// Cuts the account off from the platform, as its owner can in Stripe's dashboard.
    pub(super) fn deauthorize(&mut self, id: &str) {
        if let Some(account) = self.books.accounts.get_mut(id) {
            account.connected = false;
            let kind = "account.application.deauthorized";
            self.emit_for(kind, objects::APPLICATION, Some(id.to_owned()));
        }
    }

    /// Takes the platform's share of a charge.
    pub(super) fn collect_fee(&mut self, charge_id: &str) {
        let session = self.books.charges.get(charge_id);
        let session = session.and_then(|charge| self.books.session_of_charge(charge));
        let Some((amount, account)) =
            session.and_then(|s| Some((s.application_fee?, s.account.clone()?)))
        else {
            return;
        };
        let fee = ApplicationFee {
            id: fresh_id("fee"),
            made: self.books.next(),
            created: self.now,
            account,
            charge: charge_id.to_owned(),
            amount,
            balance: None,
            refunds: Vec::new(),
        };
        let id = fee.id.clone();
        self.books.fees.insert(id.clone(), fee);
        self.book_fee(&id);
        self.emit("application_fee.created", &id);
    }

    /// Books the platform's share into its balance.
    pub(super) fn book_fee(&mut self, id: &str) {
        let Some(amount) = self.books.fees.get(id).map(|fee| fee.amount) else {
            return;
        };
        let line = self.book(Line::plain(BalanceKind::ApplicationFee, id, amount));
        if let Some(fee) = self.books.fees.get_mut(id) {
            fee.balance = line;
        }
    }

    /// Gives back as much of the platform's share as belongs to a refund of `amount`; how much
    /// that was.
    pub(super) fn refund_fee(&mut self, charge_id: &str, amount: i64) -> i64 {
        let paid = self.amount_of(charge_id).unwrap_or_default().max(1);
        let fee = self.books.fees.values().find(|f| f.charge == charge_id);
        let Some((id, rest, share)) = fee.map(|f| {
            let share = (f.amount * amount * 2 + paid) / (paid * 2);
            (f.id.clone(), f.amount - f.refunded(), share)
        }) else {
            return 0;
        };
        // The last refund takes what rounding left over.
        let all = self.books.refunded(charge_id) >= paid;
        let share = if all { rest } else { share.min(rest) };
        let line = Line::plain(BalanceKind::ApplicationFeeRefund, &id, -share);
        let refund = FeeRefund {
            id: fresh_id("fr"),
            created: self.now,
            amount: share,
            balance: self.book(line),
        };
        if let Some(fee) = self.books.fees.get_mut(&id) {
            fee.refunds.push(refund);
        }
        self.emit("application_fee.refunded", &id);
        share
    }
}
