"""The sealed container as the format page has it: by hand on PyPI `cryptography`, and on `tink`."""

import functools
import hashlib
import io
import json
import uuid

import tink
from tink import cleartext_keyset_handle, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEGMENT, TAG = 65_536, 16
PERIOD = 1_024 * SEGMENT
PERIOD_PLAIN = 1_024 * (SEGMENT - TAG) - 40
PAGE = 4_096

streaming_aead.register()


def uuid_bytes(name):
    return uuid.UUID(name).bytes


def plaintext(seed, length):
    """The film of a vector: page n is SHA-256(seed, n as u64 big-endian), over and over."""
    def digest(page):
        return hashlib.sha256(seed.encode() + page.to_bytes(8, "big")).digest()

    return b"".join(digest(page) * (PAGE // 32) for page in range(-(-length // PAGE)))[:length]


def plaintext_length(sealed_length):
    """The one plaintext length that seals to this many bytes; None where there is none."""
    full, rest = divmod(sealed_length, PERIOD)
    if rest == 0:
        return full * PERIOD_PLAIN or None
    segments = -(-rest // SEGMENT)
    last = rest - (segments - 1) * SEGMENT - (40 if segments == 1 else 0)
    return None if last <= TAG else full * PERIOD_PLAIN + rest - 40 - TAG * segments


def root(uid, length, sealed):
    """SHA-256 over label, id, length and every segment's tag."""
    digest = hashlib.sha256(b"matinee/v1/root" + uid + length.to_bytes(8, "big"))
    for start in range(0, len(sealed), SEGMENT):
        digest.update(sealed[start:start + SEGMENT][-TAG:])
    return digest.digest()


def hkdf(ikm, salt, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(ikm)


def seal(dek, name, plain, *, label=b"matinee/v1", length=None, period_shift=0, index_shift=0,
         last=None, aad=None):
    """The container of `plain` by hand, with the house's derived headers and faults on demand."""
    uid = uuid_bytes(name)
    length = len(plain) if length is None else length
    out = bytearray()
    for period, start in enumerate(range(0, len(plain), PERIOD_PLAIN)):
        piece = plain[start:start + PERIOD_PLAIN]
        info = uid + length.to_bytes(8, "big") + (period + period_shift).to_bytes(4, "big")
        header = hkdf(dek, None, b"matinee/v1/header" + info, 39)
        salt, prefix = header[:32], header[32:]
        cipher = AESGCM(hkdf(dek, salt, label + info, 32))
        out += b"\x28" + header
        cuts = [0, *range(65_480, len(piece), 65_520), len(piece)]
        for index, (a, b) in enumerate(zip(cuts, cuts[1:])):
            flag = (b == len(piece)) if last is None else last
            nonce = prefix + (index + index_shift).to_bytes(4, "big") + bytes([flag])
            out += cipher.encrypt(nonce, piece[a:b], aad)
    return bytes(out)


def tink_seal(dek, name, plain):
    """The container of `plain`, every period sealed by Tink."""
    primitive, out = _primitive(dek), io.BytesIO()
    for period, start in enumerate(range(0, len(plain), PERIOD_PLAIN)):
        piece = io.BytesIO()
        piece.close = lambda: None  # Tink closes what it writes to
        with primitive.new_encrypting_stream(piece, _bound(name, len(plain), period)) as stream:
            stream.write(plain[start:start + PERIOD_PLAIN])
        out.write(piece.getvalue())
    return out.getvalue()


def tink_open(dek, name, sealed):
    """The plaintext, every period opened by Tink; raises where Tink refuses one."""
    length = plaintext_length(len(sealed))
    if length is None:
        raise ValueError("no container has this length")
    primitive, out = _primitive(dek), []
    for period, start in enumerate(range(0, len(sealed), PERIOD)):
        piece = io.BytesIO(sealed[start:start + PERIOD])
        with primitive.new_decrypting_stream(piece, _bound(name, length, period)) as stream:
            out.append(stream.read())
    return b"".join(out)


def vector_bytes(folder, name):
    """The container of a vector: stored, made of parts of others, or sealed by hand."""
    vector = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if (folder / f"{name}.sealed").exists():
        return (folder / f"{name}.sealed").read_bytes()
    if "parts" not in vector:
        return _sealed_vector(folder, name)
    parts = [_sealed_vector(folder, base)[start:end] for base, start, end in vector["parts"]]
    damaged = bytearray(b"".join(parts))
    for offset in vector["flips"]:
        damaged[offset] ^= 1
    return bytes(damaged)


@functools.lru_cache(maxsize=4)
def _sealed_vector(folder, name):
    vector = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    plain = plaintext(vector["seed"], vector["length"])
    return seal(bytes.fromhex(vector["dek"]), vector["container"], plain)


def _bound(name, length, period):
    return b"matinee/v1" + uuid_bytes(name) + length.to_bytes(8, "big") + period.to_bytes(4, "big")


def _primitive(dek):
    params = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
        ciphertext_segment_size=SEGMENT, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256)
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(params=params, key_value=dek)
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
        value=key.SerializeToString(), key_material_type=tink_pb2.KeyData.SYMMETRIC)
    entry = tink_pb2.Keyset.Key(key_data=data, status=tink_pb2.ENABLED, key_id=1,
                                output_prefix_type=tink_pb2.RAW)
    keyset = tink_pb2.Keyset(primary_key_id=1, key=[entry])
    handle = cleartext_keyset_handle.read(tink.BinaryKeysetReader(keyset.SerializeToString()))
    return handle.primitive(streaming_aead.StreamingAead)
