//! The library: an order grants once, and its right follows the facts.

use matinee::kernel::Time;
use matinee::kernel::ids::AccountId;
use matinee::kernel::ids::OrderId;
use matinee::kernel::ids::TitleId;
use matinee::library;
use matinee::library::Entitlement;
use matinee::library::Right;
use matinee::library::Standing;

use crate::harness::TestDb;

const NOW: Time = Time::from_seconds(1_800_000_000);

fn entitlement() -> Entitlement {
    let rng = &mut rand::rng();
    Entitlement {
        viewer: AccountId::new(NOW, rng),
        title: TitleId::new(NOW, rng),
        order: OrderId::new(NOW, rng),
        standing: Standing::Owned,
        granted_at: NOW,
    }
}

/// Notes the right as it stands in the entitlement.
async fn record(db: &TestDb, entitlement: &Entitlement) {
    let since = entitlement.granted_at;
    let right = match entitlement.standing {
        Standing::Owned => Right::Owned { since },
        Standing::Suspended => Right::Suspended { since },
        Standing::Ended => Right::Ended { since },
    };
    let Entitlement {
        viewer,
        title,
        order,
        ..
    } = *entitlement;
    let mut tx = db.begin_write().await.unwrap();
    library::record(&mut tx, viewer, title, order, right, NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn owns(db: &TestDb, entitlement: &Entitlement) -> bool {
    let mut conn = db.read().await.unwrap();
    library::owns(&mut conn, entitlement.viewer, entitlement.title)
        .await
        .unwrap()
}

on_both_engines! {
    async fn an_order_gives_one_right_that_comes_and_goes(db: &TestDb) {
        let right = entitlement();
        assert!(!owns(db, &right).await);
        for (standing, owned) in [
            (Standing::Owned, true),
            (Standing::Suspended, false),
            (Standing::Owned, true),
            (Standing::Ended, false),
            (Standing::Ended, false),
        ] {
            let now = Entitlement { standing, ..right };
            record(db, &now).await;
            assert_eq!(owns(db, &right).await, owned, "{standing:?}");
            let mut conn = db.read().await.unwrap();
            assert_eq!(library::all(&mut conn).await.unwrap(), [now], "one row, whatever happens");
            let shelf = library::of_viewer(&mut conn, right.viewer).await.unwrap();
            assert_eq!(shelf.len(), usize::from(owned));
        }
        assert!(!owns(db, &entitlement()).await);
    }

    async fn a_film_that_was_returned_may_be_bought_again(db: &TestDb) {
        let returned = Entitlement { standing: Standing::Ended, ..entitlement() };
        let again = Entitlement { order: entitlement().order, standing: Standing::Owned, ..returned };
        record(db, &returned).await;
        record(db, &again).await;
        assert!(owns(db, &again).await);
        let mut conn = db.read().await.unwrap();
        assert_eq!(library::of_viewer(&mut conn, again.viewer).await.unwrap(), [again]);
    }

    async fn an_order_without_right_leaves_nothing(db: &TestDb) {
        let Entitlement { viewer, title, order, .. } = entitlement();
        let mut tx = db.begin_write().await.unwrap();
        library::record(&mut tx, viewer, title, order, Right::Nothing, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(library::all(&mut db.read().await.unwrap()).await.unwrap(), []);
    }

    async fn the_newest_film_of_a_library_comes_first(db: &TestDb) {
        let old = entitlement();
        let young = Entitlement {
            viewer: old.viewer,
            granted_at: Time::from_seconds(1_800_000_001),
            ..entitlement()
        };
        for one in [old, young, entitlement()] {
            record(db, &one).await;
        }
        let mut conn = db.read().await.unwrap();
        assert_eq!(library::of_viewer(&mut conn, old.viewer).await.unwrap(), [young, old]);
        assert_eq!(library::all(&mut conn).await.unwrap().len(), 3);
    }
}
