%dw 2.0
// True when the callback is the service's own and five minutes old at most; over the bytes as they came, not as parsed.
output application/java
import HMACBinary from dw::Crypto
import toBase64, fromBase64 from dw::core::Binaries
var headers = attributes.headers
var key = fromBase64(p('baton.callbackSecret') replace /^whsec_/ with "")
var signed = "$(headers.'webhook-id').$(headers.'webhook-timestamp')." ++ (payload.^raw as String)
var expected = "v1," ++ toBase64(HMACBinary(key, signed as Binary, "HmacSHA256"))
var age = (now() as Number) - (headers.'webhook-timestamp' as Number)
---
(((headers.'webhook-signature' default "") splitBy " ") contains expected) and abs(age) < 300
