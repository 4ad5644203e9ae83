"""How an endpoint verifies a delivery, in four languages: the samples of docs/how-to/verify-a-signature.md, which are
tested there. They are shown where a secret is.
"""

from typing import Final, NamedTuple


class Sample(NamedTuple):
    """`sentence` says what it takes."""

    language: str
    sentence: str
    code: str


SAMPLES: Final = (
    Sample(
        "Python",
        "With the package standardwebhooks.",
        r"""from standardwebhooks import Webhook, WebhookVerificationError


def is_from_mobius(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError:
        return False
    return True
""",
    ),
    Sample(
        "Node",
        "With what Node brings along. With Express take the raw bytes: `express.raw`.",
        r"""const { createHmac, timingSafeEqual } = require("node:crypto");

function isFromMobius(secret, headers, body) {
  const sentAt = Number(headers["webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - sentAt) <= 300)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`).update(body);
  const expected = Buffer.from("v1," + mac.digest("base64"));
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const offered = Buffer.from(one);
    return offered.length === expected.length && timingSafeEqual(offered, expected);
  });
}
""",  # noqa: E501
    ),
    Sample(
        "Go",
        "With the standard library.",
        r"""package mobius

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// IsFromMobius checks the Standard Webhooks headers of a delivery.
func IsFromMobius(secret string, headers http.Header, body []byte) bool {
	sentAt, err := strconv.ParseInt(headers.Get("webhook-timestamp"), 10, 64)
	if err != nil || math.Abs(float64(time.Now().Unix()-sentAt)) > 300 {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(headers.Get("webhook-id") + "." + headers.Get("webhook-timestamp") + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, offered := range strings.Fields(headers.Get("webhook-signature")) {
		if hmac.Equal(expected, []byte(offered)) {
			return true
		}
	}
	return false
}
""",
    ),
    Sample(
        "Shell",
        "What webhook-signature must contain, for a delivery that you have saved as body.json.",
        r"""key=$(printf %s "${secret#whsec_}" | openssl base64 -d -A | od -An -vtx1 | tr -d ' \n')
{ printf '%s.%s.' "$id" "$timestamp"; cat body.json; } |
  openssl dgst -sha256 -mac HMAC -macopt hexkey:"$key" -binary | openssl base64 -A | sed 's/^/v1,/'
""",
    ),
)
