// What pages do beyond plain links and forms: filters that answer at once, the theme, the menu. Nothing here knows a figure.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  // Who goes back and forward again while a page still comes gets that page under the other's address: nobody is there
  // yet to follow (htmx, loaded before this, listens from here on).
  document.addEventListener("DOMContentLoaded", () => {
    const came = performance.getEntriesByType("navigation")[0]?.name.split("#")[0];
    if (came && came !== location.href.split("#")[0] && history.state?.htmx) location.reload();
  });

  // The filters' form answers as soon as a choice is made; typed fields when they are left or Enter is pressed.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (form && event.target.matches("select, input[type=date], input[type=checkbox]")) form.requestSubmit();
  });
  // What is empty or at its default stays out of the address; another span takes the place of named periods.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (!form) return;
    const standard = { span: "12", by: "month", policy: form.dataset.policy, basis: "reported" };
    for (const field of form.elements) {
      if (field.name && (field.value === "" || standard[field.name] === field.value)) field.disabled = true;
    }
    setTimeout(() => { for (const field of form.elements) field.disabled = false; }, 0);
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.name === "span" && event.target.closest("form[data-filters]")) {
      for (const name of ["from", "to"]) {
        const field = event.target.form.elements[name];
        if (field) field.value = "";
      }
    }
  }, true);

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches("form[data-live]")) return;
    for (const [name, value] of [...event.detail.formData]) if (value === "") event.detail.formData.delete(name);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form[data-query]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
    root.dispatchEvent(new CustomEvent("themechange", { bubbles: true }));
  });

  // Lists with a search: `/` goes to it, the arrows walk through what was found, Enter opens it.
  const rows = (search) => [...document.querySelectorAll(`${search.dataset.search} tbody th a`)];
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector("[data-search]");
    if (!search) return;
    if (event.key === "/" && !event.target.closest("input, select, textarea")) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const found = rows(search), at = found.indexOf(event.target);
      if (event.target !== search && at < 0) return;
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) search.focus(); else found[Math.min(next, found.length - 1)]?.focus();
    } else if (event.key === "Enter" && event.target === search) {
      const found = rows(search);
      if (found.length === 1) { event.preventDefault(); found[0].click(); }
    }
  });

  // Files dropped on an upload form are sent as if they had been chosen; a choice is sent at once.
  const dropped = (event) => event.target.closest && event.target.closest("form[data-drop]");
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const form = dropped(event);
      if (!form) return;
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      form.querySelector("input[type=file]").files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("form[data-drop] input[type=file]") && event.target.files.length) event.target.form.requestSubmit();
  });
})();
