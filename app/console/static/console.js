// All the script there is. Every page works without it.

// The server draws times in the zone it is told of here; those it did not know of yet are redrawn.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`tieline_zone=${encodeURIComponent(zone)}`)) {
  document.cookie = `tieline_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  for (const time of document.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const parts = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" }).format(at);
    time.title = parts;
    if (time.dataset.form === "long") time.textContent = parts;
  }
}

// Ask before what cannot be taken back.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});

// What has data-live="seconds" is fetched anew that often, while the page is seen; the server's
// answer is the same page, of which the element with the same id is taken.
for (const part of document.querySelectorAll("[data-live]")) {
  const again = async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (fresh) part.replaceChildren(...fresh.childNodes);
    if (fresh && !fresh.dataset.live) clearInterval(timer);
  };
  const timer = setInterval(() => again().catch(() => {}), Number(part.dataset.live) * 1000);
}

// The menu is closed where it would cover the page.
if (matchMedia("(max-width: 52rem)").matches) document.querySelector(".menu")?.removeAttribute("open");

// What is to be copied is selected when it is entered, and copied by its button.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("input[readonly]")) target.select();
});
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copies]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    button.textContent = "Copied";
  });
}
