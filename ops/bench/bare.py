"""The baseline: a Flask view that reads a JSON body and returns JSON, and does nothing else."""

from __future__ import annotations

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask("bare", static_folder=None)


@app.post("/v1/orders")
def view() -> ResponseReturnValue:
    body = request.get_json()
    return jsonify(received=len(body)), 202
