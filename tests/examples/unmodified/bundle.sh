cat /etc/ssl/certs/ca-certificates.crt ca.pem > trusted.pem
export SSL_CERT_FILE="$PWD/trusted.pem"
