"""The servers that are compared: started on a core and a port of their own, watched through /proc, stopped."""
import json
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time

import wire

SERVER_CORE, LOAD_CORE = 0, 1

NGINX_CONF = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location / {{ default_type application/json; return 200 '{reply}'; }}
  }}
}}
"""
NGINX_REPLY = '{"recipient_id":"2543600000000000","message_id":"m_' + 37 * "x" + '"}'
assert len(NGINX_REPLY) == 90


def start(command, core=SERVER_CORE, **options):
    """A child on the server's core (or another one) from its first instruction on; we go back to the load's core."""
    os.sched_setaffinity(0, {core})
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False, **options)
    finally:
        os.sched_setaffinity(0, {LOAD_CORE})


class Server:
    """A running process; subclasses say how it is started and set pid, port, process."""

    def cpu_seconds(self):
        """Run time of all its threads, by the scheduler's own count."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def rss_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return 1024 * int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=60)
        finally:
            self.process.kill()
            if self.process.stdout:
                self.process.stdout.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Nginx(Server):
    def __init__(self, core=SERVER_CORE):
        self.folder = tempfile.TemporaryDirectory(prefix="bench-nginx-")
        with socket.socket() as probe:  # nginx does not tell which port the kernel chose, so we ask beforehand
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = os.path.join(self.folder.name, "nginx.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(NGINX_CONF.format(folder=self.folder.name, port=self.port, reply=NGINX_REPLY))
        self.process = start(["nginx", "-p", self.folder.name, "-c", config], core)
        self.pid = self.process.pid
        deadline = time.monotonic() + 10
        while True:
            try:
                wire.Connection(self.port).close()
                return
            except ConnectionRefusedError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError("nginx does not start") from None
                time.sleep(0.01)

    def stop(self):
        super().stop()
        self.folder.cleanup()


class Understudy(Server):
    def __init__(self, program, *options):
        self.process = start([program, "serve", "--listen", "127.0.0.1:0", *options], stdout=subprocess.PIPE)
        self.pid = self.process.pid
        if not select.select([self.process.stdout], [], [], 30)[0]:
            raise RuntimeError("understudy serve prints no ready line")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"understudy serve ended with exit code {self.process.wait()}")
        self.ready = json.loads(line)
        self.port = int(self.ready["listen"].rsplit(":", 1)[1])
