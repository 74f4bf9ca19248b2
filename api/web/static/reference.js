// Sends what the forms of the API's reference say, and shows what comes back. Without it the page
// has the same as commands for a shell.

for (const form of document.querySelectorAll(".trial")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const said = form.querySelector("[role=status]");
  const shown = form.querySelector("pre");
  said.textContent = "Waiting …";
  try {
    const response = await fetch(...requestOf(form));
    const text = await response.text();
    said.textContent = `${response.status} ${response.statusText}`.trim();
    shown.textContent = indented(text);
    shown.hidden = false;
  } catch {
    said.textContent = "The server cannot be reached.";
    shown.hidden = true;
  }
}

/** Return what fetch takes. What is left empty is not sent. */
function requestOf(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  const given = (name) => fields.find(([each]) => each === name)?.[1];
  const path = form.getAttribute("action").replace("{id}", encodeURIComponent(given("{id}") ?? ""));
  const body = given("{body}");
  if (body) return [path, { method: "POST", headers: { "Content-Type": "application/json" }, body }];
  const pairs = fields.filter(([name]) => !name.startsWith("{"));
  return [pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path];
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
