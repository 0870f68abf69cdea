import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.regex.Pattern;

/** A client of Routee that knows nothing of any mock: it prints the trackingId of the flow it sends. */
class Client {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        String auth = arguments.length > 0 ? arguments[0] : "https://auth.routee.net";
        String api = arguments.length > 0 ? arguments[0] : "https://connect.routee.net";
        String login = Base64.getEncoder().encodeToString("my-app:my-secret".getBytes());
        String form = "application/x-www-form-urlencoded";
        String token = post(auth + "/oauth/token", "Basic " + login, form, "grant_type=client_credentials");
        String flow = "{\"flow\": [{\"type\": \"Sms\", \"to\": \"+306900000000\", \"from\": \"Parcels\","
            + " \"message\": {\"body\": \"At the door.\"}}]}";
        String bearer = "Bearer " + value(token, "access_token");
        System.out.println(value(post(api + "/failover", bearer, "application/json", flow), "trackingId"));
    }

    static String post(String url, String authorization, String type, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
            .header("Authorization", authorization)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    static String value(String json, String key) {
        var found = Pattern.compile("\"" + key + "\": *\"([^\"]+)\"").matcher(json);
        if (!found.find()) throw new IllegalStateException("no " + key + " in " + json);
        return found.group(1);
    }
}
