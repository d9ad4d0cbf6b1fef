//! What a title still needs before it can go on sale; pure.

use crate::catalog::Title;
use crate::kernel::BasisPoints;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::packaging::Rendition;
use crate::pages::studio_portal::film::FilmState;
use crate::sealed::ContainerId;
use crate::studios::Standing;

/// What is known about a title on its way to the shop.
#[derive(Clone, Debug)]
pub(super) struct Readiness {
    /// The title.
    pub(super) title: Title,
    /// How far its newest film is.
    pub(super) film: FilmState,
    /// The newest film that browsers can play.
    pub(super) playable: Option<Rendition>,
    /// What it costs.
    pub(super) price: Option<Money>,
    /// Whether an owner of the studio has confirmed an address.
    pub(super) may_sell: bool,
    /// How far the studio's own account is; `None` where the shop sells by the operator's.
    pub(super) payments: Option<Standing>,
    /// What the operator takes of a sale.
    pub(super) fee: BasisPoints,
}

/// One line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// What it is.
    pub(super) name: &'static str,
    /// How it stands, in one sentence.
    pub(super) words: Note,
    /// Whether it is done.
    pub(super) done: bool,
    /// Where it is done, and the words of the link.
    pub(super) link: Option<(String, &'static str)>,
}

/// What is missing for publishing: what to do, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// The sentence.
    pub(super) sentence: &'static str,
    /// Where to do it.
    pub(super) link: String,
}

impl Readiness {
    fn path(&self, rest: &str) -> String {
        format!("/studio/titles/{}{rest}", self.title.slug)
    }

    /// The checklist in the order of the work.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![
            self.film_step(),
            self.poster_step(),
            self.price_step(),
            self.address_step(),
        ];
        steps.extend(self.payments.map(payments_step));
        steps.push(self.rights_step());
        steps
    }

    /// Whether nothing about money stands in the way of a sale.
    fn gets_paid(&self) -> bool {
        self.payments.is_none_or(Standing::sells)
    }

    fn film_step(&self) -> Step {
        Step {
            name: "shared-film",
            words: self.film.sentence(),
            done: self.playable.is_some(),
            link: Some((self.path("/upload"), self.film.next_step())),
        }
    }

    fn poster_step(&self) -> Step {
        let done = self.title.poster.is_some();
        let words = if done {
            "step-poster-done"
        } else {
            "step-poster-why"
        };
        Step {
            name: "title-poster",
            words: Note::new(words),
            done,
            link: (!done).then(|| (self.path("#poster-card"), "step-poster-choose")),
        }
    }

    fn price_step(&self) -> Step {
        let words = match self.price {
            Some(price) => Note::new("step-price-done").with("price", price),
            None => Note::new("step-price-why"),
        };
        let action = if self.price.is_some() {
            "step-price-change"
        } else {
            "step-price-set"
        };
        Step {
            name: "shared-price",
            words,
            done: self.price.is_some(),
            link: Some((self.path("/offers"), action)),
        }
    }

    fn address_step(&self) -> Step {
        let words = if self.may_sell {
            "step-address-done"
        } else {
            "step-address-why"
        };
        Step {
            name: "step-address",
            words: Note::new(words),
            done: self.may_sell,
            link: (!self.may_sell).then(|| ("/account".to_owned(), "portal-your-account")),
        }
    }

    fn rights_step(&self) -> Step {
        let done = self.title.is_published() && !self.has_new_film();
        let words = if done {
            "step-rights-done"
        } else {
            "step-rights-why"
        };
        Step {
            name: "step-rights",
            words: Note::new(words),
            done,
            link: (!done).then(|| (self.path("#publish-card"), "title-sign-and-publish")),
        }
    }

    /// How many steps are done.
    pub(super) fn done(&self) -> usize {
        self.steps().iter().filter(|step| step.done).count()
    }

    /// What must be done before the title can be signed for; nothing means it can.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut need = |there: bool, sentence, rest: &str| {
            if !there {
                let link = match rest {
                    "/account" | "/studio/payments" => rest.to_owned(),
                    rest => self.path(rest),
                };
                missing.push(Missing { sentence, link });
            }
        };
        need(self.playable.is_some(), self.film.need(), "/upload");
        need(self.title.poster.is_some(), "need-poster", "#poster-card");
        need(self.price.is_some(), "need-price", "/offers");
        need(self.may_sell, "need-address", "/account");
        let account = self.payments.map_or("need-account", need_of_account);
        need(self.gets_paid(), account, "/studio/payments");
        missing
    }

    /// Whether the shop sells an older film than the newest that can be played.
    pub(super) fn has_new_film(&self) -> bool {
        let newest: Option<ContainerId> = self.playable.as_ref().map(|film| film.container);
        newest.is_some() && newest != self.title.film
    }

    /// Whether there is something to publish: a title that is not on sale, or a new film of it.
    pub(super) fn can_be_published(&self) -> bool {
        !self.title.is_published() || self.has_new_film()
    }
}

/// The line about the studio's own account.
fn payments_step(standing: Standing) -> Step {
    let done = standing.sells();
    let words = match standing {
        Standing::Ready => "step-payments-done",
        Standing::NotConnected => "step-payments-why",
        Standing::Begun => "step-payments-begun",
        Standing::Restricted => "step-payments-restricted",
        Standing::CutOff => "step-payments-cut-off",
    };
    Step {
        name: "step-payments",
        words: Note::new(words),
        done,
        link: (!done).then(|| ("/studio/payments".to_owned(), "step-payments-do")),
    }
}

/// What to do before publishing.
const fn need_of_account(standing: Standing) -> &'static str {
    match standing {
        Standing::NotConnected | Standing::CutOff | Standing::Ready => "need-account",
        Standing::Begun => "need-finish-account",
        Standing::Restricted => "need-clear-account",
    }
}
