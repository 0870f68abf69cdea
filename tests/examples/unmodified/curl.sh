curl -s http://127.0.0.1:8080/_mock/ca.pem > ca.pem

curl -s --cacert ca.pem --connect-to ::127.0.0.1:8443 -u my-app:my-secret -d grant_type=client_credentials \
  https://auth.routee.net/oauth/token
