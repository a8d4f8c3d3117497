// Keeps a page current, and fetches it again without a reload. Without this file the pages do
// everything they do with it, one reload at a time.
"use strict";

const EVERY = 10_000;
const TYPING = 200;
const offline = document.querySelector("#offline");
const refresh = document.querySelector("#refresh");
let latest = 0;

// What a reader would lose when the parts that live are replaced.
function place() {
  const row = [...document.querySelectorAll("tbody [data-key]")].find(
    (one) => one.getBoundingClientRect().bottom > 0,
  );
  const focus = document.activeElement;
  const around = focus?.closest("[data-live]");
  return {
    row: row && { key: row.dataset.key, top: row.getBoundingClientRect().top },
    focus: around && { key: keyOf(focus), tag: focus.tagName },
    open: [...document.querySelectorAll("details[open]")].map((one) => one.dataset.key),
  };
}

function keyOf(element) {
  return element.closest("[data-key]")?.dataset.key;
}

function keyed(key, selector = "") {
  return document.querySelector(`[data-key="${CSS.escape(key)}"] ${selector}`.trim());
}

function putBack({ row, focus, open }) {
  for (const details of document.querySelectorAll("details")) {
    details.open = open.includes(details.dataset.key);
  }
  if (focus?.key) {
    keyed(focus.key, focus.tag)?.focus({ preventScroll: true });
  }
  const now = row && window.scrollY > 0 && keyed(row.key);
  if (now) {
    window.scrollBy(0, now.getBoundingClientRect().top - row.top);
  }
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const before = place();
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = next.getElementById(part.id);
    if (other && other.innerHTML !== part.innerHTML) {
      part.replaceChildren(...other.childNodes);
    }
  }
  putBack(before);
}

async function load(url, method = "GET") {
  const turn = ++latest;
  let problem = "";
  try {
    const answer = await fetch(url, { method });
    const text = await answer.text();
    // What was asked for later has been shown already, but a scrape is what somebody waits for.
    if (turn !== latest && method === "GET") {
      return;
    }
    if (answer.ok) {
      show(text);
    } else {
      problem = `The exporter says: ${text}`;
    }
  } catch {
    problem = "The exporter does not answer. This is what it said last.";
  }
  if (offline.textContent !== problem) {
    offline.textContent = problem;
  }
  offline.hidden = problem === "";
}

refresh.hidden = false;
setInterval(() => {
  if (refresh.querySelector("input").checked && !document.hidden) {
    load(location.href);
  }
}, EVERY);

const search = document.querySelector("form[role=search]");
if (search) {
  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      const words = new URLSearchParams(new FormData(search));
      history.replaceState(null, "", words.get("q") ? `?${words}` : location.pathname);
      load(location.href);
    }, TYPING);
  });
}

const scrape = document.querySelector("form#scrape");
if (scrape) {
  scrape.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = scrape.querySelector("button");
    button.disabled = true;
    button.textContent = "Scraping …";
    await load(scrape.action, "POST");
    button.disabled = false;
    button.textContent = "Scrape now";
    button.focus();
  });
}
