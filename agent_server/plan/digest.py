"""The digest of a plan's text, which binds an approval to exactly what was seen."""

from hashlib import sha256


def digest(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, in lowercase hexadecimal. Lone surrogates are hashed as they stand."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
