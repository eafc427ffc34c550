// Keeps the boxes of templates/macros/permissions.html in step: what comes with a ticked permission is
// ticked and locked while it does. Without this script the page shows it after saving.
for (const group of document.querySelectorAll("[data-permissions]")) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const own = new Map(boxes.map((box) => [box, box.checked && !box.disabled]));
  const fixed = new Set(boxes.filter((box) => box.disabled && !impliers(box).length));

  function implied(box) {
    return (box.dataset.implies || "").split(" ");
  }

  function impliers(box) {
    return boxes.filter((other) => own.get(other) && other !== box && implied(other).includes(box.value));
  }

  function redraw() {
    for (const box of boxes) {
      const locked = fixed.has(box) || impliers(box).length > 0;
      box.checked = locked || own.get(box);
      box.disabled = locked;
      box.closest(".permission").classList.toggle("is-locked", locked);
    }
  }

  group.addEventListener("change", (event) => {
    own.set(event.target, event.target.checked);
    redraw();
  });
}
