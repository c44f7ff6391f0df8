// Shows the one notice that an account may see now. It asks an address of your own application, which hands the question
// on to GET /v1/accounts/{id}/notice with its token: the token never reaches a browser.
//   <script src="/notice.js" data-source="/my/notice" data-upgrade="/billing" defer></script>
(() => {
  "use strict";
  const own = document.currentScript;
  const source = own.dataset.source;
  const upgrade = own.dataset.upgrade || "";
  const lang = (own.dataset.lang || document.documentElement.lang || "en").startsWith("th") ? "th" : "en";
  const words = {
    en: { more: "See what fits", not: "Not now" },
    th: { more: "ดูแพ็กเกจที่เหมาะกับคุณ", not: "ไว้ก่อน" },
  }[lang];

  const told = (step, opportunity) => fetch(`${source}/${step}`, {
    method: "POST", credentials: "same-origin", keepalive: true,
    headers: { "Content-Type": "application/json", "Accept-Language": lang },
    body: JSON.stringify({ opportunity }),
  }).catch(() => ({ ok: false }));

  const made = (name, attributes, style, text) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    Object.assign(element.style, style);
    element.textContent = text || "";
    return element;
  };

  const show = (notice) => {
    // it takes no focus away: a page's work goes on, and whoever listens to it is told by the status
    const box = made("div", {
      role: "dialog", lang, "aria-labelledby": "rollforward-title", "aria-describedby": "rollforward-evidence",
    }, {
      position: "fixed", right: "16px", bottom: "16px", maxWidth: "min(22rem, calc(100vw - 32px))", padding: "16px",
      background: "Canvas", color: "CanvasText", border: "1px solid GrayText", borderRadius: "8px", zIndex: "1000",
      font: "14px/1.5 system-ui, sans-serif", boxSizing: "border-box",
    });
    const status = made("div", { role: "status" }, {});
    const target = { minHeight: "24px", padding: "4px 8px" };
    const more = upgrade
      ? made("a", { href: upgrade }, { ...target, display: "inline-block", marginRight: "8px" }, words.more)
      : made("button", { type: "button" }, { ...target, marginRight: "8px" }, words.more);
    const not = made("button", { type: "button" }, target, words.not);
    let before = document.body;
    const close = () => {
      const hadFocus = box.contains(document.activeElement);
      box.remove();
      if (hadFocus && before.isConnected) before.focus();
    };
    box.addEventListener("focusin", (event) => {
      if (!box.contains(event.relatedTarget)) before = event.relatedTarget || document.body;
    });
    more.addEventListener("click", () => { told("clicked", notice.opportunity); if (!upgrade) close(); });
    not.addEventListener("click", () => { told("dismissed", notice.opportunity); close(); });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      not.click();
    });
    box.append(status, more, not);
    document.body.append(box);
    // what a status says is read out when it changes, not when it comes
    requestAnimationFrame(() => status.append(
      made("strong", { id: "rollforward-title" }, { display: "block" }, notice.title),
      made("p", { id: "rollforward-evidence" }, { margin: "8px 0", whiteSpace: "pre-line" }, notice.evidence),
    ));
  };

  const start = async () => {
    if (!source) return;
    const answer = await fetch(source, { credentials: "same-origin", headers: { "Accept-Language": lang } });
    const notice = answer.ok ? (await answer.json()).notice : null;
    // what cannot be recorded as shown is not shown: the budget may have been used up in the meantime
    if (notice && (await told("shown", notice.opportunity)).ok) show(notice);
  };
  start().catch(() => {});
})();
