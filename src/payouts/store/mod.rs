//! All SQL of this slice.

mod people;
mod splits;
mod statements;

pub(super) use people::forget_links;
pub(super) use people::insert_link;
pub(super) use people::insert_participant;
pub(super) use people::link_of;
pub(super) use people::participant_by_id;
pub(super) use people::participants_by_email;
pub(super) use people::participants_of;
pub(super) use people::set_address;
pub(super) use people::take_link;
pub(super) use splits::insert_split;
pub(super) use splits::splits_of;
pub(super) use statements::Chain;
pub(super) use statements::Kept;
pub(super) use statements::Listed;
pub(super) use statements::ListedYear;
pub(super) use statements::chain;
pub(super) use statements::insert_statement;
pub(super) use statements::list;
pub(super) use statements::lock_chain;
pub(super) use statements::set_chain;
pub(super) use statements::statement_by_id;
pub(super) use statements::statements_of;
pub(super) use statements::statements_of_year;
pub(super) use statements::studios_with_statements;
pub(super) use statements::years;
