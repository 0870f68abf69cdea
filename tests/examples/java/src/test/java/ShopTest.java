import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ShopTest {
    private RouteeMock routee;
    private HttpServer webhook;
    private Shop shop;

    @BeforeEach
    void start() throws Exception {
        routee = new RouteeMock();
        webhook = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        shop = new Shop(routee.env("http://127.0.0.1:" + webhook.getAddress().getPort() + "/routee"));
        webhook.createContext("/routee", shop);
        webhook.start();
    }

    @AfterEach
    void stop() throws Exception {
        webhook.stop(0);
        routee.close();
    }

    @Test
    void anSmsFollowsWhenViberExpires() throws Exception {
        routee.play("""
            {"name": "no-viber", "when": {"to": "*"}, "viber": "expired", "sms": "delivered"}
            """);
        String trackingId = shop.ready("+306900000000");
        routee.untilIdle();
        assertEquals("Succeeded", shop.status(trackingId));
        routee.expect("""
            {"flow": {"trackingId": "%s"}, "terminationChannel": "Sms", "heard": ["Viber EXPIRED", "Sms Delivered"]}
            """.formatted(trackingId));
    }
}
