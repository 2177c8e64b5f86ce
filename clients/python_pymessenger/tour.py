"""A bot in the style of pymessenger: version 2.6, token and proof in the query, UTF-8 JSON, notification_type and no
messaging_type, uploads as multipart with the file last; it goes by `error` in the body, whatever the status."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import signal
import sys
import threading
import urllib.parse
import uuid

ENV = os.environ
BASE = urllib.parse.urlsplit(ENV["GRAPH_API_BASE"])
PICTURE = "https://shop.example/img.png"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class GraphError(Exception):
    def __init__(self, error):
        super().__init__(error.get("message"))
        self.code, self.subcode = error.get("code"), error.get("error_subcode")


class Bot:
    def __init__(self, token):
        proof = hmac.new(ENV["APP_SECRET"].encode(), token.encode(), hashlib.sha256).hexdigest()
        self.auth = {"access_token": token, "appsecret_proof": proof}
        self.line = http.client.HTTPConnection(BASE.hostname, BASE.port)

    def request(self, method, path, body=None, content_type="application/json", **params):
        if isinstance(body, dict):
            body = json.dumps(body, ensure_ascii=False).encode()
        query = urllib.parse.urlencode({**self.auth, **params})
        headers = {"Content-Type": content_type} if body is not None else {}
        self.line.request(method, f"/v2.6/{path}?{query}", body, headers)
        answer = json.load(self.line.getresponse())
        if isinstance(answer, dict) and "error" in answer:
            raise GraphError(answer["error"])
        return answer

    def send(self, psid, **payload):
        return self.request("POST", "me/messages", {"recipient": {"id": psid}, "notification_type": "REGULAR", **payload})

    def send_message(self, psid, message):
        return self.send(psid, message=message)

    def send_url(self, psid, kind, url):
        return self.send_message(psid, {"attachment": {"type": kind, "payload": {"url": url}}})

    def send_file(self, psid, kind, name, content_type, content):
        """The toolbelt's encoder: text fields first, then the file."""
        fields = {
            "recipient": json.dumps({"id": psid}),
            "notification_type": "REGULAR",
            "message": json.dumps({"attachment": {"type": kind, "payload": {}}}),
        }
        boundary = uuid.uuid4().hex
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
                 for key, value in fields.items()]
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="filedata"; filename="{name}"\r\n'
                     f'Content-Type: {content_type}\r\n\r\n'.encode() + content + f'\r\n--{boundary}--\r\n'.encode())
        return self.request("POST", "me/messages", b"".join(parts), f"multipart/form-data; boundary={boundary}")

    def profile(self, **settings):
        return self.request("POST", "me/messenger_profile", settings)

    def remove_profile(self, *fields):
        return self.request("DELETE", "me/messenger_profile", {"fields": list(fields)})


def is_sent(answer):
    assert answer["recipient_id"] and answer["message_id"], answer


def equals(wanted):
    def check(answer):
        assert answer == wanted, f"{answer}, not {wanted}"
    return check


def has(*keys):
    def check(answer):
        assert set(answer) == set(keys), answer
    return check


def refused(code, subcode=None):
    return (code, subcode)


def steps(bot, psid):
    postback = {"type": "postback", "title": "Menu", "payload": "MENU"}
    button = {"type": "template", "payload": {"template_type": "button", "text": "Ne olsun?", "buttons": [postback]}}
    generic = {"type": "template", "payload": {"template_type": "generic", "elements": [
        {"title": "Çaydanlık", "subtitle": "Bakır", "image_url": PICTURE, "buttons": [postback]}]}}
    done = equals({"result": "success"})
    persona = {}
    return [
        ("send_text_message", lambda: bot.send_message(psid, {"text": "Merhaba, şöyle \U0001F600"}), is_sent),
        ("send_button_message", lambda: bot.send_message(psid, {"attachment": button}), is_sent),
        ("send_generic_message", lambda: bot.send_message(psid, {"attachment": generic}), is_sent),
        ("send_image_url", lambda: bot.send_url(psid, "image", PICTURE), is_sent),
        ("send_audio_url", lambda: bot.send_url(psid, "audio", "https://shop.example/a.mp3"), is_sent),
        ("send_video_url", lambda: bot.send_url(psid, "video", "https://shop.example/v.mp4"), is_sent),
        ("send_file_url", lambda: bot.send_url(psid, "file", "https://shop.example/f.pdf"), is_sent),
        ("send_image", lambda: bot.send_file(psid, "image", "i.png", "image/png", PNG), is_sent),
        ("send_file", lambda: bot.send_file(psid, "file", "f.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n"), is_sent),
        ("send_action", lambda: bot.send(psid, sender_action="typing_on"), has("recipient_id")),
        ("get_user_info", lambda: bot.request("GET", psid, fields="first_name,last_name"), has("first_name", "last_name")),
        ("get_user_info, no fields", lambda: bot.request("GET", psid), lambda answer: None),
        ("set_get_started", lambda: bot.profile(get_started={"payload": "GO"}), done),
        ("set_persistent_menu", lambda: bot.profile(persistent_menu=[
            {"locale": "default", "composer_input_disabled": False, "call_to_actions": [postback]}]), done),
        ("remove_persistent_menu", lambda: bot.remove_profile("persistent_menu"), done),
        ("remove_get_started", lambda: bot.remove_profile("get_started"), done),
        ("create_persona", lambda: persona.update(bot.request("POST", "me/personas", {
            "name": "Maija", "profile_picture_url": PICTURE})), lambda answer: None),
        ("send_text_message, persona", lambda: bot.send(psid, message={"text": "Maija"}, persona_id=persona["id"]), is_sent),
        ("remove_persona", lambda: bot.request("DELETE", persona["id"]), equals({"success": True})),
        ("error: nobody has this id", lambda: bot.send_message("1", {"text": "Hello"}), refused(100, 2018001)),
        ("error: empty message", lambda: bot.send_message(psid, {}), refused(100)),
        ("error: file without its part", lambda: bot.send_message(psid, {"attachment": {"type": "image", "payload": {}}}), refused(100)),
        ("error: bad token", lambda: Bot("EAAnotatoken").send_message(psid, {"text": "Hello"}), refused(190)),
    ]


def walk(bot, psid):
    failed = []
    for name, call, expected in steps(bot, psid):
        try:
            try:
                answer = call()
            except GraphError as error:
                assert not callable(expected), f"({error.code}/{error.subcode}) {error}"
                assert error.code == expected[0] and expected[1] in (None, error.subcode), f"{error.code}/{error.subcode}"
            else:
                assert callable(expected), f"expected error {expected}, got {answer}"
                expected(answer)
            print("ok", name)
        except Exception as problem:  # pylint: disable=broad-except
            failed.append(name)
            print("not ok", name, "-", " ".join(repr(problem).split()))
    print(f"{len(failed)} failed: {'; '.join(failed)}" if failed else "all as wanted")
    return 1 if failed else 0


people = queue.Queue()


class Webhook(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        fits = query.get("hub.verify_token") == ENV["VERIFY_TOKEN"]
        self.answer(200 if fits else 403, query.get("hub.challenge", "") if fits else "Invalid verification token")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(200, "Message Processed")
        for entry in body["entry"]:
            for event in entry.get("messaging", []):
                if "text" in event.get("message", {}) and not event["message"].get("is_echo"):
                    people.put(event["sender"]["id"])


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(ENV["WEBHOOK_PORT"])), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        psid = people.get(timeout=60)
    except queue.Empty:
        print("not ok nobody wrote to the page within a minute")
        return 1
    return walk(Bot(ENV["PAGE_ACCESS_TOKEN"]), psid)


sys.exit(main())
