#!/usr/bin/env python3
"""Speed and memory of `understudy serve`, as ratios within one run, each with its bar.

usage: bench.py PROGRAM [--pairs N] [--seconds S] [--only WORD]

Throughput is requests per CPU-second of the server (the scheduler's own count of its threads' run time), the server on core 0
and wrk on core 1, A B A B; the figure is the median of the pairs' ratios. A machine that others use moves the rates, hardly the
ratios. Exit code 0 when every bar holds, 1 when one does not, 2 when something could not be measured.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import wire
from server import LOAD_CORE, NGINX_REPLY, SERVER_CORE, Nginx, Understudy

KNOWN_USERS = 300
CONNECTIONS = 64
WARM_SECONDS = 2  # until journal and messages are at their caps, and nothing grows any more


# ---- What is sent ---------------------------------------------------------------------------------------------------

def text_body(psid):
    text = "Thank you for your order! We have packed it this morning and it will be with you on Friday before noon. Enjoy"
    return {"recipient": {"id": psid}, "messaging_type": "RESPONSE", "message": {"text": text}}


def element_body(psid, count):
    def element(title, subtitle, noun):
        return {"title": title, "image_url": f"https://shop.example/{noun}.jpg", "subtitle": subtitle,
                "default_action": {"type": "web_url", "url": f"https://shop.example/{noun}", "webview_height_ratio": "tall"},
                "buttons": [{"type": "web_url", "url": f"https://shop.example/buy", "title": "Buy"},
                            {"type": "postback", "title": "More", "payload": f"MORE_{noun.upper()}"}]}
    kinds = [("A lamp for long evenings", "Warm light, oak foot", "lamp"), ("A chair to think in", "Wool, and ash wood.", "chair")]
    elements = [element(*kinds[number % 2]) for number in range(count)]
    return {"recipient": {"id": psid}, "messaging_type": "RESPONSE", "message": {"attachment": {
        "type": "template", "payload": {"template_type": "generic", "elements": elements}}}}


def template_body(psid):
    return element_body(psid, 2)


def ten_elements(psid):
    return element_body(psid, 10)


# ---- Worlds ---------------------------------------------------------------------------------------------------------

class World:
    """A world of the server with everybody's window open (or nobody's), and every limit on, but none in the way."""

    def __init__(self, server, windows_open=True, **spec):
        self.control = wire.Connection(server.port)
        made = self.control.json("POST", "/_sim/worlds", {"limits": {"*": {"max": 10**9}}, **spec})
        self.name = made["name"]
        self.token = made["pages"][0]["access_token"]
        self.psids = [user["psid"] for user in made["users"]]
        if windows_open:
            self.control.json("POST", f"/_sim/worlds/{self.name}/acts",
                              [{"act": "message", "user": psid, "text": "Hello"} for psid in self.psids])

    def send_path(self):
        return f"/v23.0/me/messages?access_token={self.token}"


# ---- Throughput -----------------------------------------------------------------------------------------------------

def load(server, path, bodies, seconds, wanted=200):
    """Requests per CPU-second of the server under wrk."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(body, separators=(",", ":")) + "\n" for body in bodies)
        file.flush()

        def wrk(duration):
            script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "send.lua")
            done = subprocess.run(["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{duration}s", "-s", script,
                                   f"http://127.0.0.1:{server.port}"], capture_output=True, text=True, check=True,
                                  env={**os.environ, "REQUESTS_FILE": file.name, "REQUESTS_PATH": path})
            requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
            refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
            refused = int(refused.group(1)) if refused else 0
            if "Socket errors" in done.stdout or requests == 0 or refused != (0 if wanted == 200 else requests):
                raise RuntimeError(f"wrk expected only status {wanted}:\n{done.stdout}")
            return requests

        wrk(WARM_SECONDS)
        before = server.cpu_seconds()
        requests = wrk(seconds)
        return requests / (server.cpu_seconds() - before)


def rate_of_nginx(options):
    with Nginx() as server:
        return load(server, "/v23.0/me/messages?access_token=" + 100 * "t", [text_body("2543600000000000")], options.seconds)


def rate_of_sends(options, make_body, windows_open=True):
    with Understudy(options.program) as server:
        world = World(server, windows_open, users=[{} for _ in range(KNOWN_USERS)])
        bodies = [make_body(psid) for psid in world.psids]
        status, reply = world.control.ask(wire.encode("POST", world.send_path(), bodies[0]))
        wanted = 200 if windows_open else 400
        if status != wanted:
            raise RuntimeError(f"a send answers {status}, expected {wanted}: {reply!r}")
        return load(server, world.send_path(), bodies, options.seconds, wanted)


def paired(options, ours, other):
    """Median over the pairs of ours / other, and what it was made of."""
    ratios, rates = [], []
    for _ in range(options.pairs):
        b = other()
        a = ours()
        ratios.append(a / b)
        rates.append(a)
    remark = f"{statistics.median(rates):,.0f} a CPU-second; pairs {min(ratios):.2f}-{max(ratios):.2f}"
    return statistics.median(ratios), remark


def text_against_nginx(options):
    return paired(options, lambda: rate_of_sends(options, text_body), lambda: rate_of_nginx(options))


def refused_against_nginx(options):
    return paired(options, lambda: rate_of_sends(options, text_body, windows_open=False), lambda: rate_of_nginx(options))


def template_against_text(options):
    return paired(options, lambda: rate_of_sends(options, template_body), lambda: rate_of_sends(options, text_body))


def ten_elements_beyond_text(options):
    """What ten elements add to a send, in sends of a text: their validation is part of that, with the reading and writing of the other kilobytes."""
    ratio, remark = paired(options, lambda: rate_of_sends(options, ten_elements), lambda: rate_of_sends(options, text_body))
    return 1 / ratio - 1, f"{remark} of the whole send against a text"


# ---- Webhooks -------------------------------------------------------------------------------------------------------

def beside(options, name):
    """A program that the build leaves beside ours."""
    return os.path.join(os.path.dirname(os.path.abspath(options.program)), name)


def rate_of_deliveries(options, sink, acts):
    """Webhooks per CPU-second of the server, from when all acts have been made until all are delivered; and how long one is."""
    with Understudy(options.program) as server:
        world = World(server, windows_open=False, users=[{} for _ in range(KNOWN_USERS)], webhook={
            "url": f"http://127.0.0.1:{sink.port}/webhook", "fields": ["messages"]})
        made = [{"act": "message", "user": world.psids[number % KNOWN_USERS], "text": "Do you have copper kettles?"} for number in range(acts)]
        world.control.json("POST", f"/_sim/worlds/{world.name}/acts", made)
        before = server.cpu_seconds()
        world.control.json("POST", f"/_sim/worlds/{world.name}/settle")
        rate = acts / (server.cpu_seconds() - before)
        lines = world.control.ask(wire.encode("GET", f"/_sim/worlds/{world.name}/journal"))[1].splitlines()
        posts = [record for record in map(json.loads, lines) if record.get("kind") == "webhook"]
        if not posts or any(record["outcome"] != "delivered" for record in posts):
            raise RuntimeError(f"not all webhooks were delivered: {posts[-1:]}")
        return rate, len(json.dumps(posts[-1]["body"], separators=(",", ":")))


def rate_of_raw_sender(options, sink, deliveries, body_bytes):
    done = subprocess.run(["taskset", "-c", str(SERVER_CORE), beside(options, "bench_sender"), str(sink.port), str(CONNECTIONS), str(deliveries),
                           str(body_bytes)], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    return said["deliveries"] / said["cpu_seconds"]


def webhooks_against_raw(options):
    acts = 20_000
    length = 300

    def ours():
        nonlocal length
        rate, length = rate_of_deliveries(options, sink, acts)
        return rate

    with Nginx(core=LOAD_CORE) as sink:
        return paired(options, ours, lambda: rate_of_raw_sender(options, sink, 5 * acts, length))


# ---- The generator --------------------------------------------------------------------------------------------------

def generated_month(options):
    """Acts per CPU-second of a month of ten thousand people whom nobody listens to."""
    rates, sizes = [], []
    for _ in range(max(1, options.pairs // 2)):
        with Understudy(options.program) as server:
            control = wire.Connection(server.port)
            control.json("POST", "/_sim/worlds", {"name": "month", "clock": "frozen", "now": "2024-03-01T09:00:00Z"})
            before = server.cpu_seconds()
            said = control.json("POST", "/_sim/worlds/month/generate", {"people": 10_000, "days": 30})
            rates.append(said["acts"] / (server.cpu_seconds() - before))
            sizes.append(server.rss_bytes() / 1e6)
    return statistics.median(rates), f"a CPU-second; {said['acts']:,} acts, {max(sizes):.0f} MB resident, journal and messages at their caps"


# ---- Routes ---------------------------------------------------------------------------------------------------------

def route_growth(options):
    """A look-up among the last rows of the table against one among the first."""
    said = json.loads(subprocess.run([beside(options, "bench_routes")], capture_output=True, text=True, check=True).stdout)
    return (said["last_quarter_ns"] / said["first_quarter_ns"],
            f"{said['last_quarter_ns']:.0f} ns against {said['first_quarter_ns']:.0f} ns, {said['routes']} routes; {said['none_ns']:.0f} ns when there is none")


# ---- Start and memory -----------------------------------------------------------------------------------------------

def start_to_first_answer(options):
    times = []
    for _ in range(4 * options.pairs + 1):
        begun = time.perf_counter()
        with Understudy(options.program) as server:
            connection = wire.Connection(server.port)
            connection.json("GET", "/_sim/health")
            times.append(1000 * (time.perf_counter() - begun))
            connection.close()
    return statistics.median(times), f"{min(times):.1f}-{max(times):.1f} ms in {len(times)} starts"


def idle_rss(options):
    with Understudy(options.program) as server:
        connection = wire.Connection(server.port)
        connection.json("GET", "/_sim/health")
        return server.rss_bytes() / 1e6, "after the first answer"


def bytes_per_user(options):
    """Growth from the first to the last of some equal worlds, so that what making one leaves in the heap is counted once."""
    worlds, users = 9, 20_000
    with Understudy(options.program) as server:
        sizes = []
        for number in range(worlds):
            World(server, windows_open=False, name=f"crowd{number}", users=[{} for _ in range(users)]).control.close()
            sizes.append(server.rss_bytes())
    return (sizes[-1] - sizes[0]) / ((worlds - 1) * users), f"{(worlds - 1) * users:,} users in {worlds - 1} worlds"


def bytes_per_connection(options):
    count = 500
    with Understudy(options.program) as server:
        first = wire.Connection(server.port)
        first.json("GET", "/_sim/health")
        before = server.rss_bytes()
        others = [wire.Connection(server.port) for _ in range(count)]
        for connection in others:
            connection.json("GET", "/_sim/health")
        return (server.rss_bytes() - before) / count / 1024, f"{count} connections that were used once"


# ---- Worlds and time ------------------------------------------------------------------------------------------------

def milliseconds(times):
    return statistics.median(times), f"{min(times):.2f}-{max(times):.2f} ms, over HTTP"


def timed(connection, method, path, body=None):
    begun = time.perf_counter()
    connection.json(method, path, body)
    return 1000 * (time.perf_counter() - begun)


def make_and_drop(options, counted):
    times = {"POST": [], "DELETE": []}
    with Understudy(options.program) as server:
        connection = wire.Connection(server.port)
        for number in range(20 * options.pairs):
            times["POST"].append(timed(connection, "POST", "/_sim/worlds", {"name": f"brief{number}"}))
            times["DELETE"].append(timed(connection, "DELETE", f"/_sim/worlds/brief{number}"))
    return milliseconds(times[counted])


def make_world(options):
    return make_and_drop(options, "POST")


def drop_world(options):
    return make_and_drop(options, "DELETE")


def empty_year(options):
    times = []
    with Understudy(options.program) as server:
        connection = wire.Connection(server.port)
        connection.json("POST", "/_sim/worlds", {"name": "calm", "clock": "frozen", "now": "2024-03-01T09:00:00Z"})
        for _ in range(4 * options.pairs):
            times.append(timed(connection, "POST", "/_sim/worlds/calm/clock", {"advance": "365d"}))
    return milliseconds(times)


def act_round_trip(options):
    """A person reads the last answer and writes again; webhook, the bot's answer, echo and delivery follow, all over HTTP and
    settled. In bare keep-alive round trips: GET /_sim/health on the same server by the same client, in turn."""
    warm_up, rounds = 20, 60 * options.pairs
    with Understudy(options.program) as server:
        bot = wire.Bot(server.port)
        world = World(server, windows_open=False, name="talk", clock="frozen", now="2024-03-01T09:00:00Z", users=[{"name": "ann"}])
        webhook = {"url": f"http://127.0.0.1:{bot.port}/webhook",
                   "fields": ["messages", "message_echoes", "message_deliveries", "message_reads"]}
        bot.ask(world.control, wire.encode("PUT", f"/_sim/worlds/{world.name}/webhook", webhook), wanted=200)
        answer = wire.encode("POST", world.send_path(), text_body(world.psids[0]))
        bot.answer_to = lambda body: answer if b'"is_echo"' not in body and b'"message":{' in body else None
        acts = [{"act": "read", "user": world.psids[0]}, {"act": "message", "user": world.psids[0], "text": "Hello"}]
        act = wire.encode("POST", f"/_sim/worlds/{world.name}/acts", acts)
        pass_time = wire.encode("POST", f"/_sim/worlds/{world.name}/clock", {"advance": "10s"})
        health = wire.encode("GET", "/_sim/health")
        bare, full = [], []
        for turn in range(warm_up + rounds):
            begun = time.perf_counter()
            bot.ask(world.control, health, wanted=200)
            between = time.perf_counter()
            received, answered = bot.received, bot.answered
            bot.ask(world.control, act, wanted=200)
            bot.serve_until(lambda: bot.answered > answered)
            bot.ask(world.control, pass_time, wanted=200)
            ended = time.perf_counter()
            if turn < warm_up:
                continue
            if bot.received - received != 4 or bot.refused:
                raise RuntimeError(f"{bot.received - received} webhooks instead of 4; the API refused: {bot.refused}")
            bare.append(between - begun)
            full.append(ended - between)
        bot.close()
    # Others on the machine delay the many switches between threads more often than the few, so the fastest tenth of either is compared.
    trip, talk = (statistics.quantiles(times, n=10)[0] for times in (bare, full))
    return talk / trip, (f"{1e6 * talk:.0f} us against {1e6 * trip:.0f} us, the fastest tenths; medians "
                         f"{1e6 * statistics.median(full):.0f} and {1e6 * statistics.median(bare):.0f} us")


# ---- Limits ---------------------------------------------------------------------------------------------------------

def limits(options):
    """What bench_limits, which the build leaves beside the program, says; once for all bars."""
    if not hasattr(options, "limits"):
        options.limits = json.loads(subprocess.run([beside(options, "bench_limits")], capture_output=True, text=True, check=True).stdout)
    return options.limits


def limit_decision(options):
    said = limits(options)
    return said["decision_ns"], f"{said['active_keys']:,} people with something in their windows"


def limit_memory(options):
    said = limits(options)
    return said["people_mb"], f"{said['people']:,} people, two messages each"


# ---- The table ------------------------------------------------------------------------------------------------------

# What, how it is measured, its unit, the bar that must hold, what we aim at, and which side of it is good.
BARS = [
    ("text send against nginx", text_against_nginx, "x", 0.60, 0.90, "at least"),
    ("refused send against nginx", refused_against_nginx, "x", 0.50, 0.85, "at least"),
    ("860-byte template against text", template_against_text, "x", 0.75, 0.87, "at least"),
    ("ten elements beyond a text", ten_elements_beyond_text, "texts", 3, 2, "at most"),
    ("last routes against first", route_growth, "x", 1.5, 1.2, "at most"),
    ("webhooks against a raw sender", webhooks_against_raw, "x", 0.40, 0.45, "at least"),
    ("acts of a generated month", generated_month, "/s", 200_000, 300_000, "at least"),
    ("start to first answer", start_to_first_answer, "ms", 20, 15, "at most"),
    ("idle resident memory", idle_rss, "MB", 12, 8, "at most"),
    ("a known user", bytes_per_user, "bytes", 100, 42, "at most"),
    ("an idle connection", bytes_per_connection, "KiB", 32, 16, "at most"),
    ("a decision over all limits", limit_decision, "ns", 300, 200, "at most"),
    ("a million people with limits", limit_memory, "MB", 250, 200, "at most"),
    ("making a world", make_world, "ms", 1, 0.5, "at most"),
    ("dropping a world", drop_world, "ms", 1, 0.5, "at most"),
    ("a virtual year without events", empty_year, "ms", 1, 0.5, "at most"),
    ("act, answer, echo, delivery, read", act_round_trip, "trips", 8, 8, "at most"),
]


def verdict(value, bar, aim, side):
    reached = (lambda limit: value >= limit) if side == "at least" else (lambda limit: value <= limit)
    return "aim" if reached(aim) else "holds" if reached(bar) else "MISSED"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs that are compared (default 5)")
    parser.add_argument("--seconds", type=int, default=3, help="length of one run under load (default 3)")
    parser.add_argument("--only", default="", help="only the bars whose name contains this")
    options = parser.parse_args()

    sizes = [len(json.dumps(make("2543600000000000"), separators=(",", ":"))) for make in (text_body, template_body)]
    print(f"requests: text {sizes[0]} bytes, template {sizes[1]} bytes; nginx answers {len(NGINX_REPLY)} bytes")
    print(f"{'what':<34} {'figure':>9} {'':<6} {'bar':>14} {'aim':>6}  verdict  remark")
    code = 0
    for name, measure, unit, bar, aim, side in BARS:
        if options.only not in name:
            continue
        try:
            value, remark = measure(options)
        except (RuntimeError, OSError, subprocess.SubprocessError, KeyError) as trouble:
            print(f"{name:<34} not measured: {trouble}", flush=True)
            code = 2
            continue
        judged = verdict(value, bar, aim, side)
        if judged == "MISSED":
            code = max(code, 1)
        print(f"{name:<34} {value:9.2f} {unit:<6} {side:>8} {bar:>5} {aim:>6}  {judged:<7}  {remark}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
