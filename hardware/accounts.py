"""Certificates for the broker: a private authority, and the broker's own certificate signed by it.

    authority = new_authority("akita/wash", now)
    server = new_server(authority, ["factory-pc.local", "127.0.0.1"], now)

Everything is ECDSA on P-256 with SHA-256, which Python, mosquitto and an ESP32 all speak. Validity begins in 1970: a
Pi without a clock chip must reach its broker before anybody has told it the time, and this beginning protects
nothing, because devices trust exactly the file `ca.crt` they were given (docs/decisions/accounts.md).
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contract.errors import MissingExtra, NotAllowed
from contract.words import Words

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

AUTHORITY_YEARS = 20
SERVER_YEARS = 5
RENEW_WITHIN = timedelta(days=365)
"""`kojo derive` makes the broker's certificate anew when less than this is left of it."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


def new_authority(name: str, now: datetime) -> Pair:
    """An authority of our own, for this line only."""
    _cryptography()
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    key = _new_key()
    subject = _named(f"kojohack {name} CA {now:%Y-%m-%d}")
    certificate = (
        _begun(subject, subject, key, now + timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(_pem(certificate), _key_pem(key))


def new_server(authority: Pair, hosts: Iterable[str], now: datetime) -> Pair:
    """The broker's certificate for all names and addresses it is reached by."""
    _cryptography()
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key, issuer, issuer_key = _new_key(), _read(authority.certificate), _read_key(authority.key)
    names = list(dict.fromkeys(hosts))
    ends = min(now + timedelta(days=365 * SERVER_YEARS), issuer.not_valid_after_utc)
    certificate = (
        _begun(_named(names[0]), issuer.subject, key, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return Pair(_pem(certificate), _key_pem(key))


def names_of(certificate: bytes) -> frozenset[str]:
    """The host names and addresses a certificate is for."""
    _cryptography()
    from cryptography import x509

    told = _read(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = (str(address) for address in told.get_values_for_type(x509.IPAddress))
    return frozenset([*told.get_values_for_type(x509.DNSName), *addresses])


def ends(certificate: bytes) -> datetime:
    """Until when a certificate is valid."""
    return _read(certificate).not_valid_after_utc


def is_signed_by(certificate: bytes, authority: bytes) -> bool:
    """Whether an authority signed a certificate."""
    _cryptography()
    from cryptography.exceptions import InvalidSignature

    try:
        _read(certificate).verify_directly_issued_by(_read(authority))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def as_host(name: str) -> str:
    """A host as a certificate spells it: an address in its short form, a name in lower case. Raises NotAllowed."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise NotAllowed(
            Words(
                f"「{name}」はホスト名でも番地でもありません。",
                f'"{name}" is neither the name of a host nor an address.',
            ),
        ) from error


def _cryptography() -> None:
    """Raises MissingExtra where the package is not installed."""
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise MissingExtra("cryptography", "server") from error


def _begun(
    subject: "x509.Name", issuer: "x509.Name", key: "EllipticCurvePrivateKey", ends: datetime
) -> "x509.CertificateBuilder":
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGINNING)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _alternative(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _new_key() -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _read(certificate: bytes) -> "x509.Certificate":
    _cryptography()
    from cryptography import x509

    return x509.load_pem_x509_certificate(certificate)


def _read_key(pem: bytes) -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem, None)
    assert isinstance(key, EllipticCurvePrivateKey), "we made it"
    return key


def _pem(certificate: "x509.Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
