//! The library: an order grants once, a viewer holds a film once.

use matinee::kernel::Time;
use matinee::kernel::ids::AccountId;
use matinee::kernel::ids::OrderId;
use matinee::kernel::ids::TitleId;
use matinee::library;
use matinee::library::Entitlement;

use crate::harness::TestDb;

const NOW: Time = Time::from_seconds(1_800_000_000);

fn entitlement() -> Entitlement {
    let rng = &mut rand::rng();
    Entitlement {
        viewer: AccountId::new(NOW, rng),
        title: TitleId::new(NOW, rng),
        order: OrderId::new(NOW, rng),
        granted_at: NOW,
    }
}

async fn grant(db: &TestDb, entitlement: &Entitlement) -> bool {
    let mut tx = db.begin_write().await.unwrap();
    let granted = library::grant(&mut tx, entitlement).await.unwrap();
    tx.commit().await.unwrap();
    granted
}

on_both_engines! {
    async fn a_film_comes_into_a_library_once(db: &TestDb) {
        let first = entitlement();
        let same_film = Entitlement { order: entitlement().order, ..first };
        let same_order = Entitlement { title: entitlement().title, ..first };
        let mut conn = db.read().await.unwrap();
        assert!(!library::owns(&mut conn, first.viewer, first.title).await.unwrap());
        assert!(grant(db, &first).await);
        for again in [first, same_film, same_order] {
            assert!(!grant(db, &again).await);
        }
        assert!(library::owns(&mut conn, first.viewer, first.title).await.unwrap());
        assert!(!library::owns(&mut conn, entitlement().viewer, first.title).await.unwrap());
        assert_eq!(library::of_viewer(&mut conn, first.viewer).await.unwrap(), [first]);
    }

    async fn the_newest_film_of_a_library_comes_first(db: &TestDb) {
        let old = entitlement();
        let young = Entitlement {
            viewer: old.viewer,
            granted_at: Time::from_seconds(1_800_000_001),
            ..entitlement()
        };
        for one in [old, young, entitlement()] {
            grant(db, &one).await;
        }
        let mut conn = db.read().await.unwrap();
        assert_eq!(library::of_viewer(&mut conn, old.viewer).await.unwrap(), [young, old]);
        assert_eq!(library::all(&mut conn).await.unwrap().len(), 3);
    }
}
