"""PyPI `stripe` agrees with the vectors, and the check of the sandbox's log refuses what it must."""

import copy
import json
import os
import pathlib
import time
from unittest import mock

import pytest
import stripe

import stripe_openapi

HERE = pathlib.Path(__file__).parent
VECTORS = json.loads((HERE / "stripe_signatures.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signature(vector):
    with mock.patch.object(time, "time", return_value=vector["now"]):
        try:
            stripe.WebhookSignature.verify_header(
                vector["body"], vector["header"], vector["secret"], tolerance=300
            )
            accepted = True
        except stripe.SignatureVerificationError:
            accepted = False
    assert accepted == vector["accepted"]


@pytest.fixture(scope="module")
def description():
    spec = pathlib.Path(os.environ["MATINEE_FIXTURES"]) / "spec3.json"
    return stripe_openapi.Description(json.loads(spec.read_text(encoding="utf-8")))


@pytest.fixture
def lines():
    sample = (HERE / "stripe_sample.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in sample.splitlines()]


def test_the_sample_holds(description, lines):
    faults, counts = stripe_openapi.check(description, lines)
    assert faults == []
    assert counts["request"] >= 2 and counts["event"] >= 3


def creation(lines):
    return next(line for line in lines if line["kind"] == "request" and line["method"] == "POST")


def completed(lines):
    kind = "checkout.session.completed"
    return next(line for line in lines if line["kind"] == "event" and line["event"]["type"] == kind)


def append(text):
    return lambda lines: creation(lines).update(body=creation(lines)["body"] + text)


def drop(field):
    return lambda lines: creation(lines)["answer"].pop(field)


def falsify(field, value):
    return lambda lines: creation(lines)["answer"].update({field: value})


@pytest.mark.parametrize(
    "spoil",
    [
        append("&colour=red"),
        append("&line_items[0][size]=1"),
        append("&ui_mode=imaginary"),
        append("&expires_at=soon"),
        lambda lines: creation(lines).update(idempotency_key=None),
        lambda lines: creation(lines).update(path="/v1/checkout/theatres"),
        drop("payment_status"),
        drop("object"),
        falsify("created", "yesterday"),
        falsify("payment_status", "perhaps"),
        falsify("surprise", 1),
        lambda lines: completed(lines)["event"].pop("livemode"),
        lambda lines: completed(lines)["event"]["data"]["object"].pop("expires_at"),
        lambda lines: completed(lines)["event"]["data"]["object"].update(object="theatre"),
        lambda lines: lines.clear(),
    ],
)
def test_a_spoiled_log_is_refused(description, lines, spoil):
    spoiled = copy.deepcopy(lines)
    spoil(spoiled)
    assert stripe_openapi.check(description, spoiled)[0]
