"""PyPI `tink` and `matinee` open what the other sealed, and refuse the same.

The binary is $MATINEE_BIN, else the debug build of this tree.
"""

import hashlib
import json
import os
import pathlib
import random
import subprocess

import pytest
import tink

import container

ROOT = pathlib.Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors"
BINARY = os.environ.get("MATINEE_BIN", str(ROOT / "target" / "debug" / "matinee"))
DEK = bytes(range(200, 232))
ID = "3d594650-3436-453b-90d7-2a2b9e4d8f11"
EDGES = [1, 65_479, 65_480, 65_481, 130_999, 131_000, 131_001]
PERIODS = [67_092_439, 67_092_440, 67_092_441, 134_184_881]


def named(prefix):
    return sorted(path.stem for path in VECTORS.glob(f"{prefix}_*.json"))


def load(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def matinee(folder, *args):
    run = subprocess.run([BINARY, *args], cwd=folder, capture_output=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    return run


def opened(folder, dek, name, sealed, *more):
    """What `matinee open` makes of a container: the plaintext, or None if it refuses."""
    (folder / "key").write_text(dek.hex(), encoding="ascii")
    (folder / "key").chmod(0o600)
    (folder / "sealed").write_bytes(sealed)
    run = matinee(folder, "open", "sealed", "plain", "--key-file=key", "--container-id", name, *more)
    return (folder / "plain").read_bytes() if run.returncode == 0 else None


def sealed(folder, dek, name, plain):
    """What `matinee seal` makes of a plaintext, with the facts it prints."""
    (folder / "key").write_text(dek.hex(), encoding="ascii")
    (folder / "key").chmod(0o600)
    (folder / "film").write_bytes(plain)
    run = matinee(folder, "seal", "film", "sealed", "--key-file=key", "--container-id", name)
    facts = dict(line.split(": ") for line in run.stdout.decode().splitlines())
    return (folder / "sealed").read_bytes(), facts


@pytest.mark.parametrize("length", EDGES + PERIODS)
def test_tink_opens_what_matinee_sealed(tmp_path, length):
    plain = container.plaintext("from matinee", length)
    stored, facts = sealed(tmp_path, DEK, ID, plain)
    assert container.tink_open(DEK, ID, stored) == plain
    root = container.root(container.uuid_bytes(ID), length, stored).hex()
    assert facts == {"container": ID, "length": str(length), "root": root}


@pytest.mark.parametrize("length", EDGES + PERIODS)
def test_matinee_opens_what_tink_sealed(tmp_path, length):
    plain = container.plaintext("from tink", length)
    stored = container.tink_seal(DEK, ID, plain)
    assert opened(tmp_path, DEK, ID, stored) == plain
    dice = random.Random(length)
    for _ in range(5):
        first = dice.randrange(length)
        last = min(length - 1, first + dice.randrange(200_000))
        part = opened(tmp_path, DEK, ID, stored, "--range", f"{first}-{last}")
        assert part == plain[first : last + 1], f"seed {length}, range {first}-{last}"


@pytest.mark.parametrize("name", named("accept"))
def test_an_accepted_vector_opens_with_tink_and_matinee(tmp_path, name):
    vector = load(name)
    dek, uid = bytes.fromhex(vector["dek"]), vector["container"]
    stored = container.vector_bytes(VECTORS, name)
    assert hashlib.sha256(stored).hexdigest() == vector["ciphertext_sha256"]
    plain = container.tink_open(dek, uid, stored)
    assert hashlib.sha256(plain).hexdigest() == vector["plaintext_sha256"]
    assert opened(tmp_path, dek, uid, stored) == plain


@pytest.mark.parametrize("name", named("reject"))
def test_a_rejected_vector_opens_with_neither(tmp_path, name):
    vector = load(name)
    dek, uid = bytes.fromhex(vector["dek"]), vector["container"]
    stored = container.vector_bytes(VECTORS, name)
    assert hashlib.sha256(stored).hexdigest() == vector["ciphertext_sha256"]
    assert opened(tmp_path, dek, uid, stored) is None
    assert not (tmp_path / "plain").exists()
    with pytest.raises((tink.TinkError, ValueError)):
        container.tink_open(dek, uid, stored)
