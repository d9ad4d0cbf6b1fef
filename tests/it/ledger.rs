//! The books: written once per cause, never changed, always in balance.

use matinee::kernel::BasisPoints;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::Time;
use matinee::kernel::ids::OrderId;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use matinee::ledger;
use matinee::ledger::Cause;
use matinee::ledger::Facets;
use matinee::ledger::Posted;
use matinee::ledger::Scope;
use matinee::ledger::Settlement;
use matinee::ledger::Terms;
use matinee::ledger::Transfer;
use matinee::platform::db::Db;
use sqlx::Connection;

use crate::harness::TestDb;

const NOW: Time = Time::from_seconds(1_800_000_000);

fn money(minor: i64, code: &str) -> Money {
    Money::new(minor, Currency::parse(code).unwrap())
}

fn order() -> OrderId {
    OrderId::new(NOW, &mut rand::rng())
}

fn film() -> (StudioId, TitleId) {
    (
        StudioId::new(NOW, &mut rand::rng()),
        TitleId::new(NOW, &mut rand::rng()),
    )
}

fn terms(order: OrderId, (studio, title): (StudioId, TitleId), paid: Money) -> Terms {
    Terms {
        order,
        studio,
        title,
        paid,
        tax: Money::new(0, paid.currency()),
        operator: paid.split(BasisPoints::new(500).unwrap()).0,
        facets: Facets::default(),
    }
}

/// What stayed of a payment into the operator's own account.
fn kept(amount: Money, fee: Money) -> Settlement {
    Settlement {
        amount,
        fee,
        share: None,
    }
}

fn sale(order: OrderId, film: (StudioId, TitleId), paid: Money) -> Transfer {
    terms(order, film, paid).sale(None)
}

async fn post(db: &TestDb, transfer: &Transfer) -> Posted {
    let mut tx = db.begin_write().await.unwrap();
    let posted = ledger::post(&mut tx, transfer, NOW).await.unwrap();
    tx.commit().await.unwrap();
    posted
}

async fn faults(db: &TestDb) -> Vec<String> {
    ledger::audit(&mut db.read().await.unwrap()).await.unwrap()
}

/// Runs a statement that no code of ours would; whether the database took it.
async fn doctor(db: &TestDb, statement: &'static str) -> bool {
    let mut tx = db.begin_write().await.unwrap();
    let done = sqlx::query(statement).execute(&mut *tx).await;
    match done {
        Ok(_) => tx.commit().await.is_ok(),
        Err(_) => false,
    }
}

on_both_engines! {
    async fn a_sale_is_posted_once_and_divided_to_the_cent(db: &TestDb) {
        let film = film();
        let first = order();
        assert_eq!(post(db, &sale(first, film, money(999, "USD"))).await, Posted::Now);
        assert_eq!(post(db, &sale(first, film, money(999, "USD"))).await, Posted::Before);
        let fee = terms(first, film, money(999, "USD")).provider_fee(kept(money(999, "USD"), money(59, "USD")));
        assert_eq!(post(db, &fee).await, Posted::Now);
        assert_eq!(post(db, &fee).await, Posted::Before);
        post(db, &sale(order(), film, money(1_200, "JPY"))).await;
        post(db, &sale(order(), self::film(), money(5, "USD"))).await;

        let sales = ledger::sales_of_studio(&mut db.read().await.unwrap(), film.0).await.unwrap();
        let [yen, dollars] = sales[..] else { panic!("{sales:?}") };
        assert_eq!((dollars.orders, dollars.gross), (1, money(999, "USD")));
        assert_eq!(dollars.operator_fee, money(49, "USD"));
        assert_eq!(dollars.provider_fee, money(59, "USD"));
        assert_eq!(dollars.net, money(891, "USD"));
        assert_eq!((yen.gross, yen.net), (money(1_200, "JPY"), money(1_140, "JPY")));
        assert!(faults(db).await.is_empty());
        let sold = ledger::sold(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!(sold.len(), 3);
        assert!(sold.contains(&(first, money(999, "USD"))));
    }

    async fn money_that_was_changed_is_in_the_currency_of_the_account(db: &TestDb) {
        let film = film();
        let first = order();
        let yen = terms(first, film, money(1_200, "JPY"));
        post(db, &yen.sale(None)).await;
        post(db, &yen.provider_fee(kept(money(741, "EUR"), money(41, "EUR")))).await;
        let sales = ledger::sales(&mut db.read().await.unwrap(), &Scope::all_of(film.0)).await.unwrap();
        let of = |code| &sales.iter().find(|row| row.sales.net.currency().code() == code).unwrap().sales;
        assert_eq!((of("EUR").orders, of("EUR").net), (0, money(700, "EUR")));
        assert_eq!((of("EUR").exchanged, of("JPY").exchanged), (money(-741, "EUR"), money(1_200, "JPY")));
        for sales in [of("EUR"), of("JPY")] {
            let parts = [sales.provider_fee, sales.operator_fee, sales.exchanged, sales.net];
            assert_eq!(parts.map(Money::minor).iter().sum::<i64>(), sales.gross.minor());
        }
        let mut conn = db.read().await.unwrap();
        let left = ledger::left_by(&mut conn, first, true).await.unwrap();
        assert_eq!(left.iter().filter(|sum| sum.currency().code() == "JPY").map(|sum| sum.minor()).sum::<i64>(), 0);
        drop(conn);
        assert!(faults(db).await.is_empty());
    }

    async fn money_that_goes_back_is_shown_apart(db: &TestDb) {
        let film = film();
        let terms = Terms { tax: money(166, "USD"), operator: money(41, "USD"), ..terms(order(), film, money(999, "USD")) };
        post(db, &terms.sale(Some(kept(terms.paid, money(59, "USD"))))).await;
        let refund = |name: &str| Cause::Refund(name.to_owned());
        for (cause, before, after) in [
            (refund("re_1"), 0, 300),
            (refund("re_2"), 300, 999),
            (Cause::RefundFailed("re_1".to_owned()), 999, 699),
        ] {
            let transfer = terms.refunded(cause, before, after, None);
            assert_eq!(post(db, &transfer).await, Posted::Now);
            assert_eq!(post(db, &transfer).await, Posted::Before);
        }
        let withheld = terms.disputed("txn_1".to_owned(), money(-300, "USD"), money(1_500, "USD"));
        post(db, &withheld).await;
        let sales = ledger::sales_of_studio(&mut db.read().await.unwrap(), film.0).await.unwrap();
        let [sales] = sales[..] else { panic!("{sales:?}") };
        assert_eq!((sales.gross, sales.returned), (money(999, "USD"), money(999, "USD")));
        assert_eq!(sales.provider_fee, money(1_559, "USD"));
        // 300 of 999 are still the sale's: 49 of 166 tax, 12 of 41 for the operator.
        assert_eq!((sales.tax, sales.operator_fee), (money(50, "USD"), money(13, "USD")));
        let parts = [sales.tax, sales.provider_fee, sales.operator_fee, sales.returned, sales.net];
        assert_eq!(parts.map(Money::minor).iter().sum::<i64>(), 999);
        assert!(faults(db).await.is_empty());
    }

    async fn a_posting_that_is_not_committed_leaves_nothing(db: &TestDb) {
        let sale = sale(order(), film(), money(999, "USD"));
        let mut tx = db.begin_write().await.unwrap();
        ledger::post(&mut tx, &sale, NOW).await.unwrap();
        drop(tx);
        assert!(ledger::sold(&mut db.read().await.unwrap()).await.unwrap().is_empty());
        assert_eq!(post(db, &sale).await, Posted::Now);
    }

    async fn one_cause_from_many_sides_is_posted_once(db: &TestDb) {
        let sale = std::sync::Arc::new(sale(order(), film(), money(999, "USD")));
        let tries = (0..16).map(|_| {
            let (pool, sale) = ((**db).clone(), sale.clone());
            tokio::spawn(async move {
                let mut tx = pool.begin_write().await.unwrap();
                let posted = ledger::post(&mut tx, &sale, NOW).await.unwrap();
                tx.commit().await.unwrap();
                posted
            })
        });
        let mut now = 0;
        for posted in futures_util::future::join_all(tries).await {
            now += i32::from(posted.unwrap() == Posted::Now);
        }
        assert_eq!(now, 1);
        assert!(faults(db).await.is_empty());
    }

    async fn the_database_itself_refuses_to_change_the_books(db: &TestDb) {
        post(db, &sale(order(), film(), money(999, "USD"))).await;
        for statement in [
            "UPDATE ledger_entry SET amount_minor = 1",
            "DELETE FROM ledger_entry",
            "UPDATE ledger_transfer SET posted_at = 0",
            "DELETE FROM ledger_transfer",
            "UPDATE ledger_account SET currency = 'EUR'",
            "DELETE FROM ledger_account",
            // an entry slipped into an old transfer
            "INSERT INTO ledger_entry SELECT transfer_id, 4, from_account, to_account, currency, 1
             FROM ledger_entry WHERE line = 1",
            // a transfer without lines
            "INSERT INTO ledger_transfer SELECT 'transfer_x', 'x', kind, studio_id, title_id,
             order_id, 0, posted_at FROM ledger_transfer",
        ] {
            assert!(!doctor(db, statement).await, "{statement}");
        }
        assert!(faults(db).await.is_empty());
    }

    async fn the_audit_sees_a_transfer_that_was_cut_short(db: &TestDb) {
        post(db, &sale(order(), film(), money(999, "USD"))).await;
        assert!(
            doctor(
                db,
                "INSERT INTO ledger_transfer SELECT 'transfer_x', 'sale:x', kind, studio_id,
                 title_id, order_id, 2, posted_at FROM ledger_transfer",
            )
            .await
        );
        assert!(
            doctor(
                db,
                "INSERT INTO ledger_entry SELECT 'transfer_x', 1, from_account, to_account,
                 currency, 700 FROM ledger_entry WHERE line = 1",
            )
            .await
        );
        let faults = faults(db).await;
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].contains("should have 2 entries and has 1"), "{faults:?}");
        assert!(faults[1].contains("undivided"), "{faults:?}");
    }

    async fn amounts_and_currencies_are_held_by_the_database(db: &TestDb) {
        post(db, &sale(order(), film(), money(999, "USD"))).await;
        assert!(
            doctor(
                db,
                "INSERT INTO ledger_transfer SELECT 'transfer_x', 'sale:x', kind, studio_id,
                 title_id, order_id, 9, posted_at FROM ledger_transfer",
            )
            .await
        );
        for statement in [
            "INSERT INTO ledger_entry SELECT 'transfer_x', 1, from_account, to_account, currency, -5
             FROM ledger_entry WHERE line = 1",
            "INSERT INTO ledger_entry SELECT 'transfer_x', 1, from_account, to_account, 'EUR', 5
             FROM ledger_entry WHERE line = 1",
            "INSERT INTO ledger_entry SELECT 'transfer_x', 1, to_account, to_account, currency, 5
             FROM ledger_entry WHERE line = 1",
            "INSERT INTO ledger_entry SELECT 'transfer_x', 1, 'nobody', to_account, currency, 5
             FROM ledger_entry WHERE line = 1",
        ] {
            assert!(!doctor(db, statement).await, "{statement}");
        }
    }
}

/// The rule about purposes changed when there were books already; SQLite made the tables anew.
#[tokio::test]
async fn books_of_an_older_store_are_kept() {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let address = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("old.db").display()
    );
    let mut older = sqlx::migrate!("migrations/sqlite");
    older.migrations = older
        .iter()
        .filter(|one| one.version < 12)
        .cloned()
        .collect();
    let mut conn = sqlx::AnyConnection::connect(&address).await.unwrap();
    older.run(&mut conn).await.unwrap();
    let statements = "
        INSERT INTO ledger_account VALUES ('s:customer:USD', 's', 'customer', 'USD'),
            ('s:gross:USD', 's', 'gross', 'USD'), ('s:studio_net:USD', 's', 'studio_net', 'USD');
        INSERT INTO ledger_transfer VALUES ('t1', 'sale:o1', 'sale', 's', 'f', 'o1', 2, 7);
        INSERT INTO ledger_entry VALUES ('t1', 1, 's:customer:USD', 's:gross:USD', 'USD', 999),
            ('t1', 2, 's:gross:USD', 's:studio_net:USD', 'USD', 999);
        INSERT INTO entitlement VALUES ('e1', 'a', 'f', 'o1', 7);";
    sqlx::raw_sql(statements).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();

    let db = Db::open(&address).await.unwrap();
    let mut conn = db.read().await.unwrap();
    assert_eq!(
        ledger::audit(&mut conn).await.unwrap(),
        Vec::<String>::new()
    );
    let kept: i64 = sqlx::query_scalar("SELECT SUM(amount_minor) FROM ledger_entry")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(kept, 1_998);
    let standing: String = sqlx::query_scalar("SELECT state FROM entitlement")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(standing, "owned");
    let mut tx = db.begin_write().await.unwrap();
    let change = sqlx::query("DELETE FROM ledger_entry")
        .execute(&mut *tx)
        .await;
    assert!(change.is_err(), "the books are append-only as before");
}
