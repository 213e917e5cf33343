// Draws a page's figures when they come into view: wide or for a phone, light or dark.

const figures = JSON.parse(document.getElementById("figures").textContent);
const narrow = matchMedia("(max-width: 800px)");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Inks of the light figures and what stands for them on a dark page. */
const inks = {
  "#222222": "#e8e8e8",
  "#444444": "#c9ced3",
  "#555555": "#b5bac0",
  "#e6e6e6": "#3b4147",
  "#ffffff": "#16181a",
  "rgba(255,255,255,0.85)": "rgba(22,24,26,0.85)",
  "rgba(0,0,0,0.07)": "rgba(255,255,255,0.10)",
  "rgba(0,0,0,0.025)": "rgba(255,255,255,0.04)",
  "#08519c": "#6baed6",
  "#0072b2": "#56a0d8",
};

function inked(value) {
  if (typeof value === "string") return inks[value] ?? value;
  if (Array.isArray(value)) return value.map(inked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inked(entry)]));
}

async function draw(place) {
  const own = figures[place.dataset.figure];
  const form = { ...own, layout: narrow.matches ? own.narrow : own.wide };
  // Other libraries' figures keep their own paper: their ink may not suit ours.
  const turned = dark.matches && own.wide.font?.color in inks;
  const { data, layout, frames } = turned ? inked(form) : structuredClone(form);
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
