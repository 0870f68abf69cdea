<?php

// The shop's webhook: keeps the last status of each flow in a file of the directory STATUSES.
$flow = json_decode(file_get_contents('php://input'), true, flags: JSON_THROW_ON_ERROR);
file_put_contents(getenv('STATUSES') . '/' . basename($flow['trackingId']), $flow['status']);
http_response_code(204);
