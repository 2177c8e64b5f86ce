"""Answers every text with what its system says: the day and the minute, and how long a nap of a tenth of a second was."""
import http.server
import json
import os
import time
import urllib.parse
import urllib.request


class Bot(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        asked = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        self.answer(asked.get("hub.challenge", [""])[0].encode())

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        now = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
        begun = time.monotonic()
        time.sleep(0.1)
        nap = round(time.monotonic() - begun, 1)
        for event in body["entry"][0].get("messaging", []):
            if "message" not in event or event["message"].get("is_echo"):
                continue
            said = {"recipient": event["sender"], "message": {"text": f"{now}, {'a nap' if 0.1 <= nap < 5 else nap}"}}
            url = f"{os.environ['GRAPH_API_BASE']}/v19.0/me/messages?access_token={os.environ['PAGE_ACCESS_TOKEN']}"
            urllib.request.urlopen(urllib.request.Request(url, json.dumps(said).encode(), {"Content-Type": "application/json"})).read()
        self.answer(b"EVENT_RECEIVED")

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["WEBHOOK_PORT"])), Bot).serve_forever()
