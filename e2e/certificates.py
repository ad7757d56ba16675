"""Certificates, keys and revocation lists for tests, in PEM."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def today():
    return datetime.datetime.now(datetime.UTC)


def pem(key):
    """A private key in PKCS #8."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


class Made:
    """A certificate and its key."""

    def __init__(self, certificate, key):
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.key = pem(key)
        self.serial = certificate.serial_number

    def save(self, directory, name):
        """Writes NAME.crt and NAME.key, and gives back their paths."""
        paths = [directory / f"{name}.crt", directory / f"{name}.key"]
        for path, text in zip(paths, (self.certificate, self.key)):
            path.write_text(text)
        return paths


def builder(subject, issuer, key, days=(-1, 365)):
    begin, end = (today() + n * DAY for n in days)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end)
    )


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def leaf(names, issuer, issuer_key, key, **options):
    made = builder(name(names[0]), issuer, key, **options)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return Made(made.sign(issuer_key, hashes.SHA256()), key)


def self_signed(*names, kind="ec", **options):
    """A certificate for these names that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    return leaf(names, name(names[0]), key, key, **options)


class Authority:
    """Who signs certificates and revokes them."""

    def __init__(self, text):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name(text)
        made = builder(self.name, self.name, self.key).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, *names):
        return leaf(names, self.name, self.key, ec.generate_private_key(ec.SECP256R1()))

    def revoke(self, *serials):
        """A revocation list."""
        made = x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(today() - DAY).next_update(today() + DAY)
        made = made.add_extension(x509.CRLNumber(1), critical=False)
        for serial in serials:
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(today() - DAY).build()
            made = made.add_revoked_certificate(revoked)
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
