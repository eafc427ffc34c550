// Lets the rows of templates/siteadmin/hook_order.html be dragged by their grips, and saves the new order at
// once. Without this script the buttons and number fields of the rows do the same.
const board = document.querySelector("[data-order]");
const says = document.querySelector("[data-order-says]");

function rowsOf(type) {
  return [...board.querySelectorAll(`tr[data-type="${type}"]`)];
}

function showGrips() {
  for (const row of board.querySelectorAll("tr[data-handler]")) {
    row.querySelector("[data-grip]").hidden = rowsOf(row.dataset.type).length < 2;
  }
}

// The dragged row stays in the document, the others go around it: taken out, it would lose the pointer.
function place(row, target) {
  const rows = rowsOf(row.dataset.type);
  const from = rows.indexOf(row);
  const to = rows.indexOf(target);
  if (to > from) row.before(...rows.slice(from + 1, to + 1));
  else row.after(...rows.slice(to, from));
}

function rowAt(type, y) {
  return rowsOf(type).find((row) => {
    const box = row.getBoundingClientRect();
    return box.top <= y && y < box.bottom;
  });
}

function restore(former) {
  for (const row of [...former].reverse()) former[0].parentNode.prepend(row);
}

async function save(row) {
  const rows = rowsOf(row.dataset.type);
  const body = new URLSearchParams({ csrf_token: board.querySelector("[name=csrf_token]").value });
  body.set("type", row.dataset.type);
  for (const each of rows) body.append("handler", each.dataset.handler);
  const answer = await fetch(location.pathname, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-order]");
  if (!fresh) throw new Error(`${answer.status}`);
  const told = [...page.querySelectorAll(".notices[role]")].map((each) => each.textContent.trim());
  const words = { handler: row.dataset.label, place: rows.indexOf(row) + 1, count: rows.length };
  const moved = says.dataset.moved.replace(/{(\w+)}/g, (_, name) => words[name]);
  board.replaceChildren(...fresh.childNodes);
  showGrips();
  says.textContent = [answer.ok ? moved : "", ...told].join(" ").trim();
}

board.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const row = grip.closest("tr");
  const former = rowsOf(row.dataset.type);
  const listening = new AbortController();
  const { signal } = listening;
  grip.setPointerCapture(event.pointerId);
  row.classList.add("is-dragged");

  function end() {
    listening.abort();
    row.classList.remove("is-dragged");
  }

  function giveUp() {
    end();
    restore(former);
  }

  grip.addEventListener("pointermove", (move) => {
    const target = rowAt(row.dataset.type, move.clientY);
    if (target && target !== row) place(row, target);
  }, { signal });
  grip.addEventListener("pointerup", () => {
    end();
    if (rowsOf(row.dataset.type).every((each, index) => each === former[index])) return;
    save(row).catch(() => {
      restore(former);
      says.textContent = says.dataset.failed;
    });
  }, { signal });
  grip.addEventListener("pointercancel", giveUp, { signal });
  document.addEventListener("keydown", (key) => {
    if (key.key === "Escape") giveUp();
  }, { signal });
});

showGrips();
