# SPDX-License-Identifier: ISC
"""A real browser: headless Chromium, driven over a pipe (the DevTools protocol). It is too large (350 MB) to be required of everybody
who runs the tests: find_browser() says whether it is installed."""
import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile


def find_browser():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One page at a time. Nothing is fetched over the network: the configured proxy does not exist."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="mta-sts-browser-")
        to_child, self._write = os.pipe()
        self._read, from_child = os.pipe()
        words = [find_browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
                 "--no-first-run", "--disable-background-networking", "--proxy-server=127.0.0.1:9", "--user-data-dir=" + self.profile]

        def move():	# Chromium reads from 3 and writes to 4; each may be in use for the other pipe
            high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (to_child, from_child)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self._process = subprocess.Popen(	# pylint: disable=subprocess-popen-preexec-fn
            words, preexec_fn=move, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env=dict(os.environ, HOME=self.profile))
        os.close(to_child)
        os.close(from_child)
        self._rest = b""
        self._number = 0
        self.messages = []	# what the browser has reported
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def stop(self):
        os.close(self._write)
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self._process.wait(60)
        os.close(self._read)
        shutil.rmtree(self.profile, ignore_errors=True)

    # ---- the protocol ----

    def _next(self):
        while b"\0" not in self._rest:
            data = os.read(self._read, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _note(self, event):
        if event.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown", "Network.requestWillBeSent", "Page.loadEventFired"):
            self.messages.append((event["method"], event["params"]))

    def call(self, method, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]))
                return answer["result"]
            self._note(answer)

    # ---- a page ----

    def open(self, path, width, height, dark=False):
        """Opens a page in a window of this size, and returns when it is loaded."""
        self.messages = []
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url="file://" + path)
        while not any(method == "Page.loadEventFired" for method, _ in self.messages):
            self._note(self._next())

    def ask(self, expression):
        """Evaluates an expression in the page, whatever its Content-Security-Policy."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def picture(self, path, whole=False):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def requested(self):
        """The URLs of all that the page tried to load."""
        return [params["request"]["url"] for method, params in self.messages if method == "Network.requestWillBeSent"]

    def complaints(self):
        return [params for method, params in self.messages if method in ("Log.entryAdded", "Runtime.exceptionThrown")]
