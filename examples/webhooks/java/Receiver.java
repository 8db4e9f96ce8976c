import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

public class Receiver {
    private static final Set<String> handled = new HashSet<>();

    public static void main(String[] arguments) throws Exception {
        Webhook webhook = new Webhook(System.getenv("WEBHOOK_SECRET"));
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "9000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(receive(webhook, exchange), -1);
            exchange.close();
        });
        server.start();
    }

    private static int receive(Webhook webhook, HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        try {
            webhook.verify(body, exchange.getRequestHeaders());
        } catch (WebhookVerificationException refused) {
            return 401;
        }
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        if (handled.add(id)) {
            System.out.println(id + " " + body);
        }
        return 204;
    }
}
