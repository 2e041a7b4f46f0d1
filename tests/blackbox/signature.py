"""signature - X-Twilio-Signature, as Twilio's documentation and both of its SDKs have it.

The whole URL; then every distinct name in order, with each of its distinct values in order, as they were before
encoding; HMAC-SHA1 under the account's *primary* token; base64.
"""
import base64
import hashlib
import hmac


def sign(url, fields, token):
    """The header's value for a form POST of these (name, value) pairs."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode("utf-8"), hashlib.sha1).digest()).decode()
