"""Writes the vectors of the sealed container, from its format page and with none of our Rust.

A vector is written once: files that stand are never touched, so that a change of the code can
not pass by changing what it is measured against. Needs PyPI `cryptography` and `tink`.
"""

import hashlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "oracles"))
import container  # noqa: E402

DEK, OTHER_DEK = bytes(range(32)), bytes(range(100, 132))
ID = "0f5e2f0c-8a43-4c5b-9a55-0e8a6f1d2c3b"
OTHER_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
STORED = {1, 65_481}
LENGTHS = [1, 65_479, 65_480, 65_481, 130_999, 131_000, 131_001, 300_000,
           67_092_439, 67_092_440, 67_092_441, 134_184_881]


def write(name, vector, sealed=None):
    path = HERE / f"{name}.json"
    if path.exists():
        print("kept", path.name)
        return
    if sealed is not None:
        (HERE / f"{name}.sealed").write_bytes(sealed)
    path.write_text(json.dumps(vector, indent=2) + "\n", encoding="utf-8")
    print("wrote", path.name)


def described(dek, name, seed, plain, sealed, what):
    uid = container.uuid_bytes(name)
    return {
        "what": what,
        "container": name,
        "dek": dek.hex(),
        "seed": seed,
        "length": len(plain),
        "plaintext_sha256": hashlib.sha256(plain).hexdigest(),
        "ciphertext_sha256": hashlib.sha256(sealed).hexdigest(),
        "root": container.root(uid, len(plain), sealed).hex(),
        "commitment": container.hkdf(dek, None, b"matinee/v1/commitment" + uid, 32).hex(),
    }


def accepts():
    for length in LENGTHS:
        seed = f"film {length}"
        plain = container.plaintext(seed, length)
        sealed = container.seal(DEK, ID, plain)
        vector = described(DEK, ID, seed, plain, sealed, f"{length:,} bytes")
        write(f"accept_{length}", vector, sealed if length in STORED else None)
    plain = container.plaintext("film 300000", 300_000)
    sealed = container.seal(OTHER_DEK, OTHER_ID, plain)
    vector = described(OTHER_DEK, OTHER_ID, "film 300000", plain, sealed, "another key and id")
    write("accept_300000_other", vector)
    plain = container.plaintext("by tink", 65_481)
    if not (HERE / "accept_tink_65481.json").exists():
        sealed = container.tink_seal(DEK, ID, plain)
        vector = described(DEK, ID, "by tink", plain, sealed, "sealed by Tink, random salt")
        write("accept_tink_65481", vector | {"sealed_by": "tink"}, sealed)


SEG = 65_536
# name: base, parts of it (vector, from, to), flipped offsets, fault, good segments, what
EDITS = {
    "flipped_version": ("accept_131001", None, [0], "unknown_version", 0, "first byte is not 0x28"),
    "flipped_salt": ("accept_131001", None, [1], "damaged", 0, "a bit of the salt"),
    "flipped_prefix": ("accept_131001", None, [39], "damaged", 0, "a bit of the nonce prefix"),
    "flipped_first_byte": ("accept_131001", None, [40], "damaged", 0, "a bit of segment 0"),
    "flipped_first_tag": ("accept_131001", None, [SEG - 1], "damaged", 0, "a bit of segment 0's tag"),
    "flipped_middle": ("accept_131001", None, [SEG + 9], "damaged", 1, "a bit of segment 1"),
    "flipped_last_tag": ("accept_131001", None, [131_088], "damaged", 2, "the very last bit"),
    "empty": ("accept_131001", [(0, 0)], [], "truncated", 0, "no byte at all"),
    "cut_in_header": ("accept_131001", [(0, 20)], [], "truncated", 0, "half a header"),
    "cut_after_header": ("accept_131001", [(0, 40)], [], "truncated", 0, "a header alone"),
    "cut_in_last_tag": ("accept_131001", [(0, 131_088)], [], "truncated", 0, "one byte short"),
    "cut_in_segment": ("accept_131001", [(0, 100_000)], [], "damaged", 0, "cut inside a segment"),
    "cut_at_segment": ("accept_131001", [(0, 2 * SEG)], [], "damaged", 0, "a whole segment missing"),
    "appended_byte": ("accept_131001", [(0, 131_089), (0, 1)], [], "damaged", 0, "one byte too many"),
    "swapped_segments": ("accept_300000", [(0, SEG), (2 * SEG, 3 * SEG), (SEG, 2 * SEG),
                         (3 * SEG, 300_120)], [], "damaged", 1, "segments 1 and 2 in each other's place"),
    "removed_segment": ("accept_300000", [(0, SEG), (2 * SEG, 300_120)], [], "damaged", 0, "segment 1 missing"),
    "repeated_segment": ("accept_300000", [(0, 2 * SEG), (SEG, 300_120)], [], "damaged", 0, "segment 1 twice"),
    "replaced_segment": ("accept_300000", [(0, 2 * SEG), (SEG, 2 * SEG), (3 * SEG, 300_120)], [],
                         "damaged", 2, "segment 1 again in place of segment 2"),
    "swapped_periods": ("accept_134184881", [(1 << 26, 2 << 26), (0, 1 << 26), (2 << 26, (2 << 26) + 57)],
                        [], "damaged", 0, "periods 0 and 1 in each other's place"),
    "dropped_first_period": ("accept_134184881", [(1 << 26, (2 << 26) + 57)], [], "damaged", 0,
                             "periods 1 and 2 alone"),
    "dropped_last_period": ("accept_134184881", [(0, 2 << 26)], [], "damaged", 0, "period 2 missing"),
}


def rejects():
    def load(name):
        return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))

    cache = {}
    for name, (base, ranges, flips, fault, good, what) in EDITS.items():
        vector = load(base)
        if base not in cache:
            plain = container.plaintext(vector["seed"], vector["length"])
            cache = {base: container.seal(bytes.fromhex(vector["dek"]), vector["container"], plain)}
        parts = [[base, a, b] for a, b in (ranges or [(0, len(cache[base]))])]
        edited = bytearray(b"".join(cache[base][a:b] for _, a, b in parts))
        for offset in flips:
            edited[offset] ^= 1
        write_reject(name, vector, what, fault, good, {"parts": parts, "flips": flips}, edited)
    one, other = load("accept_300000"), load("accept_300000_other")
    plain = container.plaintext("film 300000", 300_000)
    a, b = container.seal(DEK, ID, plain), container.seal(OTHER_DEK, OTHER_ID, plain)
    whole = [["accept_300000", 0, len(a)]]
    parts = [["accept_300000", 0, SEG], ["accept_300000_other", SEG, 2 * SEG], ["accept_300000", 2 * SEG, len(a)]]
    write_reject("spliced_segment", one, "segment 1 of another container", "damaged", 1,
                 {"parts": parts, "flips": []}, a[:SEG] + b[SEG:2 * SEG] + a[2 * SEG:])
    for name, key in [("wrong_dek", "dek"), ("wrong_container", "container")]:
        write_reject(name, one | {key: other[key]}, f"opened with another {key}", "damaged", 0,
                     {"parts": whole, "flips": []}, a)
    small = load("accept_1")
    byte = container.plaintext("film 1", 1)
    planted = {
        "last_flag_missing": (dict(last=False), "the last segment is not marked last"),
        "segment_number": (dict(index_shift=1), "the first segment has number 1"),
        "length_in_key": (dict(length=2), "the key is bound to another length"),
        "period_in_key": (dict(period_shift=1), "the key is bound to another period"),
        "label_in_key": (dict(label=b"matinee/v2"), "the key is bound to another format"),
        "segment_associated_data": (dict(aad=b"x"), "the segment has associated data of its own"),
    }
    for name, (fault, what) in planted.items():
        sealed = container.seal(DEK, ID, byte, **fault)
        write_reject(name, small, what, "damaged", 0, {"stored": True}, sealed, stored=True)


def write_reject(name, base, what, fault, good, made, sealed, stored=False):
    vector = {
        "what": what,
        "container": base["container"],
        "dek": base["dek"],
        **made,
        "ciphertext_sha256": hashlib.sha256(sealed).hexdigest(),
        "fault": fault,
        "good_segments": good,
    }
    write(f"reject_{name}", vector, bytes(sealed) if stored else None)


if __name__ == "__main__":
    accepts()
    rejects()
