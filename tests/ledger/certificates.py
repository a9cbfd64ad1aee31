"""A Redis that speaks TLS, with certificates of an authority of its own: its own and that of its client."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.ports import free_port
from tests.redis_server import OURS, PASSWORD, RedisServer

LIFE = timedelta(days=1)


class Authority:
    """Writes `<name>.pem` and `<name>.key` into its folder; `ca.pem` is its own certificate."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key, self._name = folder, ec.generate_private_key(ec.SECP256R1()), _named("tests")
        own = x509.BasicConstraints(ca=True, path_length=0)
        self.certificate = self._write("ca", self._key, own)

    def issue(self, name: str) -> tuple[Path, Path]:
        """A certificate for this machine's loopback address, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        return self._write(name, key, here), self._folder / f"{name}.key"

    def _write(self, name: str, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType) -> Path:
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name if name == "ca" else _named(name))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - LIFE)
            .not_valid_after(now + LIFE)
            .add_extension(extension, critical=name == "ca")
            .sign(self._key, hashes.SHA256())
        )
        path = self._folder / f"{name}.pem"
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self._folder / f"{name}.key").write_bytes(secret)
        return path


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class TlsServer(RedisServer):
    """It asks each client for a certificate of the authority. `client` needs none."""

    def __init__(self, directory: Path, path: str = "") -> None:
        self._ca, self._tls_port = Authority(directory), free_port()
        certificate, key = self._ca.issue("server")
        self._own = self._ca.issue("client")
        super().__init__(
            directory,
            path,
            *("--tls-port", str(self._tls_port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key)),
            *("--tls-ca-cert-file", str(self._ca.certificate)),
        )

    def secure_url(self, **options: object) -> str:
        """What REDIS_URL says. `options` stand instead of those that work; None leaves one out."""
        own, key = self._own
        given = {"ssl_ca_certs": self._ca.certificate, "ssl_certfile": own, "ssl_keyfile": key} | options
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return f"rediss://{OURS}:{PASSWORD}@127.0.0.1:{self._tls_port}/0?{query}"


def speaks_tls(path: str) -> bool:
    """Whether this build of Redis was linked with TLS."""
    return "libssl" in subprocess.run(["ldd", path], capture_output=True, text=True).stdout
