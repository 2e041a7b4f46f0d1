"""account - the one account that the fake provider has: its credentials, its senders and its templates.

The shapes are those of Twilio's Content API (https://www.twilio.com/docs/content) and Senders API
(https://www.twilio.com/docs/whatsapp/api/senders).
"""
import re

ACCOUNT_SID, AUTH_TOKEN = "AC0123456789abcdef0123456789abcdef", "7oken-of-the-main-account-000001"
API_KEY_SID, API_KEY_SECRET = "SKfedcba9876543210fedcba9876543210", "5ecret-of-the-api-key-0000000001"

CONTENT_PATH = re.compile(r"/v1/Content/(?P<sid>[^/]+)(?P<approval>/ApprovalRequests)?")
SENDERS_PATH = "/v2/Channels/Senders"
MADE = "2026-01-15T17:20:00Z"


def template(body="{{1}} pide un asesor: {{2}}", status="approved", rejection_reason="", category="UTILITY"):
    """A template; status is Meta's word: unsubmitted, received, pending, approved, rejected, paused, disabled."""
    return {"body": body, "status": status, "rejection_reason": rejection_reason, "category": category}


def sender(number, status="ONLINE", quality="HIGH", offline_reasons=None):
    return {"number": number, "status": status, "quality": quality, "offline_reasons": offline_reasons}


def content_resource(base, sid, made):
    url = f"{base}/v1/Content/{sid}"
    names = re.findall(r"{{(\w+)}}", made["body"])
    return {"sid": sid, "account_sid": ACCOUNT_SID, "friendly_name": "aviso_de_cliente", "language": "es_MX",
            "variables": {name: "-" for name in names}, "types": {"twilio/text": {"body": made["body"]}}, "url": url,
            "date_created": MADE, "date_updated": MADE,
            "links": {"approval_create": f"{url}/ApprovalRequests/whatsapp", "approval_fetch": f"{url}/ApprovalRequests"}}


def approval_resource(base, sid, made):
    return {"sid": sid, "account_sid": ACCOUNT_SID, "url": f"{base}/v1/Content/{sid}/ApprovalRequests",
            "whatsapp": {"type": "whatsapp", "name": "aviso_de_cliente", "category": made["category"],
                         "content_type": "twilio/text", "status": made["status"],
                         "rejection_reason": made["rejection_reason"], "allow_category_change": True, "flows": None}}


def sender_resource(base, made):
    sid = f"XE{made['number'].lstrip('+'):0>32}"
    return {"sid": sid, "sender_id": "whatsapp:" + made["number"], "status": made["status"], "url": f"{base}{SENDERS_PATH}/{sid}",
            "friendly_name": None, "offline_reasons": made["offline_reasons"], "compliance": None,
            "configuration": {"waba_id": "12345678912345", "verification_method": "sms", "verification_code": None,
                              "voice_application_sid": None},
            "profile": {"name": "Robótica del Bajío", "about": "", "vertical": "Other"},
            "properties": {"quality_rating": made["quality"], "messaging_limit": "1K Customers/24hr"},
            "webhook": {"callback_url": None, "callback_method": "POST", "fallback_url": None, "fallback_method": "POST",
                        "status_callback_url": None, "status_callback_method": "POST"}}


def sender_page(base, senders):
    url = f"{base}{SENDERS_PATH}?Channel=whatsapp&PageSize=50&Page=0"
    return {"senders": [sender_resource(base, made) for made in senders],
            "meta": {"key": "senders", "page": 0, "page_size": 50, "url": url, "first_page_url": url, "next_page_url": None,
                     "previous_page_url": None}}
