"use strict";
// Without this script a page says the same: it sorts and filters tables, finds games, shows definitions on hover and changes the theme.
(() => {
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const MIN_FILTERED = 12; // rows of a table that gets a box to filter them
  const matches = (text, wanted) => wanted.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));

  // ---- tables ----

  const value = (cell) => {
    const text = cell && cell.firstChild ? cell.firstChild.textContent.trim() : "";
    return { text, number: Number.parseFloat(text.replaceAll(",", "")), isNothing: text === "" || text === "-" };
  };
  const compare = (a, b, direction) => {
    if (a.isNothing || b.isNothing) return a.isNothing - b.isNothing; // last in both directions
    const isNumeric = !Number.isNaN(a.number) && !Number.isNaN(b.number);
    return direction * (isNumeric ? a.number - b.number : a.text.localeCompare(b.text));
  };
  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const title = head.querySelector("span");
      const button = make("button", { type: "button", title: "sort by this column", className: "sort" });
      title.replaceWith(button);
      button.append(title);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows].map((row) => [value(row.cells[column]), row]);
        rows.sort((a, b) => compare(a[0], b[0], direction));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  };
  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < MIN_FILTERED) return;
    const name = table.caption.textContent;
    const box = make("input", { type: "search", className: "filter", placeholder: `filter ${rows.length} rows` });
    box.setAttribute("aria-label", `filter the rows of: ${name}`);
    box.addEventListener("input", () => {
      for (const row of rows) row.hidden = !matches(row.textContent, box.value);
    });
    table.closest(".table").prepend(box);
  };
  for (const table of document.querySelectorAll(".report table")) {
    sortable(table);
    filterable(table);
  }

  // ---- games ----

  const find = document.getElementById("find");
  if (find) {
    const links = [...document.querySelectorAll("#games a")];
    const shown = () => links.filter((link) => !link.parentElement.hidden);
    find.addEventListener("input", () => {
      for (const link of links) link.parentElement.hidden = !matches(link.textContent.replaceAll("×", "x"), find.value.replaceAll("×", "x"));
      document.getElementById("none").textContent = shown().length ? "" : "No game of this run has such a name.";
    });
    find.addEventListener("keydown", (event) => {
      const [first] = shown();
      if (!first) return;
      if (event.key === "Enter") first.click();
      if (event.key === "ArrowDown") { event.preventDefault(); first.focus(); }
    });
    document.getElementById("games").addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
      if (!(event.key in steps)) return;
      event.preventDefault();
      (shown()[shown().indexOf(document.activeElement) + steps[event.key]] || find).focus();
    });
  }

  // ---- definitions: a click, a touch or Enter shows them without this script ----

  for (const button of document.querySelectorAll("button[popovertarget]")) {
    const definition = document.getElementById(button.getAttribute("popovertarget"));
    let waiting = 0;
    button.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "mouse") return;
      waiting = setTimeout(() => { if (!definition.matches(":popover-open")) definition.showPopover({ source: button }); }, 250);
    });
    button.addEventListener("pointerleave", (event) => {
      clearTimeout(waiting);
      if (event.pointerType === "mouse" && document.activeElement !== button) definition.hidePopover();
    });
  }

  // ---- light and dark ----

  const nav = document.querySelector("nav");
  if (nav) {
    const root = document.documentElement;
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
    const theme = make("button", { id: "theme", type: "button", title: "light or dark", textContent: isDark() ? "light" : "dark" });
    theme.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      theme.textContent = isDark() ? "light" : "dark";
    });
    nav.append(theme);
  }
})();
