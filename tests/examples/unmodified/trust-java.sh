cp "$JAVA_HOME/lib/security/cacerts" trusted.jks
chmod u+w trusted.jks
keytool -importcert -noprompt -alias routee-mock -file ca.pem -keystore trusted.jks -storepass changeit
export JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=$PWD/trusted.jks -Djavax.net.ssl.trustStorePassword=changeit"
