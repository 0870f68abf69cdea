import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Tells customers that their order is ready, and is the webhook for Routee. It knows nothing of the mock. */
class Shop implements HttpHandler {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final Map<String, String> settings;
    private final Map<String, String> statuses = new ConcurrentHashMap<>();

    /** settings: ROUTEE_API_URL and so on, and WEBHOOK_URL, where Routee finds us; System.getenv() in production. */
    Shop(Map<String, String> settings) {
        this.settings = settings;
    }

    /** Tells a customer that the order is ready, and returns the trackingId of the flow. */
    String ready(String phone) throws IOException, InterruptedException {
        String body = """
            {"flow": [
               {"type": "Viber", "to": "%1$s", "senderInfoTrackingId": "shop", "message": {"text": "It is ready."}},
               {"type": "Sms", "to": "%1$s", "from": "Shop", "message": {"body": "It is ready."}}],
             "callback": {"strategy": "OnStep", "url": "%2$s"}}
            """.formatted(phone, settings.get("WEBHOOK_URL"));
        return field(post(settings.get("ROUTEE_API_URL") + "/failover", "Bearer " + token(), "application/json", body),
            "trackingId");
    }

    String status(String trackingId) {
        return statuses.get(trackingId);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String flow = new String(exchange.getRequestBody().readAllBytes());
        statuses.put(field(flow, "trackingId"), field(flow.substring(flow.lastIndexOf("terminationChannel")), "status"));
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    private String token() throws IOException, InterruptedException {
        String pair = settings.get("ROUTEE_APPLICATION_ID") + ":" + settings.get("ROUTEE_APPLICATION_SECRET");
        String basic = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes());
        return field(post(settings.get("ROUTEE_AUTH_URL") + "/oauth/token", basic, "application/x-www-form-urlencoded",
            "grant_type=client_credentials"), "access_token");
    }

    private static String post(String url, String authorization, String type, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url)).header("Authorization", authorization)
            .header("Content-Type", type).POST(BodyPublishers.ofString(body)).build();
        var reply = HTTP.send(request, BodyHandlers.ofString());
        if (reply.statusCode() != 200) {
            throw new IOException("Routee answered " + reply.statusCode() + ": " + reply.body());
        }
        return reply.body();
    }

    /** A field of a JSON document. An application has a library for this, such as Jackson. */
    static String field(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":\\s*\"([^\"]*)\"").matcher(json);
        return found.find() ? found.group(1) : null;
    }
}
