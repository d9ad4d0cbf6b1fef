//! The name of a container.

use std::fmt;
use std::str::FromStr;

use rand::CryptoRng;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

/// Names one sealed container, and is bound into every key and the root of it.
///
/// Written as a plain UUID, since other programs (a browser, Tink) take its 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContainerId(Uuid);

impl ContainerId {
    /// A new random id.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The 16 bytes that enter associated data and roots.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl From<Uuid> for ContainerId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<ContainerId> for Uuid {
    fn from(id: ContainerId) -> Self {
        id.0
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ContainerId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
