"""The published signers, each run by its own language: ops/cart-token/sign.*"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.cart_token.vectors import FOLDER
from tests.programs import program

JAVASCRIPT = """
const signer = await import(process.argv[1]);
let text = "";
for await (const part of process.stdin) text += part;
const answers = await Promise.all(JSON.parse(text).map(({ claims, cart, shop, key, now, push }) =>
  push ? signer.push(...push)
    : claims ? signer.signClaims(claims, key) : signer.signCart(cart, shop, key, new Date(now * 1000))));
process.stdout.write(JSON.stringify(answers));
"""
PHP = """
require $argv[1];
$sign = fn($job) => match (true) {
    isset($job['push']) => FallbackCheckout\\push(...$job['push']),
    isset($job['claims']) => FallbackCheckout\\sign_claims($job['claims'], $job['key']),
    default => FallbackCheckout\\sign_cart($job['cart'], $job['shop'], $job['key'], $job['now']),
};
echo json_encode(array_map($sign, json_decode(stream_get_contents(STDIN), true)));
"""
PYTHON = """
import json, runpy, sys
signer = runpy.run_path(sys.argv[1])
answers = [
    signer["push"](*job["push"])
    if "push" in job
    else signer["sign_claims"](job["claims"], job["key"])
    if "claims" in job
    else signer["sign_cart"](job["cart"], job["shop"], job["key"], job["now"])
    for job in json.load(sys.stdin)
]
print(json.dumps(answers))
"""


@dataclass(frozen=True)
class Signer:
    file: str
    algorithms: frozenset[str]

    def command(self) -> list[str]:
        path = str(FOLDER / self.file)
        match self.file:
            case "sign.mjs":
                return [program("node"), "--no-warnings", "--input-type=module", "--eval", JAVASCRIPT, path]
            case "sign.php":
                return [program("php"), "-d", "error_reporting=-1", "-d", "display_errors=stderr", "-r", PHP, path]
        return [sys.executable, "-I", "-S", "-c", PYTHON, path]  # nothing but the standard library

    def push(self, checkout: str, cart_id: str, token: str, shop_token: str) -> str:
        """What it returns for the cookie. Raises RuntimeError."""
        [cookie] = self.sign({"push": [checkout, cart_id, token, shop_token]})
        return cookie

    def sign(self, *jobs: dict[str, Any]) -> list[str]:
        """The tokens. A job has `claims` and `key`, or `cart`, `shop`, `key` and `now`. Raises RuntimeError
        with what was printed as an error or warning."""
        done = subprocess.run(self.command(), input=json.dumps(jobs), capture_output=True, text=True, timeout=60)
        if done.returncode or done.stderr:
            raise RuntimeError(done.stderr)
        tokens: list[str] = json.loads(done.stdout)
        return tokens


PUSH_ABOVE = 2_500  # as each signer says
SIGNERS = [
    Signer("sign.mjs", frozenset({"HS256", "ES256", "Ed25519"})),
    Signer("sign.php", frozenset({"HS256", "Ed25519"})),
    Signer("sign.py", frozenset({"HS256"})),
]
