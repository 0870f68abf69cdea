<?php

/** Tells customers that their order is ready. It knows nothing of the mock. */
final class Shop
{
    /** settings: ROUTEE_API_URL and so on, and WEBHOOK_URL, where Routee finds us; getenv() in production. */
    public function __construct(private array $settings)
    {
    }

    /** Tell a customer that the order is ready, and return the trackingId of the flow. */
    public function ready(string $phone): string
    {
        $text = 'It is ready.';
        $body = json_encode([
            'flow' => [
                ['type' => 'Viber', 'to' => $phone, 'senderInfoTrackingId' => 'shop', 'message' => ['text' => $text]],
                ['type' => 'Sms', 'to' => $phone, 'from' => 'Shop', 'message' => ['body' => $text]],
            ],
            'callback' => ['strategy' => 'OnStep', 'url' => $this->settings['WEBHOOK_URL']],
        ]);
        $url = $this->settings['ROUTEE_API_URL'] . '/failover';
        return $this->post($url, "Bearer {$this->token()}", 'application/json', $body)['trackingId'];
    }

    private function token(): string
    {
        $pair = $this->settings['ROUTEE_APPLICATION_ID'] . ':' . $this->settings['ROUTEE_APPLICATION_SECRET'];
        $url = $this->settings['ROUTEE_AUTH_URL'] . '/oauth/token';
        $form = http_build_query(['grant_type' => 'client_credentials']);
        $basic = 'Basic ' . base64_encode($pair);
        return $this->post($url, $basic, 'application/x-www-form-urlencoded', $form)['access_token'];
    }

    private function post(string $url, string $authorization, string $type, string $body): array
    {
        $headers = ["Authorization: $authorization", "Content-Type: $type"];
        $context = stream_context_create(['http' => ['method' => 'POST', 'header' => $headers, 'content' => $body]]);
        $reply = file_get_contents($url, false, $context);
        if ($reply === false) {
            throw new RuntimeException("Routee refused: {$http_response_header[0]}");
        }
        return json_decode($reply, true, flags: JSON_THROW_ON_ERROR);
    }
}
