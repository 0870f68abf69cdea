<?php

require_once __DIR__ . '/RouteeMock.php';
require_once __DIR__ . '/Shop.php';

final class ShopTest extends PHPUnit\Framework\TestCase
{
    private RouteeMock $routee;
    private string $statuses;
    private string $webhook;
    private $server;

    protected function setUp(): void
    {
        $this->routee = new RouteeMock();
        $this->statuses = sys_get_temp_dir() . '/' . uniqid('statuses');
        mkdir($this->statuses);
        $free = stream_socket_server('tcp://127.0.0.1:0');
        $this->webhook = stream_socket_get_name($free, false);
        fclose($free);
        $command = [PHP_BINARY, '-S', $this->webhook, __DIR__ . '/webhook.php'];
        $quiet = [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']];
        $this->server = proc_open($command, $quiet, $pipes, null, ['STATUSES' => $this->statuses] + getenv());
        while (!@stream_socket_client("tcp://$this->webhook")) {
            usleep(10_000);
        }
    }

    protected function tearDown(): void
    {
        proc_terminate($this->server);
        $this->routee->close();
    }

    public function testAnSmsFollowsWhenViberExpires(): void
    {
        $shop = new Shop($this->routee->env() + ['WEBHOOK_URL' => "http://$this->webhook/routee"]);
        $this->routee->play(['name' => 'no-viber', 'when' => ['to' => '*'], 'viber' => 'expired', 'sms' => 'delivered']);
        $trackingId = $shop->ready('+306900000000');
        $this->routee->untilIdle();
        $this->assertSame('Succeeded', file_get_contents("$this->statuses/$trackingId"));
        $expected = ['flow' => ['trackingId' => $trackingId], 'heard' => ['Viber EXPIRED', 'Sms Delivered']];
        $this->assertSame('', $this->routee->against($expected));
    }
}
