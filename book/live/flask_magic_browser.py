"""Makes Pyodide's Python one that Flask feels at home in. It runs in a browser only."""

from __future__ import annotations

import hashlib
import sys
from typing import Any

from pyodide.ffi import to_js

__all__ = ["give_password_hashes", "name_prefix"]


def name_prefix() -> None:
    """Say where Python is installed: not in `/`, as Pyodide has it.

    Flask takes an app that lies below it for an installed one, whose instance folder is elsewhere.
    """
    sys.prefix = sys.exec_prefix = f"/lib/python{sys.version_info.major}.{sys.version_info.minor}"


def give_password_hashes(scrypt: Any, pbkdf2: Any) -> None:
    """Give `hashlib` the functions `scrypt` and `pbkdf2_hmac`, made of two of JavaScript, with CPython's signatures.

    Pyodide lacks them, and Werkzeug's password hashes need them.
    `scrypt` is called with password, salt, n, r, p and the length; `pbkdf2` with the hash's name, password, salt,
    iterations and the length. Bytes go out, and come back, as a Uint8Array.
    """

    def pbkdf2_hmac(hash_name: str, password: bytes, salt: bytes, iterations: int, dklen: int | None = None) -> bytes:
        length = hashlib.new(hash_name).digest_size if dklen is None else dklen
        made: bytes = pbkdf2(hash_name.lower(), to_js(password), to_js(salt), iterations, length).to_bytes()
        return made

    def scrypt_hash(password: bytes, *, salt: bytes, n: int, r: int, p: int, maxmem: int = 0, dklen: int = 64) -> bytes:
        if maxmem and 128 * n * r > maxmem:
            raise ValueError("memory limit exceeded")
        made: bytes = scrypt(to_js(password), to_js(salt), n, r, p, dklen).to_bytes()
        return made

    vars(hashlib).update(pbkdf2_hmac=pbkdf2_hmac, scrypt=scrypt_hash)
