import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

/** A sandbox of a running mock, for one test. */
class RouteeMock implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final String url = System.getenv().getOrDefault("ROUTEE_MOCK_URL", "http://127.0.0.1:8080");
    private final String sandbox;
    private final String made;

    RouteeMock() throws IOException, InterruptedException {
        made = ask("POST", url + "/_mock/sandboxes", "{\"clock\": \"manual\"}");
        sandbox = url + "/_mock/sandboxes/" + Shop.field(made, "id");
    }

    /** What configures the application. */
    Map<String, String> env(String webhook) {
        return Map.of("ROUTEE_AUTH_URL", url, "ROUTEE_API_URL", url, "WEBHOOK_URL", webhook,
            "ROUTEE_APPLICATION_ID", Shop.field(made, "applicationId"),
            "ROUTEE_APPLICATION_SECRET", Shop.field(made, "applicationSecret"));
    }

    /** Decides what happens to messages. */
    void play(String scenario) throws IOException, InterruptedException {
        ask("POST", sandbox + "/scenarios", scenario);
    }

    /** Lets everything happen that is due. When it returns, every callback has its answer. */
    void untilIdle() throws IOException, InterruptedException {
        ask("POST", sandbox + "/clock/advance", "{\"until\": \"idle\"}");
    }

    /** Throws an AssertionError, with everything that happened, if an expectation does not hold. */
    void expect(String expectation) throws IOException, InterruptedException {
        String verdict = ask("POST", sandbox + "/verify", "{\"expect\": [" + expectation + "]}");
        if (!verdict.startsWith("{\"ok\":true")) {
            throw new AssertionError(Shop.field(verdict, "says") + "\n" + ask("GET", sandbox + "/journal?format=text", ""));
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        ask("DELETE", sandbox, "");
    }

    private static String ask(String method, String url, String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url)).method(method, BodyPublishers.ofString(body)).build();
        var reply = HTTP.send(request, BodyHandlers.ofString());
        if (reply.statusCode() >= 400) {
            throw new IOException(method + " " + url + ": " + reply.body());
        }
        return reply.body();
    }
}
