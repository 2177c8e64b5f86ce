<?php
// A bot in the style of botman's Facebook driver: form bodies with PHP brackets and the token in them, booleans as 0 and 1,
// sha1 signatures, answers judged by `error` in the body; and, as pimax does, a batch whose items are such forms.

const PICTURE = 'https://shop.example/img.png';
const PATIENCE_SECONDS = 60;

class GraphError extends Exception
{
    public function __construct(public readonly array $error)
    {
        parent::__construct($error['message'], $error['code']);
    }
}

class Driver
{
    public function __construct(private string $token)
    {
    }

    /** Sends parameters as a form, brackets and all; `$method` other than POST carries them in its body as well. */
    public function call(string $method, string $path, array $parameters = []): array
    {
        $url = getenv('GRAPH_API_BASE') . '/v3.0/' . $path;
        $form = http_build_query($parameters + ['access_token' => $this->token]);
        if ($method === 'GET') {
            $url .= '?' . $form;
        }
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => 'Content-Type: application/x-www-form-urlencoded',
            'content' => $method === 'GET' ? '' : $form,
            'ignore_errors' => true,
            'protocol_version' => 1.1,
        ]]);
        $answer = json_decode(file_get_contents($url, false, $context), true);
        if (isset($answer['error'])) {
            throw new GraphError($answer['error']);
        }
        return $answer;
    }

    public function send(string $psid, array $message, array $more = []): array
    {
        return $this->call('POST', 'me/messages', $more + [
            'messaging_type' => 'RESPONSE', 'recipient' => ['id' => $psid], 'message' => $message,
        ]);
    }

    public function sendFile(string $psid, string $type, string $name, string $contentType, string $content): array
    {
        $boundary = '----php' . bin2hex(random_bytes(8));
        $fields = [
            'recipient' => json_encode(['id' => $psid]),
            'message' => json_encode(['attachment' => ['type' => $type, 'payload' => ['is_reusable' => true]]]),
            'access_token' => $this->token,
        ];
        // the file comes first, the token last
        $body = "--$boundary\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"$name\"\r\n"
            . "Content-Type: $contentType\r\n\r\n$content\r\n";
        foreach ($fields as $key => $value) {
            $body .= "--$boundary\r\nContent-Disposition: form-data; name=\"$key\"\r\n\r\n$value\r\n";
        }
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => "Content-Type: multipart/form-data; boundary=$boundary",
            'content' => "$body--$boundary--\r\n",
            'ignore_errors' => true,
        ]]);
        $answer = json_decode(file_get_contents(getenv('GRAPH_API_BASE') . '/v3.0/me/messages', false, $context), true);
        if (isset($answer['error'])) {
            throw new GraphError($answer['error']);
        }
        return $answer;
    }
}

function refused(int $code, ?int $subcode = null): array
{
    return [$code, $subcode];
}

/** A check that the answer holds these keys, each with the given value or, for null, with any. */
function holds(array $wanted): Closure
{
    return function (array $answer) use ($wanted): void {
        foreach ($wanted as $key => $value) {
            if (!array_key_exists($key, $answer) || ($value !== null && $answer[$key] !== $value)) {
                throw new UnexpectedValueException(json_encode($answer) . " where $key was wanted");
            }
        }
    };
}

function steps(Driver $bot, string $psid): array
{
    $sent = holds(['recipient_id' => $psid, 'message_id' => null]);
    $done = holds(['result' => 'success']);
    $made = new ArrayObject();
    $postback = ['type' => 'postback', 'title' => 'Menü', 'payload' => 'MENU'];
    $link = ['type' => 'web_url', 'title' => 'Shop', 'url' => 'https://shop.example/', 'messenger_extensions' => false];
    $red = ['content_type' => 'text', 'title' => 'Rot', 'payload' => 'RED'];
    $template = fn (array $payload) => ['attachment' => ['type' => 'template', 'payload' => $payload]];
    $element = ['title' => 'Kessel', 'subtitle' => 'Kupfer', 'image_url' => PICTURE, 'buttons' => [$postback, $link]];
    $receipt = [
        'template_type' => 'receipt', 'recipient_name' => 'A. Kunde', 'order_number' => '1044', 'currency' => 'EUR',
        'payment_method' => 'Visa', 'summary' => ['total_cost' => 9.5], 'elements' => [['title' => 'Tee', 'price' => 9.5]],
    ];
    $batch = json_encode([
        ['method' => 'POST', 'relative_url' => 'me/messages',
            'body' => http_build_query(['recipient' => ['id' => $psid], 'message' => ['text' => 'one']])],
        ['method' => 'POST', 'relative_url' => 'me/messages',
            'body' => http_build_query(['recipient' => ['id' => '1'], 'message' => ['text' => 'two']])],
    ]);

    return [
        ['text', fn () => $bot->send($psid, ['text' => 'Grüße & 100 % Freude 😀']), $sent],
        ['quick replies', fn () => $bot->send($psid, ['text' => 'Farbe?', 'quick_replies' => [$red, $red]]), $sent],
        ['image', fn () => $bot->send($psid, ['attachment' => [
            'type' => 'image', 'payload' => ['url' => PICTURE, 'is_reusable' => true]]]), $sent],
        ['button template', fn () => $bot->send($psid, $template([
            'template_type' => 'button', 'text' => 'Was?', 'buttons' => [$postback, $link]])), $sent],
        ['generic template', fn () => $bot->send($psid, $template(['template_type' => 'generic', 'elements' => [$element]])), $sent],
        ['receipt template', fn () => $bot->send($psid, $template($receipt)), $sent],
        ['typing', fn () => $bot->call('POST', 'me/messages', [
            'recipient' => ['id' => $psid], 'sender_action' => 'typing_on']), holds(['recipient_id' => $psid])],
        ['file', fn () => $bot->sendFile($psid, 'file', 'f.pdf', 'application/pdf', "%PDF-1.4\n%%EOF\n"), holds(['attachment_id' => null])],
        ['user', fn () => $bot->call('GET', $psid, ['fields' => 'first_name,last_name']), holds(['first_name' => null])],
        ['get started', fn () => $bot->call('POST', 'me/messenger_profile', ['get_started' => ['payload' => 'GO']]), $done],
        ['persistent menu', fn () => $bot->call('POST', 'me/messenger_profile', ['persistent_menu' => [
            ['locale' => 'default', 'composer_input_disabled' => false, 'call_to_actions' => [$postback]]]]), $done],
        ['delete profile', fn () => $bot->call('DELETE', 'me/messenger_profile', ['fields' => ['persistent_menu', 'get_started']]), $done],
        ['persona', function () use ($bot, $made) {
            $made['persona'] = $bot->call('POST', 'me/personas', ['name' => 'Maija', 'profile_picture_url' => PICTURE]);
            return $made['persona'];
        }, holds(['id' => null])],
        ['text, persona', fn () => $bot->send($psid, ['text' => 'Maija'], ['persona_id' => $made['persona']['id']]), $sent],
        ['delete persona', fn () => $bot->call('DELETE', $made['persona']['id']), holds(['success' => true])],
        ['batch', fn () => array_column($bot->call('POST', '', ['batch' => $batch]), 'code'), holds([0 => 200, 1 => 400])],
        ['error: nobody has this id', fn () => $bot->send('1', ['text' => 'Hallo']), refused(100, 2018001)],
        ['error: no message', fn () => $bot->call('POST', 'me/messages', ['recipient' => ['id' => $psid]]), refused(100, 2018015)],
        ['error: four buttons', fn () => $bot->send($psid, $template([
            'template_type' => 'button', 'text' => 'Was?', 'buttons' => [$postback, $postback, $link, $link]])), refused(105)],
        ['error: bad token', fn () => (new Driver('EAAnotatoken'))->send($psid, ['text' => 'Hallo']), refused(190)],
    ];
}

function check(callable $call, callable|array $expected): void
{
    try {
        $answer = $call();
    } catch (GraphError $error) {
        $got = [$error->error['code'], $error->error['error_subcode'] ?? null];
        if (!is_array($expected) || $expected[0] !== $got[0] || !in_array($expected[1], [null, $got[1]], true)) {
            throw new UnexpectedValueException("error $got[0]/$got[1]: " . $error->getMessage());
        }
        return;
    }
    if (is_array($expected)) {
        throw new UnexpectedValueException("expected error $expected[0], got " . json_encode($answer));
    }
    $expected($answer);
}

function walk(array $steps): int
{
    $failed = [];
    foreach ($steps as [$name, $call, $expected]) {
        try {
            check($call, $expected);
            echo "ok $name\n";
        } catch (Throwable $problem) {
            $failed[] = $name;
            echo "not ok $name - {$problem->getMessage()}\n";
        }
    }
    echo $failed ? count($failed) . ' failed: ' . implode('; ', $failed) . "\n" : "all as wanted\n";
    return $failed ? 1 : 0;
}

/** Answers one request on the webhook's port. Returns the PSID of somebody who wrote, or null. */
function receive($connection): ?string
{
    $head = '';
    while (!str_contains($head, "\r\n\r\n") && ($line = fgets($connection)) !== false) {
        $head .= $line;
    }
    $length = preg_match('/^Content-Length: *(\d+)/mi', $head, $match) ? (int) $match[1] : 0;
    $body = $length ? stream_get_contents($connection, $length) : '';
    parse_str((string) parse_url(explode(' ', $head . '  ')[1], PHP_URL_QUERY), $query);
    $status = '200 OK';
    $answer = '';
    $psid = null;
    if (str_starts_with($head, 'GET') && ($query['hub_verify_token'] ?? '') === getenv('VERIFY_TOKEN')) {
        $answer = $query['hub_challenge'];
    } elseif (preg_match('/^X-Hub-Signature: *(\S+)/mi', $head, $match)
        && hash_equals('sha1=' . hash_hmac('sha1', $body, getenv('APP_SECRET')), $match[1])) {
        $event = json_decode($body, true)['entry'][0]['messaging'][0] ?? [];
        $psid = isset($event['message']['text']) && empty($event['message']['is_echo']) ? $event['sender']['id'] : null;
    } else {
        $status = '403 Forbidden';
    }
    fwrite($connection, "HTTP/1.1 $status\r\nContent-Length: " . strlen($answer) . "\r\nConnection: close\r\n\r\n$answer");
    fclose($connection);
    return $psid;
}

$listener = stream_socket_server('tcp://127.0.0.1:' . getenv('WEBHOOK_PORT'), $number, $problem);
if (!$listener) {
    fwrite(STDERR, "cannot listen: $problem\n");
    exit(2);
}
$until = time() + PATIENCE_SECONDS;
while (time() < $until) {
    $connection = @stream_socket_accept($listener, $until - time());
    $psid = $connection ? receive($connection) : null;
    if ($psid !== null) {
        exit(walk(steps(new Driver(getenv('PAGE_ACCESS_TOKEN')), $psid)));
    }
}
echo "not ok nobody wrote to the page within a minute\n";
exit(1);
