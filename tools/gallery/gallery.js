// Draws a page's figures when they come into view: wide or for a phone, light or dark.

const figures = JSON.parse(document.getElementById("figures").textContent);
const narrow = matchMedia("(max-width: 800px)");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** The same with each colour's twin. */
function inked(value, twins) {
  if (typeof value === "string") return twins[value] ?? value;
  if (Array.isArray(value)) return value.map((entry) => inked(entry, twins));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, inked(entry, twins)]),
  );
}

async function draw(place) {
  const own = figures[place.dataset.figure];
  const form = { ...own, layout: narrow.matches ? own.narrow : own.wide };
  // Figures carry their colours for dark paper; those of other libraries keep their own paper.
  const twins = dark.matches ? own.wide.meta?.dark : undefined;
  const { data, layout, frames } = twins ? inked(form, twins) : structuredClone(form);
  // A grid's scale has no room on a phone; its cells hold their numbers.
  if (narrow.matches) {
    for (const trace of data) if (trace.type === "heatmap") trace.showscale = false;
  }
  // Wider than the page, a figure takes the width there is.
  if (layout.width > place.parentElement.clientWidth) delete layout.width;
  const standIn = place.querySelector("img, p");
  const canvas = document.createElement("div");
  place.append(canvas);
  choices(place, canvas, layout);
  const config = { displayModeBar: false, responsive: true };
  try {
    await Plotly.newPlot(canvas, { data, layout, frames, config });
    [...place.children].filter((child) => child !== canvas).forEach((child) => child.remove());
  } catch (error) {
    canvas.remove();
    if (!standIn) throw error;
  }
}

/** A figure's menus as the browser's own ones, above it: Plotly's are for a mouse alone. */
function choices(place, canvas, layout) {
  const { updatemenus = [] } = layout;
  delete layout.updatemenus;
  const own = place.previousElementSibling;
  if (own?.matches(".choices")) own.remove();
  if (updatemenus.length === 0) return;
  const box = document.createElement("div");
  box.className = "choices";
  for (const { buttons = [], active = 0 } of updatemenus) {
    const select = document.createElement("select");
    select.ariaLabel = layout.title?.text ?? "Form of the figure";
    select.append(...buttons.map(({ label }) => new Option(label)));
    select.selectedIndex = active;
    select.onchange = () => {
      const { method = "restyle", args = [] } = buttons[select.selectedIndex];
      if (method !== "skip") Plotly[method](canvas, ...args);
    };
    box.append(select);
  }
  place.before(box);
}

const places = [...document.querySelectorAll(".figure")];
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    draw(target);
  }
}, { rootMargin: "400px" });
for (const place of places) seen.observe(place);

// Another width, another light: draw again, when it comes into view.
for (const setting of [narrow, dark]) {
  setting.addEventListener("change", () => {
    for (const place of places) seen.observe(place);
  });
}
// Paper shows every figure, wherever the reader is.
addEventListener("beforeprint", () => {
  for (const place of places) if (!place.querySelector(".js-plotly-plot")) draw(place);
});
