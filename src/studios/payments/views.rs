//! What the page about getting paid shows.

use askama::Template;
use askama_web::WebTemplate;

use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::platform::config::Config;
use crate::platform::web::Page;
use crate::studios::extract::StudioMember;

use super::model::PaymentAccount;
use super::model::Standing;

/// A price in the middle, for an example of the operator's share.
const EXAMPLE_MINOR: i64 = 10_00;

#[derive(Template, WebTemplate)]
#[template(path = "studios/payments.html")]
pub(super) struct ShowPayments {
    pub(super) page: Page,
    /// How far the studio is; `None` where the shop sells by the operator's account.
    pub(super) standing: Option<Standing>,
    pub(super) account: Option<PaymentAccount>,
    pub(super) is_owner: bool,
    /// The operator's share of a sale.
    pub(super) fee: BasisPoints,
    /// Whether Stripe works out the tax.
    pub(super) collects_tax: bool,
}

impl ShowPayments {
    pub(super) fn new(
        page: Page,
        member: &StudioMember,
        config: &Config,
        account: Option<PaymentAccount>,
        collects_tax: bool,
    ) -> Self {
        let connects = config.stripe.uses_connect();
        Self {
            page,
            standing: connects.then(|| Standing::of(account.as_ref())),
            account: account.filter(|_| connects),
            is_owner: member.is_owner(),
            fee: config.fee,
            collects_tax,
        }
    }

    /// Title and words of the notice, its tone, and the words of the button to Stripe.
    fn notice(&self) -> Notice {
        let (tone, title, words, button) = match self.standing {
            None => ("", "payments-operator", "payments-operator-why", None),
            Some(Standing::NotConnected) => (
                "notice--warn",
                "payments-none",
                "payments-none-why",
                Some("payments-connect"),
            ),
            Some(Standing::Begun) => (
                "notice--warn",
                "payments-begun",
                "payments-begun-why",
                Some("payments-go-on"),
            ),
            Some(Standing::Restricted) => (
                "notice--warn",
                "payments-restricted",
                "payments-restricted-why",
                Some("payments-see"),
            ),
            Some(Standing::Ready) => ("notice--good", "payments-ready", "payments-ready-why", None),
            Some(Standing::CutOff) => (
                "notice--bad",
                "payments-cut-off",
                "payments-cut-off-why",
                Some("payments-connect-anew"),
            ),
        };
        Notice {
            tone,
            title,
            words,
            button,
        }
    }

    /// The word for tests.
    fn word(&self) -> &'static str {
        match self.standing {
            None => "operator",
            Some(Standing::NotConnected) => "not-connected",
            Some(Standing::Begun) => "begun",
            Some(Standing::Restricted) => "restricted",
            Some(Standing::Ready) => "ready",
            Some(Standing::CutOff) => "cut-off",
        }
    }

    /// A direct charge hands over a share of the price, before the tax is known.
    fn share_words(&self) -> &'static str {
        match self.standing {
            Some(_) => "payments-store-takes",
            None => "payments-store-takes-untaxed",
        }
    }

    fn percent(&self) -> String {
        self.page.words.percent(i64::from(self.fee.points()))
    }

    /// An example price and the operator's share of it.
    fn example(&self) -> (Money, Money) {
        let currency = self.account.as_ref().and_then(|account| account.currency);
        let currency = currency.filter(|currency| currency.exponent() == 2);
        let dollar = || Currency::parse("USD").expect("the dollar is a currency");
        let price = Money::new(EXAMPLE_MINOR, currency.unwrap_or_else(dollar));
        (price, price.split(self.fee).0)
    }
}

/// How things stand, in words.
struct Notice {
    tone: &'static str,
    title: &'static str,
    words: &'static str,
    button: Option<&'static str>,
}
