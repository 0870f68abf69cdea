#!/bin/sh
# Sends a flow and checks what came of it, against a mock that runs: `routee-mock serve`.
set -eu
mock=${ROUTEE_MOCK_URL:-http://127.0.0.1:8080}
sandbox=check-$$

field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
ask() { curl --silent --show-error --fail-with-body "$@"; }

made=$(ask "$mock/_mock/sandboxes" -d "{\"id\": \"$sandbox\", \"clock\": \"manual\"}")
trap 'ask -X DELETE "$mock/_mock/sandboxes/$sandbox"' EXIT
user=$(echo "$made" | field applicationId):$(echo "$made" | field applicationSecret)
token=$(ask -u "$user" -d grant_type=client_credentials "$mock/oauth/token" | field access_token)

ask "$mock/failover" -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d '{
  "flow": [{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "It is ready."}}]
}' > /dev/null
ask "$mock/_mock/sandboxes/$sandbox/clock/advance" -d '{"until": "idle"}' > /dev/null

verdict=$(ask "$mock/_mock/sandboxes/$sandbox/verify" -d '{"expect": [
  {"flow": {"to": "+306900000000"}, "status": "Succeeded", "heard": ["Sms Delivered"]}
]}')
case $verdict in
  *'"ok":true,"expectations"'*) echo "delivered" ;;
  *) echo "$verdict" >&2; exit 1 ;;
esac
