//! Stripe's published test numbers and what each of them does.

/// What happens when a number is used to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behavior {
    /// The money comes at once.
    Approve,
    /// The bank asks its customer first.
    Challenge,
    /// The bank says no.
    Decline(Refusal),
    /// The money comes, or fails to come, some time later.
    Delayed {
        /// Whether it comes.
        succeeds: bool,
    },
}

/// What happens after a number paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aftermath {
    /// Nothing by itself; refunds arrive at once.
    None,
    /// A refund takes a while.
    SlowRefund,
    /// A refund seems to arrive, and comes back after a while.
    FailedRefund,
    /// The bank opens a dispute.
    Dispute,
    /// The bank asks what this was.
    Inquiry,
}

/// Why a payment did not go through, in Stripe's words for machines and ours for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Stripe's error code.
    pub code: &'static str,
    /// The bank's reason, where there is one.
    pub decline_code: Option<&'static str>,
    /// One sentence for the buyer.
    pub message: &'static str,
}

/// One test number.
#[derive(Debug)]
pub(super) struct TestNumber {
    /// Digits of the card, or the IBAN.
    pub number: &'static str,
    /// Card brand as Stripe writes it; `sepa_debit` for an account.
    pub brand: &'static str,
    /// What it does.
    pub behavior: Behavior,
    /// What happens after it paid.
    pub aftermath: Aftermath,
    /// Where it is at home.
    pub country: &'static str,
    /// What the payment page says about it.
    pub label: &'static str,
}

impl TestNumber {
    /// Whether this is a bank account and not a card.
    pub(super) fn is_account(&self) -> bool {
        self.brand == "sepa_debit"
    }

    /// The last four characters, as receipts show them.
    pub(super) fn last4(&self) -> &'static str {
        &self.number[self.number.len() - 4..]
    }

    /// The number in groups of four.
    pub(super) fn spaced(&self) -> String {
        let groups: Vec<&str> = (0..self.number.len())
            .step_by(4)
            .map(|at| self.group(at))
            .collect();
        groups.join(" ")
    }

    fn group(&self, at: usize) -> &'static str {
        &self.number[at..self.number.len().min(at + 4)]
    }
}

const fn card(number: &'static str, behavior: Behavior, label: &'static str) -> TestNumber {
    TestNumber {
        number,
        brand: "visa",
        behavior,
        aftermath: Aftermath::None,
        country: "US",
        label,
    }
}

const fn paying(
    number: &'static str,
    aftermath: Aftermath,
    country: &'static str,
    label: &'static str,
) -> TestNumber {
    TestNumber {
        aftermath,
        country,
        ..card(number, Behavior::Approve, label)
    }
}

const fn account(number: &'static str, succeeds: bool, label: &'static str) -> TestNumber {
    TestNumber {
        number,
        brand: "sepa_debit",
        behavior: Behavior::Delayed { succeeds },
        aftermath: Aftermath::SlowRefund,
        country: "DE",
        label,
    }
}

const fn declined(decline_code: &'static str, message: &'static str) -> Behavior {
    Behavior::Decline(Refusal {
        code: "card_declined",
        decline_code: Some(decline_code),
        message,
    })
}

/// The numbers the sandbox knows, as Stripe publishes them.
pub(super) const NUMBERS: [TestNumber; 16] = [
    card("4242424242424242", Behavior::Approve, "Pays at once"),
    TestNumber {
        number: "5555555555554444",
        brand: "mastercard",
        behavior: Behavior::Approve,
        aftermath: Aftermath::None,
        country: "US",
        label: "Pays at once (Mastercard)",
    },
    card(
        "4000002500003155",
        Behavior::Challenge,
        "Asks the bank first (3-D Secure)",
    ),
    card(
        "4000000000000002",
        declined("generic_decline", "The bank declined this card."),
        "Is declined",
    ),
    card(
        "4000000000009995",
        declined(
            "insufficient_funds",
            "There is not enough money on this card.",
        ),
        "Has too little money",
    ),
    card(
        "4000000000000069",
        Behavior::Decline(Refusal {
            code: "expired_card",
            decline_code: None,
            message: "This card has expired.",
        }),
        "Has expired",
    ),
    paying(
        "4000002760000016",
        Aftermath::None,
        "DE",
        "Pays at once (issued in Germany)",
    ),
    paying(
        "4000002500000003",
        Aftermath::None,
        "FR",
        "Pays at once (issued in France)",
    ),
    paying(
        "4000008260000000",
        Aftermath::None,
        "GB",
        "Pays at once (issued in the United Kingdom)",
    ),
    paying(
        "4000003920000003",
        Aftermath::None,
        "JP",
        "Pays at once (issued in Japan)",
    ),
    paying(
        "4000000000007726",
        Aftermath::SlowRefund,
        "US",
        "Pays; a refund takes a while",
    ),
    paying(
        "4000000000005126",
        Aftermath::FailedRefund,
        "US",
        "Pays; a refund fails after a while",
    ),
    paying(
        "4000000000000259",
        Aftermath::Dispute,
        "US",
        "Pays, and the buyer's bank disputes it",
    ),
    paying(
        "4000000000001976",
        Aftermath::Inquiry,
        "US",
        "Pays, and the buyer's bank asks about it",
    ),
    account(
        "DE89370400440532013000",
        true,
        "SEPA debit that succeeds after a while",
    ),
    account(
        "DE62370400440532013001",
        false,
        "SEPA debit that fails after a while",
    ),
];

/// What the bank answers when its customer refuses or fails the challenge.
pub(super) const CHALLENGE_FAILED: Refusal = Refusal {
    code: "payment_intent_authentication_failure",
    decline_code: None,
    message: "The bank could not confirm that it was you.",
};

/// What a debit that fails later says.
pub(super) const DEBIT_FAILED: Refusal = Refusal {
    code: "payment_intent_payment_attempt_failed",
    decline_code: None,
    message: "The bank returned the debit.",
};

/// Why a typed number cannot even be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberFault {
    /// Not the digits of any card.
    #[error("This is not a card number. Check it for typing mistakes.")]
    Invalid,
    /// Possibly a real card.
    #[error("This is not one of the test numbers. The sandbox takes no real cards.")]
    NotATestNumber,
    /// An account debit in a currency other than euro.
    #[error("Accounts can only be debited in euro.")]
    NotInThisCurrency,
}

/// Finds a typed number; spaces and dashes do not matter.
pub(super) fn find(typed: &str, currency: &str) -> Result<&'static TestNumber, NumberFault> {
    let bare: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    match NUMBERS.iter().find(|known| known.number == bare) {
        Some(known) if known.is_account() && currency != "eur" => {
            Err(NumberFault::NotInThisCurrency)
        }
        Some(known) => Ok(known),
        None if passes_luhn(&bare) => Err(NumberFault::NotATestNumber),
        None => Err(NumberFault::Invalid),
    }
}

/// The check digit of card numbers.
fn passes_luhn(digits: &str) -> bool {
    let doubled = |d: u32| if d > 4 { d * 2 - 9 } else { d * 2 };
    let values: Option<Vec<u32>> = digits.chars().rev().map(|c| c.to_digit(10)).collect();
    (12..=19).contains(&digits.len())
        && values.is_some_and(|values| {
            let sum: u32 = values
                .iter()
                .enumerate()
                .map(|(i, d)| if i % 2 == 1 { doubled(*d) } else { *d })
                .sum();
            sum.is_multiple_of(10)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_numbers_are_found_however_they_are_typed() {
        for typed in [
            "4242424242424242",
            "4242 4242 4242 4242",
            " 4242-4242-4242-4242 ",
        ] {
            assert_eq!(find(typed, "usd").unwrap().behavior, Behavior::Approve);
        }
        let debit = find("de89 3704 0044 0532 0130 00", "eur").unwrap();
        assert_eq!(debit.behavior, Behavior::Delayed { succeeds: true });
        assert_eq!(
            (debit.last4(), debit.spaced()),
            ("3000", "DE89 3704 0044 0532 0130 00".into())
        );
    }

    #[test]
    fn every_published_card_has_a_right_check_digit() {
        for known in NUMBERS.iter().filter(|known| !known.is_account()) {
            assert!(passes_luhn(known.number), "{}", known.number);
        }
    }

    #[test]
    fn other_numbers_are_refused_with_the_reason() {
        let fault = |typed, currency| find(typed, currency).unwrap_err();
        assert_eq!(fault("4242424242424241", "usd"), NumberFault::Invalid);
        assert_eq!(fault("", "usd"), NumberFault::Invalid);
        assert_eq!(fault("0000", "usd"), NumberFault::Invalid);
        assert_eq!(fault("378282246310005", "usd"), NumberFault::NotATestNumber);
        assert_eq!(
            fault("DE89370400440532013000", "usd"),
            NumberFault::NotInThisCurrency
        );
    }
}
