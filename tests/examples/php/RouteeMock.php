<?php

/** A sandbox of a running mock, for one test. */
final class RouteeMock
{
    private string $url;
    private array $made;

    public function __construct()
    {
        $this->url = getenv('ROUTEE_MOCK_URL') ?: 'http://127.0.0.1:8080';
        $this->made = $this->ask('POST', '/_mock/sandboxes', ['clock' => 'manual']);
    }

    /** What configures the application. */
    public function env(): array
    {
        return [
            'ROUTEE_AUTH_URL' => $this->url,
            'ROUTEE_API_URL' => $this->url,
            'ROUTEE_APPLICATION_ID' => $this->made['applicationId'],
            'ROUTEE_APPLICATION_SECRET' => $this->made['applicationSecret'],
        ];
    }

    /** Decide what happens to messages. */
    public function play(array $scenario): void
    {
        $this->control('POST', '/scenarios', $scenario);
    }

    /** Let everything happen that is due. When it returns, every callback has its answer. */
    public function untilIdle(): void
    {
        $this->control('POST', '/clock/advance', ['until' => 'idle']);
    }

    /** What the mock says against an expectation; an empty text if it holds. */
    public function against(array $expectation): string
    {
        $verdict = $this->control('POST', '/verify', ['expect' => [$expectation]]);
        return $verdict['ok'] ? '' : $verdict['expectations'][0]['says'];
    }

    public function close(): void
    {
        $this->control('DELETE', '');
    }

    private function control(string $method, string $path, ?array $body = null): ?array
    {
        return $this->ask($method, "/_mock/sandboxes/{$this->made['id']}$path", $body);
    }

    private function ask(string $method, string $path, ?array $body = null): ?array
    {
        $content = $body === null ? '' : json_encode($body);
        $options = ['method' => $method, 'content' => $content, 'ignore_errors' => true];
        $options['header'] = 'Content-Type: application/json';
        $reply = file_get_contents($this->url . $path, false, stream_context_create(['http' => $options]));
        if ($reply === false || preg_match('/ [45]\d\d/', $http_response_header[0])) {
            throw new RuntimeException("$method $path: $reply");
        }
        return json_decode($reply, true);
    }
}
