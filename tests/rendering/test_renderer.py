"""One browser, real pages: what comes, and what a page cannot do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from sites import Canary, Site, needs_chromium, page, redirect, script

from newscrawl.addresses import AllowedAddresses
from newscrawl.rendering.browser import Renderer
from newscrawl.rendering.options import RenderOptions
from newscrawl.rendering.tab import Order, Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_chromium

STORY = """
addEventListener("DOMContentLoaded", async () => {
  const said = await (await fetch("/api/story.json?q=1")).json();
  document.getElementById("root").innerHTML =
    `<h1>${said.title}</h1><time>${new Date(0)}</time><i>${navigator.language}</i><b>${navigator.userAgent}</b>`;
});
"""
# Each way to reach a private address that a page has; what came of it is printed at the end.
TRIES = """
const tries = {
  fetch: () => fetch("http://CANARY/fetch", {mode: "no-cors"}),
  localhost: () => fetch("http://localhost:PORT/localhost", {mode: "no-cors"}),
  tls: () => fetch("https://CANARY/tls", {mode: "no-cors"}),
  metadata: () => fetch("http://169.254.169.254/latest/meta-data/", {mode: "no-cors"}),
  redirect: () => fetch("/to-canary", {mode: "no-cors"}),
  script: () => load("script", "src", "http://CANARY/script"),
  image: () => load("img", "src", "http://CANARY/image"),
  frame: () => load("iframe", "src", "http://CANARY/frame"),
  prefetch: () => load("link", "href", "http://CANARY/prefetch", {rel: "prefetch"}),
  preconnect: () => load("link", "href", "http://CANARY/", {rel: "preconnect"}),
  beacon: () => { navigator.sendBeacon("http://CANARY/beacon", "x"); return Promise.reject(); },
  events: () => new Promise((come, fail) => {
    const events = new EventSource("http://CANARY/events"); events.onopen = come; events.onerror = fail; }),
  socket: () => new Promise((come, fail) => {
    const socket = new WebSocket("ws://CANARY/socket"); socket.onopen = come; socket.onerror = fail; }),
  worker: () => new Promise((come, fail) => {
    const code = 'fetch("http://CANARY/worker", {mode: "no-cors"}).then(() => postMessage(1), () => postMessage(0))';
    const worker = new Worker(URL.createObjectURL(new Blob([code])));
    worker.onmessage = message => message.data ? come() : fail(); }),
  shared: () => new Promise((come, fail) => {
    const code = 'fetch("http://CANARY/shared", {mode: "no-cors"})';
    new SharedWorker(URL.createObjectURL(new Blob([code]))); setTimeout(fail, 300); }),
  service: () => navigator.serviceWorker.register("/service.js"),
  rtc: async () => {
    const peer = new RTCPeerConnection({iceServers: [{urls: "stun:CANARY"}, {urls: "turn:CANARY?transport=tcp",
      username: "u", credential: "p"}]});
    peer.createDataChannel("x"); await peer.setLocalDescription(await peer.createOffer());
    await new Promise((_, fail) => setTimeout(fail, 400)); },
  transport: () => new WebTransport("https://CANARY/").ready,
  window: () => window.open("http://CANARY/window") || Promise.reject(),
  download: () => { const link = document.createElement("a"); link.href = "http://CANARY/x.zip"; link.download = "x";
    link.click(); return Promise.reject(); },
};
const load = (name, attribute, url, more = {}) => new Promise((come, fail) => {
  const element = Object.assign(document.createElement(name), more); element.onload = come; element.onerror = fail;
  element[attribute] = url; document.head.append(element); setTimeout(fail, 300); });
const came = [];
Promise.all(Object.entries(tries).map(async ([name, attempt]) => {
  try { await attempt(); came.push(name); } catch {} }))
  .then(() => { document.getElementById("root").textContent = `came: ${came.join(" ")}.`; alert("done"); });
"""


@dataclass(kw_only=True)
class Scene:
    site: Site
    canary: Canary
    rendered: dict[str, Rendered] = field(default_factory=dict)


def robots(url: str) -> str | None:
    return "Disallow: /forbidden" if "/forbidden" in url else None


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """Two pages, in one browser; only the site may be reached."""
    site, canary = Site(), Canary()
    site.answers |= {
        "/story": page("", before='<script src="/app.js"></script><link rel="stylesheet" href="/look.css">'),
        "/app.js": script(STORY + 'fetch("/forbidden"); fetch("/write", {method: "POST", body: "x"});'),
        "/api/story.json?q=1": script('{"title": "Harbour reopens"}'),
        "/to-canary": redirect(f"http://{canary.netloc}/redirected"),
        "/tries": page(TRIES.replace("CANARY", canary.netloc).replace("PORT", str(canary.port))),
    }
    scene = Scene(site=site, canary=canary)

    async def render() -> None:
        renderer = Renderer(
            RenderOptions(), user_agent="newscrawl/1.0 (+desk@example.org)", allowed=AllowedAddresses.parse(site.netloc)
        )
        for path in ("/story", "/tries"):
            order = Order(
                url=site.url + path, max_bytes=1_000_000, robots=robots, languages=("kk",), time_zone="Asia/Almaty"
            )
            scene.rendered[path] = await renderer.render(order)
        await renderer.close()

    try:
        asyncio.run(render())
        yield scene
    finally:
        site.close()
        canary.close()


def test_what_scripts_bring_is_in_the_page(scene: Scene) -> None:
    story = scene.rendered["/story"]
    assert story.document.status == 200
    assert story.document.url == f"{scene.site.url}/story"
    assert b"<h1>Harbour reopens</h1>" in story.html


def test_scripts_see_the_clock_and_the_language_of_the_source_and_the_crawls_own_name(scene: Scene) -> None:
    html = scene.rendered["/story"].html.decode()
    assert "06:00:00 GMT+0600" in html
    assert "<b>newscrawl/1.0 (+desk@example.org)</b>" in html
    assert scene.site.headers["/story"]["user-agent"] == "newscrawl/1.0 (+desk@example.org)"
    assert scene.site.headers["/story"]["accept-language"] == "kk"


def test_what_brings_no_text_and_what_robots_txt_forbids_is_not_asked_for(scene: Scene) -> None:
    asked = scene.site.asked[: scene.rendered["/story"].requests]
    assert asked[:2] == ["/story", "/app.js"]
    assert "/api/story.json?q=1" in asked
    assert "/look.css" not in scene.site.asked
    assert "/forbidden" not in scene.site.asked
    assert any("robots.txt forbids it" in why for why in scene.rendered["/story"].refused)


def test_no_way_leads_to_a_private_address(scene: Scene) -> None:
    assert "came: ." in scene.rendered["/tries"].html.decode()
    assert scene.canary.touched == []


def test_bytes_and_requests_are_counted(scene: Scene) -> None:
    story = scene.rendered["/story"]
    assert story.requests == 4
    assert story.bytes > len(STORY)
    assert not story.is_cut
