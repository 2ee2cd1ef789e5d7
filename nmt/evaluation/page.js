"use strict";
(() => {
  const FAINTEST = 20; // thousandths; what was read less does not light up
  const weights = JSON.parse(document.getElementById("weights").textContent);
  const articles = [...document.querySelectorAll("article")];
  const told = document.getElementById("told");
  let focused = null;

  const words = (row) => [...row.querySelectorAll(".word")];
  const rows = (within) => [...within.querySelectorAll(".row")];
  const unitsOf = (article) => [...article.querySelectorAll(".unit")];
  const wordAt = (node) => (node instanceof Element ? node.closest(".word") : null);

  // Where a word stands: its sentence, unit, row, and option (-1 for the source).
  function place(word) {
    const row = word.closest(".row");
    const unit = row.closest(".unit");
    const article = unit.closest("article");
    const s = articles.indexOf(article);
    const u = unitsOf(article).indexOf(unit);
    const target = row.classList.contains("target");
    const o = target ? [...unit.querySelectorAll("li")].indexOf(row.closest("li")) : -1;
    return { row, unit, article, s, u, o, i: words(row).indexOf(word) };
  }

  function light(word, thousandths) {
    if (thousandths < FAINTEST) return;
    word.classList.add("lit");
    word.style.setProperty("--w", Math.min(1, thousandths / 1000));
    word.querySelector(".weight").textContent = Math.round(thousandths / 10) + "%";
  }

  function clear() {
    for (const word of document.querySelectorAll(".lit.word")) {
      word.classList.remove("lit");
      word.style.removeProperty("--w");
      word.querySelector(".weight").textContent = "";
    }
    for (const word of document.querySelectorAll(".here, .same")) word.classList.remove("here", "same");
    told.hidden = true;
  }

  // A target word lights what it read; a source word lights who read it, in every option of every unit.
  function show(word) {
    clear();
    if (!word) return;
    const at = place(word);
    word.classList.add("here");
    told.textContent = word.getAttribute("aria-label");
    told.hidden = false;
    if (at.o >= 0) {
      const row = weights[at.s][at.u][at.o][at.i];
      const source = at.unit.querySelector(".source");
      if (source) words(source).forEach((other, i) => light(other, row[i]));
      return;
    }
    const text = word.querySelector("bdi").textContent;
    unitsOf(at.article).forEach((unit, u) => {
      const source = unit.querySelector(".source");
      const twin = source && words(source)[at.i];
      if (!twin || twin.querySelector("bdi").textContent !== text) return; // another model cut the line elsewhere
      if (twin !== word) twin.classList.add("same");
      unit.querySelectorAll("li").forEach((option, o) => {
        const row = option.querySelector(".row");
        if (row) words(row).forEach((other, j) => light(other, weights[at.s][u][o][j][at.i]));
      });
    });
  }

  function strongest(values) {
    let best = 0;
    values.forEach((value, i) => { if (value > values[best]) best = i; });
    return best;
  }

  // The word one row up or down: the one with the strongest tie, or the one in the same place.
  function across(at, step) {
    const all = rows(document);
    const row = all[all.indexOf(at.row) + step];
    if (!row) return null;
    const there = words(row);
    const to = place(there[0]);
    let i = Math.min(at.i, there.length - 1);
    if (to.unit === at.unit && at.o >= 0 && to.o < 0) i = strongest(weights[at.s][at.u][at.o][at.i]);
    if (to.unit === at.unit && at.o < 0) i = strongest(weights[at.s][at.u][to.o].map((values) => values[at.i]));
    return there[i];
  }

  function sentence(at, step) {
    for (let s = at.s + step; articles[s]; s += step) {
      const first = articles[s].querySelector(".word");
      if (first) return first;
    }
    return null;
  }

  function next(word, key) {
    const at = place(word);
    const row = words(at.row);
    const forward = at.row.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    switch (key) {
      case "ArrowLeft": case "ArrowRight": return row[at.i + (key === forward ? 1 : -1)];
      case "ArrowDown": return across(at, 1);
      case "ArrowUp": return across(at, -1);
      case "PageDown": return sentence(at, 1);
      case "PageUp": return sentence(at, -1);
      case "Home": return row[0];
      case "End": return row[row.length - 1];
      default: return undefined;
    }
  }

  const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
  document.addEventListener("keydown", (event) => {
    const word = wordAt(event.target);
    if (!word || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") word.blur();
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    const to = next(word, event.key);
    if (to) to.focus();
  });

  document.addEventListener("focusin", (event) => {
    const word = wordAt(event.target);
    if (!word) return;
    focused = word;
    for (const other of words(word.closest(".row"))) other.tabIndex = other === word ? 0 : -1;
    show(word);
  });
  document.addEventListener("focusout", () => { focused = null; clear(); });
  document.addEventListener("click", (event) => { // some browsers do not focus a button that is clicked
    const word = wordAt(event.target);
    if (word) word.focus();
  });
  document.addEventListener("pointerover", (event) => {
    const word = wordAt(event.target);
    if (word && event.pointerType !== "touch") show(word);
  });
  document.addEventListener("pointerout", (event) => {
    if (wordAt(event.target) && event.pointerType !== "touch") show(focused);
  });

  const THEMES = { automatic: "light", light: "dark", dark: "automatic" };
  const button = document.getElementById("theme");
  function theme(name) {
    if (name === "automatic") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    button.textContent = "Theme: " + name;
    button.dataset.name = name;
  }
  let kept = null;
  try { kept = localStorage.getItem("nmt-theme"); } catch { /* a page from a file may keep nothing */ }
  theme(kept in THEMES ? kept : "automatic");
  button.hidden = false;
  button.addEventListener("click", () => {
    theme(THEMES[button.dataset.name]);
    try { localStorage.setItem("nmt-theme", button.dataset.name); } catch { /* as above */ }
  });
})();
