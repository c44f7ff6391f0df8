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
    en: { more: "See what fits", not: "Not now", label: "Notice" },
    th: { more: "ดูแพ็กเกจที่เหมาะกับคุณ", not: "ไว้ก่อน", label: "ข้อความแจ้ง" },
  }[lang];

  const told = (step, opportunity) => fetch(`${source}/${step}`, {
    method: "POST", credentials: "same-origin", keepalive: true,
    headers: { "Content-Type": "application/json", "Accept-Language": lang },
    body: JSON.stringify({ opportunity }),
  });

  const made = (name, text, style) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    Object.assign(element.style, style);
    return element;
  };

  const show = (notice) => {
    const box = made("aside", "", {
      position: "fixed", right: "16px", bottom: "16px", maxWidth: "min(22rem, calc(100vw - 32px))", padding: "16px",
      background: "Canvas", color: "CanvasText", border: "1px solid GrayText", borderRadius: "8px", zIndex: "1000",
      font: "14px/1.5 system-ui, sans-serif", boxSizing: "border-box",
    });
    box.setAttribute("role", "status");
    box.setAttribute("aria-label", words.label);
    box.append(made("strong", notice.title, { display: "block" }), made("p", notice.evidence, { margin: "8px 0", whiteSpace: "pre-line" }));
    const more = made(upgrade ? "a" : "button", words.more, { marginRight: "16px" });
    if (upgrade) more.href = upgrade;
    const not = made("button", words.not, {});
    more.addEventListener("click", () => { told("clicked", notice.opportunity); if (!upgrade) box.remove(); });
    not.addEventListener("click", () => { told("dismissed", notice.opportunity); box.remove(); });
    box.addEventListener("keydown", (event) => { if (event.key === "Escape") not.click(); });
    box.append(more, not);
    document.body.append(box);
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
