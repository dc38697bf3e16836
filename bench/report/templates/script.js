"use strict";
// Without this script the page says the same: it adds sorting by the heads of tables, and a choice between light and dark.
(() => {
  const value = (cell) => {
    const text = cell ? cell.firstChild ? cell.firstChild.textContent.trim() : "" : "";
    const number = Number.parseFloat(text.replaceAll(",", ""));
    return { text, number, isNothing: text === "" || text === "-" };
  };
  const compare = (a, b, direction) => {
    if (a.isNothing || b.isNothing) return a.isNothing - b.isNothing; // last in both directions
    const isNumeric = !Number.isNaN(a.number) && !Number.isNaN(b.number);
    return direction * (isNumeric ? a.number - b.number : a.text.localeCompare(b.text));
  };
  for (const table of document.querySelectorAll("table")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const title = head.querySelector("span");
      const button = document.createElement("button");
      button.type = "button";
      button.title = "sort by this column";
      title.replaceWith(button);
      button.append(title);
      head.setAttribute("aria-sort", "none");
      const definition = head.querySelector("a");
      if (definition) definition.setAttribute("aria-label", `definition of ${title.textContent}`);
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows].map((row) => [value(row.cells[column]), row]);
        rows.sort((a, b) => compare(a[0], b[0], direction));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  }
  const root = document.documentElement;
  const theme = document.createElement("button");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { theme.textContent = isDark() ? "light" : "dark"; };
  theme.id = "theme";
  theme.type = "button";
  theme.title = "light or dark";
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  name();
  document.querySelector("nav").append(theme);
})();
