#!/usr/bin/env python3
"""Opens a page in a browser without a screen, as a telephone and as a desk would show it, light and dark, and prints it.

  report_browser.py PAGE.html FOLDER

Fails on any error or warning of the browser, on anything wider than the window outside of a container that scrolls, on text of
too little contrast (WCAG AA), and on a page that tries to load something. Leaves pictures and the printed page in FOLDER.
Ends with 77, as skipped, where Chromium is not installed. Talks to it through a pipe, so that nothing but Python is needed.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
PATIENCE = 60  # seconds for one answer

# Everything below runs in the page. Text is measured against the ground that is painted behind it: grounds of all elements
# around it, laid over one another.
MEASURE = r"""(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = colour => {
    const parts = colour.match(/^rgba?\(([^)]+)\)$/)[1].split(/[ ,\/]+/).map(Number);
    return parts.length === 4 ? parts : [...parts, 1];
  };
  const over = (top, ground) => [0, 1, 2].map(i => top[3] * top[i] + (1 - top[3]) * ground[i]).concat(1);
  const luminance = c => {
    const linear = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * linear[0] + .7152 * linear[1] + .0722 * linear[2];
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + .05) / (y + .05);
  };
  const ground = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const pale = [], wide = [];
  let texts = 0;
  const scrolls = e => e && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  for (const element of document.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    if ((box.right > innerWidth + 0.5 || box.left < -0.5) && !scrolls(element) && !element.closest('clipPath'))
      wide.push(`${element.tagName} ${element.className.baseVal ?? element.className}: ${box.left} to ${box.right}`);
    if (![...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    texts++;
    const style = getComputedStyle(element), svg = element.closest('svg');
    const ink = parse(svg ? style.fill : style.color), behind = ground(element);
    const ratio = contrast(over(ink, behind), behind);
    if (ratio < 4.5) pale.push(`${ratio.toFixed(2)}: ${element.tagName} '${element.textContent.trim().slice(0, 40)}'`);
  }
  const clipped = [...document.querySelectorAll('svg text')].filter(t => t.getBoundingClientRect().width > 0).filter(t => {
    const box = t.getBoundingClientRect(), frame = t.ownerSVGElement.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).map(t => t.textContent);
  const small = [...document.querySelectorAll('svg text')].filter(t => t.getBoundingClientRect().height > 0 &&
    t.getBoundingClientRect().height < 10).map(t => t.textContent);
  return {texts, pale, wide, clipped, small, page: document.documentElement.scrollWidth - innerWidth,
          height: document.documentElement.scrollHeight};
})()"""


class Browser:
    def __init__(self, program, profile):
        to_child, self.write_end = os.pipe()
        self.read_end, from_child = os.pipe()

        def wire():  # the browser reads from 3 and writes to 4
            os.dup2(to_child, 63), os.dup2(from_child, 64)
            os.dup2(63, 3), os.dup2(64, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
             f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_child), os.close(from_child)
        self.number, self.rest, self.complaints = 0, b"", []

    def message(self):
        until = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.read_end], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.read_end, 1 << 20) if ready else b""
            if not piece:
                raise RuntimeError("the browser does not answer")
            self.rest += piece
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        os.write(self.write_end, json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.hear(message)

    def hear(self, message):
        method, what = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(what["exceptionDetails"])[:300])
        if method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.complaints.append(what["entry"]["text"])
        if method == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(what["args"])[:300])
        if method == "Network.requestWillBeSent" and not what["request"]["url"].startswith(("data:", "file:")):
            self.complaints.append("loads " + what["request"]["url"][:100])
        if method == "Page.loadEventFired":
            self.loaded = True

    def close(self):
        self.process.terminate()
        self.process.wait()


def inspect(browser, page, folder, width, scheme):
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(domain + ".enable", session)
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=800, deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia", session, media="screen",
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.loaded = False
    browser.call("Page.navigate", session, url=page.as_uri())
    while not browser.loaded:
        browser.hear(browser.message())
    result = browser.call("Runtime.evaluate", session, expression=MEASURE, returnByValue=True)
    if "exceptionDetails" in result:
        raise RuntimeError(json.dumps(result["exceptionDetails"])[:500])
    found = result["result"]["value"]
    picture = browser.call("Page.captureScreenshot", session, format="png", captureBeyondViewport=True,
                           clip={"x": 0, "y": 0, "width": width, "height": min(found["height"], 16000), "scale": 1})
    (folder / f"{width}-{scheme}.png").write_bytes(base64.b64decode(picture["data"]))
    if width == WIDTHS[-1] and scheme == SCHEMES[-1]:  # paper is white whatever the screen is
        browser.call("Emulation.setEmulatedMedia", session, media="",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        printed = browser.call("Page.printToPDF", session, printBackground=False, preferCSSPageSize=True, paperWidth=8.27,
                               paperHeight=11.69)
        (folder / "printed.pdf").write_bytes(base64.b64decode(printed["data"]))
    browser.call("Target.closeTarget", targetId=target)
    return found


def troubles(found):
    if found["texts"] < 5:
        yield f"the page holds {found['texts']} pieces of text"
    if found["page"] > 0:
        yield f"the page is {found['page']} pixels wider than the window"
    for kind, words in (("wide", "wider than the window"), ("pale", "too little contrast"), ("clipped", "text cut off in a plot"),
                        ("small", "text too small in a plot")):
        for one in found[kind][:5]:
            yield f"{words}: {one}"


def main():
    page, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        print("Chromium is not installed: the page was not looked at")
        return 77
    folder.mkdir(parents=True, exist_ok=True)
    passed = failed = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            for width in WIDTHS:
                for scheme in SCHEMES:
                    browser.complaints = []
                    found = inspect(browser, page, folder, width, scheme)
                    wrong = list(troubles(found)) + browser.complaints
                    passed, failed = passed + (not wrong), failed + bool(wrong)
                    print(f"{width} pixels, {scheme}: {found['texts']} pieces of text" + ("" if not wrong else ", wrong:"))
                    for line in wrong:
                        print("  " + line)
        finally:
            browser.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
