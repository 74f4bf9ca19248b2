// Makes a conversation of the pages that the server renders. Every page works without it:
// it asks for the same addresses and shows what comes back, so there is one source of markup.

const SLOW_MS = 4_000;
const PATIENCE_MS = 60_000;
const LOOK_MS = 1_000;
const HISTORY = "passerelle.history";
const HISTORY_LENGTH = 20;

const say = document.body.dataset;
const status = document.getElementById("status");
const shown = new Map(); // address -> the turn it showed
let asking = null;

const main = () => document.querySelector("main");
const turns = () => [...document.querySelectorAll(".turn")];
const element = (tag, properties) => Object.assign(document.createElement(tag), properties);

// --- Asking ---

/** Return the address that a form asks, without what it leaves empty. */
function addressOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  return `/?${new URLSearchParams(fields)}`;
}

/** Fetch a page of ours; what goes wrong is thrown as an Error with a text for the reader. */
async function pageAt(address, signal, form) {
  let response;
  try {
    response = await fetch(address, { headers: { Accept: "text/html" }, signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Error(form.down);
  }
  const text = await response.text().catch(() => "");
  const page = new DOMParser().parseFromString(text, "text/html");
  if (response.ok && page.querySelector("main")) return page;
  const alert = page.querySelector("[role=alert]:not(:empty)");
  const fallback = [429, 502, 503, 504].includes(response.status) ? form.busy : form.failed;
  throw new Error(alert?.textContent.trim() || fallback);
}

/** Ask an address and show the answer below the turns in ``before``, which are addresses. */
async function ask(address, { before, keepState = false } = {}) {
  const form = document.querySelector(".composer");
  if (!form) return location.assign(address);
  asking?.abort();
  const request = (asking = new AbortController());
  const alert = form.querySelector("[role=alert]");
  alert.textContent = "";
  form.setAttribute("aria-busy", "true");
  const searching = setTimeout(() => (status.textContent = form.dataset.searching), 400);
  const slow = setTimeout(() => (status.textContent = form.dataset.slow), SLOW_MS);
  const patience = setTimeout(() => request.abort("patience"), PATIENCE_MS);
  try {
    const page = await pageAt(address, request.signal, form.dataset);
    if (request === asking) show(page, address, before, keepState);
  } catch (error) {
    if (request !== asking) return;
    status.textContent = "";
    alert.textContent = error.name === "AbortError" ? form.dataset.down : error.message ?? form.dataset.down;
    form.querySelector("textarea").focus();
  } finally {
    [searching, slow, patience].forEach(clearTimeout);
    form.removeAttribute("aria-busy");
    if (request === asking) asking = null;
  }
}

/** Put a page in the place of this one, the earlier turns above its own. */
function show(page, address, before, keepState) {
  const kept = before.map((earlier) => shown.get(earlier)).filter(Boolean);
  const next = document.adoptNode(page.querySelector("main"));
  const turn = next.querySelector(".turn");
  if (turn && kept.length) {
    next.querySelector(".earlier")?.remove();
    next.querySelector(".turns").prepend(...kept);
  }
  main().replaceWith(next);
  document.title = page.title;
  copyLinks(page);
  if (!keepState) history.pushState({ before }, "", address);
  enhance();
  status.textContent = page.getElementById("status").textContent;
  if (!turn) return;
  remember(turn, address);
  turn.scrollIntoView({ block: "start" });
  turn.querySelector(".outcome").focus({ preventScroll: true });
}

/** The links to this page in other languages are the one part outside main that changes. */
function copyLinks(page) {
  document.querySelector("header.site").replaceWith(document.adoptNode(page.querySelector("header.site")));
}

const here = () => location.pathname + location.search;
const shownHere = () => turns().map((turn) => turn.dataset.address);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches(".composer")) {
    event.preventDefault();
    ask(addressOf(form), { before: shownHere() });
  } else if (form.matches(".verdict")) {
    event.preventDefault();
    judge(form, event.submitter);
  } else if (form.matches(".write")) {
    event.preventDefault();
    write(form);
  } else if (form.matches(".translate-by")) {
    event.preventDefault();
    haveTranslated(form);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.matches("[data-ask]")) {
    event.preventDefault();
    const turn = link.closest(".turn");
    ask(link.getAttribute("href"), { before: shownHere().filter((earlier) => earlier !== turn?.dataset.address) });
  } else if (link.matches(".share a")) {
    event.preventDefault();
    share(link);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches?.(".composer textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  if (event.key === "Escape") closeMenus(null, true);
});

document.addEventListener("pointerdown", (event) => closeMenus(event.target));

addEventListener("popstate", () => {
  if (document.querySelector(".composer")) ask(here(), { before: history.state?.before ?? [], keepState: true });
});

function closeMenus(except, refocus = false) {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (except && menu.contains(except)) continue;
    menu.open = false;
    if (refocus) menu.querySelector("summary").focus();
  }
}

// --- What can be done with a passage ---

async function judge(form, button) {
  const fields = new URLSearchParams([...new FormData(form), [button.name, button.value]]);
  const kept = await fetch(form.action, { method: "POST", body: fields }).then((answer) => answer.ok, () => false);
  if (!kept) return form.submit();
  const thanks = element("span", { textContent: say.thanks, tabIndex: -1 });
  form.replaceChildren(thanks);
  thanks.focus();
}

/** Have an answer written, and show each sentence as it comes: markup that the server made. */
async function write(form) {
  const section = form.parentElement;
  const { note, writing, failed } = form.dataset;
  const list = element("ol", {});
  const busy = element("p", { textContent: writing, tabIndex: -1 });
  form.replaceWith(busy);
  busy.focus();
  status.textContent = writing;
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { Accept: "text/event-stream" } });
    if (!answer.ok || !answer.headers.get("content-type")?.startsWith("text/event-stream")) throw new Error(failed);
    for await (const { name, html } of eventsOf(answer.body)) {
      const [made] = new DOMParser().parseFromString(html, "text/html").body.children;
      if (name === "end") {
        section.append(document.adoptNode(made));
      } else {
        if (!list.isConnected) busy.before(element("p", { className: "machine", textContent: note }), list);
        list.append(document.adoptNode(made));
      }
    }
  } catch {
    section.append(element("p", { textContent: failed }));
  }
  busy.remove();
  section.tabIndex = -1;
  section.focus();
  status.textContent = "";
}

/** Have a passage translated by the operator's server, and show it there: markup that the server made. */
async function haveTranslated(form) {
  const [button] = form.elements;
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  const { textContent: offer } = button;
  status.textContent = button.textContent = say.translating;
  const page = await fetch(form.action, { method: "POST", headers: { Accept: "text/html" } }).then((answer) => answer.ok && answer.text(), () => "");
  const made = page && new DOMParser().parseFromString(page, "text/html").querySelector(".translation");
  if (!made) return form.submit();
  if (form.previousElementSibling.matches(".translation")) form.previousElementSibling.remove();
  const place = document.adoptNode(made);
  place.tabIndex = -1;
  form.before(place);
  if (place.matches(".failed")) {
    button.removeAttribute("aria-disabled");
    button.textContent = offer;
  } else form.remove();
  status.textContent = "";
  place.focus();
}

/** Yield the events of a stream, their name and the markup in them. */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += read.value;
    const whole = text.split("\n\n");
    text = whole.pop();
    for (const event of whole) {
      const [, name, data] = event.match(/^event: (\w+)\ndata: (.*)$/) ?? [];
      if (name) yield { name, html: JSON.parse(data).html };
    }
  }
}

async function share(link) {
  const url = link.href;
  try {
    if (navigator.share && matchMedia("(pointer: coarse)").matches) await navigator.share({ url });
    else {
      await navigator.clipboard.writeText(url);
      flash(link, say.linkCopied);
    }
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

function flash(control, text) {
  const before = control.textContent;
  control.textContent = text;
  status.textContent = text;
  setTimeout(() => (control.textContent = before), 2_000);
}

function addCopying(passage) {
  if (!navigator.clipboard) return;
  for (const notation of passage.querySelectorAll(".notation")) {
    const button = element("button", { type: "button", className: "copy", textContent: say.copy });
    button.setAttribute("aria-label", `${say.copy}: ${notation.textContent.trim()}`);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(notation.nextElementSibling.textContent);
        flash(button, say.copied);
      } catch {
        getSelection().selectAllChildren(notation.nextElementSibling);
      }
    });
    notation.append(button);
  }
}

/** Offer the browser's own translator, on the device, where there is one for the pair. */
async function addTranslating(passage) {
  if (passage.querySelector(".translate-by, .translation")) return; // the operator's server does it
  const quote = passage.querySelector("blockquote");
  const pair = { sourceLanguage: quote.lang, targetLanguage: document.documentElement.lang };
  if (!("Translator" in self) || !quote.lang || pair.sourceLanguage === pair.targetLanguage) return;
  const availability = await self.Translator.availability(pair).catch(() => "unavailable");
  if (availability === "unavailable") return;
  const button = element("button", { type: "button", className: "translate", textContent: say.translate });
  button.addEventListener("click", () => translate(quote, pair, button));
  passage.querySelector(".cite").before(button);
}

/** The first time a browser fetches the pair's model, which takes a while: that is shown. */
async function translate(quote, pair, button) {
  if (button.getAttribute("aria-disabled")) return; // still focusable, so that nobody loses their place
  const note = element("small", { textContent: say.translating });
  const place = element("div", { className: "translation", lang: pair.targetLanguage, dir: "auto", tabIndex: -1 });
  place.append(note);
  quote.after(place);
  button.setAttribute("aria-disabled", "true");
  status.textContent = button.textContent = say.translating;
  const percent = new Intl.NumberFormat(pair.targetLanguage, { style: "percent" });
  const patience = waiting();
  const monitor = (fetching) =>
    fetching.addEventListener("downloadprogress", ({ loaded }) => {
      patience.heard();
      note.textContent = `${say.translating} ${percent.format(loaded)}`;
    });
  try {
    const translator = await patience.with(self.Translator.create({ ...pair, monitor, signal: patience.signal }));
    for (const part of quote.querySelectorAll("p, tr")) {
      const text = part.cells ? Array.from(part.cells, (cell) => cell.textContent).join(" | ") : part.textContent;
      const made = await patience.with(translator.translate(text, { signal: patience.signal }));
      place.append(element("p", { textContent: made }));
    }
    note.textContent = say.translated;
    button.remove();
    status.textContent = "";
    place.focus();
  } catch {
    place.remove();
    button.removeAttribute("aria-disabled");
    status.textContent = button.textContent = patience.signal.aborted ? say.translatesSlowly : say.untranslatable;
  } finally {
    patience.end();
  }
}

/** What is waited for until nothing was heard of it for PATIENCE_MS: also of what takes no notice of its signal. */
function waiting() {
  const giveUp = new AbortController();
  const over = new Promise((_, reject) => giveUp.signal.addEventListener("abort", reject));
  over.catch(() => {}); // nobody may be waiting any more
  let timer;
  const end = () => clearTimeout(timer);
  const heard = () => (end(), (timer = setTimeout(() => giveUp.abort(), PATIENCE_MS)));
  return { signal: giveUp.signal, heard, end, with: (work) => (heard(), Promise.race([work, over])) };
}

// --- The questions asked in this browser, which never leave it ---

function readHistory() {
  try {
    const found = JSON.parse(localStorage.getItem(HISTORY) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => typeof each?.question === "string" && String(each.address).startsWith("/?")) : [];
  } catch {
    return []; // storage is blocked, or holds what is not ours
  }
}

function remember(turn, address) {
  const asked = { question: turn.dataset.question, address };
  const others = readHistory().filter((each) => each.question !== asked.question);
  try {
    localStorage.setItem(HISTORY, JSON.stringify([asked, ...others].slice(0, HISTORY_LENGTH)));
  } catch {
    // Storage is blocked or full: there is no history then.
  }
}

function showHistory() {
  const section = document.querySelector(".history");
  const asked = readHistory();
  if (!section || !asked.length) return;
  section.querySelector("ul").replaceChildren(
    ...asked.map(({ question, address }) => {
      const item = element("li", {});
      const link = element("a", { href: address, textContent: question, dir: "auto" });
      link.dataset.ask = "";
      item.append(link);
      return item;
    }),
  );
  section.querySelector("button").onclick = () => {
    try {
      localStorage.removeItem(HISTORY);
    } catch {
      // Storage was blocked meanwhile.
    }
    section.hidden = true;
    main().focus();
  };
  section.hidden = false;
}

// --- What becomes of an upload ---

/** Look again until the job on this page is done. */
async function follow() {
  while (document.querySelector(".job[data-running]")) {
    await new Promise((look) => setTimeout(look, LOOK_MS));
    const text = await fetch(location.href, { headers: { Accept: "text/html" } }).then((page) => page.ok && page.text(), () => "");
    const page = text && new DOMParser().parseFromString(text, "text/html");
    if (!page?.querySelector(".job")) continue;
    const said = page.getElementById("status").textContent;
    main().replaceWith(document.adoptNode(page.querySelector("main")));
    if (status.textContent !== said) status.textContent = said;
    document.title = page.title;
  }
}

// --- Making a page that was just shown come alive ---

function enhance() {
  const address = here();
  for (const turn of turns()) {
    if (turn.dataset.address) continue;
    turn.dataset.address = address;
    shown.set(address, turn);
    for (const passage of turn.querySelectorAll(".passage")) {
      addCopying(passage);
      addTranslating(passage);
    }
  }
  showHistory();
}

function start() {
  enhance();
  follow();
  const [turn] = turns();
  if (turn) remember(turn, here());
  if (document.querySelector(".start textarea") && matchMedia("(pointer: fine)").matches) {
    document.querySelector(".start textarea").focus({ preventScroll: true });
  }
}

start();
