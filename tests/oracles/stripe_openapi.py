#!/usr/bin/env python3
"""Holds what was said between the store and its Stripe sandbox against Stripe's own description.

    stripe_openapi.py --log LOG.jsonl --spec spec3.json

LOG is written by the sandbox, one JSON object a line: requests with their answers, and events.
Fails on a parameter Stripe does not know, a wrong enum, a wrong type, a POST without idempotency
key, and on an answer or event that lacks a required field or has one Stripe does not have.
"""

import argparse
import copy
import json
import re
import sys
import urllib.parse

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FORM = "application/x-www-form-urlencoded"


class Description:
    """Stripe's OpenAPI description, made strict: objects take only the fields they name."""

    def __init__(self, spec):
        spec = copy.deepcopy(spec)
        for name, schema in spec["components"]["schemas"].items():
            spec["components"]["schemas"][name] = strict(schema)
        self.paths = spec["paths"]
        self.schemas = spec["components"]["schemas"]
        document = {"components": {"schemas": self.schemas}}
        resource = Resource(contents=document, specification=DRAFT202012)
        self.registry = Registry().with_resource("urn:stripe", resource)
        self.patterns = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path) for path in self.paths
        ]

    def operation(self, method, path):
        fitting = [known for pattern, known in self.patterns if pattern.match(path)]
        # /v1/charges/search before /v1/charges/{charge}
        fitting.sort(key=lambda known: known.count("{"))
        return self.paths[fitting[0]].get(method.lower()) if fitting else None

    def faults(self, schema, instance):
        schema = absolute(schema)
        validator = jsonschema.Draft202012Validator(schema, registry=self.registry)
        error = jsonschema.exceptions.best_match(validator.iter_errors(instance))
        if error is None:
            return []
        where = "/".join(str(step) for step in error.absolute_path) or "(whole)"
        return [f"{where}: {error.message[:300]}"]


def strict(schema):
    """OpenAPI 3.0 to JSON Schema, refusing fields that are not named."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key, value in schema.items():
        if key == "properties":
            out[key] = {name: strict(child) for name, child in value.items()}
        elif key in ("enum", "required", "description", "example", "nullable"):
            out[key] = value
        else:
            out[key] = strict(value)
    if "properties" in out and "additionalProperties" not in out:
        out["additionalProperties"] = False
    if out.pop("nullable", False):
        return {"anyOf": [out, {"type": "null"}]}
    return out


def absolute(schema):
    """References within the description, seen from outside of it."""
    if isinstance(schema, list):
        return [absolute(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: "urn:stripe" + value if key == "$ref" and value.startswith("#") else absolute(value)
        for key, value in schema.items()
    }


def decode(encoded):
    """`a[b][0]=v` to objects and arrays, with the text as it came."""
    root = {}
    for name, value in urllib.parse.parse_qsl(encoded, keep_blank_values=True):
        head, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        steps, node = [head, *rest], root
        for step in steps[:-1]:
            node = node.setdefault(step or str(len(node)), {})
        node[steps[-1] or str(len(node))] = value
    return arrays(root)


def arrays(node):
    if not isinstance(node, dict):
        return node
    keys = list(node)
    if keys and sorted(keys) == sorted(str(i) for i in range(len(keys))):
        return [arrays(node[str(i)]) for i in range(len(keys))]
    return {key: arrays(value) for key, value in node.items()}


def typed(value, schema):
    """Text becomes the number or truth value that the schema asks for, if it can."""
    if "anyOf" in schema:
        for option in schema["anyOf"]:
            kind = option.get("type")
            if isinstance(value, dict) and kind == "object":
                return typed(value, option)
            if isinstance(value, list) and kind == "array":
                return typed(value, option)
            if isinstance(value, str) and kind == "integer" and re.fullmatch(r"-?\d+", value):
                return int(value)
        return value
    kind = schema.get("type")
    if isinstance(value, dict):
        named = schema.get("properties", {})
        return {key: typed(child, named.get(key, {})) for key, child in value.items()}
    if isinstance(value, list):
        return [typed(child, schema.get("items", {})) for child in value]
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def parameters(operation, method):
    """One schema for everything the call may carry."""
    if method == "POST":
        body = operation.get("requestBody", {}).get("content", {})
        return strict(body.get(FORM, {}).get("schema", {"type": "object", "properties": {}}))
    query = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    return {
        "type": "object",
        "properties": {p["name"]: strict(p["schema"]) for p in query},
        "required": [p["name"] for p in query if p.get("required")],
        "additionalProperties": False,
    }


def check_request(description, line):
    method, path = line["method"], line["path"]
    operation = description.operation(method, path)
    if operation is None:
        # The sandbox must not know more than Stripe.
        return [] if line["status"] in (401, 404) else ["Stripe has no such call"]
    faults = []
    if line["status"] < 400:
        schema = parameters(operation, method)
        sent = decode(line["body"] if method == "POST" else line["query"])
        faults += [f"request {fault}" for fault in description.faults(schema, typed(sent, schema))]
    known = operation["responses"]
    answer = known.get("200" if line["status"] == 200 else "default", {})
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    faults += [f"answer {fault}" for fault in description.faults(strict(schema), line["answer"])]
    return faults


def check_event(description, event):
    faults = description.faults({"$ref": "#/components/schemas/event"}, event)
    subject = event.get("data", {}).get("object", {})
    kind = subject.get("object", "") if isinstance(subject, dict) else ""
    if kind not in description.schemas:
        return [*faults, f"data.object is a {kind!r}, which Stripe does not have"]
    reference = {"$ref": f"#/components/schemas/{kind}"}
    return faults + [f"data.object {fault}" for fault in description.faults(reference, subject)]


def check(description, lines, keys_wanted=True):
    """All faults, each with the number of its line, and how much was checked."""
    faults, counts = [], {"request": 0, "event": 0}
    for number, line in enumerate(lines, 1):
        counts[line["kind"]] += 1
        if line["kind"] == "event":
            name, found = line["event"].get("type"), check_event(description, line["event"])
        else:
            name, found = f"{line['method']} {line['path']}", check_request(description, line)
            client = line.get("stripe_version") is not None
            if keys_wanted and client and line["method"] == "POST" and not line["idempotency_key"]:
                found.append("POST without an idempotency key")
        faults += [f"line {number}, {name}: {fault}" for fault in found]
    if not counts["request"]:
        faults.append("the log holds no request")
    return faults, counts


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--log", required=True)
    arguments.add_argument("--spec", required=True)
    given = arguments.parse_args()
    with open(given.spec, encoding="utf-8") as file:
        description = Description(json.load(file))
    with open(given.log, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    faults, counts = check(description, lines)
    for fault in faults[:50]:
        print(fault)
    print(f"{counts['request']} requests, {counts['event']} events, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
