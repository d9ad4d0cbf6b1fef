//! What paying does to the records: the same steps for the payment page and for tests.

use super::cards;
use super::cards::Aftermath;
use super::cards::Behavior;
use super::cards::NumberFault;
use super::cards::Refusal;
use super::cards::TestNumber;
use super::disputes::Claim;
use super::records::Charge;
use super::records::ChargeState;
use super::records::Failure;
use super::records::Intent;
use super::records::IntentState;
use super::records::Session;
use super::records::SessionState;
use super::records::fresh_id;
use super::till::Till;

/// Where a try to pay led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tried {
    /// Done (or done before): go to this address.
    Finished(String),
    /// The bank wants to ask its customer.
    Challenge,
    /// Not paid; the buyer may try again. One sentence says why.
    Failed(String),
    /// The session can no longer be paid.
    Expired,
    /// There is no such session.
    Unknown,
}

impl Till<'_> {
    /// Uses a typed number on a session, with the country of the buyer, or else of the number.
    pub(super) fn pay(&mut self, session_id: &str, typed: &str, country: Option<&str>) -> Tried {
        let session = match self.payable(session_id) {
            Ok(session) => session,
            Err(other) => return other,
        };
        match cards::find(typed, &session.currency) {
            Ok(number) => {
                let country = country.filter(|country| !country.is_empty());
                let country = country.unwrap_or(number.country).to_owned();
                self.change_session(session_id, |s| s.country = Some(country));
                self.try_number(&session, number)
            }
            Err(fault) => Tried::Failed(NumberFault::to_string(&fault)),
        }
    }

    /// The bank's answer after a challenge.
    pub(super) fn answer_challenge(&mut self, session_id: &str, approve: bool) -> Tried {
        let session = match self.payable(session_id) {
            Ok(session) => session,
            Err(other) => return other,
        };
        let intent_id = self.intent_of(&session);
        let challenged = self
            .books
            .intents
            .get_mut(&intent_id)
            .and_then(|i| i.challenged.take());
        let number = challenged.and_then(|n| cards::NUMBERS.iter().find(|k| k.number == n));
        match number {
            None => Tried::Failed("The bank asked nothing. Start again.".to_owned()),
            Some(number) if approve => self.succeed(&session, number, true),
            Some(_) => self.refuse_before_charge(&intent_id, cards::CHALLENGE_FAILED),
        }
    }

    /// Brings a delayed payment to its end now.
    pub(super) fn finish_delayed(&mut self, charge_id: &str) {
        let Some(charge) = self.books.charges.get(charge_id).cloned() else {
            return;
        };
        let known = cards::NUMBERS
            .iter()
            .find(|known| known.number == charge.number);
        if let Some(Behavior::Delayed { succeeds }) = known.map(|known| known.behavior) {
            self.end_delayed(&charge, succeeds);
        }
    }

    fn payable(&self, session_id: &str) -> Result<Session, Tried> {
        match self.books.sessions.get(session_id) {
            None => Err(Tried::Unknown),
            Some(session) => match session.status {
                SessionState::Open => Ok(session.clone()),
                SessionState::Complete => Err(Tried::Finished(success_url(session))),
                SessionState::Expired => Err(Tried::Expired),
            },
        }
    }

    fn try_number(&mut self, session: &Session, number: &'static TestNumber) -> Tried {
        match number.behavior {
            Behavior::Approve => self.succeed(session, number, false),
            Behavior::Decline(refusal) => self.decline(session, number, refusal),
            Behavior::Challenge => {
                let id = self.intent_of(session);
                self.change_intent(&id, |intent| {
                    intent.status = IntentState::RequiresAction;
                    intent.challenged = Some(number.number.to_owned());
                });
                self.emit("payment_intent.requires_action", &id);
                Tried::Challenge
            }
            Behavior::Delayed { .. } => self.begin_delayed(session, number),
        }
    }

    fn succeed(&mut self, session: &Session, number: &TestNumber, challenged: bool) -> Tried {
        let (intent, charge) = self.charge(session, number, ChargeState::Succeeded, challenged);
        self.change_intent(&intent, |i| {
            i.status = IntentState::Succeeded;
            i.failure = None;
        });
        self.book_charge(&charge);
        self.collect_fee(&charge);
        self.change_session(&session.id, |s| {
            s.status = SessionState::Complete;
            s.paid = true;
        });
        self.emit("charge.succeeded", &charge);
        self.emit("payment_intent.succeeded", &intent);
        self.emit("checkout.session.completed", &session.id);
        self.after_paying(&charge, number.aftermath);
        Tried::Finished(success_url(session))
    }

    /// What some numbers bring about by themselves.
    fn after_paying(&mut self, charge: &str, aftermath: Aftermath) {
        if !matches!(aftermath, Aftermath::Dispute | Aftermath::Inquiry) {
            return;
        }
        let claim = Claim {
            amount: None,
            reason: "fraudulent".to_owned(),
            inquiry: aftermath == Aftermath::Inquiry,
        };
        if let Err(error) = self.dispute(charge, claim) {
            tracing::error!(?error, "the sandbox cannot dispute its own charge");
        }
    }

    fn decline(&mut self, session: &Session, number: &TestNumber, refusal: Refusal) -> Tried {
        let (intent, charge) = self.charge(session, number, ChargeState::Failed, false);
        let failure = Failure::from(refusal);
        if let Some(charge) = self.books.charges.get_mut(&charge) {
            charge.failure = Some(failure.clone());
        }
        self.change_intent(&intent, |i| {
            i.status = IntentState::RequiresPaymentMethod;
            i.failure = Some(failure);
        });
        self.emit("charge.failed", &charge);
        self.emit("payment_intent.payment_failed", &intent);
        Tried::Failed(refusal.message.to_owned())
    }

    fn refuse_before_charge(&mut self, intent: &str, refusal: Refusal) -> Tried {
        self.change_intent(intent, |i| {
            i.status = IntentState::RequiresPaymentMethod;
            i.failure = Some(Failure::from(refusal));
        });
        self.emit("payment_intent.payment_failed", intent);
        Tried::Failed(refusal.message.to_owned())
    }

    fn begin_delayed(&mut self, session: &Session, number: &TestNumber) -> Tried {
        let (intent, charge) = self.charge(session, number, ChargeState::Pending, false);
        self.change_intent(&intent, |i| i.status = IntentState::Processing);
        self.change_session(&session.id, |s| s.status = SessionState::Complete);
        self.emit("charge.pending", &charge);
        self.emit("payment_intent.processing", &intent);
        self.emit("checkout.session.completed", &session.id);
        Tried::Finished(success_url(session))
    }

    fn end_delayed(&mut self, charge: &Charge, succeeds: bool) {
        let failure = (!succeeds).then(|| Failure::from(cards::DEBIT_FAILED));
        let Some(record) = self.books.charges.get_mut(&charge.id) else {
            return;
        };
        record.status = if succeeds {
            ChargeState::Succeeded
        } else {
            ChargeState::Failed
        };
        record.failure.clone_from(&failure);
        if succeeds {
            self.book_charge(&charge.id);
            self.collect_fee(&charge.id);
        }
        self.change_intent(&charge.intent, |i| {
            i.status = match succeeds {
                true => IntentState::Succeeded,
                false => IntentState::RequiresPaymentMethod,
            };
            i.failure = failure;
        });
        let session = self
            .books
            .intents
            .get(&charge.intent)
            .map(|i| i.session.clone());
        let session = session.unwrap_or_default();
        self.change_session(&session, |s| s.paid = succeeds);
        let (of_charge, of_intent, of_session) = match succeeds {
            true => (
                "charge.succeeded",
                "payment_intent.succeeded",
                "async_payment_succeeded",
            ),
            false => (
                "charge.failed",
                "payment_intent.payment_failed",
                "async_payment_failed",
            ),
        };
        self.emit(of_charge, &charge.id);
        self.emit(of_intent, &charge.intent);
        self.emit(&format!("checkout.session.{of_session}"), &session);
    }

    /// The session's intent, made at the first try.
    fn intent_of(&mut self, session: &Session) -> String {
        if let Some(id) = self
            .books
            .sessions
            .get(&session.id)
            .and_then(|s| s.intent.clone())
        {
            return id;
        }
        let id = fresh_id("pi");
        let intent = Intent {
            id: id.clone(),
            session: session.id.clone(),
            created: self.now,
            status: IntentState::RequiresPaymentMethod,
            latest_charge: None,
            failure: None,
            challenged: None,
        };
        self.books.intents.insert(id.clone(), intent);
        self.change_session(&session.id, |s| s.intent = Some(id.clone()));
        self.emit("payment_intent.created", &id);
        id
    }

    fn charge(
        &mut self,
        session: &Session,
        number: &TestNumber,
        status: ChargeState,
        challenged: bool,
    ) -> (String, String) {
        let intent = self.intent_of(session);
        let id = fresh_id(if number.is_account() { "py" } else { "ch" });
        let charge = Charge {
            id: id.clone(),
            intent: intent.clone(),
            created: self.now,
            status,
            failure: None,
            balance: None,
            number: number.number.to_owned(),
            challenged,
        };
        self.books.charges.insert(id.clone(), charge);
        self.change_intent(&intent, |i| i.latest_charge = Some(id.clone()));
        (intent, id)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.to_owned(),
            decline_code: refusal.decline_code.map(str::to_owned),
            message: refusal.message.to_owned(),
        }
    }
}

/// Where the buyer goes after paying.
fn success_url(session: &Session) -> String {
    session
        .success_url
        .replace("{CHECKOUT_SESSION_ID}", &session.id)
}
